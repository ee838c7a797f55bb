/** SledStore beside the better of its peers, workload by workload. */

import { isRising } from '../harness/summary.mjs'
import { align, cell, ratio } from '../harness/table.mjs'
import { graphWorkloads } from './workloads/index.mjs'

const own = 'sledstore'

/**
 * For each workload the metric that decides it: SledStore ÷ the peer that does best, and what the ratio is to be.
 *
 * @param {object[]} records of one graph
 */
export function betterPeerTable(records) {
  const rows = [['workload', 'metric', own, 'better peer', '', 'ratio', 'to be']]
  for (const { name, metric, limit } of graphWorkloads) {
    const found = records.filter((one) => one.workload === name && one.metric === metric)
    if (found.length === 0) continue
    const mine = found.find(({ engine }) => engine === own)
    const [peer] = found
      .filter(({ engine }) => engine !== own)
      .sort((a, b) => (isRising(metric) ? b.value - a.value : a.value - b.value))
    const wanted = limit === undefined ? '' : `${isRising(metric) ? '≥' : '≤'} ${limit}`
    rows.push([name, metric, cell(mine), peer?.engine ?? '–', cell(peer), ratio(metric, mine, peer), wanted])
  }
  return align(rows)
}
