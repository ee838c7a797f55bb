/** The vector suite: exact answers are exact, filters let pass what they say, and a rate is told with its recall. */

import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { benchModule, type BenchRecord } from './modules.js'

interface Shape {
  readonly rows: number
  readonly queries: number
  readonly seed: number
  readonly dimensions: number
  readonly metric: 'l2' | 'cosine'
}
interface Buckets {
  readonly attributes: Uint16Array
  readonly asked: Uint16Array
}
interface Truth {
  readonly all: number[][]
  readonly filtered: { readonly [name: string]: number[][] }
}

const { exactly, recallOf } = await benchModule<{
  exactly(set: object, work: object): Truth
  recallOf(found: number[], truth: number[], k: number): number
}>('vector/truth.mjs')
const { attributeOf, askedAt, attributesOfRow, bucketsOf, filterKinds, shares } = await benchModule<{
  attributeOf(kind: string, share: number): { column: number }
  askedAt(query: number, kind: string, share: number): number
  attributesOfRow: number
  bucketsOf(set: object, shape: Shape): Buckets
  filterKinds: string[]
  shares: number[]
}>('vector/filters.mjs')
const { rotate } = await benchModule<{ rotate(parts: Float32Array[], seed: number): void }>('vector/changes.mjs')
const { randomOf, shuffled } = await benchModule<{
  randomOf(seed: number): () => number
  shuffled(count: number, random: () => number): Uint32Array
}>('vector/random.mjs')
const { vectorAdapters } = await benchModule<{
  vectorAdapters: { engine: string; packageName: string; settings: { name: string }[]; can: string[]; lacks?: object }[]
}>('vector/adapters/index.mjs')
const { vectorWorkloads } = await benchModule<{ vectorWorkloads: { name: string; rounds?: number }[] }>(
  'vector/workloads/index.mjs',
)
const { quickVectorSize, vectorSizes } = await benchModule<{
  quickVectorSize: { rows: number }
  vectorSizes: { name: string; rounds: number }[]
}>('vector/sizes.mjs')
const { vectorSuite } = await benchModule<{ vectorSuite: object }>('vector/suite.mjs')
const { runVectorPlan } = await benchModule<{ runVectorPlan: unknown }>('vector/runner.mjs')
const { standing } = await benchModule<{
  standing(records: object[], goal: object): { value: number; isReached: boolean } | undefined
}>('vector/goals.mjs')
const { curvesOf, pictureOf } = await benchModule<{
  curvesOf(records: object[]): { engine: string; points: { recall: number; rate: number }[] }[]
  pictureOf(title: string, curves: object[]): Promise<string>
}>('vector/picture.mjs')
const { summarize } = await benchModule<{
  summarize(runs: object[], suite: object): { records: (BenchRecord & { recall?: number })[] }
}>('harness/summary.mjs')
const { planOf, runKey, aboutRun } = await benchModule<{
  planOf(wanted: object): { runs: { round: number; workload: { name: string }; variant: { id: string } }[] }[]
  runKey(about: object, suite: object): string
  aboutRun(run: object, suite: object): object
}>('harness/plan.mjs')
const { readOptions } = await benchModule<{ readOptions(words: string[]): { sizes: object[] } }>('harness/options.mjs')

/** The packages of the bench are installed by its own command. */
const hasPackages = existsSync(new URL('../../bench/node_modules/echarts', import.meta.url))

const shape: Shape = { rows: 2_000, queries: 12, seed: 3, dimensions: 8, metric: 'l2' }
const k = 10

function vectors(count: number, seed: number): Float32Array {
  const random = randomOf(seed)
  return Float32Array.from({ length: count * shape.dimensions }, () => Math.round(20 * random()))
}

const set = { rows: vectors(shape.rows, 1), queries: vectors(shape.queries, 2) }
const buckets = bucketsOf(set, shape)
const truthOf = (size: Shape): Truth =>
  exactly({ ...set, ...buckets }, { size, kinds: filterKinds, shares, k, from: 0, to: size.queries })

