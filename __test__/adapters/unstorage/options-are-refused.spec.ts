/** Options that mean nothing to the driver are refused, with or without a store. */
import { createStorage } from 'unstorage'
import { afterAll, expect, it } from 'vitest'
import { SledStore } from 'sledstore'
import { sledDriver } from 'sledstore/unstorage'
import { freshFolders } from '../../helpers/folder.js'

const folder = freshFolders()
const store = SledStore.memory()
const storage = createStorage({ driver: sledDriver({ store }) })
afterAll(() => store.close())

// oxlint-disable-next-line typescript/no-explicit-any
type Loose = any

const mistakes: [name: string, call: () => unknown, kind: new () => Error][] = [
  ['nothing', () => sledDriver(undefined as Loose), TypeError],
  ['neither path nor store', () => sledDriver({}), TypeError],
  ['both path and store', () => sledDriver({ path: 'x', store }), TypeError],
  ['a store that is none', () => sledDriver({ store: {} as Loose }), TypeError],
  ['an option of another driver', () => sledDriver({ path: 'x', base: 'y' } as Loose), TypeError],
  ['an option of the store for one that is open', () => sledDriver({ store, profile: 'server' }), TypeError],
  ['a ttl that is over', () => sledDriver({ path: 'x', ttl: 0 }), RangeError],
  ['a ttl of text', () => sledDriver({ path: 'x', ttl: '1h' as Loose }), TypeError],
  [
    'a wrong level',
    () => createStorage({ driver: sledDriver({ path: folder(), durability: 'safe' as Loose }) }).getKeys(),
    RangeError,
  ],
  ['an option of a call', () => storage.setItem('a', 'A', { expires: 1 }), TypeError],
  ['a ttl of a read', () => storage.getItem('a', { ttl: 1 }), TypeError],
  ['a ttl of a call that is over', () => storage.setItem('a', 'A', { ttl: -1 }), RangeError],
  ['an option of one of several', () => storage.setItems([{ key: 'a', value: 'A', options: { tll: 1 } }]), TypeError],
  ['an option of clear', () => storage.clear('', { maxDepth: 1 }), TypeError],
]

it.each(mistakes)('%s', async (_name, call, kind) => {
  await expect(async () => call()).rejects.toBeInstanceOf(kind)
  expect(await storage.getKeys()).toEqual([])
})
