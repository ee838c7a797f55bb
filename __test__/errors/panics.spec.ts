/** A panic in the addon, wherever it happens, is an `INTERNAL` error that poisons the store and ends nothing else (N6). */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, it } from 'vitest'
import { codec, SledStore, SledStoreError, type Namespace } from '../../lib/index.js'
import { answered, check, cold, job, native } from '../../lib/internal/native.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()

const noBytes = new Uint8Array()

/** Where a panic can happen, and the call behind which it is planted. */
const places: [name: string, panic: () => unknown][] = [
  ['a hot call', () => check(native.panic())],
  ['an ordinary call', () => cold(() => native.panicOnPurpose(0, 0))],
  ['the work of a job', () => job(() => native.panicOnPurpose(1, 0))],
  ['the answer of a job', () => answered(native.panicOnPurpose(2, 0))],
]

async function failureOf(run: () => unknown): Promise<SledStoreError> {
  try {
    await run()
  } catch (error) {
    if (error instanceof SledStoreError) return error
    throw error
  }
  throw new Error('it did not fail')
}

describe.each(places)('a panic in %s', (_name, panic) => {
  let path = ''
  let store: SledStore
  let rows: Namespace<string, string, string>
  const openRows = () => store.namespace('rows', { value: codec.utf8() })

  beforeEach(async () => {
    path = folder()
    store = await SledStore.open(path)
    rows = openRows()
    await rows.put('durable', 'value')
  })

  it('is an INTERNAL error, by its class a bug', async () => {
    const error = await failureOf(panic)
    expect(error).toMatchObject({ code: 'INTERNAL', class: 'bug' })
    await failureOf(() => store.close())
  })

  it('poisons the store, which tells its listener once', async () => {
    const heard: SledStoreError[] = []
    store.on('error', (error) => heard.push(error))
    await failureOf(panic)
    await failureOf(panic)
    expect(store.status).toBe('poisoned')
    await new Promise((resolve) => setImmediate(resolve))
    expect(heard.map((error) => error.code)).toEqual(['STORAGE_FAILED'])
    for (const write of [
      () => rows.put('new', 'value'),
      () => rows.putSync('new', 'value', { durability: 'none' }),
      () => store.batch((batch) => batch.delete(rows, 'durable')),
      () => store.transaction((tx) => tx.put(rows, 'new', 'value')),
    ]) {
      expect((await failureOf(write)).code).toBe('STORAGE_FAILED')
    }
    await failureOf(() => store.close())
  })

  it('leaves reads right', async () => {
    await failureOf(panic)
    expect(rows.get('durable')).toBe('value')
    expect(rows.has('nobody')).toBe(false)
    expect(await rows.getAsync('durable')).toBe('value')
    expect([...rows.scan()]).toEqual([['durable', 'value']])
    await failureOf(() => store.close())
  })

  it('lets the path be opened again, with all that was answered', async () => {
    await failureOf(panic)
    expect((await failureOf(() => store.close())).code).toBe('STORAGE_FAILED')
    expect(store.status).toBe('closed')
    store = await SledStore.open(path)
    rows = openRows()
    expect(rows.get('durable')).toBe('value')
    await rows.put('after', 'value')
    expect((await store.verify()).findings).toEqual([])
    await store.close()
  })
})

it('a panic in a job that has a scan gives the scan back', async () => {
  const options = {
    createIfMissing: true,
    errorIfExists: false,
    allowInsecureFolder: false,
    durability: 0,
    memoryBudget: 32 << 20,
  }
  const store = native.openMemory(options)
  const scan = native.beginScan(native.namespace(store, 'rows', 'string', 'utf8'), 0, noBytes, noBytes, 4, -1)
  const scans = native.counts().scans
  for (let round = 0; round < 2; round++) {
    expect((await failureOf(() => job(() => native.panicOnPurpose(3, scan)))).code).toBe('INTERNAL')
    expect(native.counts().scans).toBe(scans)
  }
  native.release(scan)
  expect(native.counts().scans).toBe(scans - 1)
  await failureOf(() => job(() => native.close(store)))
})

it('the process lives on, and ends as it wants to', () => {
  const dist = fileURLToPath(new URL('../../dist/index.cjs', import.meta.url))
  const addon = fileURLToPath(new URL('../../lib/native/binding.cjs', import.meta.url))
  const script = `
    const { SledStore } = require(${JSON.stringify(dist)})
    const binding = require(${JSON.stringify(addon)})
    SledStore.open(${JSON.stringify(folder())}).then(async (store) => {
      await store.namespace('rows').put('key', 1)
      binding.panic()
      binding.panicOnPurpose(1, 0)
      try { binding.panicOnPurpose(0, 0) } catch (error) { process.exitCode = error.code === 'INTERNAL' ? 7 : 1 }
    })
  `
  const ended = spawnSync(process.execPath, ['-e', script])
  expect([ended.status, ended.signal]).toEqual([7, null])
})
