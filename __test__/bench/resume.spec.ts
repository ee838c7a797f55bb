/** A result is gathered over several runs of one commit on one machine; nothing that was measured is lost. */

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { benchModule, runOf, type BenchResult, type Run } from './modules.js'

interface ResultFile {
  readonly runs: Run[]
  readonly done: Set<string>
  readonly failures: object[]
  beginSession(session: object): void
  endSession(details: object): void
  addRun(run: Run): void
  addFailure(failure: object): void
}

const { ResultFile } = await benchModule<{
  ResultFile: { begin(path: string, origin: object, options: { resume: boolean; suite?: object }): ResultFile }
}>('harness/result.mjs')
const { graphSuite } = await benchModule<{ graphSuite: object }>('graph/suite.mjs')
const { UsageError } = await benchModule<{ UsageError: new () => Error }>('harness/options.mjs')
const { runKey } = await benchModule<{ runKey(run: Run): string }>('harness/plan.mjs')

const origin = { commit: 'abc', machine: { processor: 'p', cores: 2, system: 's' } }
const newPath = (): string => join(mkdtempSync(join(tmpdir(), 'sledstore-bench-test-')), 'kv.json')
const begin = (path: string, changes: object = {}, resume = true): ResultFile =>
  ResultFile.begin(path, { ...origin, ...changes }, { resume })
const read = (path: string): BenchResult => JSON.parse(readFileSync(path, 'utf8')) as BenchResult

/** A file with one run, of a process that ended without saying so. */
function brokenOff(): string {
  const path = newPath()
  const result = begin(path)
  result.beginSession({ date: '2026-01-01', load: [1] })
  result.addRun(runOf())
  return path
}

describe('a result', () => {
  it('is on disk after every run, with records', () => {
    expect(read(brokenOff()).records.map(({ metric, value, rounds }) => [metric, value, rounds])).toEqual([
      ['throughput', 100, 1],
    ])
  })

  it('goes on with what it holds', () => {
    const path = brokenOff()
    const result = begin(path)
    expect([...result.done]).toEqual([runKey(runOf())])
    result.beginSession({ date: '2026-01-02', load: [2] })
    result.addRun(runOf({ round: 2, metrics: { throughput: 300 } }))
    result.endSession({ load: [2, 3] })
    const { records, sessions } = read(path)
    expect(records.map(({ value, rounds }) => [value, rounds])).toEqual([[200, 2]])
    expect(sessions).toEqual([
      { date: '2026-01-01', load: [1] },
      { date: '2026-01-02', load: [2, 3] },
    ])
  })

  it('tries again what failed', () => {
    const path = brokenOff()
    begin(path).addFailure({ workload: 'get-string', error: 'it fell over' })
    const result = begin(path)
    expect([result.failures, result.runs.length]).toEqual([[], 1])
  })

  it('is of one commit, of one machine, and of a checkout that is known', () => {
    const path = brokenOff()
    const before = readFileSync(path, 'utf8')
    const machine = { ...origin.machine, cores: 64 }
    for (const changes of [{ commit: 'def' }, { commit: 'abc+12345678' }, { commit: undefined }, { machine }])
      expect(() => begin(path, changes), JSON.stringify(changes)).toThrow(UsageError)
    expect(readFileSync(path, 'utf8')).toBe(before)
  })

  it('begins anew without --resume, and does not touch the old file before it has measured something', () => {
    const path = brokenOff()
    const before = readFileSync(path, 'utf8')
    const result = begin(path, { commit: 'def' }, false)
    expect([result.runs, readFileSync(path, 'utf8')]).toEqual([[], before])
  })

  it('is of one suite', () => {
    const path = brokenOff()
    const options = { resume: true, suite: graphSuite }
    expect(() => ResultFile.begin(path, origin, options)).toThrow(UsageError)
    const graph = ResultFile.begin(newPath(), origin, options)
    graph.beginSession({ date: '2026-01-01', load: [1] })
    graph.endSession({})
    expect(graph.runs).toEqual([])
  })

  it('is not taken from a file of something else', () => {
    const path = newPath()
    for (const text of ['{', '{"records": []}']) {
      writeFileSync(path, text)
      expect(() => begin(path)).toThrow(UsageError)
    }
  })
})

describe('a run', () => {
  it('is another one when anything that matters differs', () => {
    const changes: Partial<Run>[] = [
      {},
      { workload: 'put-overwrite' },
      { package: 'other' },
      { setting: 'other' },
      { round: 2 },
      { rows: 5 },
      { valueBytes: 5 },
      { memoryBytes: 5 },
      { seed: 5 },
    ]
    expect(new Set(changes.map((change) => runKey(runOf(change)))).size).toBe(changes.length)
  })
})
