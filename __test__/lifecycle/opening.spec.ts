import { mkdirSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { codec } from '../../lib/codec.js'
import { SledStore } from '../../lib/index.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()

it('opening a path twice shares one store, which closes with the last', async () => {
  const path = folder()
  const one = await SledStore.open(path)
  const two = await SledStore.open(path)
  const rows = (store: SledStore) => store.namespace('rows', { value: codec.utf8() })
  await rows(one).put('key', 'value')
  expect(rows(two).get('key')).toBe('value')
  await one.close()
  expect(() => rows(one).get('key')).toThrow(expect.objectContaining({ code: 'CLOSED' }))
  expect(rows(two).get('key')).toBe('value')
  await two.close()
})

it('two opens at once share one store', async () => {
  const path = folder()
  const stores = await Promise.all([1, 2, 3, 4].map(() => SledStore.open(path)))
  await stores[0]!.namespace('rows').put('key', 1)
  for (const store of stores) expect(store.namespace('rows').get('key')).toBe(1)
  await Promise.all(stores.map((store) => store.close()))
})

it('another spelling of the path is the same store', async () => {
  const path = folder()
  mkdirSync(path)
  symlinkSync(path, `${path}-link`)
  const one = await SledStore.open(path)
  const two = await SledStore.open(`${path}-link/.`)
  const three = await SledStore.open(pathToFileURL(path))
  await one.namespace('rows').put('key', 1)
  expect(two.namespace('rows').get('key')).toBe(1)
  expect(three.namespace('rows').get('key')).toBe(1)
  await Promise.all([one.close(), two.close(), three.close()])
})

it('other options for an open path are refused by the option’s name', async () => {
  const path = folder()
  const store = await SledStore.open(path, { memoryBudget: 32 << 20 })
  await expect(SledStore.open(path, { memoryBudget: 64 << 20 })).rejects.toMatchObject({
    code: 'OPTIONS_MISMATCH',
    message: expect.stringContaining('memoryBudget') as string,
  })
  await store.close()
})

it.each(['lz4', 'none'] as const)(
  'a store created with compression %s keeps it, and is not opened with another',
  async (own) => {
    const path = folder()
    const other = own === 'lz4' ? 'none' : 'lz4'
    const refusal = {
      code: 'OPTIONS_MISMATCH',
      message: expect.stringMatching(new RegExp(`compression ${own}`)) as string,
    }
    const store = await SledStore.open(path, { compression: own })
    await store.namespace('rows').put('key', 'value')
    await expect(SledStore.open(path, { compression: other })).rejects.toMatchObject(refusal)
    const shared = await SledStore.open(path)
    await Promise.all([shared.close(), store.close()])

    await expect(SledStore.open(path, { compression: other })).rejects.toMatchObject(refusal)
    for (const options of [{}, { compression: own }]) {
      const again = await SledStore.open(path, options)
      expect(again.namespace('rows').get('key')).toBe('value')
      await again.close()
    }
  },
)

it('a store can be closed and opened again many times', async () => {
  const path = folder()
  for (let round = 0; round < 20; round++) {
    const store = await SledStore.open(path)
    const rows = store.namespace<string, number>('rows')
    expect(rows.count()).toBe(round)
    await rows.put(`round${round}`, round)
    await store.close()
  }
})

it('stores in memory are apart from each other', async () => {
  const one = SledStore.memory()
  const two = SledStore.memory()
  await one.namespace('rows').put('key', 1)
  expect(two.namespace('rows').has('key')).toBe(false)
  await one.close()
  await two.close()
})

it('two copies of the package in one thread share the addon and do not disturb each other', async () => {
  const other = createRequire(import.meta.url)('../../dist/index.cjs') as { SledStore: typeof SledStore }
  expect(other.SledStore).not.toBe(SledStore)
  const path = folder()
  const one = await SledStore.open(path)
  const two = await other.SledStore.open(path)
  const [here, there] = [one, two].map((store) => store.namespace('rows', { value: codec.utf8() }))
  const long = 'x'.repeat(200_000)
  await Promise.all([here!.put('a', long), there!.put('b', 'short'), here!.put('c', 'short'), there!.put('d', long)])
  for (const rows of [here!, there!]) {
    expect(rows.getMany(['a', 'b', 'c', 'd'])).toEqual([long, 'short', 'short', long])
    expect([...rows.values()].map((value) => value.length)).toEqual([200_000, 5, 5, 200_000])
  }
  await one.close()
  await two.close()
})
