/** SledStore by its public API. */

import { edgeProperties } from '../graphs.mjs'
import { pathEdgesMax } from '../questions.mjs'

/** Nodes or edges of one batch: it may take half the memory budget. */
const batchRows = 20_000

const settings = [
  {
    name: 'default',
    levels: ['os', 'full'],
    memory: 'memoryBudget: the budget',
    durability: "durability 'os'; for durable commits 'full'",
    other: 'loads in batches of 20,000, then makes the index',
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
  can: ['query', 'read', 'neighbors', 'within', 'distance', 'addEdge', 'load'],
  lacks: { pageRank: 'not there yet' },

  load: () => import('sledstore'),

  async open({ SledStore }, folder, { graph, memoryBytes, durability }) {
    const store = await SledStore.open(folder, { memoryBudget: memoryBytes, durability })
    return operations(store, store.graph('bench'), graph)
  },
}

function operations(store, graph, data) {
  const { label, type, read } = data.schema
  const followed = type === undefined ? {} : { type }
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
    addEdge: (source, target, { type, properties }) => graph.addEdge({ type, source, target, properties }),
    loader: () => loader(store, graph, data),
    close: () => store.close(),
  }
}

function loader(store, graph, data) {
  const { schema, nodes, sources, targets, types, typeOf } = data
  const ids = new Float64Array(nodes.length)
  const inBatches = async (count, add) => {
    for (let from = 0; from < count; from += batchRows) {
      const end = Math.min(from + batchRows, count)
      await graph.batch((batch) => {
        for (let at = from; at < end; at++) add(batch, at)
      })
    }
  }
  return {
    nodes: () =>
      inBatches(nodes.length, (batch, row) => {
        ids[row] = batch.addNode({ labels: schema.label, properties: nodes[row] })
      }),
    edges: () =>
      inBatches(sources.length, (batch, at) => {
        const [source, target] = [ids[sources[at]], ids[targets[at]]]
        batch.addEdge({ type: types[typeOf[at]], source, target, properties: edgeProperties(data, at) })
      }),
    async finish() {
      await graph.createIndex({ label: schema.label, property: 'key', unique: true })
      await store.flush()
    },
  }
}
