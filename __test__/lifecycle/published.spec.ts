/** Published snapshots: what a store held is read from one file, by any number of processes, and by stores made from it. */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { codec, key, SledStore, type SledStoreError } from '../../lib/index.js'
import { runScript } from '../helpers/child.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()
const long = 'a long value '.repeat(20_000)

/** A store with some of everything, and a file published from it. */
async function publishedStore(): Promise<{ store: SledStore; file: string }> {
  const store = await SledStore.open(folder(), { durability: 'os', profile: 'embedded' })
  const users = store.namespace('users', {
    key: key.tuple(key.string, key.number),
    value: codec.json<{ name: string }>(),
  })
  await store.batch((batch) => {
    for (let row = 0; row < 3_000; row++) batch.put(users, ['user', row], { name: `name ${row}` })
  })
  await store.namespace('texts', { value: codec.utf8() }).put('long', long)
  await store.namespace('bytes', { value: codec.bytes() }).put('empty', Buffer.alloc(0))
  const graph = store.graph('people')
  await graph.batch((batch) => {
    const ann = batch.addNode({ labels: 'Person', properties: { name: 'Ann' } })
    const bob = batch.addNode({ labels: 'Person', properties: { name: 'Bob' } })
    batch.addEdge({ source: ann, target: bob, type: 'KNOWS' })
  })
  const words = store.vectors('words', { dimensions: 2, metric: 'l2' })
  await words.upsertMany([
    ['near', [1, 1]],
    ['far', [9, 9]],
  ])
  const file = folder()
  await store.publish(file)
  return { store, file }
}

function expectEverything(store: SledStore): void {
  const users = store.namespace('users', {
    key: key.tuple(key.string, key.number),
    value: codec.json<{ name: string }>(),
  })
  expect(users.count()).toBe(3_000)
  expect(users.get(['user', 7])).toEqual({ name: 'name 7' })
  expect([users.has(['user', 2_999]), users.has(['user', 3_000])]).toEqual([true, false])
  expect([...users.scan({ prefix: ['user'], limit: 2, reverse: true })]).toEqual([
    [['user', 2_999], { name: 'name 2999' }],
    [['user', 2_998], { name: 'name 2998' }],
  ])
  expect(store.namespace('texts', { value: codec.utf8() }).get('long')).toBe(long)
  const graph = store.graph('people')
  const [ann] = graph.find({ label: 'Person', where: { name: 'Ann' } })
  expect(graph.neighbors(ann!.id).map(({ node }) => node.properties.name)).toEqual(['Bob'])
  const words = store.vectors('words', { dimensions: 2, metric: 'l2' })
  expect(words.search({ vector: [0, 0], k: 1 }).map((match) => match.id)).toEqual(['near'])
}

