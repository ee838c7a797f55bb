/** Keyv over a folder and over a store that is open: what is kept, what `clear` means, and who closes. */
import { Keyv } from 'keyv'
import { expect, it, vi } from 'vitest'
import { SledStore } from 'sledstore'
import { KeyvSled } from 'sledstore/keyv'
import { freshFolders } from '../../helpers/folder.js'

const folder = freshFolders()

it('rows are there when the folder is opened again', async () => {
  const path = folder()
  const first = new Keyv({ store: new KeyvSled(path) })
  await first.set('a', { deep: [1, Buffer.from('bytes')] })
  await first.disconnect()
  const second = new Keyv({ store: new KeyvSled(path) })
  expect(await second.get('a')).toEqual({ deep: [1, Buffer.from('bytes')] })
  await second.disconnect()
})

it('a store that is given stays open', async () => {
  const store = SledStore.memory()
  const keyv = new Keyv({ store: new KeyvSled(store, { name: 'sessions' }) })
  await keyv.set('a', 1)
  await keyv.disconnect()
  expect(store.status).toBe('open')
  expect(store.namespaces().map(({ name }) => name)).toEqual(['sessions'])
  await store.close()
})

it('values without serialization keep what the store can keep', async () => {
  const store = SledStore.memory()
  const keyv = new Keyv({ store: new KeyvSled(store), serialize: undefined, deserialize: undefined } as never)
  const value = { when: new Date(5), bytes: Uint8Array.of(1, 2), big: 5n }
  await keyv.set('a', value)
  expect(await keyv.get('a')).toEqual(value)
  await store.close()
})

it('clear keeps to its namespace, also beside one whose name begins alike', async () => {
  const store = SledStore.memory()
  const [one, two] = ['app', 'app2'].map((namespace) => new Keyv({ store: new KeyvSled(store), namespace }))
  await one!.set('a', 1)
  await two!.set('a', 2)
  await one!.clear()
  expect([await one!.get('a'), await two!.get('a')]).toEqual([undefined, 2])
  await store.close()
})

it('several rows are set at once and told apart', async () => {
  const store = SledStore.memory()
  const keyv = new Keyv({ store: new KeyvSled(store) })
  expect(await keyv.setMany([1, 2, 3].map((value) => ({ key: `k${value}`, value, ttl: 60_000 })))).toEqual([
    true,
    true,
    true,
  ])
  expect(await keyv.getMany(['k3', 'k0', 'k1'])).toEqual([3, undefined, 1])
  expect(await keyv.hasMany(['k2', 'k0'])).toEqual([true, false])
  expect(await keyv.deleteMany(['k1', 'k2'])).toBe(true)
  expect(await keyv.deleteMany(['k1', 'k3'])).toBe(false)
  expect(store.namespace('keyv').count()).toBe(0)
  await store.close()
})

it('rows leave the store when their time is over, without a word from Keyv', async () => {
  const store = SledStore.memory()
  const adapter = new KeyvSled(store)
  const keyv = new Keyv({ store: adapter, ttl: 40 })
  await keyv.set('a', 1)
  await keyv.set('b', 2, 3_600_000)
  await keyv.set('c', 3, 0) // in Keyv, for ever
  await keyv.setMany([{ key: 'd', value: 4 }])
  await adapter.set('gone', 5, -1)
  await adapter.set('late', 6, 0.5)
  await adapter.set('ever', 7, Infinity)
  await vi.waitUntil(() => store.namespace('keyv').count() === 3, { timeout: 60_000 })
  expect([...store.namespace('keyv').keys()]).toEqual(['ever', 'keyv:b', 'keyv:c'])
  await store.close()
})

it('a read that fails is told, not taken for a miss', async () => {
  const store = SledStore.memory()
  const keyv = new Keyv({ store: new KeyvSled(store) })
  const errors: unknown[] = []
  keyv.on('error', (error) => errors.push(error))
  await store.close()
  expect(await keyv.get('a')).toBe(undefined)
  expect(errors).toMatchObject([{ code: 'CLOSED' }])
})

// oxlint-disable-next-line typescript/no-explicit-any
type Loose = any

it.each<[string, () => unknown]>([
  ['no source', () => new KeyvSled(undefined as Loose)],
  ['a source that is none', () => new KeyvSled({} as Loose)],
  ['an option of Keyv', () => new KeyvSled('x', { namespace: 'a' } as Loose)],
  ['a ttl', () => new KeyvSled('x', { ttl: 5 } as Loose)],
  ['an option of the store for one that is open', () => new KeyvSled(SledStore.memory(), { profile: 'server' })],
])('%s is refused', (_name, call) => {
  expect(call).toThrow(TypeError)
})
