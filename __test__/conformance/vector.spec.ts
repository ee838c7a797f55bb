import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { key, SledStore, type Metric, type VectorMatch } from '../../lib/index.js'

let store: SledStore

beforeEach(async () => {
  store = await SledStore.memory()
})

afterEach(async () => {
  await store.close()
})

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

const distances: Record<Metric, (a: Float32Array, b: Float32Array) => number> = {
  cosine: (a, b) => 1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)),
  dot: (a, b) => -dot(a, b),
  l2: (a, b) => Math.sqrt(a.reduce((sum, x, at) => sum + (x - b[at]!) ** 2, 0)),
}

describe.each(['cosine', 'dot', 'l2'] as const)('%s', (metric) => {
  it('finds what an exact loop finds', async () => {
    const vectors = vectorsOf(400, 33)
    const index = store.vectors<object, number>('test', { dimensions: 33, metric, key: key.number })
    await index.putMany(vectors.map((vector, at) => [at, vector] as const))
    const query = Float32Array.from({ length: 33 }, generator(7))
    const exact = vectors
      .map((vector, id) => ({ id, distance: distances[metric](query, vector) }))
      .sort((a, b) => a.distance - b.distance)
    for (const k of [1, 10, 399, 1_000]) {
      const found = index.nearest(query, { k })
      expect(ids(found)).toEqual(exact.slice(0, k).map(({ id }) => id))
      for (const [at, match] of found.entries()) expect(match.distance).toBeCloseTo(exact[at]!.distance, 4)
      expect(await index.nearestAsync(query, { k })).toEqual(found)
    }
    expect(index.nearest(query)).toHaveLength(10)
    const maxDistance = exact[20]!.distance + 1e-4
    expect(ids(index.nearest(query, { k: 400, maxDistance }))).toEqual(exact.slice(0, 21).map(({ id }) => id))
  })

  it('takes number[], Float64Array and Float32Array with the same result', () => {
    const numbers = [0.1, -0.7, 1 / 3, 2e-9]
    const index = store.vectors('test', { dimensions: 4, metric })
    const forms = { array: numbers, f64: Float64Array.from(numbers), f32: Float32Array.from(numbers) }
    store.transactionSync((tx) => {
      for (const [name, vector] of Object.entries(forms)) index.in(tx).put(name, vector)
      index.in(tx).put('other', [1, 1, 1, 1])
    })
    const stored = Object.keys(forms).map((name) => index.get(name)!.vector)
    expect(stored).toEqual([forms.f32, forms.f32, forms.f32])
    const answers = Object.values(forms).map((vector) => index.nearest(vector, { k: 4 }))
    expect(answers[1]).toEqual(answers[0])
    expect(answers[2]).toEqual(answers[0])
    const [first] = answers
    const same = first!.filter((match) => match.id !== 'other')
    expect(ids(same)).toEqual(['array', 'f32', 'f64'])
    expect(new Set(same.map((match) => match.distance)).size).toBe(1)
  })
})

it('keeps vectors and attributes as they were put', async () => {
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
  await index.put('full', [3, 4], { ...attributes, left: undefined })
  await index.put('bare', [1, 0])
  await index.put('empty', [1, 0], {})
  expect(index.get('full')).toEqual({ vector: Float32Array.of(3, 4), attributes })
  expect(index.get('bare')).toEqual({ vector: Float32Array.of(1, 0), attributes: undefined })
  expect(index.get('empty')).toEqual({ vector: Float32Array.of(1, 0), attributes: {} })
  expect(index.get('missing')).toBeUndefined()
  expect(await index.getAsync('full')).toEqual(index.get('full'))
  expect(await index.getAsync('missing')).toBeUndefined()
  expect([index.has('full'), index.has('missing'), index.count(), await index.countAsync()]).toEqual([
    true,
    false,
    3,
    3,
  ])
  expect(index.nearest([3, 4], { k: 1 })[0]?.attributes).toEqual(attributes)

  await index.put('full', [5, 5])
  expect(index.get('full')?.attributes).toBeUndefined()
  await index.delete('full')
  await index.delete('never there')
  expect([index.has('full'), index.count()]).toEqual([false, 2])
  await index.clear()
  expect([index.count(), index.nearest([1, 1])]).toEqual([0, []])
})

