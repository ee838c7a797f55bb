/** The figures of the vector suite for the documentation: how each promise stands, and the other sets in brief. */

import { amount } from '../harness/table.mjs'
import { bestOf, standing, vectorGoals } from './goals.mjs'
import { vectorSizes } from './sizes.mjs'

const own = 'sledstore'
const names = {
  'zvec-int8': 'zvec, bytes',
  'zvec-fp32': 'zvec, floats',
  hnswlib: 'hnswlib-node',
  usearch: 'usearch',
  lancedb: 'LanceDB',
  grafeo: 'Grafeo',
}

/** What an engine is called where people read. */
export const titleOf = (engine) => names[engine] ?? 'SledStore'

const told = [
  ['search', 'rate_995'],
  ['search', 'p99_995'],
  ['search-two', 'rate_995'],
  ['build', 'build'],
  ['build-two', 'build'],
  ['search', 'memory_settled'],
  ['search', 'disk'],
  ['upsert-durable', 'upserts'],
  ['churn', 'rate_deletes'],
  ['churn', 'churn'],
  ['open', 'open'],
]

/**
 * Tables in Markdown; no text where nothing was measured.
 *
 * @param {{ records: object[] }[]} results of the suite
 */
export function vectorTables(results) {
  const records = results.flatMap((result) => result.records)
  return vectorSizes
    .map((size) => [size, records.filter(({ rows, params }) => params.set === size.set && rows === size.rows)])
    .filter(([, some]) => some.length > 0)
    .flatMap(([size, some]) => [goalTable(size, some), figureTable(size, some)])
    .filter((text) => text !== '')
    .join('\n\n')
}

const line = (cells) => `| ${cells.join(' | ')} |`
const table = (rows) => [line(rows[0]), line(rows[0].map(() => '---')), ...rows.slice(1).map(line)].join('\n')
const titled = ({ title, rows, dimensions }) => `${title}, ${rows.toLocaleString('en')} × ${dimensions}`

function goalTable(size, records) {
  const rows = vectorGoals.flatMap((goal) => {
    const found = standing(records, goal)
    if (found === undefined) return []
    const { value, limit, rises, isReached, theirs } = found
    const unit = theirs === undefined ? '' : ' ×'
    const said = `${value.toFixed(value >= 10 ? 0 : 2)}${unit}`
    const beside = goal.peer === undefined ? '' : titleOf(theirs.engine)
    return [
      [goal.title, beside, isReached ? said : `**${said}**`, `${rises ? '≥' : '≤'} ${Number(limit.toFixed(2))}${unit}`],
    ]
  })
  return rows.length === 0 ? '' : table([[titled(size), 'beside', 'is', 'promised'], ...rows])
}

function figureTable(size, records) {
  const rows = told.flatMap(([workload, metric]) => {
    const found = records.filter((one) => one.workload === workload && one.metric === metric)
    const mine = found.find(({ engine }) => engine === own)
    if (mine === undefined) return []
    const peer = bestOf(
      found.filter(({ engine }) => engine !== own),
      metric,
    )
    const cell = (record) =>
      record.recall === undefined ? amount(record) : `${amount(record)} at ${record.recall.toFixed(4)}`
    return [[workload, metric, cell(mine), peer === undefined ? '–' : `${cell(peer)} (${titleOf(peer.engine)})`]]
  })
  return rows.length === 0 ? '' : table([[titled(size), '', 'SledStore', 'the best peer'], ...rows])
}
