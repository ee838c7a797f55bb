import { deepStrictEqual as same, rejects, throws } from 'node:assert/strict'
import { join } from 'node:path'
import { codec, SledStore, type Vectors } from '../../lib/index.js'
import type { StoreCase } from './subject.js'

export const vectorTransactionsCases: StoreCase[] = []
const behavior = (
  name: string,
  run: (index: Vectors<{ v: number }>, store: SledStore, folder: string) => Promise<void>,
): unknown =>
  vectorTransactionsCases.push({
    name,
    run: (store, folder) => run(store.vectors('test', { dimensions: 1, metric: 'l2' }), store, folder),
  })

behavior('changes vectors and namespaces together', async (index, store) => {
  const notes = store.namespace('notes', { value: codec.utf8() })
  await index.upsert('old', [5], { v: 1 })
  await store.transaction((tx) => {
    const inside = index.in(tx)
    tx.put(notes, 'new', 'text')
    inside.upsert('new', [1], { v: 2 })
    inside.delete('old')
    same([inside.has('new'), inside.has('old'), inside.count()], [true, false, 1])
    same(inside.get('new'), { vector: Float32Array.of(1), attributes: { v: 2 } })
    same(
      inside.search({ vector: [0] }).map(({ id }) => id),
      ['new'],
    )
    same(inside.search({ vector: [0], where: (attributes) => attributes?.v === 2 }).length, 1)
    same(
      index.search({ vector: [0] }).map(({ id }) => id),
      ['old'],
    )
  })
  same([notes.get('new'), index.search({ vector: [0] }).map(({ id }) => id)], ['text', ['new']])
})

behavior('leaves nothing of a transaction that throws', async (index, store) => {
  await index.upsert('kept', [5])
  const failing = store.transaction((tx) => {
    index.in(tx).clear()
    index.in(tx).upsert('new', [1])
    throw new Error('no')
  })
  await rejects(failing, { message: 'no' })
  same(
    index.search({ vector: [0] }).map(({ id }) => id),
    ['kept'],
  )
})

behavior('runs a transaction again when a vector came after its search', async (index, store) => {
  await index.upsert('far', [9])
  const nearest = store.namespace('nearest', { value: codec.utf8() })
  let runs = 0
  await store.transaction(async (tx) => {
    const [first] = index.in(tx).search({ vector: [0], k: 1 })
    if (runs++ === 0) await index.upsert('near', [1])
    tx.put(nearest, 'first', first!.id)
  })
  same([runs, nearest.get('first')], [2, 'near'])
})

behavior('reads a snapshot', async (index, store) => {
  await index.upsert('a', [1], { v: 1 })
  const snapshot = store.snapshot()
  const then = index.at(snapshot)
  await index.upsert('a', [9], { v: 2 })
  await index.upsert('b', [0])
  await store.compact()
  same(then.search({ vector: [0] }), [{ id: 'a', distance: 1, attributes: { v: 1 } }])
  same((await then.searchAsync({ vector: [0], where: { v: 1 } })).length, 1)
  same(then.search({ vector: [0], where: (attributes) => attributes?.v === 2 }), [])
  same([then.count(), await then.countAsync(), then.has('b')], [1, 1, false])
  same((await then.getAsync('a'))?.attributes, { v: 1 })
  snapshot.close()
  throws(() => then.count(), { code: 'ENDED' })
  await rejects(then.searchAsync({ vector: [0] }), { code: 'ENDED' })
  same(index.count(), 2)
})

behavior('keeps a transaction from being used after its end', async (index, store) => {
  const inside = await store.transaction((tx) => index.in(tx))
  throws(() => inside.upsert('late', [1]), { code: 'ENDED' })
  throws(() => inside.search({ vector: [1] }), { code: 'ENDED' })
})

behavior('finds the same after reopening', async (_index, _store, folder) => {
  const path = join(folder, 'other')
  const first = await SledStore.open(path)
  const before = first.vectors<{ n: number }>('test', { dimensions: 8, metric: 'cosine' })
  const entries = Array.from({ length: 2_000 }, (_, n) => {
    const vector = Array.from({ length: 8 }, (_unused, at) => Math.sin(n * 8 + at))
    return [`v${n}`, vector, { n }] as const
  })
  same(await before.upsertMany(entries, { durability: 'os' }), 2_000)
  const query = [1, 2, 3, 4, 5, 6, 7, 8]
  const answer = before.search({ vector: query, k: 50 })
  await first.close()
  const second = await SledStore.open(path)
  const after = second.vectors<{ n: number }>('test', { dimensions: 8, metric: 'cosine' })
  same(after.search({ vector: query, k: 50 }), answer)
  same(after.count(), 2_000)
  throws(() => second.vectors('test', { dimensions: 9, metric: 'cosine' }), { code: 'NAMESPACE_MISMATCH' })
  throws(() => second.vectors('test', { dimensions: 8, metric: 'dot' }), { code: 'NAMESPACE_MISMATCH' })
  await second.close()
})

behavior('loads from an async iterable, with progress and an end by signal', async (index) => {
  async function* entries(count: number) {
    for (let n = 0; n < count; n++) yield [String(n), [n], { v: n }] as const
  }
  const rows: number[] = []
  same(await index.upsertMany(entries(60_000), { onProgress: (progress) => rows.push(progress.rows) }), 60_000)
  same([index.count(), rows.at(-1), rows.length > 1], [60_000, 60_000, true])
  const controller = new AbortController()
  const aborted = index.upsertMany(entries(1e9), { signal: controller.signal, onProgress: () => controller.abort() })
  await rejects(aborted, { code: 'ABORTED' })
})

behavior('keeps what was loaded before a wrong entry', async (index) => {
  const entries = [
    ...Array.from({ length: 50_000 }, (_, n) => [String(n), [n]] as const),
    ['bad', [Number.NaN]] as const,
  ]
  await rejects(index.upsertMany(entries), RangeError)
  const count = index.count()
  same(count > 0 && count < 50_000, true)
  same(index.has('bad'), false)
})

behavior('ends with its store', async () => {
  const other = await SledStore.memory()
  const gone = other.vectors('test', { dimensions: 1, metric: 'l2' })
  await gone.upsert('a', [1])
  await other.close()
  const closed = { code: 'CLOSED' }
  throws(() => gone.get('a'), closed)
  throws(() => gone.search({ vector: [1] }), closed)
  await rejects(gone.searchAsync({ vector: [1] }), { code: 'CLOSED' })
  await rejects(gone.upsert('a', [1]), { code: 'CLOSED' })
  await rejects(gone.upsertMany([['a', [1]]]), { code: 'CLOSED' })
})
