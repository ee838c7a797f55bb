import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { key, SledStore, type Transaction, type Vectors } from '../../lib/index.js'

let store: SledStore
let index: Vectors

beforeAll(async () => {
  store = await SledStore.memory()
  index = store.vectors('test', { dimensions: 2, metric: 'cosine' })
})

afterAll(async () => {
  expect(index.count()).toBe(0)
  await store.close()
})

const wrong = (value: unknown) => value as never

const vectors: [string, unknown, typeof TypeError | typeof RangeError][] = [
  ['nothing', undefined, TypeError],
  ['null', null, TypeError],
  ['a text', '12', TypeError],
  ['a number', 7, TypeError],
  ['a set', new Set([1, 2]), TypeError],
  ['integers', new Int32Array(2), TypeError],
  ['bytes', new Uint8Array(8), TypeError],
  ['texts', ['1', '2'], TypeError],
  ['bigints', [1n, 2n], TypeError],
  ['a hole', [1, , 3].slice(0, 2), TypeError],
  ['none', [], RangeError],
  ['too few', [1], RangeError],
  ['too many', [1, 2, 3], RangeError],
  ['too many in f32', new Float32Array(3), RangeError],
  ['NaN', [1, Number.NaN], RangeError],
  ['Infinity', Float32Array.of(1, Infinity), RangeError],
  ['minus Infinity', Float64Array.of(-Infinity, 1), RangeError],
  ['what f32 cannot hold', [1, 1e39], RangeError],
  ['zero', [0, 0], RangeError],
  ['minus zero', Float32Array.of(-0, 0), RangeError],
  ['zero in f32', [1e-60, 0], RangeError],
]

describe.each(vectors)('a vector that is %s', (_, vector, error) => {
  it('is refused everywhere', async () => {
    await expect(index.put('k', wrong(vector))).rejects.toThrow(error)
    await expect(index.putMany([['k', wrong(vector)]])).rejects.toThrow(error)
    expect(() => index.nearest(wrong(vector))).toThrow(error)
    await expect(index.nearestAsync(wrong(vector))).rejects.toThrow(error)
    await store.transaction((tx) => {
      expect(() => index.in(tx).put('k', wrong(vector))).toThrow(error)
    })
  })
})

it('takes zero where it has a meaning', async () => {
  for (const metric of ['dot', 'l2'] as const) {
    const other = store.vectors(metric, { dimensions: 2, metric })
    await other.put('zero', [0, 0])
    expect(other.nearest([0, 0])).toEqual([{ id: 'zero', distance: 0, attributes: undefined }])
  }
})

