/** Questions about single nodes, asked many times: by query, and by what each engine calls without one. */

import { makeOrder } from '../../harness/data.mjs'
import { timeAll, timeEach } from '../../harness/timing.mjs'
import { AnswerHash } from '../answers.mjs'
import { milliseconds } from './figures.mjs'

/** To warm up, which gives the answer that is checked; for the mean without a clock inside; for the percentiles. */
const passes = [0, 1, 2]

const keysOf = ({ nodes }, rows) => Array.from(rows, (row) => nodes[row].key)

/** Keys of random nodes. */
const keys = (count) => (graph, seed) => keysOf(graph, makeOrder(count, graph.nodes.length, seed))

/** Pairs of keys, none of a node with itself. */
const pairs = (count) => (graph, seed) => {
  const [from, to] = [keys(count)(graph, seed), keys(count)(graph, seed + 100)]
  return from.map((key, at) => [key, key === to[at] ? from[(at + 1) % count] : to[at]])
}

/** Rows of an answer, whatever a call gave. */
const sizeOf = (found) => (Array.isArray(found) ? found.length : found === undefined ? 0 : 1)

/**
 * @param {object} about
 * @param {(graph: import('../graphs.mjs').Graph, seed: number) => any[]} about.items what is asked about, made of keys
 * @param {(store: import('../adapters/index.mjs').GraphStore, items: any[]) => any[]} [about.prepare] the items as the
 *   engine's own calls take them
 * @param {(store: import('../adapters/index.mjs').GraphStore, item: any, questions: Record<string, string>) => any} about.ask
 * @param {(store: import('../adapters/index.mjs').GraphStore, found: any) => unknown[][]} [about.rowsOf] what was found,
 *   as every engine says it
 * @returns {import('./index.mjs').GraphWorkload}
 */
function asks({ items, prepare = (_store, made) => made, ask, rowsOf = (_store, found) => found, ...about }) {
  return {
    ...about,
    metric: 'p50',
    store: 'loaded',
    make: ({ graph, seed }) => passes.map((pass) => items(graph, seed + 10 + pass)),
    async run({ store, questions }, made) {
      const answer = new AnswerHash()
      const [warm, plain, clocked] = await Promise.all(made.map((one) => prepare(store, one)))
      for (const item of warm) answer.add(await rowsOf(store, await ask(store, item, questions)))
      let rows = 0
      const count = (found) => {
        rows += sizeOf(found)
      }
      const step = (list) => (at) => {
        const found = ask(store, list[at], questions)
        if (found instanceof Promise) return found.then(count)
        count(found)
        return undefined
      }
      const total = await timeAll(plain.length, step(plain))
      const { times } = await timeEach(clocked.length, step(clocked))
      answer.count(rows)
      return { answer: answer.end(), metrics: milliseconds(total / plain.length, times) }
    },
  }
}

const handles = (store, made) => store.handlesOf(made)
const keyRows = async (store, found) => (await store.keysOf(found)).map((key) => [key])

async function pairHandles(store, made) {
  const found = await store.handlesOf(made.flat())
  return made.map((_, at) => [found[2 * at], found[2 * at + 1]])
}

function byKey(question, title, count, limit) {
  return asks({
    name: `${question}-query`,
    title: `${title}, by query`,
    needs: ['query'],
    limit,
    items: keys(count),
    ask: (store, key, questions) => store.query(questions[question], { key }),
  })
}

function within(edges, count, limit) {
  return asks({
    name: `hops-${edges}-call`,
    title: `distinct nodes within ${edges} edges, by call`,
    needs: ['within'],
    limit,
    items: keys(count),
    prepare: handles,
    ask: (store, node) => store.within(node, edges),
    rowsOf: keyRows,
  })
}

export const nodeQuestions = [
  byKey('read', 'properties of a node by its key', 1_000, 0.5),
  asks({
    name: 'read-call',
    title: 'properties of a node by its key, by call',
    needs: ['read'],
    items: keys(1_000),
    ask: (store, key) => store.read(key),
    rowsOf: (_store, found) => [found],
  }),
  byKey('hops-1', 'distinct neighbors', 500, 0.7),
  byKey('hops-2', 'distinct nodes within 2 edges', 500, 0.7),
  byKey('hops-3', 'distinct nodes within 3 edges', 200, 0.7),
  asks({
    name: 'neighbors-call',
    title: 'neighbors, one an edge, by call',
    needs: ['neighbors'],
    limit: 1,
    items: keys(2_000),
    prepare: handles,
    ask: (store, node) => store.neighbors(node),
    rowsOf: keyRows,
  }),
  within(2, 500),
  within(3, 200),
  asks({
    name: 'shortest-path-query',
    title: 'edges of a shortest path of 8 at most, by query',
    needs: ['query'],
    limit: 0.3,
    items: pairs(50),
    ask: (store, [from, to], questions) => store.query(questions['shortest-path'], { from, to }),
  }),
  asks({
    name: 'shortest-path-call',
    title: 'edges of a shortest path of 8 at most, by call',
    needs: ['distance'],
    limit: 0.3,
    items: pairs(50),
    prepare: pairHandles,
    ask: (store, [from, to]) => store.distance(from, to),
    rowsOf: (_store, found) => (found === undefined ? [] : [[found]]),
  }),
]
