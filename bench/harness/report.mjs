/** The tables of the documentation, written from the results that are kept. */

import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { resultsFolder, UsageError } from './options.mjs'
import { readResult } from './result.mjs'
import { isRising, metricNames } from './summary.mjs'
import { amountAndSpread } from './table.mjs'
import { graphTables } from '../graph/report.mjs'
import { curvesOf, pictureOf } from '../vector/picture.mjs'
import { vectorTables } from '../vector/report.mjs'
import { vectorSizes } from '../vector/sizes.mjs'
import { insertBetween } from '../../scripts/shared/marked.mjs'
import { workloads } from '../workloads/index.mjs'
import { growth, largeTargets, millionTargets, standing } from './targets.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const begin = '<!-- bench:begin; npm run bench -- report writes what follows -->'
const end = '<!-- bench:end -->'
const peers = ['rocksdb', 'lmdb']
const titles = {
  rocksdb: 'RocksDB',
  lmdb: 'lmdb',
  'classic-level': 'classic-level',
  'better-sqlite3': 'better-sqlite3',
}
const millionRows = 1_000_000
const largeRows = 10_000_000
const smallBytes = 100

const graphMarks = {
  begin: '<!-- bench-graph:begin; npm run bench -- report writes what follows -->',
  end: '<!-- bench-graph:end -->',
}
const vectorMarks = {
  begin: '<!-- bench-vector:begin; npm run bench -- report writes what follows -->',
  end: '<!-- bench-vector:end -->',
}
/** The page with the figures of graphs and vectors. */
const graphPage = 'docs/guide/performance.md'

/** Files with a report between its marks, and what stands there. */
const pages = { 'README.md': summaryOf, 'docs/guide/performance.md': guideOf, 'bench/results/README.md': everythingOf }

/**
 * @param {string[]} files results; those in bench/results when none is named
 */
export async function writeReport(files) {
  const paths = files.length > 0 ? files.map((file) => resolve(file)) : ['kv', 'graph', 'vector'].flatMap(keptResults)
  if (paths.length === 0)
    throw new UsageError(
      `there is no result in ${resultsFolder}; make one with npm run bench -- kv --full --resume --json bench/results/kv.json`,
    )
  const results = paths.map((path) => {
    const result = readResult(path)
    if (result === undefined) throw new UsageError(`${path} does not exist; name a file that --json has written`)
    return result
  })
  const ofSuite = (name) => results.filter(({ suite }) => suite === name)
  const write = (page, change) => {
    const path = join(root, page)
    writeFileSync(path, change(readFileSync(path, 'utf8')))
    console.log(`bench: ${page} is written from ${paths.map((one) => relative(root, one)).join(', ')}`)
  }
  for (const [page, text] of Object.entries(reportOf(ofSuite('kv')))) write(page, (old) => insert(old, text, page))
  write(graphPage, (old) => insert(old, graphReportOf(ofSuite('graph')), graphPage, graphMarks))
  const pictures = await vectorPicturesOf(ofSuite('vector'))
  for (const [name, text] of Object.entries(pictures)) writeFileSync(join(root, picturesFolder, name), text)
  const vectors = vectorReportOf(ofSuite('vector'))
  write(graphPage, (old) => insert(old, vectors, graphPage, vectorMarks))
}

/** Beside the page that shows them. */
const picturesFolder = 'docs/guide'

/** Curves of a set that was measured whole, by the name of the file that shows them. */
function curvesByFile(results) {
  const records = recordsOf(results, ({ metric }) => metric === 'rate')
  const workloads = Object.entries({ search: 'one thread', 'search-two': 'two threads' })
  return vectorSizes.flatMap(({ set, rows, title }) =>
    workloads.flatMap(([workload, threads]) => {
      const some = records.filter((one) => one.workload === workload && one.rows === rows && one.params.set === set)
      if (some.length === 0) return []
      return [{ file: `vectors-${set}-${workload}.svg`, title: `${title}, ${threads}`, curves: curvesOf(some) }]
    }),
  )
}

/** Pictures of the curves, by the name of their file. */
export async function vectorPicturesOf(results) {
  const pictures = {}
  for (const { file, title, curves } of curvesByFile(results)) pictures[file] = await pictureOf(title, curves)
  return pictures
}

/** What a report of results of the vector suite puts into its page. */
export function vectorReportOf(results) {
  const tables = vectorTables(results)
  if (tables === '') return noVectors
  const shown = curvesByFile(results).map(({ file, title }) => `![Recall and queries a second: ${title}](${file})`)
  return [...shown, tables, originOf(results)].join('\n\n')
}

