/** Long work: progress, its end by a signal, and what it leaves. */
import { readdirSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, it } from 'vitest'
import { codec, SledStore, type WorkProgress } from '../../lib/index.js'
import { native } from '../../lib/internal/native.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()
const small = { memtableBytes: 256 << 10, blockBytes: 512 }

async function filled(path: string, rows: number) {
  const store = await SledStore.open(path, { tuning: small, durability: 'os' })
  const namespace = store.namespace('rows', { value: codec.utf8() })
  for (let start = 0; start < rows; start += 1_000) {
    store.batchSync((batch) => {
      for (let index = start; index < start + 1_000; index++) batch.put(namespace, `key${index}`, 'v'.repeat(100))
    })
  }
  return { store, namespace }
}

it('a sound store verifies, also in the middle of work', async () => {
  const { store, namespace } = await filled(folder(), 20_000)
  const snapshot = store.snapshot()
  await namespace.clear({ prefix: 'key1' })
  await store.compact()
  const report = await store.verify()
  expect(report.findings).toEqual([])
  expect(report.blocks).toBeGreaterThan(100)
  expect(report.rows).toBeGreaterThan(8_000)
  expect(snapshot.count(namespace)).toBe(20_000)
  snapshot.close()
  await store.close()
})

it('a signal that the first report sets off ends it', async () => {
  const { store, namespace } = await filled(folder(), 60_000)
  for (const work of ['verify', 'compact'] as const) {
    const late = new AbortController()
    const seen: WorkProgress[] = []
    const onProgress = (progress: WorkProgress): void => {
      seen.push(progress)
      late.abort()
    }
    await expect(store[work]({ onProgress, signal: late.signal })).rejects.toMatchObject({ code: 'ABORTED' })
    expect(seen[0]?.done).toBe(0)
    expect(namespace.count()).toBe(60_000)
    await expect.poll(() => native.counts().jobs).toBe(0)
  }
  expect((await store.verify()).findings).toEqual([])
  await store.close()
})

it('a progress function that throws ends the work with its error', async () => {
  const { store } = await filled(folder(), 60_000)
  let calls = 0
  const onProgress = (): never => {
    calls++
    throw new RangeError('on purpose')
  }
  await expect(store.verify({ onProgress })).rejects.toThrow(new RangeError('on purpose'))
  await expect.poll(() => native.counts().jobs).toBe(0)
  expect(calls).toBe(1)
  await store.close()
})

/** What an open that fails may not change: all but the lock, and what sled does to its own files. */
function ours(path: string): Record<string, string> {
  const files = readdirSync(path, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile())
  const names = files.map((entry) => relative(path, join(entry.parentPath, entry.name)))
  const kept = names.filter((name) => name !== 'LOCK' && !name.startsWith('sled'))
  return Object.fromEntries(kept.map((name) => [name, readFileSync(join(path, name), 'base64')]))
}

it('a store with a damaged file says so, and is not changed', async () => {
  const path = folder()
  const { store } = await filled(path, 20_000)
  await store.close()
  const database = join(path, 'sled', 'db')
  truncateSync(database, Math.floor(statSync(database).size / 2))
  const before = ours(path)
  expect(Object.keys(before)).toEqual(expect.arrayContaining(['CHECKPOINT', 'STORE']))
  for (let tries = 0; tries < 2; tries++) {
    await expect(SledStore.open(path, { tuning: small, durability: 'os' })).rejects.toMatchObject({
      code: 'CORRUPTION',
    })
    expect(ours(path)).toEqual(before)
  }
})
