import { deepStrictEqual as same, ok, rejects, throws } from 'node:assert/strict'
import { key, type AttributeFilter, type Metric, type SledStore, type VectorMatch } from '../../lib/index.js'
import type { StoreCase } from './subject.js'

export const vectorCases: StoreCase[] = []
const behavior = (name: string, run: StoreCase['run']): unknown => vectorCases.push({ name, run })

const ids = (matches: readonly VectorMatch<object, unknown>[]) => matches.map((match) => match.id)

/** Numbers in −1…1 that are the same in every run. */
function generator(seed = 1): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 31 - 1
  }
}

function vectorsOf(count: number, dimensions: number): Float32Array[] {
  const next = generator()
  return Array.from({ length: count }, () => Float32Array.from({ length: dimensions }, next))
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  let sum = 0
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!
  return sum
}

const distances: Record<Exclude<Metric, 'hamming'>, (a: Float32Array, b: Float32Array) => number> = {
  cosine: (a, b) => 1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)),
  dot: (a, b) => -dot(a, b),
  l2: (a, b) => Math.sqrt(a.reduce((sum, x, at) => sum + (x - b[at]!) ** 2, 0)),
}

for (const metric of ['cosine', 'dot', 'l2'] as const) {
  behavior(`${metric}: finds what an exact loop finds`, async (store) => {
    const vectors = vectorsOf(400, 33)
    const index = store.vectors<object, number>('test', { dimensions: 33, metric, key: key.number })
    await index.upsertMany(vectors.map((vector, at) => [at, vector] as const))
    const query = Float32Array.from({ length: 33 }, generator(7))
    const exact = vectors
      .map((vector, id) => ({ id, distance: distances[metric](query, vector) }))
      .sort((a, b) => a.distance - b.distance)
    for (const k of [1, 10, 399, 1_000]) {
      const found = index.search({ vector: query, k })
      same([found.length, new Set(ids(found)).size], [Math.min(k, 400), Math.min(k, 400)])
      // Two that sums of 32 bits hardly tell apart may stand in either order.
      for (const [at, { id, distance }] of found.entries()) {
        const own = distances[metric](query, vectors[id]!)
        ok(Math.abs(own - exact[at]!.distance) < 5e-5 && Math.abs(distance - own) < 5e-5)
      }
      same(await index.searchAsync({ vector: query, k }), found)
    }
    same(index.search({ vector: query }).length, 10)
    const maxDistance = exact[20]!.distance + 1e-4
    same(
      ids(index.search({ vector: query, k: 400, maxDistance })).sort((a, b) => Number(a) - Number(b)),
      exact
        .filter(({ distance }) => distance <= maxDistance)
        .map(({ id }) => id)
        .sort((a, b) => a - b),
    )
  })

  behavior(`${metric}: takes number[], Float64Array and Float32Array with the same result`, async (store) => {
    const numbers = [0.1, -0.7, 1 / 3, 2e-9]
    const index = store.vectors('test', { dimensions: 4, metric })
    const forms = { array: numbers, f64: Float64Array.from(numbers), f32: Float32Array.from(numbers) }
    store.transactionSync((tx) => {
      for (const [name, vector] of Object.entries(forms)) index.in(tx).upsert(name, vector)
      index.in(tx).upsert('other', [1, 1, 1, 1])
    })
    const stored = Object.keys(forms).map((name) => index.get(name)!.vector)
    same(stored, [forms.f32, forms.f32, forms.f32])
    const answers = Object.values(forms).map((vector) => index.search({ vector, k: 4 }))
    same(answers[1], answers[0])
    same(answers[2], answers[0])
    const [first] = answers
    const near = first!.filter((match) => match.id !== 'other')
    same(ids(near), ['array', 'f32', 'f64'])
    same(new Set(near.map((match) => match.distance)).size, 1)
  })
}

