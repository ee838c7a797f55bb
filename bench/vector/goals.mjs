/** What SledStore promises of vectors, and what the records say of it. */

import { isRising } from '../harness/summary.mjs'

const own = 'sledstore'
const floatBytes = 4
/** The set that is larger than those of images has more time to open. */
const rowsOfImages = 60_000
const filterRates = ['half', 'tenth', 'hundredth', 'thousandth']

/**
 * @typedef {object} Goal
 * @property {string} title
 * @property {string} workload
 * @property {string} metric
 * @property {string} [peer] an engine, or the start of the names of some, of which the best counts
 * @property {string} [base] a workload of SledStore's own that it is compared with
 * @property {number} limit of the ratio to it, or of the value alone: at least where more is better, else at most
 * @property {(record: object) => boolean} [where] of which sets it is promised, where not of all
 * @property {(record: object) => number} [of] what is limited, of a record that is compared with nothing
 */

/** @type {Goal[]} */
export const vectorGoals = [
  goal('queries/s at recall ≥ 0.995', 'search', 'rate_995', { peer: 'zvec-int8', limit: 2 }),
  goal('queries/s at recall ≥ 0.995', 'search', 'rate_995', { peer: 'hnswlib', limit: 4 }),
  goal('queries/s at recall ≥ 0.998', 'search', 'rate_998', { peer: 'zvec-fp32', limit: 3 }),
  goal('build on one core', 'build', 'build', { peer: 'zvec-int8', limit: 0.6 }),
  goal('build with two threads, ÷ its own on one core', 'build-two', 'build', { base: 'build', limit: 1 / 1.8 }),
  ...['random', 'near', 'far'].flatMap((kind) =>
    filterRates.map((share) =>
      goal(`filter "${kind}", a ${share} passes`, `filter-${kind}`, `rate_${share}`, { peer: 'zvec', limit: 1.2 }),
    ),
  ),
  goal('1,000 durable upserts, ms', 'upsert-durable', 'upserts', { limit: 100 }),
  goal('recall lost by replacing 30 %', 'churn', 'recall_after', {
    limit: 0.01,
    of: ({ value }, records) => find(records, own, 'churn', 'recall_before')[0].value - value,
  }),
  goal('resident memory ÷ floats', 'search', 'memory_settled', { limit: 1.2, of: byFloats }),
  goal('resident memory ÷ floats, codes alone', 'search-lean', 'memory_settled', { limit: 0.45, of: byFloats }),
  goal('codes alone, ÷ its own rate', 'search-lean', 'rate_995', { base: 'search', limit: 0.5 }),
  goal('open and first query, ms', 'open', 'open', { limit: 100, where: ({ rows }) => rows <= rowsOfImages }),
  goal('open and first query, ms', 'open', 'open', { limit: 200, where: ({ rows }) => rows > rowsOfImages }),
]

function goal(title, workload, metric, rest) {
  return { title, workload, metric, ...rest }
}

function byFloats({ value, rows, params }) {
  return value / (rows * params.dimensions * floatBytes)
}

const find = (records, engine, workload, metric) =>
  records.filter((one) => one.engine.startsWith(engine) && one.workload === workload && one.metric === metric)

/** The best record of some engines. */
export function bestOf(records, metric) {
  return records.toSorted((a, b) => (isRising(metric) ? b.value - a.value : a.value - b.value))[0]
}

/**
 * How a goal stands among the records of one set; nothing where SledStore was not measured, and no ratio where it is
 * measured against nothing.
 *
 * @returns {{ value: number, limit: number, isReached: boolean, rises: boolean, mine: object, theirs?: object } | undefined}
 */
export function standing(records, { workload, metric, peer, base, limit, where = () => true, of }) {
  const [mine] = find(records, own, workload, metric).filter(where)
  if (mine === undefined) return undefined
  const isAlone = peer === undefined && base === undefined
  const theirs = isAlone ? undefined : bestOf(find(records, peer ?? own, base ?? workload, metric), metric)
  if (!isAlone && theirs === undefined) return undefined
  const value = isAlone ? (of?.(mine, records) ?? mine.value) : mine.value / theirs.value
  const rises = of === undefined && isRising(metric)
  return { value, limit, rises, isReached: rises ? value >= limit : value <= limit, mine, theirs }
}
