/** What unstorage asks of a driver: items of any kind, their keys, several at once, and an end. */
import { createStorage, restoreSnapshot, snapshot, type Storage } from 'unstorage'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SledStore } from 'sledstore'
import { sledDriver } from 'sledstore/unstorage'
import { freshFolders } from '../../helpers/folder.js'

const folder = freshFolders()

describe.each(['a folder', 'an open store'])('over %s', (kind) => {
  let storage: Storage
  let store: SledStore | undefined

  beforeEach(async () => {
    const path = folder()
    store = kind === 'a folder' ? undefined : await SledStore.open(path)
    storage = createStorage({ driver: sledDriver(store === undefined ? { path } : { store }) })
  })
  afterEach(async () => {
    await storage.dispose()
    await store?.close()
  })

  it('a new one is empty', async () => {
    expect(await storage.getItem('a:b')).toBe(null)
    expect(await storage.hasItem('a:b')).toBe(false)
    expect(await storage.getItemRaw('a:b')).toBe(null)
    expect(await storage.getKeys()).toEqual([])
    await storage.clear()
  })

  it.each([['text'], [0], [false], [null], [{ deep: [1, { er: true }] }], [[1, 'two']], ['']])(
    'keeps %j',
    async (value) => {
      await storage.setItem('item', value)
      expect(await storage.getItem('item')).toEqual(value)
    },
  )

  it('keeps what an object says of itself, and refuses one that says nothing', async () => {
    await storage.setItem('date', { toJSON: () => ({ year: 2026 }) } as never)
    expect(await storage.getItem('date')).toEqual({ year: 2026 })
    await expect(storage.setItem('secret', new (class {})() as never)).rejects.toThrow()
    expect(await storage.hasItem('secret')).toBe(false)
  })

  it('keeps bytes', async () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, at) => at % 256)
    await storage.setItemRaw('bytes', bytes)
    const read = await storage.getItemRaw<Uint8Array>('bytes')
    expect(Buffer.from(read!).equals(bytes)).toBe(true)
  })

  it('takes undefined for a removal', async () => {
    await storage.setItem('a', 1)
    await storage.setItem('a', undefined as never)
    expect(await storage.hasItem('a')).toBe(false)
  })

  it('a query is no part of a key', async () => {
    await storage.setItem('page?q=1', 'one')
    expect(await storage.getItem('page?q=2')).toBe('one')
    expect(await storage.getKeys()).toEqual(['page'])
  })

  it('gives keys by their base and their depth', async () => {
    for (const key of ['top', 'a:one', 'a:two', 'a:b:three', 'ab:four']) await storage.setItem(key, key)
    expect(await storage.getKeys()).toEqual(['a:b:three', 'a:one', 'a:two', 'ab:four', 'top'])
    expect(await storage.getKeys('a')).toEqual(['a:b:three', 'a:one', 'a:two'])
    expect(await storage.getKeys(undefined, { maxDepth: 0 })).toEqual(['top'])
    expect(await storage.getKeys('a', { maxDepth: 1 })).toEqual(['a:one', 'a:two'])
  })

  it('sets and gets several at once', async () => {
    await storage.setItems<object>([
      { key: 'a', value: ['A'] },
      { key: 'b', value: { b: 1 } },
    ])
    expect(await storage.getItems(['b', 'missing', { key: 'a' }])).toEqual([
      { key: 'b', value: { b: 1 } },
      { key: 'missing', value: null },
      { key: 'a', value: ['A'] },
    ])
  })

  it('removes an item, and its meta when asked', async () => {
    await storage.setItem('a', 'A')
    await storage.setMeta('a', { author: 'ann' })
    expect(await storage.getMeta('a')).toMatchObject({ author: 'ann' })
    await storage.removeItem('a', true)
    expect(await storage.hasItem('a')).toBe(false)
    expect(await storage.getMeta('a')).toEqual({})
    await storage.removeItem('a', false)
  })

  it('is restored from a snapshot of it', async () => {
    await storage.setItems<number | number[]>([
      { key: 'a:x', value: 1 },
      { key: 'a:y', value: [2] },
    ])
    const taken = await snapshot(storage, 'a')
    await storage.clear()
    expect(await storage.getKeys()).toEqual([])
    await restoreSnapshot(storage, taken, 'b')
    expect(await storage.getItem('b:y')).toEqual([2])
  })

  it('works under a mount point', async () => {
    const outer = createStorage()
    outer.mount('cache', storage.getMount().driver)
    await outer.setItem('cache:page:1', 'one')
    await outer.setItem('other', 'two')
    expect(await outer.getKeys('cache')).toEqual(['cache:page:1'])
    expect(await outer.getKeys('cache:page')).toEqual(['cache:page:1'])
    await outer.clear('cache')
    expect(await outer.getKeys()).toEqual(['other'])
  })
})

it('a folder is closed by dispose, and its items are there when it is opened again', async () => {
  const path = folder()
  const first = createStorage({ driver: sledDriver({ path }) })
  await first.setItem('a', 'A')
  await first.dispose()
  const store = await SledStore.open(path)
  const second = createStorage({ driver: sledDriver({ store }) })
  expect(await second.getItem('a')).toBe('A')
  await second.dispose()
  expect(store.status).toBe('open')
  await store.close()
})
