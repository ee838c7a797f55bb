/** The tables of the documentation say what the kept results say: what was reached, what was missed, and nothing else. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { benchModule, runOf, type BenchRecord, type BenchResult, type Run } from './modules.js'

const { graphReportOf, insert, keptResults, reportOf, vectorReportOf } = await benchModule<{
  graphReportOf(results: BenchResult[]): string
  vectorReportOf(results: BenchResult[]): string
  insert(page: string, text: string, name: string): string
  keptResults(suite?: string): string[]
  reportOf(results: BenchResult[]): Record<string, string>
}>('harness/report.mjs')
const { millionTargets, standing, growth } = await benchModule<{
  millionTargets: { title: string; metric: string }[]
  standing(
    records: BenchRecord[],
    peer: string,
    target: object,
  ): { ratio: number; isReached: boolean; workload: string; measured: number } | undefined
  growth(
    smaller: BenchRecord[],
    larger: BenchRecord[],
    peer: string,
  ): { mine: number; theirs: number; isReached: boolean }[]
}>('harness/targets.mjs')
const { summarize } = await benchModule<{ summarize(runs: Run[]): { records: BenchRecord[] } }>('harness/summary.mjs')
const { UsageError } = await benchModule<{ UsageError: new () => Error }>('harness/options.mjs')
const { settingsTable } = await benchModule<{ settingsTable(adapters: unknown): string }>('harness/table.mjs')
const { adapters } = await benchModule<{ adapters: unknown }>('adapters/index.mjs')
const { graphAdapters } = await benchModule<{ graphAdapters: unknown }>('graph/adapters/index.mjs')
const { vectorAdapters } = await benchModule<{ vectorAdapters: unknown }>('vector/adapters/index.mjs')

const page = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const target = (title: string): object => millionTargets.find((one) => one.title === title)!

/** SledStore and RocksDB side by side in one workload and metric. */
function pair(
  workload: string,
  metric: string,
  mine: number,
  theirs: number,
  changes: Partial<Run> = {},
): BenchRecord[] {
  const runs = [
    runOf({ workload, metrics: { [metric]: mine }, ...changes }),
    runOf({ workload, engine: 'rocksdb', package: 'rocksdb', metrics: { [metric]: theirs }, ...changes }),
  ]
  return summarize(runs).records
}

const resultOf = (records: BenchRecord[]): BenchResult => ({
  commit: 'abc',
  machine: { cores: 2, processor: 'a processor' },
  sessions: [{ date: '2026-01-01T00:00:00Z', load: [0.1, 0.4] }],
  records,
})

describe('a target', () => {
  it('counts the worst of its workloads, whichever way the metric goes', () => {
    const writes = [
      ...pair('put-single', 'throughput_drained', 300, 100),
      ...pair('put-overwrite', 'throughput_drained', 110, 100),
    ]
    expect(standing(writes, 'rocksdb', target('writes until drained, the worst'))).toMatchObject({
      workload: 'put-overwrite',
      ratio: 1.1,
      isReached: false,
      measured: 2,
    })
    const opens = [...pair('open-clean', 'open', 1, 10), ...pair('open-killed', 'open', 5, 10)]
    expect(standing(opens, 'rocksdb', target('cold open and first read'))).toMatchObject({
      workload: 'open-killed',
      ratio: 0.5,
      isReached: true,
    })
  })

  it('counts the median of all where it says so', () => {
    const ratios = [
      ['put-single', 300],
      ['put-overwrite', 110],
      ['load-random', 150],
      ['delete-half', 190],
    ] as const
    const writes = ratios.flatMap(([workload, mine]) => pair(workload, 'throughput_drained', mine, 100))
    expect(standing(writes, 'rocksdb', target('writes until drained, the median'))).toMatchObject({
      ratio: 1.7,
      isReached: true,
      measured: 4,
    })
  })

  it('says nothing of what was not measured', () => {
    expect(standing(pair('put-single', 'throughput', 1, 1), 'lmdb', target('random get, p99'))).toBeUndefined()
  })

  it('compares how costs grow, not what they are', () => {
    const grown = (larger: number): { isReached: boolean; mine: number; theirs: number }[] =>
      growth(pair('get-string', 'mean', 2, 1), pair('get-string', 'mean', larger, 2), 'rocksdb')
    expect(grown(3)).toMatchObject([{ mine: 1.5, theirs: 2, isReached: true }])
    expect(grown(5)).toMatchObject([{ mine: 2.5, theirs: 2, isReached: false }])
  })
})

