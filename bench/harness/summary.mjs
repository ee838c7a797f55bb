/** From the runs of all rounds to one record a metric. */

import { kvSuite } from './suite.mjs'

/** Metrics of which more is better, beside all rates; of all others less is. */
const rising = new Set([
  'recall_before',
  'recall_after',
  'throughput',
  'throughput_drained',
  'throughput_one',
  'throughput_nodes',
  'throughput_edges',
  'scaling',
])

export const isRising = (metric) => rising.has(metric) || metric.startsWith('rate_')
/** Of keys and values, in the order of the tables. */
export const metricNames = Object.keys(kvSuite.units)

/** The median, and how far apart the rounds lie: (largest − smallest) ÷ median. */
export function medianAndSpread(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  return { median, spread: median === 0 ? 0 : (sorted.at(-1) - sorted[0]) / Math.abs(median) }
}

function groupBy(items, keyOf) {
  const groups = new Map()
  for (const item of items) {
    const key = JSON.stringify(keyOf(item))
    groups.set(key, [...(groups.get(key) ?? []), item])
  }
  return [...groups.values()]
}

/** Records of one engine and workload under one setting, from its runs. */
function recordsOf(runs, { name: suite, sizeFields, units }) {
  const { workload, engine, rows, durability, package: packageName, version, node, setting, seed } = runs[0]
  const size = Object.fromEntries(
    sizeFields.filter((field) => field !== 'rows').map((field) => [field, runs[0][field]]),
  )
  const params = { package: packageName, version, node, setting, seed, ...size }
  const metrics = Object.keys(units).filter((metric) => runs.every((run) => Number.isFinite(run.metrics[metric])))
  const about = { rounds: runs.length, rows, durability, params }
  const records = metrics.map((metric) => {
    const { median: value, spread } = medianAndSpread(runs.map((run) => run.metrics[metric]))
    return { suite, workload, engine, metric, value, unit: units[metric], spread, ...recallOf(runs, metric), ...about }
  })
  return [...records, ...curveOf(runs).map((point) => ({ suite, workload, engine, ...point(about) }))]
}

/** The recall that a rate was measured at. */
function recallOf(runs, metric) {
  const name = metric.replace(/^rate_/, 'recall_')
  if (name === metric || runs.some((run) => run.metrics[name] === undefined)) return {}
  return { recall: medianAndSpread(runs.map((run) => run.metrics[name])).median }
}

/** The points of a curve, each the median of all rounds that reached it. */
function curveOf(runs) {
  const points = groupBy(
    runs.flatMap((run) => run.points ?? []),
    ({ width, share }) => [width, share],
  )
  return points.map((some) => {
    const { width, share } = some[0]
    const { median: value, spread } = medianAndSpread(some.map(({ rate }) => rate))
    const { median: recall } = medianAndSpread(some.map((point) => point.recall))
    const record = { metric: 'rate', value, unit: 'queries/s', spread, recall, rounds: some.length }
    return (about) => ({ ...about, ...record, params: { ...about.params, width, share } })
  })
}

/**
 * Picks for each engine, workload and size the setting that did best by the workload's own metric; its figures count,
 * those of the others are kept beside them.
 *
 * @param {object[]} runs as a result keeps them
 * @param {import('./suite.mjs').Suite} [suite] they are of
 */
export function summarize(runs, suite = kvSuite) {
  const records = []
  const others = []
  const contests = groupBy(runs, (run) => [
    ...suite.sizeFields.map((field) => run[field]),
    run.seed,
    run.workload,
    run.engine,
  ])
  for (const contest of contests) {
    const { metric } = suite.workloads.find(({ name }) => name === contest[0].workload) ?? { metric: 'throughput' }
    const candidates = groupBy(contest, (run) => [run.package, run.setting]).map((some) => recordsOf(some, suite))
    const worth = (list) => list.find((record) => record.metric === metric)?.value ?? (isRising(metric) ? 0 : Infinity)
    candidates.sort((a, b) => (isRising(metric) ? worth(b) - worth(a) : worth(a) - worth(b)))
    candidates.forEach((list, place) => (place === 0 ? records : others).push(...list))
  }
  return { records, others }
}
