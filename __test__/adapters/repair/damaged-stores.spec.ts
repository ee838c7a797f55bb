/** `sledstore/repair`: a store that does not open becomes one that does, and what it lost is named. */
import { copyFileSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { codec, key, SledStore, type SledStoreError, type WorkProgress } from 'sledstore'
import { repair } from 'sledstore/repair'
import { freshFolders } from '../../helpers/folder.js'

const folder = freshFolders()
const rows = 2_000
const long = 'a long value '.repeat(10_000)

async function closedStore(): Promise<string> {
  const path = folder()
  const store = await SledStore.open(path, { durability: 'os', profile: 'embedded' })
  const users = store.namespace('users', { key: key.number, value: codec.json<{ name: string }>() })
  await store.batch((batch) => {
    for (let row = 0; row < rows; row++) batch.put(users, row, { name: `name ${row}` })
  })
  await store.namespace('texts', { value: codec.utf8() }).put('long', long)
  await store.graph('people').addNode({ labels: 'Person', properties: { name: 'Ann' } })
  await store.vectors('words', { dimensions: 2, metric: 'l2' }).upsert('near', [1, 1])
  await store.close()
  return path
}

async function expectEverything(path: string): Promise<void> {
  const store = await SledStore.open(path, { createIfMissing: false })
  const users = store.namespace('users', { key: key.number, value: codec.json<{ name: string }>() })
  expect(users.count()).toBe(rows)
  expect(users.get(1_234)).toEqual({ name: 'name 1234' })
  expect(store.namespace('texts', { value: codec.utf8() }).get('long')).toBe(long)
  expect([...store.graph('people').find({ label: 'Person' })].map(({ properties }) => properties.name)).toEqual(['Ann'])
  expect(store.vectors('words', { dimensions: 2, metric: 'l2' }).search({ vector: [0, 0], k: 1 })[0]?.id).toBe('near')
  expect((await store.verify()).findings).toEqual([])
  await store.close()
}

it('a store without STORE and with a wrong bit in sled/conf is whole again', async () => {
  const from = await closedStore()
  rmSync(join(from, 'STORE'))
  const conf = readFileSync(join(from, 'sled', 'conf'))
  conf[3]! ^= 1
  writeFileSync(join(from, 'sled', 'conf'), conf)
  await expect(SledStore.open(from)).rejects.toThrow(expect.objectContaining({ code: 'NOT_A_STORE' }))
  const to = folder()
  const report = await repair(pathToFileURL(from), pathToFileURL(to))
  expect(report.lost.map(({ file, effect }) => [file, effect])).toEqual([['STORE', 'none']])
  expect(report.namespaces).toContainEqual({ name: 'users', rows })
  await expectEverything(to)
})

it('what cannot be read is named', async () => {
  const from = await closedStore()
  const file = 'blocks/0000000000000001.blocks'
  const blocks = readFileSync(join(from, file))
  blocks.fill(0, Math.floor(blocks.length / 2))
  writeFileSync(join(from, file), blocks)
  const to = folder()
  const { lost } = await repair(from, to)
  expect(lost.filter(({ effect }) => effect !== 'none').length).toBeGreaterThan(0)
  expect(lost.map((entry) => entry.file)).toContain(file)
  for (const { from: start, to: end, what } of lost) {
    expect(typeof what).toBe('string')
    expect(start).toBeInstanceOf(Uint8Array)
    expect(end === null || end instanceof Uint8Array).toBe(true)
  }
  const store = await SledStore.open(to, { createIfMissing: false })
  expect((await store.verify()).findings).toEqual([])
  await store.close()
})

it('a published file that was cut short is read, too', async () => {
  const store = await SledStore.open(await closedStore())
  const file = folder()
  const { bytes } = await store.publish(file)
  await store.close()
  const damaged = folder()
  copyFileSync(file, damaged)
  truncateSync(damaged, bytes - 40)
  await expect(SledStore.openSnapshot(damaged)).rejects.toThrow(expect.objectContaining({ code: 'CORRUPTION' }))
  const to = folder()
  await repair(damaged, to)
  await expectEverything(to)
})

it('progress is told, a signal ends it, and nothing is left then', async () => {
  const from = await closedStore()
  const told: WorkProgress[] = []
  await repair(from, folder(), { onProgress: (progress) => told.push(progress) })
  expect(told.at(-1)?.done).toBe(told.at(-1)?.total)
  const to = folder()
  const controller = new AbortController()
  const ended = repair(from, to, { signal: controller.signal, onProgress: () => controller.abort() })
  await expect(ended).rejects.toThrow(expect.objectContaining({ code: 'ABORTED' }))
  expect(existsSync(to)).toBe(false)
})

it('what it must not do is refused', async () => {
  const from = await closedStore()
  const code = (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => 'nothing',
      (error: SledStoreError) => error.code ?? error.name,
    )
  const store = await SledStore.open(from)
  expect(await code(repair(from, folder()))).toBe('LOCKED')
  await store.close()
  expect(await code(repair(from, from))).toBe('EXISTS')
  expect(await code(repair(from, join(from, 'inside')))).toBe('INVALID_ARGUMENT')
  expect(await code(repair(folder(), folder()))).toBe('NOT_A_STORE')
  expect(await code(repair(from, 7 as unknown as string))).toBe('INVALID_ARGUMENT')
  expect(await code(repair(from, folder(), { wrong: 1 } as never))).toBe('INVALID_ARGUMENT')
})