/** Results of a suite in the repository. */
export function keptResults(suite = 'kv') {
  return readdirSync(resultsFolder)
    .filter(
      (name) => name.endsWith('.json') && JSON.parse(readFileSync(join(resultsFolder, name), 'utf8')).suite === suite,
    )
    .map((name) => join(resultsFolder, name))
    .sort()
}

/** A page with the text between its marks replaced. */
export function insert(page, text, name, marks = { begin, end }) {
  const written = insertBetween(page, marks, text)
  if (written !== undefined) return written
  throw new UsageError(`${name} has no place for a report: a line "${marks.begin}" and below it a line "${marks.end}"`)
}

/** What a report of results of the graph suite puts into its page. */
export function graphReportOf(results) {
  const tables = graphTables(results)
  return tables === '' ? noGraphs : `${tables}\n\n${originOf(results)}`
}

/** Each page of the documentation, and what a report of these results would put into it. */
export function reportOf(results) {
  return Object.fromEntries(Object.entries(pages).map(([page, textOf]) => [page, textOf(results)]))
}

const none =
  'No comparison with another store is kept in the repository yet, so none is claimed. `npm run bench -- kv --quick` makes a\nsmall one on your machine.'

const noGraphs =
  'No comparison of graphs is kept in the repository yet, so none is claimed. `npm run bench -- graph --quick` makes a\nsmall one on your machine.'

const noVectors =
  'No comparison of vectors is kept in the repository yet, so none is claimed. `npm run bench -- vector --quick` makes a\nsmall one on your machine.'

const recordsOf = (results, isWanted) => results.flatMap(({ records }) => records.filter(isWanted))
const ofSize = (rows, valueBytes) => (one) => one.rows === rows && one.params.valueBytes === valueBytes

/** For the first page: what was promised, and how it stands. */
function summaryOf(results) {
  const million = recordsOf(results, ofSize(millionRows, smallBytes))
  const large = recordsOf(results, ofSize(largeRows, smallBytes))
  const parts = [
    ['1 M rows of 100 B, 128 MiB each', million, millionTargets],
    ['10 M rows of 100 B, 256 MiB each', large, largeTargets],
  ]
    .map(([title, records, targets]) => targetTable(title, records, targets))
    .filter((text) => text !== '')
  return parts.length === 0 ? none : [...parts, originOf(results)].join('\n\n')
}

/** For the page of figures: that, how costs grow, and the figures most people look for. */
function guideOf(results) {
  if (results.every(({ records }) => records.length === 0)) return none
  return [summaryOf(results), growthTable(results), scalingLine(results), ...tablesOf(results, isMain)]
    .filter((text) => text !== '')
    .join('\n\n')
}

/** For the folder of the results: every record. */
function everythingOf(results) {
  if (results.every(({ records }) => records.length === 0)) return none
  return [...tablesOf(results, () => true), originOf(results)].join('\n\n')
}

const table = (rows) => {
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [line(rows[0]), line(rows[0].map(() => '---')), ...rows.slice(1).map(line)].join('\n')
}

function targetTable(title, records, targets) {
  const asked = peers.filter((peer) => targets.some((target) => standing(records, peer, target) !== undefined))
  if (asked.length === 0) return ''
  const rows = targets.map((target) => [target.title, ...asked.map((peer) => standingCell(records, peer, target))])
  return table([[title, ...asked.map((peer) => `÷ ${titles[peer]}`)], ...rows])
}

function standingCell(records, peer, target) {
  const found = standing(records, peer, target)
  if (found === undefined) return '–'
  const limit = `${isRising(target.metric) ? '≥' : '≤'} ${found.limit}`
  const part = found.measured < found.wanted ? `, ${found.measured} of ${found.wanted} workloads` : ''
  const said = `${found.ratio.toFixed(2)} × (${limit}${part})`
  if (found.isReached) return said
  return `**${said} missed${found.workload === undefined ? '' : `: ${found.workload}`}**`
}

function growthTable(results) {
  const [smaller, larger] = [millionRows, largeRows].map((rows) => recordsOf(results, ofSize(rows, smallBytes)))
  const rows = growth(smaller, larger, 'rocksdb').map(({ workload, metric, mine, theirs, isReached }) => {
    const said = `${mine.toFixed(2)} ×`
    return [workload, metric, isReached ? said : `**${said}**`, `${theirs.toFixed(2)} ×`]
  })
  return rows.length === 0 ? '' : table([['from 1 M to 10 M rows', 'cost', 'SledStore', 'RocksDB'], ...rows])
}

