/** Searches among the rows that a filter lets pass: half of all, a tenth, a hundredth, a thousandth. */

import { askedAt, attributeOf, attributesOfRow, shares } from '../filters.mjs'
import { fastest, oneByOne, ratesOf, recallBy, refuseNonsense } from './points.mjs'

const queriesMax = 500
const widths = [20, 40, 160, 640]
const recallWanted = 0.99

function filtered(kind, title) {
  return {
    name: `filter-${kind}`,
    title,
    metric: 'rate_half',
    needs: ['searchWhere'],
    store: 'loaded',
    threads: 1,
    arrays: ['queries', 'attributes', 'asked'],
    async run(context) {
      const points = []
      for (const share of shares) points.push(...(await pointsOf(context, kind, share)))
      refuseNonsense(points)
      const rates = shares.map((share) =>
        ratesOf(
          fastest(
            points.filter((point) => point.share === share),
            recallWanted,
          ),
          shareNames[share],
        ),
      )
      return { points, metrics: Object.assign({}, ...rates) }
    },
  }
}

/** How a share is named in a metric. */
export const shareNames = { 2: 'half', 10: 'tenth', 100: 'hundredth', 1000: 'thousandth' }

async function pointsOf({ store, queries, set, shape, k, widths: own }, kind, share) {
  const points = []
  const { name, column } = attributeOf(kind, share)
  const bucketOf = (query) => set.asked[askedAt(query, kind, share)]
  const right = recallBy(set.truth.filtered[`${kind}-${share}`], shape, k)
  const recall = (query, keys) => {
    const refused = keys.find(
      (key) => set.attributes[(key % shape.rows) * attributesOfRow + column] !== bucketOf(query),
    )
    if (refused !== undefined) throw new Error(`gave row ${refused}, which the filter ${name} refuses`)
    return right(query, keys)
  }
  for (const width of own ?? widths) {
    const ask = (query) => store.searchWhere(queries[query], k, width, { name, column, bucket: bucketOf(query) })
    const found = await oneByOne(Math.min(queriesMax, queries.length), ask, recall)
    points.push({ width, share, ...found })
    if (found.recall > 0.9995) break
  }
  return points
}

/** @type {import('./index.mjs').VectorWorkload[]} */
export const filters = [
  filtered('random', 'the ten nearest of those that a random filter lets pass'),
  filtered('near', 'the ten nearest of the region that a query falls into'),
  filtered('far', 'the ten nearest of the region that is farthest from a query'),
]
