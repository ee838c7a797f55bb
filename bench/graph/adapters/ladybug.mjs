/**
 * LadybugDB. It has no calls beside queries. They are prepared once, and run in the calling thread, which takes less time
 * than its promises do.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathEdgesMax } from '../questions.mjs'

const settings = [
  {
    name: 'default',
    levels: ['os', 'full'],
    memory: 'bufferManagerSize: the budget',
    durability: 'as it comes: each commit is synced, at either level, for there is no lower one',
    other:
      'as many threads as cores, compression and checkpoints as they come; loads by COPY from CSV files that are written before the clock starts; the primary key is the index; a table for each type of edge; shortest paths in its own words, SHORTEST',
    reason: 'COPY is documented as the fastest way of loading',
    documentation: 'https://docs.ladybugdb.com/import',
  },
]

/** @type {import('./index.mjs').GraphAdapter} */
export const adapter = {
  engine: 'ladybug',
  packageName: '@ladybugdb/core-linux-x64',
  node: 24,
  settings,
  can: ['query', 'read', 'neighbors', 'within', 'distance', 'addEdge', 'load'],
  lacks: { pageRank: 'in an extension, which is downloaded when it is used' },

  load: async () => (await import('@ladybugdb/core-linux-x64')).default,

  async open({ Database, Connection }, folder, { graph, memoryBytes, questions }) {
    mkdirSync(folder, { recursive: true })
    const database = new Database(join(folder, 'bench.lbug'), memoryBytes)
    const connection = new Connection(database)
    connection.initSync()
    return operations({ database, connection }, graph, questions)
  },
}

/** Texts that it does not know, and what it calls the same. */
function dialectOf({ label, type }, questions) {
  const colon = type === undefined ? '' : `:${type}`
  const shortest = `MATCH p = (a:${label} {key: $from})-[${colon}* SHORTEST 1..${pathEdgesMax}]->(b:${label} {key: $to}) RETURN length(p) AS edges`
  return new Map([[questions['shortest-path'], shortest]])
}

function operations({ database, connection }, graph, questions) {
  const { label } = graph.schema
  const dialect = dialectOf(graph.schema, questions)
  const prepared = new Map()
  const statementOf = (text) => {
    if (!prepared.has(text)) prepared.set(text, connection.prepareSync(dialect.get(text) ?? text))
    return prepared.get(text)
  }
  const query = (text, parameters = {}) => {
    const result = connection.executeSync(statementOf(text), parameters)
    const rows = result.getAllSync().map(Object.values)
    result.close()
    return rows
  }
  const firstsOf = (rows) => rows.map(([first]) => first)
  return {
    query,
    handlesOf: (keys) => keys,
    keysOf: (keys) => keys,
    counts: () => [
      query(`MATCH (n:${label}) RETURN count(*)`)[0][0],
      query(`MATCH (:${label})-[e]->(:${label}) RETURN count(*)`)[0][0],
    ],
    read: (key) => query(questions.read, { key })[0],
    neighbors: (key) => firstsOf(query(questions.neighbors, { key })),
    within: (key, edges) => firstsOf(query(questions[`hops-${edges}`], { key })),
    distance: (from, to) => query(questions['shortest-path'], { from, to })[0]?.[0],
    addEdge(from, to, { type, properties }) {
      const assigned = Object.keys(properties).map((name) => `${name}: $${name}`)
      query(
        `MATCH (a:${label} {key: $from}), (b:${label} {key: $to}) CREATE (a)-[:${type} {${assigned.join(', ')}}]->(b)`,
        { from, to, ...properties },
      )
    },
    loader: (folder) => loader(query, graph, folder),
    close() {
      connection.closeSync()
      database.closeSync()
    },
  }
}

const columnType = (value) => (typeof value === 'number' ? 'INT64' : 'STRING')
const quoted = (value) => (typeof value === 'number' ? value : `"${value.replaceAll('"', '""')}"`)

function writeCsv(path, rows) {
  writeFileSync(path, rows.map((row) => `${row.map(quoted).join(',')}\n`).join(''))
}

/** A table of nodes and one of the edges of each type, with the files they are copied from. */
function loader(query, { schema, nodes, sources, targets, types, typeOf, edgeColumns }, folder) {
  const { label } = schema
  const pathOf = (name) => join(folder, `${name}.csv`)
  const edgesOf = types.map(() => [])
  sources.forEach((source, at) => {
    const properties = Object.values(edgeColumns).map((column) => column[at])
    edgesOf[typeOf[at]].push([nodes[source].key, nodes[targets[at]].key, ...properties])
  })
  mkdirSync(folder, { recursive: true })
  writeCsv(pathOf(label), nodes.map(Object.values))
  types.forEach((type, number) => writeCsv(pathOf(type), edgesOf[number]))
  const properties = Object.entries(nodes[0]).map(([name, value]) => `${name} ${columnType(value)}`)
  const edgeProperties = Object.keys(edgeColumns).map((name) => `, ${name} INT64`)
  const copy = (table) => query(`COPY ${table} FROM '${pathOf(table)}' (HEADER=false, ESCAPE='"')`)
  return {
    nodes() {
      query(`CREATE NODE TABLE ${label}(${properties.join(', ')}, PRIMARY KEY (key))`)
      copy(label)
    },
    edges() {
      for (const type of types) {
        query(`CREATE REL TABLE ${type}(FROM ${label} TO ${label}${edgeProperties.join('')})`)
        copy(type)
      }
    },
    finish() {
      query('CHECKPOINT')
    },
  }
}