function scalingLine(results) {
  const found = recordsOf(results, ofSize(millionRows, smallBytes)).filter(({ metric }) => metric === 'scaling')
  if (found.length === 0) return ''
  const each = found.map(({ engine, value }) => `${titles[engine] ?? 'SledStore'} ${value.toFixed(2)} ×`)
  return `Reads of two worker threads against one: ${each.join(', ')}.`
}

/** What a store takes is told by few workloads; the rest is the same again. */
const tellsWhatItTakes = new Set(['load-random', 'batch-overwrite', 'get-string', 'scan-full'])
const takes = new Set(['memory_peak', 'memory_settled', 'disk', 'written_per_byte', 'cpu'])
const speeds = new Set(['throughput', 'throughput_drained', 'mean', 'p99', 'open', 'scan_after'])

/** Whether a record stands in the guide. Writes are told by their throughput, reads by the time of one. */
function isMain({ workload, metric }) {
  if (takes.has(metric)) return tellsWhatItTakes.has(workload)
  const { writes } = workloads.find(({ name }) => name === workload) ?? {}
  return speeds.has(metric) && metric !== (writes ? 'mean' : 'throughput')
}

/** Records in a table for each size: medians, and where SledStore loses by more than 5 % in bold. */
function tablesOf(results, isWanted) {
  const records = recordsOf(results, isWanted)
  const sizes = new Map(records.map(({ rows, params }) => [`${rows}/${params.valueBytes}`, [rows, params.valueBytes]]))
  return [...sizes.values()].map(([rows, valueBytes]) => {
    const some = records.filter(ofSize(rows, valueBytes))
    const engines = [...new Set(some.map(({ engine }) => engine))].sort((a, b) => order(a) - order(b))
    const title = `${rows.toLocaleString('en')} rows of ${valueBytes} B`
    const lines = lineKeys(some).map(([workload, metric]) => {
      const cells = engines.map((engine) => some.find((one) => isOf(one, workload, metric, engine)))
      return [workload, metric, ...cells.map((cell, at) => (at === 0 ? cellOf(cell) : peerCell(cell, cells[0])))]
    })
    return table([[title, '', ...engines.map((engine) => titles[engine] ?? 'SledStore')], ...lines])
  })
}

const isOf = (one, workload, metric, engine) =>
  one.workload === workload && one.metric === metric && one.engine === engine
const order = (engine) => ['sledstore', ...Object.keys(titles)].indexOf(engine)

/** Workloads and metrics of records, in the order in which the bench has them. */
function lineKeys(records) {
  const names = workloads.map(({ name }) => name)
  return names.flatMap((workload) =>
    metricNames
      .filter((metric) => records.some((one) => one.workload === workload && one.metric === metric))
      .map((metric) => [workload, metric]),
  )
}

const cellOf = (record) => (record === undefined ? '–' : amountAndSpread(record))

/** A peer's figure; bold where it is better than SledStore's. Of RocksDB's two packages it says which. */
function peerCell(record, mine) {
  if (record === undefined) return '–'
  const said = `${cellOf(record)}${record.params.package === 'rocksdb' ? ' (6.17)' : ''}`
  if (mine === undefined) return said
  const ratio = isRising(record.metric) ? mine.value / record.value : record.value / mine.value
  return ratio < 0.95 ? `**${said}**` : said
}

function originOf(results) {
  return results
    .filter(({ records }) => records.length > 0)
    .map(({ commit, machine, sessions, records }) => {
      const versions = new Map(
        records.map(({ engine, params }) => [`${engine} ${params.package}`, `${params.package} ${params.version}`]),
      )
      const loads = sessions.flatMap(({ load }) => load)
      const dates = sessions.map(({ date }) => date.slice(0, 10))
      return [
        `Medians, measured at commit ${commit} on ${[...new Set(dates)].join(', ')} with ${machine.cores} × ${machine.processor},`,
        `load ${Math.min(...loads)} to ${Math.max(...loads)}: ${[...versions.values()].join(', ')}.`,
        'Of several workloads of one promise the worst counts. `±` is half the range of the rounds, and left out where there was one.',
      ].join('\n')
    })
    .join('\n\n')
}
