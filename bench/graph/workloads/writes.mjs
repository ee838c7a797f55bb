/** Loading, and edges that are added one commit after the other. What was written is looked for after opening again. */

import { makeOrder } from '../../harness/data.mjs'
import { timeEach } from '../../harness/timing.mjs'
import { AnswerHash } from '../answers.mjs'
import { edgeProperties } from '../graphs.mjs'
import { milliseconds } from './figures.mjs'

/** Nodes whose properties and neighbors are looked at after a load. */
const lookedAt = 500

/** Counts, and of some nodes the properties and neighbors, in the store that was closed and opened again. */
async function stateOf({ reopen }, keys) {
  const store = await reopen()
  const answer = new AnswerHash()
  answer.add([await store.counts()])
  for (const key of keys) answer.add([await store.read(key)])
  for (const node of await store.handlesOf(keys)) {
    const neighbors = await store.keysOf(await store.neighbors(node))
    answer.add(neighbors.map((neighbor) => [neighbor]))
  }
  return answer.end()
}

/** @type {import('./index.mjs').GraphWorkload} */
const load = {
  name: 'load',
  title: 'load all nodes and edges, make the index',
  metric: 'throughput',
  needs: ['load', 'read', 'neighbors'],
  store: 'empty',
  writes: true,
  limit: 1,
  make: ({ graph, seed }) =>
    Array.from(makeOrder(lookedAt, graph.nodes.length, seed + 1), (row) => graph.nodes[row].key),
  async run({ store, graph, files }) {
    const loader = await store.loader(files)
    const started = performance.now()
    await loader.nodes()
    const between = performance.now()
    await loader.edges()
    const loaded = performance.now()
    await loader.finish()
    const [nodes, edges] = [graph.nodes.length, graph.sources.length]
    return {
      metrics: {
        throughput: ((nodes + edges) * 1000) / (performance.now() - started),
        // An engine that takes both in one load has no figure of either.
        ...(loader.takesBoth
          ? {}
          : {
              throughput_nodes: (nodes * 1000) / (between - started),
              throughput_edges: (edges * 1000) / (loaded - between),
            }),
      },
    }
  },
  check: stateOf,
}

/** @returns {import('./index.mjs').GraphWorkload} */
function commits(durability, count) {
  return {
    name: `commit-edge-${durability === 'full' ? 'durable' : 'os'}`,
    title: `add an edge in a commit of its own, ${durability === 'full' ? 'synced to the disk' : 'written to the kernel'}`,
    metric: 'p50',
    needs: ['addEdge', 'read', 'neighbors'],
    store: 'loaded',
    writes: true,
    durability,
    make({ graph, seed }) {
      const keys = (order) => Array.from(order, (row) => graph.nodes[row].key)
      const [from, to] = [20, 21].map((more) => keys(makeOrder(count, graph.nodes.length, seed + more)))
      // An edge like one there is, between other nodes.
      const like = Array.from(makeOrder(count, graph.sources.length, seed + 22))
      const edges = like.map((at) => ({ type: graph.types[graph.typeOf[at]], properties: edgeProperties(graph, at) }))
      return { from, to, edges }
    },
    async run({ store }, { from, to, edges }) {
      const [sources, targets] = [await store.handlesOf(from), await store.handlesOf(to)]
      const add = (at) => store.addEdge(sources[at], targets[at], edges[at])
      const { total, times } = await timeEach(count, add)
      return { metrics: { throughput: (count * 1e6) / total, ...milliseconds(total / count, times) } }
    },
    check: (context, { from }) => stateOf(context, [...new Set(from)]),
  }
}

export const writes = [load]
export const singleEdges = [commits('os', 1_000), commits('full', 200)]
