import { afterEach, beforeEach, expect, it } from 'vitest'
import { codec, SledStore, type Vectors } from '../../lib/index.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()
let store: SledStore
let index: Vectors<{ v: number }>

beforeEach(async () => {
  store = await SledStore.memory()
  index = store.vectors('test', { dimensions: 1, metric: 'l2' })
})

afterEach(async () => {
  await store.close()
})

it('changes vectors and namespaces together', async () => {
  const notes = store.namespace('notes', { value: codec.utf8() })
  await index.put('old', [5], { v: 1 })
  await store.transaction((tx) => {
    const inside = index.in(tx)
    tx.put(notes, 'new', 'text')
    inside.put('new', [1], { v: 2 })
    inside.delete('old')
    expect([inside.has('new'), inside.has('old'), inside.count()]).toEqual([true, false, 1])
    expect(inside.get('new')).toEqual({ vector: Float32Array.of(1), attributes: { v: 2 } })
    expect(inside.nearest([0]).map(({ id }) => id)).toEqual(['new'])
    expect(inside.nearest([0], { filter: (attributes) => attributes?.v === 2 })).toHaveLength(1)
    expect(index.nearest([0]).map(({ id }) => id)).toEqual(['old'])
  })
  expect([notes.get('new'), index.nearest([0]).map(({ id }) => id)]).toEqual(['text', ['new']])
})

it('leaves nothing of a transaction that throws', async () => {
  await index.put('kept', [5])
  const failing = store.transaction((tx) => {
    index.in(tx).clear()
    index.in(tx).put('new', [1])
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect(index.nearest([0]).map(({ id }) => id)).toEqual(['kept'])
})

it('runs a transaction again when a vector came after its search', async () => {
  await index.put('far', [9])
  const nearest = store.namespace('nearest', { value: codec.utf8() })
  let runs = 0
  await store.transaction(async (tx) => {
    const [first] = index.in(tx).nearest([0], { k: 1 })
    if (runs++ === 0) await index.put('near', [1])
    tx.put(nearest, 'first', first!.id)
  })
  expect([runs, nearest.get('first')]).toEqual([2, 'near'])
})

it('reads a snapshot', async () => {
  await index.put('a', [1], { v: 1 })
  const snapshot = store.snapshot()
  const then = index.at(snapshot)
  await index.put('a', [9], { v: 2 })
  await index.put('b', [0])
  await store.compact()
  expect(then.nearest([0])).toEqual([{ id: 'a', distance: 1, attributes: { v: 1 } }])
  expect(await then.nearestAsync([0], { filter: { v: 1 } })).toHaveLength(1)
  expect(then.nearest([0], { filter: (attributes) => attributes?.v === 2 })).toEqual([])
  expect([then.count(), await then.countAsync(), then.has('b')]).toEqual([1, 1, false])
  expect((await then.getAsync('a'))?.attributes).toEqual({ v: 1 })
  snapshot.close()
  expect(() => then.count()).toThrow(expect.objectContaining({ code: 'ENDED' }) as Error)
  await expect(then.nearestAsync([0])).rejects.toMatchObject({ code: 'ENDED' })
  expect(index.count()).toBe(2)
})

it('keeps a transaction from being used after its end', async () => {
  const inside = await store.transaction((tx) => index.in(tx))
  expect(() => inside.put('late', [1])).toThrow(expect.objectContaining({ code: 'ENDED' }) as Error)
  expect(() => inside.nearest([1])).toThrow(expect.objectContaining({ code: 'ENDED' }) as Error)
})

it('finds the same after reopening', async () => {
  const path = folder()
  const first = await SledStore.open(path)
  const before = first.vectors<{ n: number }>('test', { dimensions: 8, metric: 'cosine' })
  const entries = Array.from({ length: 2_000 }, (_, n) => {
    const vector = Array.from({ length: 8 }, (_unused, at) => Math.sin(n * 8 + at))
    return [`v${n}`, vector, { n }] as const
  })
  expect(await before.putMany(entries, { durability: 'os' })).toBe(2_000)
  const query = [1, 2, 3, 4, 5, 6, 7, 8]
  const answer = before.nearest(query, { k: 50 })
  await first.close()
  const second = await SledStore.open(path)
  const after = second.vectors<{ n: number }>('test', { dimensions: 8, metric: 'cosine' })
  expect(after.nearest(query, { k: 50 })).toEqual(answer)
  expect(after.count()).toBe(2_000)
  expect(() => second.vectors('test', { dimensions: 9, metric: 'cosine' })).toThrow(
    expect.objectContaining({ code: 'NAMESPACE_MISMATCH' }) as Error,
  )
  expect(() => second.vectors('test', { dimensions: 8, metric: 'dot' })).toThrow(
    expect.objectContaining({ code: 'NAMESPACE_MISMATCH' }) as Error,
  )
  await second.close()
})

it('loads from an async iterable, with progress and an end by signal', async () => {
  async function* entries(count: number) {
    for (let n = 0; n < count; n++) yield [String(n), [n], { v: n }] as const
  }
  const rows: number[] = []
  expect(await index.putMany(entries(60_000), { onProgress: (progress) => rows.push(progress.rows) })).toBe(60_000)
  expect([index.count(), rows.at(-1), rows.length > 1]).toEqual([60_000, 60_000, true])
  const controller = new AbortController()
  const aborted = index.putMany(entries(1e9), { signal: controller.signal, onProgress: () => controller.abort() })
  await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' })
})

it('keeps what was loaded before a wrong entry', async () => {
  const entries = [
    ...Array.from({ length: 50_000 }, (_, n) => [String(n), [n]] as const),
    ['bad', [Number.NaN]] as const,
  ]
  await expect(index.putMany(entries)).rejects.toThrow(RangeError)
  const count = index.count()
  expect(count > 0 && count < 50_000).toBe(true)
  expect(index.has('bad')).toBe(false)
})

it('ends with its store', async () => {
  const other = await SledStore.memory()
  const gone = other.vectors('test', { dimensions: 1, metric: 'l2' })
  await gone.put('a', [1])
  await other.close()
  const closed = expect.objectContaining({ code: 'CLOSED' }) as Error
  expect(() => gone.get('a')).toThrow(closed)
  expect(() => gone.nearest([1])).toThrow(closed)
  await expect(gone.nearestAsync([1])).rejects.toMatchObject({ code: 'CLOSED' })
  await expect(gone.put('a', [1])).rejects.toMatchObject({ code: 'CLOSED' })
  await expect(gone.putMany([['a', [1]]])).rejects.toMatchObject({ code: 'CLOSED' })
})