/** Rows no farther than the k-th nearest of those that pass, by sorting all. */
function bySorting(query: number, { metric, dimensions }: Shape, passes: (row: number) => boolean): number[] {
  const vectorAt = (all: Float32Array, at: number): number[] => [
    ...all.subarray(at * dimensions, (at + 1) * dimensions),
  ]
  const asked = vectorAt(set.queries, query)
  const length = (vector: number[]): number => Math.hypot(...vector)
  const distance = (row: number): number => {
    const vector = vectorAt(set.rows, row)
    if (metric === 'l2') return vector.reduce((sum, value, at) => sum + (value - asked[at]!) ** 2, 0)
    return 1 - vector.reduce((sum, value, at) => sum + value * asked[at]!, 0) / length(vector) / length(asked)
  }
  const all = Array.from({ length: shape.rows }, (_, row) => ({ row, distance: distance(row) }))
    .filter(({ row }) => passes(row))
    .sort((a, b) => a.distance - b.distance)
  const last = all[Math.min(k, all.length) - 1]?.distance ?? 0
  return all.filter((one) => one.distance <= last + 1e-7).map(({ row }) => row)
}

const sorted = (rows: readonly number[]): number[] => [...rows].sort((a, b) => a - b)
const passesOf = (query: number, kind: string, share: number) => (row: number) =>
  buckets.attributes[row * attributesOfRow + attributeOf(kind, share).column] ===
  buckets.asked[askedAt(query, kind, share)]

describe('exact answers', () => {
  it.each(['l2', 'cosine'] as const)('are those of sorting all rows, with and without a filter, by %s', (metric) => {
    const size = { ...shape, metric }
    const truth = truthOf(size)
    for (let query = 0; query < shape.queries; query++) {
      expect(sorted(truth.all[query]!)).toEqual(sorted(bySorting(query, size, () => true)))
      for (const kind of filterKinds) {
        for (const share of shares)
          expect(sorted(truth.filtered[`${kind}-${share}`]![query]!), `${kind} ${share}`).toEqual(
            sorted(bySorting(query, size, passesOf(query, kind, share))),
          )
      }
    }
  })

  it('count a row once, and any of those at one distance', () => {
    expect(recallOf([1, 2, 3], [1, 2, 3, 4], 3)).toBe(1)
    expect(recallOf([1, 4, 2], [1, 2, 3, 4], 3)).toBe(1)
    expect(recallOf([1, 1, 1], [1, 2, 3], 3)).toBeCloseTo(1 / 3)
    expect(recallOf([7, 8, 9], [1, 2, 3], 3)).toBe(0)
    expect(recallOf([1], [1], 10)).toBe(1)
  })
})

describe('filters', () => {
  it('let pass the share they are named after', () => {
    for (const kind of ['near', 'far'] as const) {
      for (const share of [2, 10, 100]) {
        const count = Array.from({ length: shape.rows }, (_, row) => passesOf(0, kind, share)(row)).filter(
          Boolean,
        ).length
        expect(count, `${kind} ${share}`).toBe(shape.rows / share)
      }
    }
  })

  it('are near to the query, or far from it', () => {
    const { all, filtered } = truthOf(shape)
    const overlap = (name: string): number =>
      filtered[name]!.reduce((sum, rows, query) => sum + recallOf(rows, all[query]!, k), 0) / shape.queries
    expect(overlap('near-2')).toBeGreaterThan(overlap('far-2') + 0.3)
    expect(overlap('near-10')).toBeGreaterThan(overlap('random-10') + 0.1)
    expect(overlap('far-100')).toBe(0)
  })
})

describe('other sets', () => {
  it('are rotated without changing a distance, and no component stays', () => {
    const images = Float32Array.from({ length: 3 * 784 }, (_, at) => (at * 7919) % 256)
    const turned = images.slice()
    rotate([turned], 1)
    const distance = (rows: Float32Array, a: number, b: number): number =>
      Math.hypot(...Array.from({ length: 784 }, (_, at) => rows[a * 784 + at]! - rows[b * 784 + at]!))
    for (const [a, b] of [
      [0, 1],
      [1, 2],
      [0, 2],
    ] as const)
      expect(distance(turned, a, b)).toBeCloseTo(distance(images, a, b), 0)
    expect(turned.filter((value, at) => Math.abs(value - images[at]!) < 1e-3).length).toBeLessThan(10)
  })

  it('have orders that hold every row once', () => {
    expect(sorted([...shuffled(500, randomOf(1))])).toEqual(Array.from({ length: 500 }, (_, at) => at))
  })
})

