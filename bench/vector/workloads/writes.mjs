/** Single upserts, each durable when all are answered; and a third of all rows replaced. */

import { oneByOne, recallBy } from './points.mjs'

const upsertsWanted = 1_000
const replacedOfTen = 3
/** What recall is looked at with, before and after. */
const width = 80

/** @type {import('./index.mjs').VectorWorkload} */
const upserts = {
  name: 'upsert-durable',
  title: '1,000 single upserts, half of them of new keys, until all are durable',
  metric: 'upserts',
  needs: ['upsert'],
  store: 'loaded',
  durability: 'full',
  writes: true,
  threads: 2,
  arrays: ['rows', 'attributes', 'queries'],
  async run({ store, set, shape, entryOf, queries, k }) {
    const vectorOf = (at) => {
      const query = at % queries.length
      return set.queries.subarray(query * shape.dimensions, (query + 1) * shape.dimensions)
    }
    const count = Math.min(upsertsWanted, shape.rows)
    const entries = Array.from({ length: count }, (_, at) => {
      const row = at >> 1
      return { ...entryOf(row, at % 2 === 0 ? row : shape.rows + row), vector: vectorOf(at) }
    })
    await store.search(queries[0], k, width)
    const started = performance.now()
    for (const entry of entries) {
      const pending = store.upsert(entry)
      if (pending !== undefined) await pending
    }
    await store.persist()
    const milliseconds = performance.now() - started
    const last = (count - 1) % queries.length
    const found = Array.from(await store.search(queries[last], k, width))
    const wanted = entries.filter((_, at) => at % queries.length === last).map(({ key }) => key)
    if (!wanted.some((key) => found.includes(key))) throw new Error('does not find what it has upserted last')
    return { metrics: { upserts: milliseconds * (upsertsWanted / count) } }
  },
}

/** @type {import('./index.mjs').VectorWorkload} */
const churn = {
  name: 'churn',
  title: 'delete 30 % of the rows, insert their vectors under other keys, and look for the nearest again',
  metric: 'churn',
  needs: ['remove'],
  store: 'loaded',
  writes: true,
  threads: 2,
  rounds: 1,
  arrays: ['rows', 'attributes', 'queries'],
  async run({ store, set, shape, entryOf, queries, widths, k }) {
    const wide = widths?.at(-1) ?? width
    const ask = (query) => store.search(queries[query], k, wide)
    const recall = recallBy(set.truth.all, shape, k)
    const before = await oneByOne(queries.length, ask, recall)
    const replaced = Array.from({ length: shape.rows }, (_, row) => row).filter((row) => row % 10 < replacedOfTen)
    function* entries() {
      for (const row of replaced) yield entryOf(row, shape.rows + row)
    }
    const started = performance.now()
    await store.remove(replaced)
    const removed = (performance.now() - started) / 1000
    await store.insert(entries())
    await store.settle()
    const seconds = (performance.now() - started) / 1000
    const after = await oneByOne(queries.length, ask, recall)
    return {
      metrics: {
        churn: seconds,
        rate_deletes: replaced.length / removed,
        recall_before: before.recall,
        recall_after: after.recall,
        rate_after: after.rate,
      },
    }
  },
}

export const writes = [upserts, churn]