describe('a published snapshot', () => {
  it('answers every kind of read, and keeps what the store had', async () => {
    const { store, file } = await publishedStore()
    await store.dropNamespace('users')
    await store.namespace('texts', { value: codec.utf8() }).put('long', 'short')
    const snapshot = await SledStore.openSnapshot(pathToFileURL(file), { profile: 'embedded' })
    expectEverything(snapshot)
    const users = snapshot.namespace('users', {
      key: key.tuple(key.string, key.number),
      value: codec.json<{ name: string }>(),
    })
    expect(await users.getAsync(['user', 1])).toEqual({ name: 'name 1' })
    expect(await users.countAsync()).toBe(3_000)
    expect((await snapshot.verify()).findings).toEqual([])
    expect(snapshot.stats().disk.total).toBe(readFileSync(file).length)
    expect([snapshot.path, snapshot.status]).toEqual([file, 'open'])
    await snapshot.close()
    expect(() => users.get(['user', 1])).toThrow(expect.objectContaining({ code: 'CLOSED' }))
    await store.close()
  })

  it('refuses every write', async () => {
    const { store, file } = await publishedStore()
    await store.close()
    const before = readFileSync(file)
    const snapshot = await SledStore.openSnapshot(file)
    const texts = snapshot.namespace('texts', { value: codec.utf8() })
    const graph = snapshot.graph('people')
    const writes: (() => unknown)[] = [
      () => texts.put('new', ''),
      () => texts.putSync('new', ''),
      () => texts.delete('long'),
      () => texts.clear(),
      () => snapshot.namespace('bytes', { value: codec.bytes() }).putStream('new', [Buffer.from('x')]),
      () => snapshot.batch((batch) => batch.put(texts, 'new', '')),
      () => snapshot.transaction((tx) => tx.get(texts, 'long')),
      () => snapshot.dropNamespace('texts'),
      () => snapshot.renameNamespace('texts', 'other'),
      () => snapshot.compact(),
      () => snapshot.bulkLoad(texts, [['new', '']]),
      () => graph.addNode({ labels: 'Person' }),
      () => graph.createIndex({ label: 'Person', property: 'name' }),
      () => snapshot.dropGraph('people'),
      () => snapshot.vectors('words', { dimensions: 2, metric: 'l2' }).upsert('new', [1, 2]),
    ]
    for (const write of writes) {
      await expect((async () => write())(), write.toString()).rejects.toMatchObject({ code: 'READ_ONLY' })
    }
    expect(() => snapshot.namespace('new')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }))
    expectEverything(snapshot)
    await snapshot.close()
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  it('is read by other processes and by worker threads at once', async () => {
    const { store, file } = await publishedStore()
    const script = `
      const snapshot = await SledStore.openSnapshot(${JSON.stringify(file)})
      const users = snapshot.namespace('users', { key: key.tuple(key.string, key.number), value: codec.json() })
      let rows = 0
      for (const [, value] of users.scan()) rows += value.name.length > 5 ? 1 : 0
      console.log(rows)
      await snapshot.close()`
    const thread = `
      const { SledStore, codec, key } = require(${JSON.stringify(new URL('../../dist/index.cjs', import.meta.url).pathname)})
      const { parentPort } = require('node:worker_threads')
      ;(async () => {${script.replace('console.log(rows)', 'parentPort.postMessage(rows)')}})()`
    const inThread = (): Promise<number> =>
      new Promise((resolve, reject) => {
        const worker = new Worker(thread, { eval: true })
        worker.once('message', resolve).once('error', reject)
      })
    const [first, second, third] = await Promise.all([runScript(script), runScript(script), inThread()])
    expect([first, second]).toMatchObject([
      { code: 0, output: '3000\n' },
      { code: 0, output: '3000\n' },
    ])
    expect(third).toBe(3_000)
    await store.close()
  })

  it('holds whole batches while a writer goes on', async () => {
    const store = await SledStore.open(folder(), { durability: 'none', profile: 'embedded' })
    const pairs = store.namespace('pairs', { key: key.number, value: codec.json<number>() })
    const ended = new AbortController()
    const writing = (async () => {
      for (let round = 0; !ended.signal.aborted; round++) {
        await store.batch((batch) => {
          for (let row = 0; row < 100; row++) batch.put(pairs, row, round)
        })
        await turn() // what level `none` answers at once leaves no time for anything else
      }
    })()
    const file = folder()
    for (let round = 0; round < 10; round++) {
      await store.publish(file)
      const snapshot = await SledStore.openSnapshot(file)
      const rows = snapshot.namespace('pairs', { key: key.number, value: codec.json<number>() }).values()
      expect(new Set(rows).size).toBeLessThanOrEqual(1)
      await snapshot.close()
    }
    ended.abort()
    await writing
    await store.close()
  })

  it('leaves nothing when it is ended, or has no place', async () => {
    const { store, file } = await publishedStore()
    const other = folder()
    const before = readdirSync(dirname(other)).length
    const late = new AbortController()
    const work = store.publish(other, { signal: late.signal })
    late.abort()
    // It may have been complete before it heard of the signal.
    const done = await work.then(
      () => true,
      (error: unknown) => (error as SledStoreError).code !== 'ABORTED',
    )
    expect(existsSync(other)).toBe(done)
    await expect(store.publish(`${other}/no/folder`)).rejects.toMatchObject({ code: 'IO_FAILED' })
    await expect.poll(() => readdirSync(dirname(other)).length).toBe(done ? before + 1 : before)
    for (const wrong of [undefined, 7, null]) await expect(store.publish(wrong as never)).rejects.toThrow(TypeError)
    await expect(store.publish('')).rejects.toThrow(RangeError)
    await expect(SledStore.openSnapshot(file, { durability: 'os' } as never)).rejects.toThrow(TypeError)
    await expect(SledStore.openSnapshot(store.path)).rejects.toMatchObject({ code: 'NOT_A_STORE' })
    await store.close()
  })
})

describe('a backup', () => {
  it('restores to a store that goes on', async () => {
    const { store } = await publishedStore()
    const [file, restored] = [folder(), folder()]
    const written = await store.backup(file)
    expect(written).toEqual({ seq: expect.any(Number), rows: expect.any(Number), bytes: readFileSync(file).length })
    await expect(store.backup(file)).rejects.toMatchObject({ code: 'EXISTS' })
    await store.close()
    await SledStore.restore(file, restored)
    const again = await SledStore.open(restored, { profile: 'embedded' })
    expectEverything(again)
    await again.namespace('texts', { value: codec.utf8() }).put('long', 'short')
    await again.graph('people').addNode({ labels: 'Person', properties: { name: 'Cat' } })
    expect((await again.verify()).findings).toEqual([])
    expect(await again.graph('people').verify()).toEqual([])
    await again.close()
    await expect(SledStore.restore(file, restored)).rejects.toMatchObject({ code: 'EXISTS' })
  })

  it('that is damaged is not restored', async () => {
    const { store } = await publishedStore()
    const [file, restored] = [folder(), folder()]
    await store.backup(file)
    await store.close()
    const bytes = readFileSync(file)
    bytes[bytes.length >> 1]! ^= 1
    writeFileSync(file, bytes)
    await expect(SledStore.restore(file, restored)).rejects.toMatchObject({ code: 'CORRUPTION' })
    expect(existsSync(restored)).toBe(false)
  })
})
