/**
 * What SledStore promises beside RocksDB and lmdb, and what the records say of it. A ratio is SledStore ÷ peer. Of several
 * workloads the worst counts, and of the writes the median, too.
 */

import { workloads } from '../workloads/index.mjs'
import { isRising, medianAndSpread } from './summary.mjs'

const namesWhere = (isWanted) => workloads.filter(isWanted).map(({ name }) => name)
const readsOneRow = ({ name }) => /^get-(?:string|binary|object)/.test(name)

const writing = namesWhere(
  ({ metric, writes, durability }) => writes && metric === 'throughput' && durability !== 'full',
)
const uniformGets = namesWhere((one) => readsOneRow(one) && !/zipfian/.test(one.name))
const zipfianGets = namesWhere((one) => readsOneRow(one) && /zipfian/.test(one.name))
const scanning = namesWhere(({ name }) => name.startsWith('scan-'))
const measured = namesWhere(({ store }) => store !== 'killed')
const opening = ['open-clean', 'open-killed']

/**
 * @typedef {object} Target
 * @property {string} title
 * @property {string} metric
 * @property {string[]} workloads
 * @property {'worst' | 'median'} [of] the worst unless it says otherwise
 * @property {Record<string, number>} limits by engine: at least where more is better, else at most
 */

/** @type {Target[]} for 1 M rows, 128 MB */
export const millionTargets = [
  {
    title: 'writes until drained, the worst',
    metric: 'throughput_drained',
    workloads: writing,
    limits: { rocksdb: 1.15 },
  },
  {
    title: 'writes until drained, the median',
    metric: 'throughput_drained',
    workloads: writing,
    of: 'median',
    limits: { rocksdb: 1.5 },
  },
  { title: 'random get, p99', metric: 'p99', workloads: ['get-string'], limits: { rocksdb: 0.4, lmdb: 1.5 } },
  { title: 'random get, mean, uniform', metric: 'mean', workloads: uniformGets, limits: { rocksdb: 0.5, lmdb: 1.2 } },
  { title: 'random get, mean, zipfian', metric: 'mean', workloads: zipfianGets, limits: { rocksdb: 0.5, lmdb: 0.8 } },
  { title: 'a row of a scan', metric: 'mean', workloads: scanning, limits: { rocksdb: 0.5, lmdb: 1 } },
  { title: 'memory above Node, peak', metric: 'memory_peak', workloads: measured, limits: { rocksdb: 0.8 } },
  { title: 'memory above Node, settled', metric: 'memory_settled', workloads: measured, limits: { rocksdb: 0.8 } },
  { title: 'cold open and first read', metric: 'open', workloads: opening, limits: { rocksdb: 0.6 } },
  {
    title: 'durable commits, 1 and 64 at once',
    metric: 'throughput',
    workloads: ['commit-durable-1', 'commit-durable-64'],
    limits: { rocksdb: 1.15, lmdb: 1 },
  },
  { title: 'disk after load', metric: 'disk', workloads: ['load-random', 'load-sequential'], limits: { rocksdb: 2 } },
  { title: 'disk after three overwrites', metric: 'disk', workloads: ['batch-overwrite'], limits: { rocksdb: 2.5 } },
]

/** @type {Target[]} for 10 M rows, 256 MB */
export const largeTargets = [
  {
    title: 'writes until drained, the worst',
    metric: 'throughput_drained',
    workloads: writing,
    limits: { rocksdb: 1 },
  },
  { title: 'random get, p99', metric: 'p99', workloads: ['get-string'], limits: { rocksdb: 1 } },
  { title: 'memory above Node, peak', metric: 'memory_peak', workloads: measured, limits: { rocksdb: 1 } },
  { title: 'memory above Node, settled', metric: 'memory_settled', workloads: measured, limits: { rocksdb: 1 } },
  { title: 'cold open and first read', metric: 'open', workloads: opening, limits: { rocksdb: 0.6 } },
]

const find = (records, workload, engine, metric) =>
  records.find((one) => one.workload === workload && one.engine === engine && one.metric === metric)

/** Of RocksDB's two packages one stands for its memory: that of the version people would take today. */
const countsForMemory = ({ params }) => params.package !== 'rocksdb'

/** Ratios of a metric to a peer, by workload, of those that both have. */
function ratiosTo(records, peer, { metric, workloads: names }) {
  return names.flatMap((workload) => {
    const [mine, theirs] = ['sledstore', peer].map((engine) => find(records, workload, engine, metric))
    if (metric.startsWith('memory') && theirs !== undefined && !countsForMemory(theirs)) return []
    return mine === undefined || theirs === undefined ? [] : [{ workload, ratio: mine.value / theirs.value }]
  })
}

/**
 * How a target stands against a peer; nothing where nothing was measured.
 *
 * @param {object[]} records of one size
 * @param {string} peer
 * @param {Target} target
 * @returns {{ workload?: string, ratio: number, limit: number, isReached: boolean, measured: number, wanted: number } | undefined}
 */
export function standing(records, peer, target) {
  const limit = target.limits[peer]
  const ratios = ratiosTo(records, peer, target)
  if (limit === undefined || ratios.length === 0) return undefined
  const rises = isRising(target.metric)
  ratios.sort((a, b) => (rises ? a.ratio - b.ratio : b.ratio - a.ratio)) // the worst first
  const worst = ratios[0]
  const isMedian = target.of === 'median'
  const ratio = isMedian ? medianAndSpread(ratios.map((one) => one.ratio)).median : worst.ratio
  const workload = isMedian ? undefined : worst.workload
  const isReached = rises ? ratio >= limit : ratio <= limit
  return { workload, ratio, limit, isReached, measured: ratios.length, wanted: target.workloads.length }
}

/** Metrics whose growth from one size to the next is looked at: the cost of an operation. */
export const costMetrics = ['mean', 'p99', 'open']

/**
 * How much dearer an operation became from a smaller store to a larger one, SledStore beside a peer.
 *
 * @returns {{ workload: string, metric: string, mine: number, theirs: number, isReached: boolean }[]}
 */
export function growth(smaller, larger, peer) {
  const rows = []
  for (const { name: workload } of workloads) {
    for (const metric of costMetrics) {
      const factor = (engine) => {
        const [before, after] = [smaller, larger].map((records) => find(records, workload, engine, metric))
        return before === undefined || after === undefined ? undefined : after.value / before.value
      }
      const [mine, theirs] = [factor('sledstore'), factor(peer)]
      if (mine === undefined || theirs === undefined) continue
      rows.push({ workload, metric, mine, theirs, isReached: mine <= theirs })
    }
  }
  return rows
}
