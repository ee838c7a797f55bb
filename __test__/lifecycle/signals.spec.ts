/** A signal ends what it was given to: before it begins, or at once while it runs. */
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codec, SledStore, type Namespace } from '../../lib/index.js'
import { native } from '../../lib/internal/native.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()
const published = folder()
let store: SledStore
let rows: Namespace<string, string, string>

beforeAll(async () => {
  store = await SledStore.open(folder(), { tuning: { memtableBytes: 256 << 10, blockBytes: 512 }, durability: 'os' })
  rows = store.namespace('rows', { value: codec.utf8() })
  await store.batch((batch) => {
    for (let row = 0; row < 60_000; row++) batch.put(rows, `key${row}`, 'v'.repeat(100))
  })
  await store.compact()
  await store.publish(published)
  await store.graph('graph').batch((batch) => {
    for (let node = 0; node < 5_000; node++) batch.addNode({ labels: 'L', properties: { node } })
  })
})

afterAll(() => store.close())

const reason = new Error('not wanted any more')
const aborted = { code: 'ABORTED', cause: reason }
const vectors = () => store.vectors('vectors', { dimensions: 2, metric: 'l2' })

describe('one that was aborted before', () => {
  const calls: [name: string, run: (signal: AbortSignal) => unknown][] = [
    ['verify', (signal) => store.verify({ signal })],
    ['compact', (signal) => store.compact({ signal })],
    ['publish', (signal) => store.publish(folder(), { signal })],
    ['backup', (signal) => store.backup(folder(), { signal })],
    ['restore', (signal) => SledStore.restore(published, folder(), { signal })],
    ['transaction', (signal) => store.transaction((tx) => tx.put(rows, 'new', ''), { signal })],
    ['transactionSync', (signal) => store.transactionSync((tx) => tx.put(rows, 'new', ''), { signal })],
    ['bulkLoad', (signal) => store.bulkLoad(rows, [['new', '']], { signal })],
    ['bulkLoad of nothing', (signal) => store.bulkLoad(rows, [], { signal })],
    ['upsertMany', (signal) => vectors().upsertMany([['new', [1, 2]]], { signal })],
    ['upsertMany of nothing', (signal) => vectors().upsertMany([], { signal })],
    ['createIndex', (signal) => store.graph('graph').createIndex({ label: 'L', property: 'node' }, { signal })],
  ]
  it.each(calls)('%s', async (_name, run) => {
    await expect((async () => run(AbortSignal.abort(reason)))()).rejects.toMatchObject(aborted)
    expect(rows.has('new')).toBe(false)
    expect(vectors().has('new')).toBe(false)
  })
})

describe('one that is aborted meanwhile', () => {
  const works: [
    name: string,
    run: (signal: AbortSignal, onProgress: (progress: unknown) => void) => Promise<unknown>,
  ][] = [
    ['verify', (signal, onProgress) => store.verify({ signal, onProgress })],
    ['compact', (signal, onProgress) => store.compact({ signal, onProgress })],
    ['publish', (signal, onProgress) => store.publish(folder(), { signal, onProgress })],
    ['backup', (signal, onProgress) => store.backup(folder(), { signal, onProgress })],
    ['restore', (signal, onProgress) => SledStore.restore(published, folder(), { signal, onProgress })],
    [
      'createIndex',
      (signal, onProgress) =>
        store.graph('graph').createIndex({ label: 'L', property: 'node' }, { signal, onProgress }),
    ],
  ]
  it.each(works)('%s ends before its last report', async (_name, run) => {
    const seen: unknown[] = []
    await run(new AbortController().signal, (progress) => seen.push(progress))
    const last = seen.at(-1)
    await store.graph('graph').dropIndex({ label: 'L', property: 'node' })
    seen.length = 0
    const late = new AbortController()
    const work = run(late.signal, (progress) => seen.push(progress))
    late.abort(reason)
    await expect(work).rejects.toMatchObject(aborted)
    expect(seen).not.toContainEqual(last)
    await expect.poll(() => native.counts().jobs).toBe(0)
  })

  const sources: [name: string, run: (source: AsyncIterable<never>, signal: AbortSignal) => Promise<unknown>][] = [
    ['bulkLoad', (source, signal) => store.bulkLoad(rows, source, { signal })],
    ['upsertMany', (source, signal) => vectors().upsertMany(source, { signal })],
  ]
  it.each(sources)('%s does not wait for its source', async (_name, run) => {
    let told = 0
    const source: AsyncIterable<never> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => undefined),
        return: () => {
          told++
          return new Promise(() => undefined)
        },
      }),
    }
    const late = new AbortController()
    const work = run(source, late.signal)
    await turn()
    late.abort(reason)
    await expect(work).rejects.toMatchObject(aborted)
    expect(told).toBe(1)
    await expect.poll(() => native.counts().streams).toBe(0)
  })

  it('a source that gives on is told to end', async () => {
    let ended = false
    const late = new AbortController()
    async function* source(): AsyncGenerator<[string, string]> {
      try {
        for (let row = 0; ; row++) {
          if (row === 10) late.abort(reason)
          yield [`load${String(row).padStart(9, '0')}`, '']
          await turn()
        }
      } finally {
        ended = true
      }
    }
    await expect(store.bulkLoad(rows, source(), { signal: late.signal })).rejects.toMatchObject(aborted)
    await expect.poll(() => ended).toBe(true)
  })

  it('a transaction commits nothing', async () => {
    const late = new AbortController()
    const work = store.transaction(
      async (tx) => {
        tx.put(rows, 'new', '')
        late.abort(reason)
      },
      { signal: late.signal },
    )
    await expect(work).rejects.toMatchObject(aborted)
    const again = new AbortController()
    const act = (): void =>
      store.transactionSync(
        (tx) => {
          tx.put(rows, 'new', '')
          again.abort(reason)
        },
        { signal: again.signal },
      )
    expect(act).toThrow(expect.objectContaining(aborted))
    expect(rows.has('new')).toBe(false)
  })
})

it('a signal that outlives its work keeps nothing of it', async () => {
  const long = new AbortController()
  let listeners = 0
  const signal = new Proxy(long.signal, {
    get(target, name) {
      if (name === 'addEventListener') listeners++
      if (name === 'removeEventListener') listeners--
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  await store.verify({ signal })
  await store.bulkLoad(
    store.namespace('other'),
    (async function* () {
      yield ['a', 1] as const
      yield ['b', 2] as const
    })(),
    { signal },
  )
  expect(listeners).toBe(0)
})

it('what is no signal is refused', async () => {
  for (const signal of [{ aborted: false }, 7, null]) {
    await expect(store.verify({ signal: signal as never })).rejects.toThrow(TypeError)
  }
})
