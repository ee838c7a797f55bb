/** From the runs of all rounds to one record a metric. */

const units = {
  throughput: 'rows/s',
  throughput_drained: 'rows/s',
  mean: 'us',
  p50: 'us',
  p99: 'us',
  p999: 'us',
  open: 'ms',
  memory_peak: 'bytes',
  memory_settled: 'bytes',
  memory_anonymous: 'bytes',
  disk: 'bytes',
  written: 'bytes',
  cpu: 's',
}

/** Metrics of which more is better; of all others less is. */
const rising = new Set(['throughput', 'throughput_drained'])

export const isRising = (metric) => rising.has(metric)

/** The median, and how far apart the rounds lie: (largest − smallest) ÷ median. */
export function medianAndSpread(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  return { median, spread: median === 0 ? 0 : (sorted.at(-1) - sorted[0]) / Math.abs(median) }
}

/**
 * Records of one engine and workload under one setting.
 *
 * @param {object} about the fields that all its records share
 * @param {Record<string, number>[]} rounds the metrics of each round
 */
function recordsOf(about, rounds) {
  const metrics = Object.keys(units).filter((metric) => rounds.every((round) => Number.isFinite(round[metric])))
  return metrics.map((metric) => {
    const { median, spread } = medianAndSpread(rounds.map((round) => round[metric]))
    return { ...about, metric, value: median, unit: units[metric], spread, rounds: rounds.length }
  })
}

/**
 * Picks for each engine and workload the setting that did best by the workload's own metric; its figures count, those
 * of the others are kept beside them.
 *
 * @param {{ workload: import('../workloads/index.mjs').Workload, variants: { about: object, rounds: object[] }[] }[]} results
 */
export function summarize(results) {
  const records = []
  const others = []
  for (const { workload, variants } of results) {
    for (const engine of new Set(variants.map(({ about }) => about.engine))) {
      const candidates = variants
        .filter(({ about, rounds }) => about.engine === engine && rounds.length > 0)
        .map(({ about, rounds }) => recordsOf(about, rounds))
      const worth = (list) => list.find(({ metric }) => metric === workload.metric).value
      candidates.sort((a, b) => (isRising(workload.metric) ? worth(b) - worth(a) : worth(a) - worth(b)))
      candidates.forEach((list, place) => (place === 0 ? records : others).push(...list))
    }
  }
  return { records, others }
}
