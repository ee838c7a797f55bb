/** Clusters, outliers, duplicates, fused rankings, similarity edges, imports and vectors of texts, over a store in memory. */
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { key, SledStore, type Vectors } from 'sledstore'
import {
  cluster,
  duplicates,
  embedder,
  fuse,
  hybridSearch,
  ImportError,
  importVectors,
  outliers,
  similarityEdges,
} from 'sledstore/vector-tools'

let store: SledStore
let points: Vectors<object, number>

beforeEach(async () => {
  store = await SledStore.memory()
  points = store.vectors<object, number>('points', { dimensions: 2, metric: 'l2', key: key.number })
})
afterEach(() => store.close())

type Row = [number, number[]]
/** Three heaps of ten, far from each other. */
const heaps: Row[] = Array.from({ length: 30 }, (_, at) => [at, [100 * (at % 3) + (at % 7) / 10, (at % 5) / 10]])

describe('cluster', () => {
  it('finds the heaps, the same for a seed', async () => {
    const found = await cluster(heaps, { k: 3, seed: 7 })
    const groups = found.members.map((members) => [...new Set(members.map((at) => at % 3))])
    expect(groups.map(({ length }) => length)).toEqual([1, 1, 1])
    expect(found.members.flat().sort((a, b) => a - b)).toEqual(heaps.map(([at]) => at))
    expect(await cluster(heaps, { k: 3, seed: 7 })).toEqual(found)
  })

  it('leaves every row at the nearest center, with the inertia of all', async () => {
    const coordinate = fc.integer({ min: -20, max: 20 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(coordinate, coordinate), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 6 }),
        async (rows, k) => {
          const { centers, members, inertia } = await cluster(
            rows.map((row, at) => [at, row] as const),
            { k, iterations: 100 },
          )
          const distance = (at: number, center: number): number =>
            rows[at]!.reduce((sum, value, component) => sum + (value - centers[center]![component]!) ** 2, 0)
          let sum = 0
          members.forEach((some, own) =>
            some.forEach((at) => {
              sum += distance(at, own)
              for (let other = 0; other < centers.length; other++)
                expect(distance(at, own)).toBeLessThanOrEqual(distance(at, other) + 1e-3)
            }),
          )
          expect(sum).toBeCloseTo(inertia, 2)
          expect(centers.length).toBe(Math.min(k, new Set(rows.map(String)).size))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('compares directions when it is told to', async () => {
    const rows = [0, 1, 2, 3].map((at) => [at, at % 2 === 0 ? [1 + 50 * at, 0] : [0, 1 + 50 * at]] as const)
    const { members } = await cluster(rows, { k: 2, normalize: true })
    expect(members.map((some) => some.join()).sort()).toEqual(['0,2', '1,3'])
  })

  it('is ended by its signal, and refuses what has no clusters', async () => {
    const stop = new AbortController()
    const ended = cluster(heaps, { k: 3, signal: stop.signal, onProgress: () => stop.abort() })
    await expect(ended).rejects.toMatchObject({ code: 'ABORTED' })
    await expect(cluster(heaps, { k: 3, signal: stop.signal })).rejects.toMatchObject({ code: 'ABORTED' })
    for (const rows of [
      [],
      [
        [1, [1]],
        [2, [1, 2]],
      ],
      [[1, [Number.NaN]]],
    ] as Row[][])
      await expect(cluster(rows, { k: 1 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(cluster(heaps, { k: 0 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })
})

describe('what follows from neighbors', () => {
  it('tells outliers and duplicates', async () => {
    const rows: Row[] = [...heaps.slice(0, 12), [90, [50, 5_000]], [91, [7, 7]], [92, [7, 7.001]], [93, [7, 7.002]]]
    await points.upsertMany(rows)
    const [first] = await outliers(points, { k: 3, limit: 1 })
    expect(first!.id).toBe(90)
    const groups = await duplicates(points, 0.0015, { rows: rows.slice(-4) })
    expect(groups.map((group) => group.sort((a, b) => a - b))).toEqual([[91, 92, 93]])
  })

  it('becomes edges to the nearest, or none at all', async () => {
    const graph = store.graph('similar')
    const nodes = await Promise.all(heaps.map(() => graph.addNode({ labels: 'Point' })))
    const rows = heaps.map(([at, vector]) => [nodes[at]!, vector] as const)
    await points.upsertMany(rows)
    await expect(
      similarityEdges(graph, points, { rows: [...rows, [1e9, [0, 0]]], k: 2, type: 'NEAR' }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(graph.countEdges()).toBe(0)
    const seen: number[] = []
    const made = await similarityEdges(graph, points, {
      k: 2,
      type: 'NEAR',
      property: 'd',
      onProgress: (progress) => seen.push(progress.rows),
    })
    expect([made, graph.countEdges(), seen.at(-1)]).toEqual([60, 60, 30])
    const wrong = graph.querySync('MATCH (a)-[e:NEAR]->(b) WHERE a = b OR e.d > 2 RETURN count(*) AS count').toArray()
    expect(wrong).toEqual([{ count: 0 }])
  })
})

describe('an import', () => {
  it('tells its progress, and exactly what is in when it fails', async () => {
    const seen: number[] = []
    expect(await importVectors(store, points, heaps, { step: 12, onProgress: ({ rows }) => seen.push(rows) })).toBe(30)
    expect([seen, points.count()]).toEqual([[12, 24, 30], 30])
    await points.clear()
    async function* broken(): AsyncGenerator<Row> {
      yield* heaps.slice(0, 15)
      yield [15, [1, 2, 3]]
    }
    const failed: unknown = await importVectors(store, points, broken(), { step: 4 }).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(ImportError)
    expect([(failed as ImportError).rows, points.count()]).toEqual([12, 12])
    const gone = AbortSignal.abort()
    await expect(importVectors(store, points, heaps, { signal: gone })).rejects.toMatchObject({
      rows: 0,
      cause: { code: 'ABORTED' },
    })
  })
})

describe('fused rankings', () => {
  it('are the sums of reciprocal ranks', () => {
    const fused = fuse(
      [
        [{ id: 'a' }, { id: 'b' }],
        [{ id: 'b' }, { id: 'c' }, { id: 'b' }],
      ],
      { constant: 1 },
    )
    expect(fused).toEqual([
      { id: 'b', score: 1 / 3 + 1 / 2 },
      { id: 'a', score: 1 / 2 },
      { id: 'c', score: 1 / 3 },
    ])
    expect(fuse([[{ id: 1 }], [{ id: 2 }]], { weights: [1, 3], limit: 1 }).map(({ id }) => id)).toEqual([2])
  })

  it('or of scores, each list from its worst to its best', () => {
    const texts = [
      { id: 'a', score: 12 },
      { id: 'b', score: 8 },
      { id: 'c', score: 4 },
    ]
    const near = [
      { id: 'c', score: -0.1 },
      { id: 'a', score: -0.5 },
    ]
    expect(fuse([texts, near], { by: 'weighted', weights: [1, 2] })).toEqual([
      { id: 'c', score: 2 },
      { id: 'a', score: 1 },
      { id: 'b', score: 0.5 },
    ])
    for (const bad of [{ by: 'other' as 'rrf' }, { weights: [1] }, { by: 'weighted' as const, weights: [1, -1] }])
      expect(() => fuse([texts, near], bad)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
    expect(() => fuse([[{ id: 1 }]], { by: 'weighted' })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })
})

describe('a search by words and vectors', () => {
  it('ranks what both have found before what one has', async () => {
    const graph = store.graph('articles')
    await graph.createTextIndex({ name: 'texts', label: 'Article', property: 'text' })
    const texts = ['a whale at sea', 'a whale whale', 'an ocean', 'a desert']
    const nodes = await Promise.all(texts.map((text) => graph.addNode({ labels: 'Article', properties: { text } })))
    await points.upsertMany(nodes.map((node, at) => [node, [at, 0]] as const))
    const search = { text: { index: 'texts', query: 'whale' }, near: { vector: [0, 0] } } as const
    const found = hybridSearch(graph, points, search)
    expect(found.map(({ id }) => nodes.indexOf(id)).sort()).toEqual([0, 1, 2, 3])
    expect(
      found
        .slice(0, 2)
        .map(({ id }) => nodes.indexOf(id))
        .sort(),
    ).toEqual([0, 1])
    for (const { id, text, near } of found) {
      expect(near).toMatchObject({ id, distance: nodes.indexOf(id) })
      expect(text?.node.properties).toEqual(nodes.indexOf(id) < 2 ? { text: texts[nodes.indexOf(id)] } : undefined)
    }
    const [best] = hybridSearch(graph, points, { ...search, by: 'weighted', weights: [0, 1], limit: 1 })
    expect(best).toMatchObject({ id: nodes[0], score: 1 })
    await points.delete(nodes[3]!)
    const snapshot = store.snapshot()
    await points.clear()
    expect(hybridSearch(graph.at(snapshot), points.at(snapshot), { ...search, fetch: 1 })).toHaveLength(2)
    expect(hybridSearch(graph, points, search).every(({ near }) => near === undefined)).toBe(true)
    snapshot.close()
    const wrong = { ...search, text: { index: 'none', query: 'x' } }
    expect(() => hybridSearch(graph, points, wrong)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }))
    expect(() => hybridSearch(graph, points, { ...search, fetch: 0 })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    )
  })
})

describe('vectors of texts', () => {
  it('are asked for once, in batches, and kept for the model they are of', async () => {
    const asked: string[][] = []
    const embed = (texts: string[]): Promise<Float32Array[]> => {
      asked.push(texts)
      return Promise.resolve(texts.map((text) => Float32Array.of(text.length, 1)))
    }
    const options = { embed, dimensions: 2, model: 'length', batch: 2 }
    const vectors = await embedder(store, options)(['a', 'bb', 'a', 'ccc'])
    expect(vectors.map((vector) => vector[0])).toEqual([1, 2, 1, 3])
    expect(asked).toEqual([['a', 'bb'], ['ccc']])
    expect((await embedder(store, options)(['ccc', 'dddd'])).map((vector) => vector[0])).toEqual([3, 4])
    expect(asked.slice(2)).toEqual([['dddd']])
    await embedder(store, { ...options, model: 'other' })(['a'])
    expect(asked.at(-1)).toEqual(['a'])
  })

  it('keep what was answered before a failure, and refuse an answer of another length', async () => {
    let calls = 0
    const embed = (texts: string[]): Promise<Float32Array[]> => {
      if (++calls === 2) return Promise.reject(new Error('no answer'))
      return Promise.resolve(texts.map(() => Float32Array.of(1, 2)))
    }
    const ask = embedder(store, { embed, dimensions: 2, model: 'm', batch: 1 })
    await expect(ask(['a', 'b'])).rejects.toThrow('no answer')
    await ask(['a'])
    expect(calls).toBe(2)
    const short = embedder(store, { embed: () => Promise.resolve([]), dimensions: 2, model: 'n' })
    await expect(short(['a'])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  it('makes a text once for all who want it at once, and again after a failure', async () => {
    let asked = 0
    let fails = true
    const embed = async (texts: string[]): Promise<Float32Array[]> => {
      asked += texts.length
      await new Promise((resolve) => setImmediate(resolve))
      if (fails) throw new Error('away')
      return texts.map((text) => Float32Array.of(text.charCodeAt(0), text.length))
    }
    const ask = embedder(store, { embed, dimensions: 2, model: 'once', batch: 2 })
    const failed = await Promise.allSettled([ask(['a', 'b', 'c']), ask(['c'])])
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    fails = false
    asked = 0
    const [one, other] = await Promise.all([ask(['a', 'b', 'c']), ask(['c', 'a', 'd'])])
    expect(one.map((vector) => vector[0])).toEqual([97, 98, 99])
    expect(other.map((vector) => vector[0])).toEqual([99, 97, 100])
    expect(asked).toBe(4)
  })

  it('tells half surrogate pairs apart, and says what is wrong', async () => {
    const embed = async (texts: string[]): Promise<Float32Array[]> =>
      texts.map((text) => Float32Array.of(text.charCodeAt(0) % 1000, 1))
    const ask = embedder(store, { embed, dimensions: 2, model: 'halves' })
    const halves = await ask(['\ud800', '\ud801'])
    expect(halves.map((vector) => vector[0])).toEqual([0xd800 % 1000, 0xd801 % 1000])
    await expect(ask('abc')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(ask([1 as unknown as string])).rejects.toThrow('a text is a string')
    const none = embedder(store, { embed: (() => undefined) as never, dimensions: 2, model: 'none' })
    await expect(none(['a'])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(cluster(points, undefined as never)).rejects.toThrow('number of clusters')
  })

  it('takes indexes of whole numbers, and refuses means of bits', async () => {
    const small = store.vectors('small', { dimensions: 2, metric: 'l2', element: 'i8', key: key.number })
    await small.upsertMany(heaps.map(([id]) => [id, [50 * (id % 3), id % 5]]))
    expect((await cluster(small, { k: 3 })).centers).toHaveLength(3)
    expect(await outliers(small, { k: 2, limit: 1 })).toHaveLength(1)
    const bits = store.vectors('bits', { dimensions: 8, metric: 'hamming', element: 'binary', key: key.number })
    await bits.upsertMany([
      [1, Uint8Array.of(1)],
      [2, Uint8Array.of(1)],
    ])
    expect((await duplicates(bits, 0)).map((group) => [...group].sort((a, b) => a - b))).toEqual([[1, 2]])
    await expect(cluster(bits, { k: 1 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })
})