it('refuses a length that f32 cannot hold, under cosine', async () => {
  await expect(index.put('k', [3e38, 3e38])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  await expect(index.put('k', [1e-45, 0])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
})

const calls: [string, () => unknown, typeof TypeError | typeof RangeError][] = [
  ['no name', () => store.vectors(wrong(undefined), { dimensions: 2, metric: 'l2' }), TypeError],
  ['an empty name', () => store.vectors('', { dimensions: 2, metric: 'l2' }), RangeError],
  ['no options', () => store.vectors('other', wrong(undefined)), TypeError],
  ['no dimensions', () => store.vectors('other', wrong({ metric: 'l2' })), TypeError],
  ['0 dimensions', () => store.vectors('other', { dimensions: 0, metric: 'l2' }), RangeError],
  ['half a dimension', () => store.vectors('other', { dimensions: 1.5, metric: 'l2' }), RangeError],
  ['too many dimensions', () => store.vectors('other', { dimensions: 16_001, metric: 'l2' }), RangeError],
  ['no metric', () => store.vectors('other', wrong({ dimensions: 2 })), RangeError],
  ['an unknown metric', () => store.vectors('other', { dimensions: 2, metric: wrong('cos') }), RangeError],
  ['an unknown option', () => store.vectors('other', wrong({ dimensions: 2, metric: 'l2', dims: 3 })), TypeError],
  [
    'a key codec that is none',
    () => store.vectors('o', wrong({ dimensions: 2, metric: 'l2', key: 'string' })),
    TypeError,
  ],
  ['a key of another type', () => index.get(wrong(7)), TypeError],
  ['k of 0', () => index.nearest([1, 1], { k: 0 }), RangeError],
  ['k of −1', () => index.nearest([1, 1], { k: -1 }), RangeError],
  ['k of 1.5', () => index.nearest([1, 1], { k: 1.5 }), RangeError],
  ['k that is a text', () => index.nearest([1, 1], { k: wrong('3') }), TypeError],
  ['a misspelled option', () => index.nearest([1, 1], wrong({ filters: {} })), TypeError],
  ['a maximal distance of NaN', () => index.nearest([1, 1], { maxDistance: Number.NaN }), RangeError],
  ['a maximal distance that is a text', () => index.nearest([1, 1], { maxDistance: wrong('1') }), TypeError],
  ['keys that are one text', () => index.nearest([1, 1], { keys: 'abc' }), TypeError],
  ['keys that are a number', () => index.nearest([1, 1], { keys: wrong(7) }), TypeError],
  ['keys of another type', () => index.nearest([1, 1], { keys: wrong([7]) }), TypeError],
  ['a filter that is a list', () => index.nearest([1, 1], { filter: wrong([1]) }), TypeError],
  ['a filter that is a text', () => index.nearest([1, 1], { filter: wrong('n') }), TypeError],
  ['a filter by a list', () => index.nearest([1, 1], { filter: { a: wrong([1]) } }), TypeError],
  ['a filter by an object', () => index.nearest([1, 1], { filter: { a: wrong({ gt: 1 }) } }), TypeError],
  ['a filter by nothing', () => index.nearest([1, 1], { filter: { a: wrong(undefined) } }), TypeError],
  ['a filter by NaN', () => index.nearest([1, 1], { filter: { a: Number.NaN } }), RangeError],
  ['no transaction', () => index.in(wrong({})), TypeError],
  ['a snapshot for a transaction', () => index.in(store.snapshot() as unknown as Transaction), TypeError],
  ['a store for a snapshot', () => index.at(wrong(store)), TypeError],
]

it.each(calls)('refuses %s', (_, call, error) => {
  expect(call).toThrow(error)
})

const writes: [string, () => Promise<unknown>, typeof TypeError | typeof RangeError][] = [
  ['attributes that are a text', () => index.put('k', [1, 1], wrong('x')), TypeError],
  ['attributes that are a list', () => index.put('k', [1, 1], wrong([1])), TypeError],
  ['attributes with a function', () => index.put('k', [1, 1], { f: wrong(() => 1) }), TypeError],
  ['an unknown write option', () => index.put('k', [1, 1], {}, wrong({ sync: true })), TypeError],
  ['an unknown level', () => index.delete('k', { durability: wrong('most') }), RangeError],
  ['no entries', () => index.putMany(wrong(undefined)), TypeError],
  ['an entry that is an object', () => index.putMany(wrong([{ key: 'k', vector: [1, 1] }])), TypeError],
  ['an entry without a vector', () => index.putMany(wrong([['k']])), TypeError],
  ['an entry with too much', () => index.putMany(wrong([['k', [1, 1], {}, 7]])), TypeError],
  ['a signal that is none', () => index.putMany([], { signal: wrong(7) }), TypeError],
]

it.each(writes)('refuses %s', async (_, write, error) => {
  await expect(write()).rejects.toThrow(error)
})

it('refuses keys that are too long', async () => {
  const long = 'k'.repeat(1_536)
  await expect(index.put(long, [1, 1])).rejects.toMatchObject({ code: 'KEY_TOO_LARGE' })
  expect(() => index.get(long)).toThrow(expect.objectContaining({ code: 'KEY_TOO_LARGE' }) as Error)
  const other = store.vectors('long', { dimensions: 1, metric: 'l2' })
  await other.put(long.slice(1), [1])
  expect(other.nearest([1])[0]?.id).toBe(long.slice(1))
})

it('refuses another key codec', () => {
  expect(() => store.vectors('test', { dimensions: 2, metric: 'cosine', key: key.number })).toThrow(
    expect.objectContaining({ code: 'NAMESPACE_MISMATCH' }) as Error,
  )
})

it('refuses a transaction of another store', async () => {
  const other = await SledStore.memory()
  await other.transaction((tx) => {
    expect(() => index.in(tx).put('k', [1, 1])).toThrow(expect.objectContaining({ code: 'STALE_HANDLE' }) as Error)
  })
  await other.close()
})
