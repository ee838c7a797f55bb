/**
 * Grafeo: its own calls where it has one, else openCypher. Queries are always promises, calls never are. The addon is loaded
 * from its own package, without what `@grafeo-db/js` puts around each method to give errors a status.
 */

import { existsSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { edgeProperties } from '../graphs.mjs'

const common = {
  memory: 'none to set: it keeps the graph in memory',
  documentation: 'https://grafeo.dev/user-guide/persistence/persistent/',
}

const settings = [
  {
    ...common,
    name: 'default',
    levels: ['os'],
    durability: 'as it comes: a commit is written to the kernel, and synced about every 100 ms',
    other: 'loads by its two batch calls, then makes the index and walCheckpoint()',
    reason: 'its defaults are all that its package for Node lets one set',
  },
  {
    ...common,
    name: 'checkpoint',
    levels: ['full'],
    durability: 'walCheckpoint() after each commit',
    other: 'as above',
    reason: 'the only call of its package for Node that syncs what was committed',
  },
]

/** @type {import('./index.mjs').GraphAdapter} */
export const adapter = {
  engine: 'grafeo',
  packageName: '@grafeo-db/js-linux-x64-gnu',
  node: 24,
  settings,
  can: ['query', 'read', 'neighbors', 'within', 'distance', 'pageRank', 'addEdge', 'load'],

  // Node imports no addons.
  load: async () => createRequire(import.meta.url)('@grafeo-db/js-linux-x64-gnu'),

  async open({ GrafeoDB }, folder, { graph, durability, questions }) {
    mkdirSync(folder, { recursive: true })
    const path = join(folder, 'bench.grafeo')
    const db = existsSync(path) ? GrafeoDB.open(path) : GrafeoDB.create(path)
    return operations(db, { graph, questions, isDurable: durability === 'full' })
  },
}

function operations(db, { graph, questions, isDurable }) {
  const { label, type } = graph.schema
  const out = type === undefined ? { direction: 'out' } : { direction: 'out', edgeTypes: [type] }
  const query = async (text, parameters) => (await db.executeCypher(text, parameters)).rows()
  const neighbors = (id) => db.getNodeEdges(id, out).map(([neighbor]) => neighbor)
  const keyOf = (id) => db.getNode(id).get('key')
  return {
    query,
    handlesOf: (keys) =>
      Promise.all(keys.map(async (key) => (await query(`MATCH (n:${label} {key: $key}) RETURN id(n)`, { key }))[0][0])),
    keysOf: (ids) => ids.map(keyOf),
    counts: () => [db.nodeCount(), db.edgeCount()],
    read: async (key) => (await query(questions.read, { key }))[0],
    neighbors,
    within(start, edges) {
      const found = new Set([start])
      let last = [start]
      for (let depth = 0; depth < edges; depth++) {
        const next = []
        for (const id of last) {
          for (const neighbor of neighbors(id)) {
            if (found.has(neighbor)) continue
            found.add(neighbor)
            next.push(neighbor)
          }
        }
        last = next
      }
      found.delete(start)
      return [...found]
    },
    async distance(from, to) {
      const rows = await query(questions['shortest-path'], { from: keyOf(from), to: keyOf(to) })
      return rows[0]?.[0]
    },
    addEdge(from, to, { type, properties }) {
      db.createEdge(from, to, type, properties)
      if (isDurable) db.walCheckpoint()
    },
    // A tolerance above 0 would end it before its last iteration.
    pageRank: (iterations) =>
      query(
        `CALL grafeo.pagerank({damping: 0.85, max_iterations: ${iterations}, tolerance: 0.0}) YIELD node_id, score RETURN node_id, score`,
      ),
    loader: () => loader(db, graph),
    close: () => db.close(),
  }
}

function loader(db, graph) {
  const { schema, nodes, sources, targets, types, typeOf } = graph
  let ids
  return {
    async nodes() {
      ids = await db.batchCreateNodesWithProps(schema.label, nodes)
    },
    async edges() {
      const edges = Array.from(sources, (source, at) => ({
        src: ids[source],
        dst: ids[targets[at]],
        type: types[typeOf[at]],
        properties: edgeProperties(graph, at),
      }))
      await db.batchCreateEdges(edges)
    },
    async finish() {
      await db.executeCypher(`CREATE INDEX bench_key FOR (n:${schema.label}) ON (n.key)`)
      db.walCheckpoint()
    },
  }
}
