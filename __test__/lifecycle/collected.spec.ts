/** What is dropped without being closed is released when it is collected; native counts return to where they were. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { codec } from '../../lib/codec.js'
import { SledStore, type Namespace } from '../../lib/index.js'
import { native } from '../../lib/internal/native.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()
const collect = globalThis.gc

async function until(condition: () => boolean): Promise<void> {
  for (let round = 0; round < 200 && !condition(); round++) {
    collect?.()
    await sleep(5)
  }
}

async function filled(): Promise<[SledStore, Namespace<string, string, string>]> {
  const store = await SledStore.open(folder())
  const rows = store.namespace('rows', { value: codec.utf8() })
  await store.batch((batch) => {
    for (let index = 0; index < 3_000; index++) batch.put(rows, `row${index}`, 'value')
  })
  return [store, rows]
}

it('the runner exposes gc', () => {
  expect(collect).toBeTypeOf('function')
})

it('abandoned scans, snapshots and transactions are released', async () => {
  const [store, rows] = await filled()
  const before = native.counts()
  const abandon = (): void => {
    for (let index = 0; index < 500; index++) {
      rows.scan().next()
      store.snapshot()
      void store.transaction(async (tx) => {
        tx.put(rows, 'never', '')
        await new Promise(() => undefined)
      })
    }
  }
  abandon()
  for (let index = 0; index < 50; index++) await rows.scanAsync().next()
  expect(native.counts().scans).toBeGreaterThan(400)
  expect(native.counts().snapshots).toBe(before.snapshots + 500)
  expect(native.counts().transactions).toBe(before.transactions + 500)
  expect(store.stats().readers.transactions).toBe(500)
  await until(() => native.counts().handles === before.handles)
  expect(native.counts()).toMatchObject({ handles: before.handles, scans: 0, snapshots: 0, transactions: 0, jobs: 0 })
  expect(store.stats().readers).toMatchObject({ snapshots: 0, transactions: 0 })
  await store.close()
})

it('finished, broken off and failed scans hold nothing at once', async () => {
  const [store, rows] = await filled()
  for (const _ of rows.scan());
  for (const _ of rows.scan()) break
  expect(() => {
    for (const _ of rows.scan()) throw new RangeError('on purpose')
  }).toThrow(RangeError)
  rows.keys().close()
  for await (const _ of rows.scanAsync());
  for await (const _ of rows.scanAsync()) break
  expect(native.counts()).toMatchObject({ scans: 0, jobs: 0 })
  await store.close()
})

it('closing the store releases everything opened from it', async () => {
  const [store, rows] = await filled()
  const kept = [rows.scan(), store.snapshot(), rows.scanAsync()]
  expect(native.counts().handles).toBeGreaterThan(3)
  await store.close()
  expect(native.counts()).toMatchObject({ handles: 0, stores: 0, namespaces: 0, scans: 0, snapshots: 0 })
  expect(kept).toHaveLength(3)
})

it('opening a namespace again takes no new handle', async () => {
  const [store] = await filled()
  const before = native.counts().handles
  for (let index = 0; index < 100; index++) store.namespace('rows', { value: codec.utf8() })
  expect(native.counts().handles).toBe(before)
  for (let index = 0; index < 100; index++) {
    store.namespace('short')
    await store.dropNamespace('short', { durability: 'none' })
  }
  expect(native.counts().handles).toBe(before)
  await store.close()
})

it('memory does not grow with scans, snapshots and large values that are dropped', async () => {
  const [store, rows] = await filled()
  const bytes = store.namespace('bytes', { value: codec.bytes() })
  const value = new Uint8Array(300_000).fill(7)
  const round = async (): Promise<void> => {
    for (let index = 0; index < 200; index++) {
      rows.scan().next()
      bytes.putSync('large', value, { durability: 'none' })
      expect(bytes.get('large')).toHaveLength(value.length)
    }
    await until(() => native.counts().scans === 0)
  }
  await round()
  const before = process.memoryUsage()
  for (let index = 0; index < 5; index++) await round()
  const grownBy = (what: 'arrayBuffers' | 'heapUsed') => process.memoryUsage()[what] - before[what]
  await until(() => grownBy('arrayBuffers') < 8 << 20 && grownBy('heapUsed') < 8 << 20)
  await store.close()
})

it('dropping a graph releases the plans of its queries', async () => {
  const [store] = await filled()
  const before = native.counts().sessions
  for (let index = 0; index < 10; index++) {
    store.graph('short').querySync('RETURN 1')
    await store.dropGraph('short')
    expect(native.counts().sessions).toBe(before)
  }
  store.graph('kept').querySync('RETURN 1')
  store.graph('other').querySync('RETURN 1')
  await store.dropGraph('other')
  expect(native.counts().sessions).toBe(before + 1)
  await store.close()
  expect(native.counts().sessions).toBe(before)
})