describe('filters', () => {
  const open = async () => {
    const index = store.vectors<{ kind?: string; n: number | null; day?: Date }>('test', {
      dimensions: 1,
      metric: 'l2',
    })
    await index.putMany(
      Array.from({ length: 3_000 }, (_, n) => {
        const id = String(n).padStart(5, '0')
        const kind = n % 1_000 === 7 ? 'rare' : n % 2 === 0 ? 'even' : 'odd'
        return n % 10 === 5 ? ([id, [n]] as const) : ([id, [n], { kind, n, day: new Date(n) }] as const)
      }),
    )
    return index
  }

  it('compares values of attributes', async () => {
    const index = await open()
    expect(ids(index.nearest([0], { k: 3, filter: { kind: 'even' } }))).toEqual(['00000', '00002', '00004'])
    expect(ids(index.nearest([0], { filter: { kind: 'rare' } }))).toEqual(['00007', '01007', '02007'])
    expect(ids(index.nearest([0], { filter: { kind: 'odd', n: 11 } }))).toEqual(['00011'])
    expect(ids(index.nearest([0], { filter: { day: new Date(12) } }))).toEqual(['00012'])
    expect(ids(index.nearest([0], { k: 1, filter: {} }))).toEqual(['00000'])
    expect(index.nearest([0], { filter: { kind: 'neither' } })).toEqual([])
    expect(index.nearest([0], { filter: { n: null } })).toEqual([])
    await index.put('null', [9_999], { n: null })
    expect(ids(index.nearest([0], { filter: { n: null } }))).toEqual(['null'])
    expect(ids(await index.nearestAsync([0], { filter: { kind: 'rare' } }))).toEqual(['00007', '01007', '02007'])
  })

  it('asks a function, nearest first, as often as needed', async () => {
    const index = await open()
    const asked: string[] = []
    const found = index.nearest([0], {
      k: 2,
      filter: (attributes, id) => {
        asked.push(id)
        return attributes?.kind === 'rare' && attributes.n !== 7
      },
    })
    expect(ids(found)).toEqual(['01007', '02007'])
    expect(asked).toEqual(Array.from({ length: 2_008 }, (_, n) => String(n).padStart(5, '0')))
    expect(ids(index.nearest([0], { filter: (attributes) => attributes === undefined, k: 2 }))).toEqual([
      '00005',
      '00015',
    ])
    expect(index.nearest([0], { filter: () => false })).toEqual([])
    const late = await index.nearestAsync([0], { k: 5, filter: (attributes) => attributes?.kind === 'rare' })
    expect(ids(late)).toEqual(['00007', '01007', '02007'])
  })

  it('sees one moment, whatever the function does', async () => {
    const index = await open()
    const found = index.nearest([0], {
      k: 1,
      filter: (attributes, id) => {
        store.transactionSync((tx) => index.in(tx).delete(id))
        return attributes?.n === 2_999
      },
    })
    expect([ids(found), index.count()]).toEqual([['02999'], 0])
  })

  it('passes on what a function throws', async () => {
    const index = await open()
    const filter = () => {
      throw new Error('no')
    }
    expect(() => index.nearest([0], { filter })).toThrow('no')
    await expect(index.nearestAsync([0], { filter })).rejects.toThrow('no')
    expect(() => index.nearest([0], { filter: (async () => true) as never })).toThrow(TypeError)
    expect(store.stats().readers.snapshots).toBe(0)
  })

  it('restricts to keys', async () => {
    const index = await open()
    const keys = ['02000', '00001', 'missing', '00100', '00001']
    expect(ids(index.nearest([0], { keys }))).toEqual(['00001', '00100', '02000'])
    expect(ids(index.nearest([0], { keys: new Set(keys), k: 2 }))).toEqual(['00001', '00100'])
    expect(ids(index.nearest([0], { keys, filter: { kind: 'even' } }))).toEqual(['00100', '02000'])
    expect(ids(index.nearest([0], { keys, filter: (_, id) => id > '01' }))).toEqual(['02000'])
    expect(index.nearest([0], { keys: [] })).toEqual([])
  })
})

it('orders equally near vectors by key', async () => {
  const index = store.vectors<object, number>('test', { dimensions: 2, metric: 'l2', key: key.number })
  await index.putMany([5, -1, 3, 0, 2].map((id) => [id, [1, 1]] as const))
  expect(ids(index.nearest([0, 0], { k: 3 }))).toEqual([-1, 0, 2])
  expect(ids(index.nearest([0, 0], { k: 3, filter: (_, id) => id !== 0 }))).toEqual([-1, 2, 3])
})

it('lists and drops indexes', async () => {
  const words = store.vectors('words', { dimensions: 3, metric: 'cosine' })
  await words.put('a', [1, 2, 3])
  store.vectors('faces', { dimensions: 2, metric: 'l2' })
  expect(store.vectorIndexes()).toEqual([
    { name: 'faces', dimensions: 2, metric: 'l2' },
    { name: 'words', dimensions: 3, metric: 'cosine' },
  ])
  expect([await store.dropVectors('words'), await store.dropVectors('words')]).toEqual([true, false])
  expect(() => words.count()).toThrow(expect.objectContaining({ code: 'NAMESPACE_DROPPED' }) as Error)
  const anew = store.vectors('words', { dimensions: 2, metric: 'dot' })
  expect([anew.count(), anew.name, anew.dimensions, anew.metric]).toEqual([0, 'words', 2, 'dot'])
})