behavior('keeps vectors and attributes as they were put', async (store) => {
  const index = store.vectors('test', { dimensions: 2, metric: 'cosine' })
  const attributes = {
    text: 'whale',
    number: 1.5,
    integer: -7,
    big: 2n ** 60n,
    flag: true,
    nothing: null,
    date: new Date(1_234_567),
    bytes: new Uint8Array([1, 2]),
    list: [1, 'two', { three: 3 }],
  }
  await index.upsert('full', [3, 4], { ...attributes, left: undefined })
  await index.upsert('bare', [1, 0])
  await index.upsert('empty', [1, 0], {})
  same(index.get('full'), { vector: Float32Array.of(3, 4), attributes })
  same(index.get('bare'), { vector: Float32Array.of(1, 0), attributes: undefined })
  same(index.get('empty'), { vector: Float32Array.of(1, 0), attributes: {} })
  same(index.get('missing'), undefined)
  same(await index.getAsync('full'), index.get('full'))
  same(await index.getAsync('missing'), undefined)
  same([index.has('full'), index.has('missing'), index.count(), await index.countAsync()], [true, false, 3, 3])
  same(index.search({ vector: [3, 4], k: 1 })[0]?.attributes, attributes)

  await index.upsert('full', [5, 5])
  same(index.get('full')?.attributes, undefined)
  await index.delete('full')
  await index.delete('never there')
  same([index.has('full'), index.count()], [false, 2])
  await index.clear()
  same([index.count(), index.search({ vector: [1, 1] })], [0, []])
})

/** 3,000 vectors in a row; nine of ten have attributes. */
async function row(store: SledStore) {
  const index = store.vectors<{ kind?: string; n: number | null; day?: Date }>('test', {
    dimensions: 1,
    metric: 'l2',
  })
  await index.upsertMany(
    Array.from({ length: 3_000 }, (_, n) => {
      const id = String(n).padStart(5, '0')
      const kind = n % 1_000 === 7 ? 'rare' : n % 2 === 0 ? 'even' : 'odd'
      return n % 10 === 5 ? ([id, [n]] as const) : ([id, [n], { kind, n, day: new Date(n) }] as const)
    }),
  )
  return index
}

behavior('a filter compares values of attributes', async (store) => {
  const index = await row(store)
  same(ids(index.search({ vector: [0], k: 3, where: { kind: 'even' } })), ['00000', '00002', '00004'])
  same(ids(index.search({ vector: [0], where: { kind: 'rare' } })), ['00007', '01007', '02007'])
  same(ids(index.search({ vector: [0], where: { kind: 'odd', n: 11 } })), ['00011'])
  same(ids(index.search({ vector: [0], where: { day: new Date(12) } })), ['00012'])
  same(ids(index.search({ vector: [0], k: 1, where: {} })), ['00000'])
  same(index.search({ vector: [0], where: { kind: 'neither' } }), [])
  same(index.search({ vector: [0], where: { n: null } }), [])
  await index.upsert('null', [9_999], { n: null })
  same(ids(index.search({ vector: [0], where: { n: null } })), ['null'])
  same(ids(await index.searchAsync({ vector: [0], where: { kind: 'rare' } })), ['00007', '01007', '02007'])
})

behavior('a filter asks a function, nearest first, as often as needed', async (store) => {
  const index = await row(store)
  const asked: string[] = []
  const found = index.search({
    vector: [0],
    k: 2,
    where: (attributes, id) => {
      asked.push(id)
      return attributes?.kind === 'rare' && attributes.n !== 7
    },
  })
  same(ids(found), ['01007', '02007'])
  same(
    asked,
    Array.from({ length: 2_008 }, (_, n) => String(n).padStart(5, '0')),
  )
  same(ids(index.search({ vector: [0], where: (attributes) => attributes === undefined, k: 2 })), ['00005', '00015'])
  same(index.search({ vector: [0], where: () => false }), [])
  const late = await index.searchAsync({ vector: [0], k: 5, where: (attributes) => attributes?.kind === 'rare' })
  same(ids(late), ['00007', '01007', '02007'])
})

behavior('a filter sees one moment, whatever the function does', async (store) => {
  const index = await row(store)
  const found = index.search({
    vector: [0],
    k: 1,
    where: (attributes, id) => {
      store.transactionSync((tx) => index.in(tx).delete(id))
      return attributes?.n === 2_999
    },
  })
  same([ids(found), index.count()], [['02999'], 0])
})

behavior('a filter passes on what a function throws', async (store) => {
  const index = await row(store)
  const where = () => {
    throw new Error('no')
  }
  throws(() => index.search({ vector: [0], where }), { message: 'no' })
  await rejects(index.searchAsync({ vector: [0], where }), { message: 'no' })
  throws(() => index.search({ vector: [0], where: (async () => true) as never }), TypeError)
  same(store.stats().readers.snapshots, 0)
})

