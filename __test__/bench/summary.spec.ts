/** The bench counts what it says it counts: medians, and the better setting of an engine. */

import { describe, expect, it } from 'vitest'
import { benchModule, runOf, type BenchRecord, type Run } from './modules.js'

const { medianAndSpread, summarize } = await benchModule<{
  medianAndSpread(values: number[]): { median: number; spread: number }
  summarize(runs: Run[]): { records: BenchRecord[]; others: BenchRecord[] }
}>('harness/summary.mjs')

const peer = (setting: string, metrics: Run['metrics'], changes: Partial<Run> = {}): Run =>
  runOf({ engine: 'peer', package: 'peer', setting, metrics, ...changes })

describe('summary', () => {
  it('takes the median of the rounds and their range', () => {
    expect(medianAndSpread([30, 10, 20])).toEqual({ median: 20, spread: 1 })
    expect(medianAndSpread([10, 30])).toEqual({ median: 20, spread: 1 })
  })

  it("counts the setting that does best by the workload's metric, and keeps the other", () => {
    const slow = peer('slow', { throughput: 100, p99: 1 })
    const fast = peer('fast', { throughput: 200, p99: 9 })
    const { records, others } = summarize([slow, fast])
    expect(records.map(({ metric, value, params }) => [metric, value, params.setting])).toEqual([
      ['throughput', 200, 'fast'],
      ['p99', 9, 'fast'],
    ])
    expect(others.map(({ params }) => params.setting)).toEqual(['slow', 'slow'])
  })

  it('takes the shorter time where time is the metric', () => {
    const runs = [9, 2].map((open) => peer(`takes-${open}`, { open }, { workload: 'open-clean' }))
    expect(summarize(runs).records.map(({ value }) => value)).toEqual([2])
  })

  it('lets two packages of one engine compete, and says which has won', () => {
    const runs = ['one', 'other'].map((name, at) => peer('same', { throughput: at + 1 }, { package: name }))
    expect(summarize(runs).records.map(({ params }) => params.package)).toEqual(['other'])
  })

  it('keeps sizes apart', () => {
    const runs = [100, 1024].map((valueBytes) => peer('same', { throughput: valueBytes }, { valueBytes }))
    const { records } = summarize(runs)
    expect(records.map(({ value, params }) => [value, params.valueBytes])).toEqual([
      [100, 100],
      [1024, 1024],
    ])
  })

  it('makes records of exactly the fields that were agreed on', () => {
    const [record] = summarize([runOf({ round: 1 }), runOf({ round: 2 })]).records
    expect(Object.keys(record!).sort()).toEqual(
      [
        'suite',
        'workload',
        'engine',
        'metric',
        'value',
        'unit',
        'spread',
        'rounds',
        'rows',
        'durability',
        'params',
      ].sort(),
    )
    expect([record!.suite, record!.unit, record!.rounds, record!.rows]).toEqual(['kv', 'rows/s', 2, 1_000_000])
  })

  it('leaves out what not every round has measured', () => {
    const runs = [runOf({ metrics: { throughput: 1, written: 5 } }), runOf({ round: 2, metrics: { throughput: 1 } })]
    expect(summarize(runs).records.map(({ metric }) => metric)).toEqual(['throughput'])
  })
})
