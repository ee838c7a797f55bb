/** Searches among all rows, from narrow to wide: the curve of recall and rate. */

import { byTwo, fastest, oneByOne, ratesOf, recallBy, refuseNonsense, usualWidths } from './points.mjs'

/** Recall that a rate is told for, by the name it has in a metric. */
export const levels = { 990: 0.99, 995: 0.995, 998: 0.998 }

function curve(measure, about) {
  return {
    metric: 'rate_995',
    store: 'loaded',
    arrays: ['queries'],
    ...about,
    async run(context) {
      const points = []
      for (const width of context.widths ?? usualWidths) {
        points.push({ width, ...(await measure(context, width)) })
        // What is exact gets slower with width, and no better.
        if (points.at(-1).recall > 0.99995) break
      }
      refuseNonsense(points)
      const rates = Object.entries(levels).map(([name, recall]) => ratesOf(fastest(points, recall), name))
      return { points, metrics: Object.assign({}, ...rates) }
    },
  }
}

const single = ({ store, queries, set, shape, k }, width) =>
  oneByOne(queries.length, (query) => store.search(queries[query], k, width), recallBy(set.truth.all, shape, k))

const double = ({ store, queries, set, shape, k }, width) =>
  byTwo(
    queries.length,
    (from, to) => store.searchByTwo(queries.slice(from, to), k, width),
    recallBy(set.truth.all, shape, k),
  )

/** @type {import('./index.mjs').VectorWorkload[]} */
export const searches = [
  curve(single, { name: 'search', title: 'the ten nearest, one query after the other', needs: [], threads: 1 }),
  curve(double, { name: 'search-two', title: 'the ten nearest, by two threads', needs: ['searchByTwo'], threads: 2 }),
  curve(single, {
    name: 'search-lean',
    title: 'the ten nearest, within a budget that has room for codes alone',
    needs: ['budget'],
    threads: 1,
    memory: 0.42,
  }),
]
