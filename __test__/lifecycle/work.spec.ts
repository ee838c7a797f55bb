/** Long work: progress, its end by a signal, and what it leaves. */
import { readdirSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { codec, SledStore, type BlockProgress } from '../../lib/index.js'
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

it('a signal ends work that is long enough to report, and one that was given before ends it at once', async () => {
  const { store, namespace } = await filled(folder(), 60_000)
  const late = new AbortController()
  const seen: BlockProgress[] = []
  const onProgress = (progress: BlockProgress): void => {
    seen.push(progress)
    late.abort()
  }
  const ended = await store.verify({ onProgress, signal: late.signal }).then(
    () => 'finished',
    (error: { code: string }) => error.code,
  )
  // On a fast machine it may be done before the first report.
  expect(ended).toBe(seen.length > 0 ? 'ABORTED' : 'finished')
  for (const { done, total } of seen) expect(done).toBeLessThanOrEqual(total)
  await expect(store.compact({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' })
  await expect(store.verify({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' })
  expect(namespace.count()).toBe(60_000)
  await expect.poll(() => native.counts().jobs).toBe(0)
  await store.close()
})

it('a progress function that throws ends the work with its error', async () => {
  const { store } = await filled(folder(), 60_000)
  let called = false
  const work = store.verify({
    onProgress: () => {
      called = true
      throw new RangeError('on purpose')
    },
  })
  const ended = await work.then(
    () => 'finished',
    (error: Error) => error.message,
  )
  expect(ended).toBe(called ? 'on purpose' : 'finished')
  await store.close()
})

it('a store with a damaged file says so, and is not changed', async () => {
  const path = folder()
  const { store } = await filled(path, 20_000)
  await store.close()
  const database = join(path, 'sled', 'db')
  expect(readdirSync(join(path, 'sled'))).toContain('db')
  const bytes = statSync(database).size
  truncateSync(database, Math.floor(bytes / 2))
  const answer = await SledStore.open(path, { tuning: small, durability: 'os' }).then(
    async (opened) => {
      const { findings } = await opened.verify()
      await opened.close()
      return findings.length > 0 ? 'found' : 'an answer without a finding'
    },
    (error: { code: string }) => error.code,
  )
  expect(['CORRUPTION', 'found']).toContain(answer)
})