behavior('keys restrict a search', async (store) => {
  const index = await row(store)
  const keys = ['02000', '00001', 'missing', '00100', '00001']
  same(ids(index.search({ vector: [0], keys })), ['00001', '00100', '02000'])
  same(ids(index.search({ vector: [0], keys: new Set(keys), k: 2 })), ['00001', '00100'])
  same(ids(index.search({ vector: [0], keys, where: { kind: 'even' } })), ['00100', '02000'])
  same(ids(index.search({ vector: [0], keys, where: (_, id) => id > '01' })), ['02000'])
  same(index.search({ vector: [0], keys: [] }), [])
})
behavior('orders equally near vectors by key', async (store) => {
  const index = store.vectors<object, number>('test', { dimensions: 2, metric: 'l2', key: key.number })
  await index.upsertMany([5, -1, 3, 0, 2].map((id) => [id, [1, 1]] as const))
  same(ids(index.search({ vector: [0, 0], k: 3 })), [-1, 0, 2])
  same(ids(index.search({ vector: [0, 0], k: 3, where: (_, id) => id !== 0 })), [-1, 2, 3])
})

behavior('lists and drops indexes', async (store) => {
  const words = store.vectors('words', { dimensions: 3, metric: 'cosine' })
  await words.upsert('a', [1, 2, 3])
  store.vectors('faces', { dimensions: 2, metric: 'l2' })
  same(
    Array.from(store.vectorIndexes(), (index) => ({ ...index })),
    [
      { name: 'faces', dimensions: 2, metric: 'l2', element: 'f32', coding: 'scalar8' },
      { name: 'words', dimensions: 3, metric: 'cosine', element: 'f32', coding: 'scalar8' },
    ],
  )
  same([await store.dropVectors('words'), await store.dropVectors('words')], [true, false])
  throws(() => words.count(), { code: 'NAMESPACE_DROPPED' })
  const anew = store.vectors('words', { dimensions: 2, metric: 'dot' })
  same([anew.count(), anew.name, anew.dimensions, anew.metric], [0, 'words', 2, 'dot'])
})

behavior('compares attributes by ranges, sets, prefixes and what is made of them', async (store) => {
  interface Photo {
    year: number
    place: string
    taken?: Date
  }
  const index = store.vectors<Photo>('test', { dimensions: 1, metric: 'l2' })
  await index.upsertMany([
    ['a', [1], { year: 1990, place: 'Rome', taken: new Date(1_000) }],
    ['b', [2], { year: 2001.5, place: 'Rome', taken: new Date(5_000_000_000_123) }],
    ['c', [3], { year: 2010, place: 'Pisa' }],
    ['d', [4]],
  ])
  const found = (where: AttributeFilter<Photo>) => ids(index.search({ vector: [0], where })).join('')
  same(found({ year: { gte: 1990, lt: 2001.5 } }), 'a')
  same(found({ year: { gt: 1990 } }), 'bc')
  same(found({ place: { in: ['Pisa', 'Siena'] } }), 'c')
  same(found({ place: { startsWith: 'Ro' }, year: { lte: 1990 } }), 'a')
  same(found({ place: { gt: 'Pisa' } }), 'ab')
  same(found({ taken: { gt: new Date(1_000) } }), 'b')
  same(found({ $not: { place: 'Rome' } }), 'cd')
  same(found({ $or: [{ place: 'Pisa' }, { year: 1990 }] }), 'ac')
  same(found({ $and: [{ place: 'Rome' }, { $not: { year: { lt: 2000 } } }] }), 'b')
  same(found({ year: { in: [] } }), '')
  same(found({}), 'abcd')
})

behavior('refuses to give fewer than are needed', async (store) => {
  const index = store.vectors<{ n: number }>('test', { dimensions: 2, metric: 'l2' })
  const refused = (found: number, atLeast: number) => ({
    name: 'RangeError',
    code: 'INVALID_ARGUMENT',
    message: `atLeast must be at most the ${found} that were found, but is the number ${atLeast}`,
  })
  throws(() => index.search({ vector: [0, 0], atLeast: 1 }), refused(0, 1))
  for (let n = 0; n < 3; n++) await index.upsert(`${n}`, [n, 0], { n })
  const all = ['0', '1', '2']
  same(ids(index.search({ vector: [0, 0], k: 5 })), all)
  same(ids(index.search({ vector: [0, 0], k: 3, atLeast: 3 })), all)
  same(ids(index.search({ vector: [0, 0], atLeast: 2, where: (attributes) => attributes!.n > 0 })), ['1', '2'])
  for (const where of [{ n: { gt: 0 } }, ({ n }: { n: number }) => n > 0]) {
    const search = { vector: [0, 0], k: 3, atLeast: 3, where } as const
    throws(() => index.search(search as never), refused(2, 3))
    await rejects(index.searchAsync(search as never), refused(2, 3))
  }
  throws(() => index.searchMany([{ vector: [0, 0] }, { vector: [0, 0], atLeast: 4 }]), refused(3, 4))
  throws(() => index.search({ vector: [0, 0], k: 2, atLeast: 3 }), refused(2, 3))
})

