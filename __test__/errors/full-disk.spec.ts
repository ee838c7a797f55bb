/** A full disk is DISK_FULL, costs nothing that was acknowledged, and is over when there is room again. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { codec, key, SledStore, SledStoreError } from '../../lib/index.js'
import { smallDisk } from '../helpers/small-disk.js'

const MIB = 1 << 20

async function errorOf(call: () => unknown): Promise<SledStoreError> {
  try {
    await call()
  } catch (error) {
    if (error instanceof SledStoreError) return error
    throw error
  }
  throw new Error('it works')
}

/** The codes of an error and its causes. */
function codes(error: unknown): string[] {
  return error instanceof SledStoreError ? [error.code, ...codes(error.cause)] : []
}

it('no store is begun where there is no room for it', async (context) => {
  const disk = smallDisk(context, 192 * MIB)
  const path = join(disk.path, 'store')
  mkdirSync(path)
  for (const free of [0, 4_096, 100_000, 3 * MIB]) {
    disk.leaveFree(free)
    expect((await errorOf(() => SledStore.open(path))).code, `${free} bytes free`).toBe('DISK_FULL')
    expect(readdirSync(path).filter((name) => name !== 'LOCK')).toEqual([])
  }
  disk.leaveFree(32 * MIB)
  const store = await SledStore.open(path)
  await store.namespace('rows', { value: codec.utf8() }).put('key', 'value')
  await store.close()
})

it('a store that exists is refused and left as it was', async (context) => {
  const disk = smallDisk(context, 192 * MIB)
  const path = join(disk.path, 'store')
  let store = await SledStore.open(path)
  await store.namespace('rows', { value: codec.utf8() }).put('key', 'value')
  await store.close()
  const names = () => readdirSync(path, { recursive: true }).sort()
  const before = names()
  for (const free of [0, 4_096, 100_000, 3 * MIB]) {
    disk.leaveFree(free)
    expect((await errorOf(() => SledStore.open(path))).code, `${free} bytes free`).toBe('DISK_FULL')
    expect(names()).toEqual(before)
  }
  disk.leaveFree(32 * MIB)
  store = await SledStore.open(path)
  expect(store.namespace('rows', { value: codec.utf8() }).get('key')).toBe('value')
  await store.close()
})

it('the disk fills up in the middle of writing', async (context) => {
  const disk = smallDisk(context, 192 * MIB)
  const path = join(disk.path, 'store')
  const options = { tuning: { memtableBytes: 512 << 10 } }
  for (const free of [9, 11, 14]) {
    disk.leaveFree(32 * MIB)
    let store = await SledStore.open(path, options)
    let rows = store.namespace('rows', { key: key.number, value: codec.bytes() })
    disk.leaveFree(free * MIB)
    const acknowledged: Buffer[] = []
    const failed = await errorOf(async () => {
      for (;;) {
        // Not to be compressed, so that the blocks fill the disk as much as the journal does.
        const value = randomBytes(10_000)
        await rows.put(acknowledged.length, value)
        acknowledged.push(value)
      }
    })
    expect(codes(failed), failed.message).toContain('STORAGE_FAILED')
    expect(store.status).toBe('poisoned')
    expect(acknowledged.every((value, row) => value.equals(rows.get(row)!))).toBe(true)
    // Where a write of sled failed, it may refuse reads, too; that is no damage.
    const verified = await store.verify().catch((error: unknown) => codes(error)[0])
    expect(['STORAGE_FAILED', []]).toContainEqual(typeof verified === 'object' ? verified.findings : verified)
    await errorOf(() => store.close())
    disk.leaveFree(32 * MIB)
    store = await SledStore.open(path, options)
    rows = store.namespace('rows', { key: key.number, value: codec.bytes() })
    expect(acknowledged.length).toBeGreaterThan(100)
    expect(acknowledged.every((value, row) => value.equals(rows.get(row)!))).toBe(true)
    expect((await store.verify()).findings).toEqual([])
    await rows.clear()
    await store.close()
  }
})