describe('a report', () => {
  it('marks what was missed, names the workload, and says where the figures come from', () => {
    const text = reportOf([resultOf(pair('get-string', 'p99', 9, 10))])['README.md']!
    expect(text).toContain('| random get, p99 | **0.90 × (≤ 0.4) missed: get-string** |')
    expect(text).toContain('commit abc on 2026-01-01 with 2 × a processor')
    expect(reportOf([resultOf(pair('get-string', 'p99', 3, 10))])['README.md']).toContain('| 0.30 × (≤ 0.4) |')
  })

  it('has every record, losses in bold, and which package stood for RocksDB', () => {
    const records = [...pair('get-missing', 'p99', 20, 10), ...pair('scan-full', 'mean', 1, 10)]
    const report = reportOf([resultOf([...records, ...pair('get-missing', 'disk', 1e6, 1e6)])])
    for (const text of [report['docs/guide/performance.md'], report['bench/results/README.md']]) {
      expect(text).toContain('| get-missing | p99 | 20.0 µs | **10.0 µs (6.17)** |')
      expect(text).toContain('| scan-full | mean | 1.00 µs | 10.0 µs (6.17) |')
    }
    const ofDisk = '| get-missing | disk | 1.0 MB | 1.0 MB (6.17) |'
    expect(report['bench/results/README.md']).toContain(ofDisk)
    expect(report['docs/guide/performance.md']).not.toContain(ofDisk)
  })

  it('replaces what stands between the marks, and refuses a page without them', () => {
    const marked = page('README.md')
    const once = insert(marked, 'the first', 'README.md')
    expect(insert(once, 'the second', 'README.md')).toBe(insert(marked, 'the second', 'README.md'))
    expect(once).toContain('the first')
    expect(() => insert('a page', 'text', 'page.md')).toThrow(UsageError)
  })
})

describe('the documentation', () => {
  it('has the tables of the results that are kept', () => {
    const results = keptResults().map((path) => JSON.parse(readFileSync(path, 'utf8')) as BenchResult)
    for (const [path, text] of Object.entries(reportOf(results))) expect(page(path), path).toContain(text)
    const graphs = keptResults('graph').map((path) => JSON.parse(readFileSync(path, 'utf8')) as BenchResult)
    expect(page('docs/guide/performance.md')).toContain(graphReportOf(graphs))
    const vectors = keptResults('vector').map((path) => JSON.parse(readFileSync(path, 'utf8')) as BenchResult)
    expect(page('docs/guide/performance.md')).toContain(vectorReportOf(vectors))
  })

  it('tells of a graph what was missed, beside the better peer', () => {
    const record = (engine: string, workload: string, metric: string, value: number): object => ({
      workload,
      engine,
      metric,
      value,
      unit: metric === 'throughput' ? 'rows/s' : 'ms',
      spread: 0.04,
      rounds: 3,
      params: { package: engine, version: '1', graph: 'social', nodes: 10_000, edges: 50_000 },
    })
    const records = [
      record('sledstore', 'load', 'throughput', 90e3),
      record('ladybug', 'load', 'throughput', 100e3),
      record('sledstore', 'group-by', 'p50', 1),
      record('ladybug', 'group-by', 'p50', 4),
      record('grafeo', 'group-by', 'p50', 2),
      record('sledstore', 'read-call', 'p50', 0.01),
    ]
    const text = graphReportOf([resultOf(records as BenchRecord[])])
    expect(text).toContain('| load | throughput | 90.0 k/s ±2 % | 100.0 k/s ±2 % (LadybugDB) | **0.90 ×** | ≥ 1 × |')
    expect(text).toContain('| group-by | p50 | 1.00 ms ±2 % | 2.00 ms ±2 % (Grafeo) | 0.50 × | ≤ 1 × |')
    expect(text).toContain('| read-call | p50 | 10.0 µs ±2 % | – | – |  |')
    expect(text).not.toContain('| two-paths')
    expect(graphReportOf([])).toContain('none is claimed')
  })

  it('has the settings as the bench prints them', () => {
    for (const all of [adapters, graphAdapters, vectorAdapters])
      expect(page('bench/README.md')).toContain(settingsTable(all))
  })
})
