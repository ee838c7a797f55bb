/** The figures of the graph suite for the documentation: each workload beside the better of the peers. */

import { amountAndSpread } from '../harness/table.mjs'
import { isRising } from '../harness/summary.mjs'
import { graphSizes } from './sizes.mjs'
import { graphWorkloads } from './workloads/index.mjs'

const own = 'sledstore'
const peerNames = { grafeo: 'Grafeo', ladybug: 'LadybugDB' }

/** What is told of a workload besides what decides it. */
const alsoTold = { load: ['memory_peak', 'disk'], open: ['memory_settled'], 'commit-edge-durable': ['p99'] }

/**
 * A table for each graph, in Markdown; no text where nothing was measured.
 *
 * @param {{ records: object[] }[]} results of the suite
 */
export function graphTables(results) {
  const records = results.flatMap((result) => result.records)
  return graphSizes
    .map((size) => [size, records.filter(({ params }) => isOfSize(params, size))])
    .filter(([, some]) => some.length > 0)
    .map(([size, some]) => tableOf(size, some))
    .join('\n\n')
}

const isOfSize = (params, { graph, nodes, edges }) =>
  params.graph === graph && params.nodes === nodes && params.edges === edges

function tableOf({ title, memoryBytes }, records) {
  const heads = [`${title}, ${memoryBytes >> 20} MiB each`, '', 'SledStore', 'the better peer', '÷', 'promised']
  const lines = graphWorkloads.flatMap(({ name, metric, limit }) =>
    [metric, ...(alsoTold[name] ?? [])].map((told) =>
      lineOf(records, { name, metric: told, limit: told === metric ? limit : undefined }),
    ),
  )
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [heads, heads.map(() => '---'), ...lines.filter((cells) => cells !== undefined)].map(line).join('\n')
}

function lineOf(records, { name, metric, limit }) {
  const found = records.filter((one) => one.workload === name && one.metric === metric)
  const mine = found.find(({ engine }) => engine === own)
  if (mine === undefined) return undefined
  const isMore = isRising(metric)
  const [peer] = found
    .filter(({ engine }) => engine !== own)
    .sort((a, b) => (isMore ? b.value - a.value : a.value - b.value))
  const ratio = peer === undefined ? undefined : mine.value / peer.value
  const isMissed = limit !== undefined && ratio !== undefined && (isMore ? ratio < limit : ratio > limit)
  const said = ratio === undefined ? '–' : `${ratio.toFixed(2)} ×`
  const promised = limit === undefined ? '' : `${isMore ? '≥' : '≤'} ${limit} ×`
  return [name, metric, cellOf(mine), peerCell(peer), isMissed ? `**${said}**` : said, promised]
}

const cellOf = amountAndSpread
const peerCell = (record) => (record === undefined ? '–' : `${cellOf(record)} (${peerNames[record.engine]})`)