behavior('gives what is near to a stored vector', async (store) => {
  const index = store.vectors<object, number>('test', { dimensions: 1, metric: 'l2', key: key.number })
  await index.upsertMany([0, 1, 3, 7].map((at) => [at, [at]] as const))
  same(ids(index.similarTo(1, { k: 2 })), [0, 3])
  same(ids(index.similarTo(1)), [0, 3, 7])
  throws(() => index.similarTo(2), { code: 'NOT_FOUND' })
})

behavior('searches for several at once, and walks over all', async (store) => {
  const index = store.vectors<{ n: number }, number>('test', { dimensions: 40, metric: 'l2', key: key.number })
  const vectors = vectorsOf(2_500, 40)
  await index.upsertMany(vectors.map((vector, at) => [at, vector, at % 2 === 0 ? { n: at } : undefined] as const))
  const queries = vectors.slice(0, 3)
  const options = { k: 4, where: { n: { gt: 10 } } }
  same(
    index.searchMany(queries.map((vector) => ({ vector, ...options }))),
    queries.map((query) => index.search({ vector: query, ...options })),
  )
  same(index.searchMany([]), [])
  throws(() => index.searchMany([{ vector: queries[0]! }, { vector: [1] }]), RangeError)
  let at = 0
  for (const [id, { vector, attributes }] of index.entries()) {
    same([id, vector, attributes], [at, vectors[at], at % 2 === 0 ? { n: at } : undefined])
    if (at === 0) await index.delete(2_000)
    at++
  }
  same(at, 2_500)
  for (const [id] of index.entries()) if (id === 3) break
})

behavior('deletes and walks over what matches', async (store) => {
  const index = await row(store)
  const rare = [...index.entries({ where: { kind: 'rare' } })]
  same(
    rare.map(([id, { vector, attributes }]) => [id, vector[0], attributes?.n]),
    [7, 1_007, 2_007].map((n) => [String(n).padStart(5, '0'), n, n]),
  )
  await rejects(
    store.transaction((tx) => {
      same([index.in(tx).deleteWhere({ kind: 'rare' }), index.in(tx).count()], [3, 2_997])
      throw new Error('no')
    }),
    { message: 'no' },
  )
  const before = store.snapshot()
  same(await index.deleteWhere({ $not: { n: { gte: 10 } } }), 9 + 300)
  same([await index.deleteWhere({ n: { lt: 10 } }), index.count(), index.at(before).count()], [0, 2_691, 3_000])
  before.close()
  same([...index.entries({ where: { $not: { n: { gt: 0 } } } })], [])
  same(await index.deleteWhere({}, { durability: 'none' }), 2_691)
  same(index.count(), 0)
})

behavior('finds all within a distance, and neighbors that differ', async (store) => {
  const index = await row(store)
  const within = index.search({ vector: [100], maxDistance: 20, k: Infinity, where: { kind: 'even' } })
  same(within.length, 21)
  ok(within.every(({ distance, attributes }) => distance <= 20 && attributes?.kind === 'even'))
  same(ids(await index.searchAsync({ vector: [0], maxDistance: 2, k: Infinity })), ['00000', '00001', '00002'])
  same(ids(index.search({ vector: [0], k: 3, mmr: { lambda: 0.5, fetch: 9 } })), ['00000', '00001', '00002'])
  same(ids(index.search({ vector: [0], k: 3, mmr: { lambda: 0.25, fetch: 9 } })), ['00000', '00008', '00004'])
  same(ids(index.search({ vector: [0], k: 3, mmr: { lambda: 1 } })), ['00000', '00001', '00002'])
})

