/** Keys, values and orders of the bench: the same for a seed, and of the kind they are said to be. */

import { describe, expect, it } from 'vitest'
import { benchModule } from './modules.js'

type Order = (count: number, rows: number, seed: number) => Uint32Array
interface Values {
  at(number: number): unknown
  weigh(value: unknown): number
  weight: number
}

const { Keys, makeKeys, makeOrder, makePermutation, makeValues, makeZipfianOrder } = await benchModule<{
  Keys: new (rows: number, seed: number) => { at(row: number): string; slice(from: number, count: number): string[] }
  makeKeys(count: number, options: { from?: number; seed: number }): string[]
  makeOrder: Order
  makeZipfianOrder: Order
  makePermutation(rows: number, seed: number): Uint32Array
  makeValues(bytes: number, options: { seed: number; kind?: string }): Values
}>('harness/data.mjs')

describe('keys', () => {
  it('are the same for a seed, all differ, and missing keys are missing', () => {
    const keys = makeKeys(5000, { seed: 7 })
    expect(makeKeys(5000, { seed: 7 })).toEqual(keys)
    const both = [...keys, ...makeKeys(5000, { from: 5000, seed: 7 })]
    expect(new Set(both).size).toBe(10_000)
    expect(both.every((key) => /^[\da-f]{16}$/.test(key))).toBe(true)
  })

  it('are the same whether they are kept or made when they are asked for', () => {
    const [kept, made] = [new Keys(1_000, 7), new Keys(3_000_000, 7)]
    expect(made.slice(10, 50)).toEqual(kept.slice(10, 50))
    expect(made.at(999)).toBe(kept.at(999))
  })
})

describe('values', () => {
  it('differ from one write of a row to the next, and half of each is random', () => {
    const values = makeValues(100, { seed: 7 })
    const texts = [values.at(1), values.at(2)] as string[]
    expect(texts[0]).not.toBe(texts[1])
    expect([texts[0]!.length, texts[0]!.slice(50)]).toEqual([100, 'x'.repeat(50)])
  })

  it('weigh the same in every kind', () => {
    for (const kind of ['string', 'binary', 'object']) {
      const values = makeValues(100, { seed: 7, kind })
      expect([1, 2, 3].map((number) => values.weigh(values.at(number)))).toEqual([1, 2, 3].map(() => values.weight))
    }
  })

  it('of the longest size take memory in bounds', () => {
    const values = makeValues(16 << 10, { seed: 7 })
    expect(values.at(0)).toBe(values.at(4096))
  })
})

describe('orders', () => {
  it('stay below the number of rows and are the same for a seed', () => {
    for (const make of [makeOrder, makeZipfianOrder]) {
      const order = make(10_000, 1_000, 7)
      expect(make(10_000, 1_000, 7)).toEqual(order)
      expect(order.every((row) => row < 1_000)).toBe(true)
    }
  })

  it('ask for few rows most of the time when they are zipfian, and not when they are uniform', () => {
    const shareOfTen = (order: Uint32Array): number => {
      const counts = new Map<number, number>()
      for (const row of order) counts.set(row, (counts.get(row) ?? 0) + 1)
      const most = [...counts.values()].sort((a, b) => b - a).slice(0, 10)
      return most.reduce((sum, count) => sum + count, 0) / order.length
    }
    expect(shareOfTen(makeZipfianOrder(50_000, 10_000, 7))).toBeGreaterThan(0.25)
    expect(shareOfTen(makeOrder(50_000, 10_000, 7))).toBeLessThan(0.01)
  })

  it('of a whole overwrite name each row once', () => {
    expect([...makePermutation(1_000, 7)].sort((a, b) => a - b)).toEqual(Array.from({ length: 1_000 }, (_, row) => row))
    expect([...makePermutation(1_000, 7)]).not.toEqual([...makePermutation(1_000, 8)])
  })
})
