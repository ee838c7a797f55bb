/** What is abandoned while the store is being written to is released when it is collected. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { codec, SledStore } from '../../lib/index.js'
import { native } from '../../lib/internal/native.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()
const collect = globalThis.gc

/** A promise of its own each time: a shared one would keep whoever waits for it. */
const never = (): Promise<never> => new Promise(() => undefined)

async function* endless<T>(first: T): AsyncGenerator<T> {
  yield first
  yield await never()
}

it('streams, loads, scans, snapshots and transactions that are abandoned under load hold nothing', async () => {
  expect(collect).toBeTypeOf('function')
  const store = await SledStore.open(folder(), { tuning: { memtableBytes: 256 << 10 } })
  const rows = store.namespace('rows', { value: codec.bytes() })
  for (let index = 0; index < 20; index++) rows.putSync(`long${index}`, new Uint8Array(200_000), { durability: 'none' })
  const before = native.counts()

  const stop = new AbortController()
  const load = (async () => {
    for (let index = 0; !stop.signal.aborted; index++) {
      await rows.put(`row${index % 500}`, new Uint8Array((index % 7) * 10_000), { durability: 'os' })
      if (index % 20 === 0) await sleep()
    }
  })()
  // In a function of its own, so that no local of the test keeps what it makes.
  const abandon = async (index: number): Promise<void> => {
    await rows.getStream(`long${index % 20}`)
    void rows.putStream('never', endless(new Uint8Array(300_000)))
    void store.bulkLoad(rows, endless(['loaded', new Uint8Array(300_000)] as const))
    void store.transaction(never)
    rows.scan().next()
    store.snapshot().scan(rows).next()
    await rows.scanAsync().next()
  }
  let most = 0
  for (let index = 0; index < 200; index++) {
    await abandon(index)
    most = Math.max(most, native.counts().handles)
  }
  expect(most).toBeGreaterThan(before.handles + 10)
  const released = { handles: before.handles, scans: 0, snapshots: 0, transactions: 0, streams: 0 }
  await expect
    .poll(
      () => {
        collect?.()
        return native.counts()
      },
      { timeout: 30_000 },
    )
    .toMatchObject(released)
  expect(store.stats().readers).toMatchObject({ snapshots: 0, transactions: 0 })
  stop.abort()
  await load
  expect(rows.has('never')).toBe(false)
  await store.close()
})
