/** What a process writes before it is killed, and what must be there when its store is opened again. */

import { makeOrder } from './data.mjs'

/** Rows it overwrites: a tenth, at most so many. */
const rowsMax = 100_000
const batchRows = 100

/** Batches of rows and of the numbers of their values, the same for a seed. */
export function* killedBatches({ rows, seed }) {
  const order = makeOrder(Math.min(Math.ceil(rows / 10), rowsMax), rows, seed + 80)
  for (let from = 0; from < order.length; from += batchRows) {
    const batch = order.subarray(from, from + batchRows)
    yield { rows: batch, values: Array.from(batch, (_, index) => from + index + 1) }
  }
}

/**
 * The last batch, as it must be found: it was answered.
 *
 * @returns {{ row: number, value: number }[]}
 */
export function lastKilled(job) {
  const [last] = [...killedBatches(job)].slice(-1)
  const found = new Map()
  last.rows.forEach((row, index) => found.set(row, last.values[index]))
  return [...found].map(([row, value]) => ({ row, value }))
}
