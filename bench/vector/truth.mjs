/**
 * Exact answers: every query is compared with every row, in double precision, by two workers. An answer is every row that is
 * no farther than the k-th nearest, so that of rows at one distance any is right.
 */

import { fileURLToPath } from 'node:url'
import { availableParallelism } from 'node:os'
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads'
import { askedAt, attributeOf, attributesOfRow } from './filters.mjs'
import { readSet } from './arrays.mjs'

/** What two sums of the same distance may differ by. */
const tolerance = 1e-6

/**
 * @param {object} work
 * @param {string} work.path folder of the set
 * @param {ReturnType<typeof import('./sets.mjs').shapeOf>} work.size
 * @returns {Promise<import('./sets.mjs').Truth>}
 */
export async function truthOf({ path, size, kinds, shares, k, say, signal }) {
  const workers = Math.min(availableParallelism(), size.queries)
  const share = Math.ceil(size.queries / workers)
  let done = 0
  const parts = await Promise.all(
    Array.from({ length: workers }, (_, at) => {
      const [from, to] = [at * share, Math.min(size.queries, (at + 1) * share)]
      const data = { path, size, kinds, shares, k, from, to }
      return inWorker(data, signal, () => say(`exact answers of ${++done} of ${size.queries} queries`))
    }),
  )
  const joined = (pick) => parts.flatMap(pick)
  const filtered = Object.keys(parts[0].filtered).map((name) => [name, joined((part) => part.filtered[name])])
  return { all: joined(({ all }) => all), filtered: Object.fromEntries(filtered) }
}

function inWorker(data, signal, onQuery) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { truth: data } })
    const stop = () => worker.terminate().then(() => reject(signal.reason))
    signal?.addEventListener('abort', stop, { once: true })
    worker.on('message', (message) => (message === 'query' ? onQuery() : resolve(message)))
    worker.on('error', reject)
    worker.on('exit', () => signal?.removeEventListener('abort', stop))
  })
}

/** Answers of the queries from `from` up to `to`. */
export function exactly(
  { rows, queries, attributes, asked },
  { size, kinds, shares, k, from, to },
  onQuery = () => {},
) {
  const { dimensions, metric, rows: count } = size
  const lengths = metric === 'cosine' ? lengthsOf(rows, dimensions) : undefined
  const distances = new Float64Array(count)
  const answers = { all: [], filtered: {} }
  for (const kind of kinds) for (const share of shares) answers.filtered[`${kind}-${share}`] = []
  for (let query = from; query < to; query++) {
    measure(distances, rows, queries.subarray(query * dimensions, (query + 1) * dimensions), lengths)
    answers.all.push(nearest(distances, k, () => true))
    for (const kind of kinds) {
      for (const share of shares) {
        const { column } = attributeOf(kind, share)
        const bucket = asked[askedAt(query, kind, share)]
        const passes = (row) => attributes[row * attributesOfRow + column] === bucket
        answers.filtered[`${kind}-${share}`].push(nearest(distances, k, passes))
      }
    }
    onQuery()
  }
  return answers
}

function lengthsOf(rows, dimensions) {
  const lengths = new Float64Array(rows.length / dimensions)
  for (let at = 0; at < rows.length; at++) lengths[Math.floor(at / dimensions)] += rows[at] ** 2
  return lengths.map(Math.sqrt)
}

/** Squared distances; under cosine one minus the similarity, but for the length of the query. */
function measure(distances, rows, query, lengths) {
  const dimensions = query.length
  for (let row = 0, start = 0; row < distances.length; row++, start += dimensions) {
    let sum = 0
    if (lengths === undefined) {
      for (let at = 0; at < dimensions; at++) {
        const difference = rows[start + at] - query[at]
        sum += difference * difference
      }
    } else {
      for (let at = 0; at < dimensions; at++) sum -= rows[start + at] * query[at]
      sum /= lengths[row]
    }
    distances[row] = sum
  }
}

/** Rows that pass and are no farther than the k-th nearest of them. */
function nearest(distances, k, passes) {
  const kept = []
  let limit = Infinity
  for (let row = 0; row < distances.length; row++) {
    if (distances[row] > limit || !passes(row)) continue
    kept.push(row)
    if (kept.length > 32 * k) limit = cut(kept, distances, k)
  }
  cut(kept, distances, k)
  return kept
}

/** Drops what is farther than the k-th, which it gives the distance of. */
function cut(kept, distances, k) {
  kept.sort((a, b) => distances[a] - distances[b] || a - b)
  if (kept.length <= k) return Infinity
  const last = distances[kept[k - 1]]
  const limit = last + Math.abs(last) * tolerance
  while (distances[kept.at(-1)] > limit) kept.pop()
  return limit
}

/** The share of the k nearest that was found; no row counts twice. */
export function recallOf(found, truth, k) {
  const wanted = Math.min(k, truth.length)
  if (wanted === 0) return found.length === 0 ? 1 : 0
  const right = new Set(truth)
  let count = 0
  for (const row of found) if (right.delete(row)) count++
  return Math.min(count, wanted) / wanted
}

if (!isMainThread && workerData?.truth !== undefined) {
  const data = workerData.truth
  parentPort.postMessage(exactly(readSet(data.path), data, () => parentPort.postMessage('query')))
}