behavior('gives what it is asked to include', async (store) => {
  const index = await row(store)
  const [bare] = index.search({ vector: [7], k: 1, include: [] })
  same(bare, { id: '00007', distance: 0, attributes: undefined })
  const [whole] = index.search({ vector: [7], k: 1, include: ['vector', 'attributes'] })
  same([whole?.vector, whole?.attributes?.kind], [Float32Array.of(7), 'rare'])
  const vectors = index.search({ vector: [7], k: 2, include: ['vector'] })
  same(vectors, [
    { id: '00007', distance: 0, attributes: undefined, vector: Float32Array.of(7) },
    { id: '00006', distance: 1, attributes: undefined, vector: Float32Array.of(6) },
  ])
  const asked = index.search({
    vector: [7],
    k: 1,
    include: ['vector'],
    where: (attributes) => attributes?.kind === 'odd',
  })
  same(asked, [{ id: '00009', distance: 2, attributes: undefined, vector: Float32Array.of(9) }])
})

behavior('keeps answers where that is wanted, until something changes', async (store) => {
  const index = store.vectors<object, number>('test', {
    dimensions: 12,
    metric: 'l2',
    key: key.number,
    cacheResults: true,
  })
  const vectors = vectorsOf(10_200, 12)
  await index.upsertMany(vectors.map((vector, at) => [at, vector] as const))
  await index.compact()
  same(index.count(), 10_200)
  const search = { vector: vectors[42]!, k: 1 }
  for (let time = 0; time < 3; time++) same(ids(index.search(search)), [42])
  const { resultHits, resultMisses, rowMisses } = store.stats().vectors
  same([resultHits, resultMisses, rowMisses > 0], [2, 1, true])
  await index.delete(42)
  await index.upsert(20_000, vectors[42]!)
  await index.upsert(20_001, vectors[43]!)
  same([ids(index.search(search)), index.count()], [[20_000], 10_201])
  const uncached = store.vectors<object, number>('test', { dimensions: 12, metric: 'l2', key: key.number })
  same(ids(uncached.search(search)), [20_000])
  same(store.stats().vectors.resultHits, 2)
})

behavior('goes through a graph among many, and finds what was changed since', async (store) => {
  const index = store.vectors<{ group: number }, number>('test', { dimensions: 12, metric: 'l2', key: key.number })
  const vectors = vectorsOf(10_600, 12)
  await index.upsertMany(vectors.map((vector, at) => [at, vector, { group: at % 50 }] as const))
  await index.compact()
  const query = Float32Array.from({ length: 12 }, generator(7))
  const { way, vectors: known, pending } = index.explain({ vector: query })
  same([way, known, pending], ['graph', 10_600, 0])
  same(index.explain({ vector: query, exact: true }).way, 'all')
  const where = { group: { lt: 2 } }
  const { way: filtered, matching, tested } = index.explain({ vector: query, where })
  same([filtered, matching, tested], ['matches', 424, 0])
  // A function is asked; once it has refused those that the graph gave, all vectors are compared for the next ones.
  for (const [accepted, wanted] of [
    [10_600, { way: 'graph', vectors: 10_600, tested: 10 }],
    [0, { way: 'all', vectors: 0, tested: 10_600 }],
  ] as const) {
    let asked = 0
    const plan = index.explain({ vector: query, where: () => asked++ < accepted })
    same({ way: plan.way, vectors: plan.vectors, tested: plan.tested }, wanted)
    same(asked, plan.tested)
  }
  same(store.vectorIndexes()[0]?.codes, 'scalar8')
  for (const options of [{ ef: 200 }, { where, k: 20 }]) {
    const exact = ids(index.search({ vector: query, ...options, exact: true }))
    const found = ids(index.search({ vector: query, ...options }))
    ok(found.filter((id) => exact.includes(id)).length >= exact.length - 1)
  }
  const before = store.snapshot()
  const [nearest] = index.search({ vector: query, k: 1 })
  await index.upsert(20_000, query, { group: 1 })
  await index.delete(nearest!.id)
  same(ids(index.search({ vector: query, k: 1 })), [20_000])
  same(ids(index.search({ vector: query, k: 1, where: { group: 1 } })), [20_000])
  same(ids(index.at(before).search({ vector: query, k: 1 })), [nearest!.id])
  await index.compact()
  same(index.explain({ vector: query }).pending, 0)
  same(ids(index.search({ vector: query, k: 1 })), [20_000])
  ok(!ids(index.search({ vector: query, k: 50 })).includes(nearest!.id))
  same(ids(index.at(before).search({ vector: query, k: 1 })), [nearest!.id])
  before.close()
  same(await index.verify(), [])
})
