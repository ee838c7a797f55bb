import { deepStrictEqual as same, rejects, throws } from 'node:assert/strict'
import { key, SledStore, type Transaction, type Vectors } from '../../lib/index.js'
import type { StoreCase } from './subject.js'

export const vectorBadInputCases: StoreCase[] = []
type Run = (given: { index: Vectors; store: SledStore }) => unknown
/** Refused is what it says, and leaves no vector behind. */
const behavior = (name: string, run: Run): unknown =>
  vectorBadInputCases.push({
    name,
    run: async (store) => {
      const index = store.vectors('test', { dimensions: 2, metric: 'cosine' })
      await run({ index, store })
      same(index.count(), 0)
    },
  })

const wrong = (value: unknown) => value as never

type Kind = typeof TypeError | typeof RangeError
/** A mistake in a call: an error of the language, with a code as all others have. */
const mistake = (kind: Kind) => (error: unknown) => {
  same([error instanceof kind, (error as { code?: unknown }).code], [true, 'INVALID_ARGUMENT'])
  return true
}

const vectors: [string, unknown, Kind][] = [
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

for (const [name, vector, error] of vectors) {
  behavior(`a vector that is ${name} is refused everywhere`, async ({ index, store }) => {
    await rejects(index.upsert('k', wrong(vector)), mistake(error))
    await rejects(index.upsertMany([['k', wrong(vector)]]), mistake(error))
    throws(() => index.search({ vector: wrong(vector) }), mistake(error))
    await rejects(index.searchAsync({ vector: wrong(vector) }), mistake(error))
    await store.transaction((tx) => {
      throws(() => index.in(tx).upsert('k', wrong(vector)), mistake(error))
    })
  })
}

behavior('takes zero where it has a meaning', async ({ store }) => {
  for (const metric of ['dot', 'l2'] as const) {
    const other = store.vectors(metric, { dimensions: 2, metric })
    await other.upsert('zero', [0, 0])
    same(other.search({ vector: [0, 0] }), [{ id: 'zero', distance: 0, attributes: undefined }])
  }
})

behavior('refuses a length that f32 cannot hold, under cosine', async ({ index }) => {
  await rejects(index.upsert('k', [3e38, 3e38]), { code: 'INVALID_ARGUMENT' })
  await rejects(index.upsert('k', [1e-45, 0]), { code: 'INVALID_ARGUMENT' })
})

const calls: [string, Run, Kind][] = [
  ['no name', ({ store }) => store.vectors(wrong(undefined), { dimensions: 2, metric: 'l2' }), TypeError],
  ['an empty name', ({ store }) => store.vectors('', { dimensions: 2, metric: 'l2' }), RangeError],
  ['no options', ({ store }) => store.vectors('other', wrong(undefined)), TypeError],
  ['no dimensions', ({ store }) => store.vectors('other', wrong({ metric: 'l2' })), TypeError],
  ['0 dimensions', ({ store }) => store.vectors('other', { dimensions: 0, metric: 'l2' }), RangeError],
  ['half a dimension', ({ store }) => store.vectors('other', { dimensions: 1.5, metric: 'l2' }), RangeError],
  ['too many dimensions', ({ store }) => store.vectors('other', { dimensions: 16_001, metric: 'l2' }), RangeError],
  ['no metric', ({ store }) => store.vectors('other', wrong({ dimensions: 2 })), RangeError],
  ['an unknown metric', ({ store }) => store.vectors('other', { dimensions: 2, metric: wrong('cos') }), RangeError],
  [
    'an unknown option',
    ({ store }) => store.vectors('other', wrong({ dimensions: 2, metric: 'l2', dims: 3 })),
    TypeError,
  ],
  [
    'a key codec that is none',
    ({ store }) => store.vectors('o', wrong({ dimensions: 2, metric: 'l2', key: 'string' })),
    TypeError,
  ],
  ['a key of another type', ({ index }) => index.get(wrong(7)), TypeError],
  ['k of 0', ({ index }) => index.search({ vector: [1, 1], k: 0 }), RangeError],
  ['k of −1', ({ index }) => index.search({ vector: [1, 1], k: -1 }), RangeError],
  ['k of 1.5', ({ index }) => index.search({ vector: [1, 1], k: 1.5 }), RangeError],
  ['k that is a text', ({ index }) => index.search({ vector: [1, 1], k: wrong('3') }), TypeError],
  ['at least −1', ({ index }) => index.search({ vector: [1, 1], atLeast: -1 }), RangeError],
  ['at least what is no number', ({ index }) => index.search({ vector: [1, 1], atLeast: wrong('1') }), TypeError],
  ['a misspelled option', ({ index }) => index.search(wrong({ vector: [1, 1], filter: {} })), TypeError],
  ['a maximal distance of NaN', ({ index }) => index.search({ vector: [1, 1], maxDistance: Number.NaN }), RangeError],
  [
    'a maximal distance that is a text',
    ({ index }) => index.search({ vector: [1, 1], maxDistance: wrong('1') }),
    TypeError,
  ],
  ['keys that are one text', ({ index }) => index.search({ vector: [1, 1], keys: 'abc' }), TypeError],
  ['keys that are a number', ({ index }) => index.search({ vector: [1, 1], keys: wrong(7) }), TypeError],
  ['keys of another type', ({ index }) => index.search({ vector: [1, 1], keys: wrong([7]) }), TypeError],
  ['a filter that is a list', ({ index }) => index.search({ vector: [1, 1], where: wrong([1]) }), TypeError],
  ['a filter that is a text', ({ index }) => index.search({ vector: [1, 1], where: wrong('n') }), TypeError],
  ['a filter by a list', ({ index }) => index.search({ vector: [1, 1], where: { a: wrong([1]) } }), TypeError],
  [
    'a filter by an object',
    ({ index }) => index.search({ vector: [1, 1], where: { a: wrong({ above: 1 }) } }),
    RangeError,
  ],
  ['a range of nothing', ({ index }) => index.search({ vector: [1, 1], where: { a: wrong({ gt: null }) } }), TypeError],
  ['a set that is none', ({ index }) => index.search({ vector: [1, 1], where: { a: wrong({ in: 1 }) } }), TypeError],
  [
    'a prefix that is no text',
    ({ index }) => index.search({ vector: [1, 1], where: { a: wrong({ startsWith: 1 }) } }),
    TypeError,
  ],
  [
    'an alternative that is no list',
    ({ index }) => index.search({ vector: [1, 1], where: { $or: wrong({}) } }),
    TypeError,
  ],
  ['a negation of nothing', ({ index }) => index.search({ vector: [1, 1], where: { $not: wrong(null) } }), TypeError],
  ['no search at all', ({ index }) => index.search(wrong(undefined)), TypeError],
  ['a vector instead of a search', ({ index }) => index.search(wrong([1, 1])), TypeError],
  ['all there are without a distance', ({ index }) => index.search({ vector: [1, 1], k: Infinity }), RangeError],
  [
    'to include what there is not',
    ({ index }) => index.search({ vector: [1, 1], include: wrong(['key']) }),
    RangeError,
  ],
  ['to include a text', ({ index }) => index.search({ vector: [1, 1], include: wrong('vector') }), TypeError],
  ['a weight above 1', ({ index }) => index.search({ vector: [1, 1], mmr: { lambda: 1.5 } }), RangeError],
  ['a weight that is a text', ({ index }) => index.search({ vector: [1, 1], mmr: { lambda: wrong('1') } }), TypeError],
  ['to choose among none', ({ index }) => index.search({ vector: [1, 1], mmr: { fetch: 0 } }), RangeError],
  ['mmr with a function', ({ index }) => index.search({ vector: [1, 1], mmr: {}, where: () => true }), TypeError],
  ['several with a function', ({ index }) => index.searchMany([{ vector: [1, 1], where: () => true }]), TypeError],
  ['entries by a function', ({ index }) => index.entries({ where: wrong(() => true) }), TypeError],
  ['no candidates', ({ index }) => index.search({ vector: [1, 1], ef: 0 }), RangeError],
  ['a filter by nothing', ({ index }) => index.search({ vector: [1, 1], where: { a: wrong(undefined) } }), TypeError],
  ['a filter by NaN', ({ index }) => index.search({ vector: [1, 1], where: { a: Number.NaN } }), RangeError],
  ['no transaction', ({ index }) => index.in(wrong({})), TypeError],
  [
    'a snapshot for a transaction',
    ({ index, store }) => index.in(store.snapshot() as unknown as Transaction),
    TypeError,
  ],
  ['a store for a snapshot', ({ index, store }) => index.at(wrong(store)), TypeError],
]

for (const [name, call, error] of calls)
  behavior(`refuses ${name}`, (given) => throws(() => call(given), mistake(error)))

const writes: [string, (...given: Parameters<Run>) => Promise<unknown>, Kind][] = [
  ['attributes that are a text', ({ index }) => index.upsert('k', [1, 1], wrong('x')), TypeError],
  ['attributes that are a list', ({ index }) => index.upsert('k', [1, 1], wrong([1])), TypeError],
  ['attributes with a function', ({ index }) => index.upsert('k', [1, 1], { f: wrong(() => 1) }), TypeError],
  ['an unknown write option', ({ index }) => index.upsert('k', [1, 1], {}, wrong({ sync: true })), TypeError],
  ['an unknown level', ({ index }) => index.delete('k', { durability: wrong('most') }), RangeError],
  ['a delete of nothing in particular', ({ index }) => index.deleteWhere(wrong(undefined)), TypeError],
  ['a delete by a function', ({ index }) => index.deleteWhere(wrong(() => true)), TypeError],
  ['no entries', ({ index }) => index.upsertMany(wrong(undefined)), TypeError],
  ['an entry that is an object', ({ index }) => index.upsertMany(wrong([{ key: 'k', vector: [1, 1] }])), TypeError],
  ['an entry without a vector', ({ index }) => index.upsertMany(wrong([['k']])), TypeError],
  ['an entry with too much', ({ index }) => index.upsertMany(wrong([['k', [1, 1], {}, 7]])), TypeError],
  ['a signal that is none', ({ index }) => index.upsertMany([], { signal: wrong(7) }), TypeError],
]

for (const [name, write, error] of writes) behavior(`refuses ${name}`, (given) => rejects(write(given), mistake(error)))

behavior('refuses what is not among the declared attributes', async ({ store }) => {
  const attributes = { year: 'number', place: 'string', taken: 'date', more: 'any' } as const
  const options = { dimensions: 1, metric: 'l2' } as const
  const open = (more: object) => store.vectors<Record<string, never>>('declared', { ...options, ...more })
  const photos = open({ attributes })
  const misuse = { name: 'SledStoreError', code: 'INVALID_ARGUMENT' }
  await photos.upsert('a', [1], wrong({ year: 1990, place: null, taken: new Date(0), more: [1, { b: 2 }] }))
  for (const given of [{ yaer: 1990 }, { year: '1990' }, { place: 7 }, { year: 1, taken: 0 }]) {
    await rejects(photos.upsert('b', [2], wrong(given)), misuse)
    await rejects(
      photos.upsertMany([
        ['b', [2]],
        ['c', [2], wrong(given)],
      ]),
      misuse,
    )
    await store.transaction((tx) => throws(() => photos.in(tx).upsert('b', [2], wrong(given)), misuse))
  }
  same(photos.count(), 1)
  for (const where of [
    { yaer: 1990 },
    { $not: { yaer: null } },
    { $or: [{ year: 1990 }, { yaer: { in: [] } }] },
    { year: '1990' },
    { year: { startsWith: '19' } },
    { taken: { gt: 0 } },
    { place: { in: ['Rome', 7] } },
  ]) {
    throws(() => photos.search({ vector: [0], where: wrong(where) }), misuse)
    throws(() => photos.explain({ vector: [0], where: wrong(where) }), misuse)
    throws(() => [...photos.entries({ where: wrong(where) })], misuse)
    await rejects(photos.searchAsync({ vector: [0], where: wrong(where) }), misuse)
    await rejects(photos.deleteWhere(wrong(where)), misuse)
    throws(() => store.graph('g').querySync("CALL vector.search('declared', [0], 1, { where: $where })", { where }))
  }
  same(photos.search({ vector: [0], where: wrong({ year: { gte: 1990 }, place: { in: [null] } }) }).length, 1)
  same(store.vectorIndexes().find(({ name }) => name === 'declared')?.attributes, attributes)
  // More can be added, and what is there stays; nothing becomes another type.
  open({ attributes: { rating: 'number' } })
  await photos.upsert('b', [2], wrong({ rating: 5, year: 1 }))
  throws(() => open({ attributes: { year: 'string' } }), { code: 'NAMESPACE_MISMATCH' })
  throws(() => open({}).search({ vector: [0], where: wrong({ yaer: 1 }) }), misuse)
  for (const [given, error] of [
    [7, TypeError],
    [{ year: 'integer' }, RangeError],
    [{ year: undefined }, RangeError],
  ] as const)
    throws(() => open({ attributes: given }), mistake(error))
  throws(() => open({ attributes: { $and: 'any' } }), misuse)
})

behavior('takes any attribute and filters on any where none is declared', async ({ store }) => {
  const index = store.vectors('free', { dimensions: 1, metric: 'l2' })
  same(index.search({ vector: [0], where: { a: 1 } }), [])
  await index.upsert('k', [1], { a: 1 })
  same(index.search({ vector: [0], where: { b: 1 } }), [])
  same(index.search({ vector: [0], where: { $not: { b: 1 } } }).length, 1)
})

behavior('gives all there are where more are asked for', async ({ store }) => {
  const index = store.vectors('few', { dimensions: 1, metric: 'l2' })
  same(index.search({ vector: [0], k: 1_000_000 }), [])
  await index.upsertMany([
    ['a', [1]],
    ['b', [2]],
  ])
  same(index.search({ vector: [0], k: 1_000_000 }).length, 2)
})

behavior('refuses keys that are too long', async ({ index, store }) => {
  const long = 'k'.repeat(1_536)
  await rejects(index.upsert(long, [1, 1]), { code: 'KEY_TOO_LARGE' })
  throws(() => index.get(long), { code: 'KEY_TOO_LARGE' })
  const other = store.vectors('long', { dimensions: 1, metric: 'l2' })
  await other.upsert(long.slice(1), [1])
  same(other.search({ vector: [1] })[0]?.id, long.slice(1))
})

behavior('refuses another key codec', ({ store }) => {
  throws(() => store.vectors('test', { dimensions: 2, metric: 'cosine', key: key.number }), {
    code: 'NAMESPACE_MISMATCH',
  })
})

behavior('refuses a transaction of another store', async ({ index }) => {
  const other = await SledStore.memory()
  await other.transaction((tx) => {
    throws(() => index.in(tx).upsert('k', [1, 1]), { code: 'STALE_HANDLE' })
  })
  await other.close()
})
