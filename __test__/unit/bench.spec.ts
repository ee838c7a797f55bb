/** The bench counts what it says it counts: medians, the better setting of an engine, the settings it documents. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

interface Record {
  readonly engine: string
  readonly metric: string
  readonly value: number
  readonly params: { readonly setting: string }
}
interface Variant {
  readonly about: { readonly engine: string; readonly params: { readonly setting: string } }
  readonly rounds: { readonly [metric: string]: number }[]
}

const bench = (path: string): string => new URL(`../../bench/${path}`, import.meta.url).href
const { medianAndSpread, summarize } = (await import(bench('harness/summary.mjs'))) as {
  medianAndSpread(values: number[]): { median: number; spread: number }
  summarize(results: { workload: { metric: string }; variants: Variant[] }[]): { records: Record[]; others: Record[] }
}
const { settingsTable } = (await import(bench('harness/table.mjs'))) as { settingsTable(adapters: unknown): string }
const { adapters } = (await import(bench('adapters/index.mjs'))) as { adapters: unknown }
const { makeKeys, makeValues } = (await import(bench('harness/data.mjs'))) as {
  makeKeys(count: number, options: { from?: number; seed: number }): string[]
  makeValues(bytes: number, options: { seed: number }): { at(number: number): string }
}

const variant = (engine: string, setting: string, rounds: Variant['rounds']): Variant => ({
  about: { engine, params: { setting } },
  rounds,
})

describe('summary', () => {
  it('takes the median of the rounds and their range', () => {
    expect(medianAndSpread([30, 10, 20])).toEqual({ median: 20, spread: 1 })
    expect(medianAndSpread([10, 30])).toEqual({ median: 20, spread: 1 })
  })

  it("counts the setting that does best by the workload's metric, and keeps the other", () => {
    const slow = variant('peer', 'slow', [{ throughput: 100, p99: 1 }])
    const fast = variant('peer', 'fast', [{ throughput: 200, p99: 9 }])
    const { records, others } = summarize([{ workload: { metric: 'throughput' }, variants: [slow, fast] }])
    expect(records.map(({ metric, value, params }) => [metric, value, params.setting])).toEqual([
      ['throughput', 200, 'fast'],
      ['p99', 9, 'fast'],
    ])
    expect(others.map(({ params }) => params.setting)).toEqual(['slow', 'slow'])
  })

  it('takes the shorter time where time is the metric', () => {
    const variants = [variant('peer', 'slow', [{ open: 9 }]), variant('peer', 'fast', [{ open: 2 }])]
    const { records } = summarize([{ workload: { metric: 'open' }, variants }])
    expect(records.map(({ value }) => value)).toEqual([2])
  })
})

describe('data', () => {
  it('is the same for a seed, all keys differ, and missing keys are missing', () => {
    const keys = makeKeys(5000, { seed: 7 })
    expect(makeKeys(5000, { seed: 7 })).toEqual(keys)
    const both = [...keys, ...makeKeys(5000, { from: 5000, seed: 7 })]
    expect(new Set(both).size).toBe(10_000)
    expect(both.every((key) => /^[\da-f]{16}$/.test(key))).toBe(true)
  })

  it('differs from one write of a row to the next', () => {
    const values = makeValues(100, { seed: 7 })
    expect(values.at(1)).not.toBe(values.at(2))
    expect([values.at(1).length, values.at(1).slice(50)]).toEqual([100, 'x'.repeat(50)])
  })
})

describe('settings', () => {
  it('stand in the README as the bench prints them', () => {
    expect(readFileSync(new URL(bench('README.md')), 'utf8')).toContain(settingsTable(adapters))
  })
})
