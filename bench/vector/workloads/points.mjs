/** What searches of one width come to, and how fast an engine is where its recall is high enough. */

import { percentiles } from '../../harness/timing.mjs'
import { recallOf } from '../truth.mjs'

/** A pass of a slow engine ends after this, with the queries it has answered. */
const passMilliseconds = 15_000
const warmQueries = 50

/** Widths that a search is tried with, where an engine has none of its own. */
export const usualWidths = [10, 14, 20, 28, 40, 56, 80, 112, 160, 224, 320]

/**
 * Asks one query after the other: first to warm up, then for the answers and the time of each, then for the rate, with no
 * clock in between.
 *
 * @param {number} count of queries
 * @param {(query: number) => Iterable<number> | Promise<Iterable<number>>} ask
 * @param {(query: number, found: number[]) => number} recall
 */
export async function oneByOne(count, ask, recall) {
  for (let query = 0; query < Math.min(warmQueries, count); query++) await settled(ask(query))
  const times = []
  let sum = 0
  const began = performance.now()
  for (let query = 0; query < count && performance.now() - began < passMilliseconds; query++) {
    const before = performance.now()
    const answer = ask(query)
    const found = isPromise(answer) ? await answer : answer
    times.push(performance.now() - before)
    sum += recall(query, Array.from(found))
  }
  const asked = times.length
  const started = performance.now()
  for (let query = 0; query < asked; query++) {
    const answer = ask(query)
    if (isPromise(answer)) await answer
  }
  const rate = asked / ((performance.now() - started) / 1000)
  return { recall: sum / asked, rate, p99: percentiles(Float64Array.from(times)).p99 / 1000 }
}

/** Asks all queries at once, by two threads. */
export async function byTwo(count, askAll, recall) {
  const pieces = 200
  await askAll(0, Math.min(warmQueries, count))
  let sum = 0
  let asked = 0
  const started = performance.now()
  const found = []
  while (asked < count && performance.now() - started < passMilliseconds) {
    const to = Math.min(count, asked + pieces)
    found.push(...(await askAll(asked, to)))
    asked = to
  }
  const rate = asked / ((performance.now() - started) / 1000)
  found.forEach((keys, query) => (sum += recall(query, Array.from(keys))))
  return { recall: sum / asked, rate }
}

const isPromise = (value) => typeof value?.then === 'function'
const settled = async (value) => value

/** Keys that were found as rows; what was inserted again has another key of the same row. */
export const rowsOf = (keys, { rows }) => keys.map((key) => key % rows)

/** Recall of the answers to a query, by the exact ones. */
export const recallBy = (answers, shape, k) => (query, keys) => recallOf(rowsOf(keys, shape), answers[query], k)

/** The fastest point whose recall is high enough. */
export function fastest(points, recall) {
  return points.filter((point) => point.recall >= recall).sort((a, b) => b.rate - a.rate)[0]
}

/** Its rate and recall as metrics of a run, by a name of what was asked for. */
export function ratesOf(point, name) {
  if (point === undefined) return {}
  const p99 = point.p99 === undefined ? {} : { [`p99_${name}`]: point.p99 }
  return { [`rate_${name}`]: point.rate, [`recall_${name}`]: point.recall, ...p99 }
}

/** An engine that finds next to nothing does not search. */
export function refuseNonsense(points) {
  const best = Math.max(...points.map(({ recall }) => recall))
  if (!(best > 0.3)) throw new Error(`found ${(100 * best).toFixed(1)} % of the nearest at most`)
}