describe('the plan of the vector suite', () => {
  const stages = planOf({
    sizes: [{ ...quickVectorSize, rounds: 2 }],
    seed: 1,
    adapters: vectorAdapters,
    workloads: vectorWorkloads,
    suite: vectorSuite,
  })
  const runs = stages.flatMap((stage) => stage.runs)

  it('tells every setting of every engine apart, and builds in the first round alone', () => {
    const keys = runs.map((run) => runKey(aboutRun(run, vectorSuite), vectorSuite))
    expect(new Set(keys).size).toBe(keys.length)
    expect(new Set(runs.map(({ variant }) => variant.id)).size).toBe(
      vectorAdapters.flatMap(({ settings }) => settings).length,
    )
    expect(new Set(runs.filter(({ workload }) => workload.name === 'build').map(({ round }) => round))).toEqual(
      new Set([1]),
    )
  })

  it('runs SledStore in every workload, and each peer in two settings', () => {
    const own = runs.filter(({ variant }) => variant.id === 'sledstore-default')
    expect(new Set(own.map(({ workload }) => workload.name))).toEqual(new Set(vectorWorkloads.map(({ name }) => name)))
    for (const { engine, settings } of vectorAdapters) if (engine !== 'sledstore') expect(settings).toHaveLength(2)
    expect(runVectorPlan).toBeTypeOf('function')
  })

  it('is read from the command line', () => {
    expect(readOptions(['vector']).sizes).toEqual(vectorSizes.slice(0, 1))
    expect(readOptions(['vector', '--full']).sizes).toEqual(vectorSizes)
    expect(readOptions(['vector', '--quick', '--rows', '2000']).sizes).toMatchObject([{ rows: 2_000, set: 'mnist' }])
  })
})

describe('records of the vector suite', () => {
  const run = (changes: object): object => ({
    workload: 'search',
    engine: 'sledstore',
    package: 'sledstore',
    setting: 'default',
    durability: 'os',
    set: 'mnist',
    rows: 60_000,
    queries: 1_000,
    dimensions: 784,
    memoryBytes: 1,
    seed: 1,
    round: 1,
    metrics: { rate_995: 1_000, recall_995: 0.996 },
    ...changes,
  })

  it('have the recall beside the rate, and a record for each point', () => {
    const points = (rate: number): object[] => [
      { width: 10, recall: 0.9, rate: rate * 2 },
      { width: 40, recall: 0.996, rate },
    ]
    const { records } = summarize(
      [1_000, 1_200, 1_100].map((rate, at) =>
        run({ round: at + 1, metrics: { rate_995: rate, recall_995: 0.996 }, points: points(rate) }),
      ),
      vectorSuite,
    )
    expect(records.map(({ metric, value, recall }) => [metric, value, recall])).toEqual([
      ['rate_995', 1_100, 0.996],
      ['rate', 2_200, 0.9],
      ['rate', 1_100, 0.996],
    ])
    expect(records[1]!.params).toMatchObject({ width: 10 })
  })

  it('are held against what is promised', () => {
    const peer = { engine: 'zvec-int8', package: '@zvec/zvec' }
    const runs = [run({}), run({ ...peer, setting: 'a', metrics: { rate_995: 400, recall_995: 1 } })]
    const better = run({ ...peer, setting: 'b', metrics: { rate_995: 800, recall_995: 1 } })
    const goal = { workload: 'search', metric: 'rate_995', peer: 'zvec-int8', limit: 2 }
    expect(standing(summarize(runs, vectorSuite).records, goal)).toMatchObject({ value: 2.5, isReached: true })
    expect(standing(summarize([...runs, better], vectorSuite).records, goal)).toMatchObject({
      value: 1.25,
      isReached: false,
    })
    expect(standing(summarize(runs.slice(0, 1), vectorSuite).records, goal)).toBeUndefined()
  })

  it.skipIf(!hasPackages)('become a picture of what is best at each recall', async () => {
    const point = (recall: number, value: number): object => ({ engine: 'sledstore', metric: 'rate', recall, value })
    const curves = curvesOf([point(0.95, 900), point(0.99, 1_000), point(0.999, 500), point(0.5, 9_000)])
    expect(curves).toEqual([
      {
        engine: 'sledstore',
        points: [
          { recall: 0.99, rate: 1_000 },
          { recall: 0.999, rate: 500 },
        ],
      },
    ])
    expect(await pictureOf('a title', curves)).toMatch(/^<svg[^]*SledStore[^]*<\/svg>$/)
  })
})
