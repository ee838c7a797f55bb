/** From the runs of all rounds to one record a metric. */

import { kvSuite } from './suite.mjs'

/** Metrics of which more is better; of all others less is. */
const rising = new Set([
  'throughput',
  'throughput_drained',
  'throughput_one',
  'throughput_nodes',
  'throughput_edges',
  'scaling',
])

export const isRising = (metric) => rising.has(metric)
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
  return metrics.map((metric) => {
    const { median: value, spread } = medianAndSpread(runs.map((run) => run.metrics[metric]))
    const unit = units[metric]
    return { suite, workload, engine, metric, value, unit, spread, rounds: runs.length, rows, durability, params }
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
