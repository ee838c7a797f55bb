/** SledStore by its public API. */

import { edgeProperties } from '../graphs.mjs'
import { pathEdgesMax } from '../questions.mjs'

const settings = [
  {
    name: 'default',
    levels: ['os', 'full'],
    memory: 'memoryBudget: the budget',
    durability: "durability 'os'; for durable commits 'full'",
    other: 'makes the index, then loads by graph.load(), one commit',
    reason: 'one budget for memtables, caches, sled and buffers together',
    documentation: 'docs/guide/graph.md',
  },
]

/** @type {import('./index.mjs').GraphAdapter} */
export const adapter = {
  engine: 'sledstore',
  packageName: 'sledstore',
  node: 24,
  settings,
  can: ['query', 'read', 'neighbors', 'within', 'distance', 'pageRank', 'addEdge', 'load'],

  load: () => import('sledstore'),

  async open({ SledStore }, folder, { graph, memoryBytes, durability }) {
    const store = await SledStore.open(folder, { memoryBudget: memoryBytes, durability })
    return operations(store, store.graph('bench'), graph)
  },
}

function operations(store, graph, data) {
  const { label, type, read } = data.schema
  const followed = type === undefined ? {} : { type }
  const types = type === undefined ? {} : { types: type }
  const find = (key) => graph.findOne({ label, where: { key } })
  return {
    query: (text, parameters) => graph.querySync(text, parameters).toArray().map(Object.values),
    handlesOf: (keys) => keys.map((key) => find(key).id),
    keysOf: (ids) => ids.map((id) => graph.node(id).properties.key),
    counts: () => [graph.countNodes(), graph.countEdges()],
    read(key) {
      const { properties } = find(key)
      return read.map((name) => properties[name])
    },
    neighbors: (id) => graph.neighborIds(id, followed),
    within: (id, edges) => graph.expand(id, { ...followed, maxDepth: edges }).map((reached) => reached.id),
    distance: (from, to) => graph.path(from, to, { ...followed, maxDepth: pathEdgesMax })?.edges.length,
    async pageRank(iterations) {
      // A tolerance of 0 is never reached: as many iterations as the others do.
      return (await graph.algorithms.pageRank({ ...types, iterations, tolerance: 0 })).columns
    },
    ranksOf: ({ node, score }) => Array.from(node, (id, at) => [id, score[at]]),
    addEdge: (source, target, { type, properties }) => graph.addEdge({ type, source, target, properties }),
    loader: () => loader(store, graph, data),
    close: () => store.close(),
  }
}

/** Nodes wait for the edges, since one load takes both; it fills the index that was made before. */
function loader(store, graph, data) {
  const { schema, nodes, sources, targets, types, typeOf } = data
  function* nodeRows() {
    for (let row = 0; row < nodes.length; row++) yield { key: row, labels: schema.label, properties: nodes[row] }
  }
  function* edgeRows() {
    for (let at = 0; at < sources.length; at++) {
      const [source, target] = [sources[at], targets[at]]
      yield { type: types[typeOf[at]], source, target, properties: edgeProperties(data, at) }
    }
  }
  return {
    takesBoth: true,
    nodes: () => graph.createIndex({ label: schema.label, property: 'key', unique: true }),
    edges: () => graph.load({ nodes: nodeRows(), edges: edgeRows() }),
    finish: () => store.flush(),
  }
}
