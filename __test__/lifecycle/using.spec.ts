/** What `using` and `await using` call, where the runtime has their symbols. */
import { describe, expect, it } from 'vitest'
import { codec, SledStore } from '../../lib/index.js'
import { native } from '../../lib/internal/native.js'

async function filled() {
  const store = SledStore.memory()
  const rows = store.namespace('rows', { value: codec.utf8() })
  await store.batch((batch) => {
    for (let index = 0; index < 2_000; index++) batch.put(rows, `key${index}`, 'value')
  })
  return { store, rows }
}

describe.skipIf(Symbol.dispose === undefined)('disposing', () => {
  it('a snapshot and a scan', async () => {
    const { store, rows } = await filled()
    const snapshot = store.snapshot()
    const scan = rows.scan()
    scan.next()
    expect(native.counts()).toMatchObject({ snapshots: 1, scans: 1 })
    snapshot[Symbol.dispose]()
    scan[Symbol.dispose]()
    expect(native.counts()).toMatchObject({ snapshots: 0, scans: 0 })
    expect(scan.next()).toEqual({ done: true, value: undefined })
    await store.close()
  })

  it('a store and an asynchronous scan', async () => {
    const { store, rows } = await filled()
    const scan = rows.scanAsync()
    await scan.next()
    await scan[Symbol.asyncDispose]()
    expect(native.counts().scans).toBe(0)
    await store[Symbol.asyncDispose]()
    expect(store.status).toBe('closed')
    expect(Symbol.dispose in store).toBe(false)
  })
})

describe('iterators', () => {
  it('inherit from the runtime’s Iterator.prototype', async () => {
    const { store, rows } = await filled()
    const prototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object
    const scan = rows.keys()
    expect(Object.prototype.isPrototypeOf.call(prototype, scan)).toBe(true)
    expect(scan[Symbol.iterator]()).toBe(scan)
    scan.close()
    await store.close()
  })

  it('seek forward, in both orders and within and beyond a page', async () => {
    const { store, rows } = await filled()
    const keys = [...rows.keys()]
    for (const target of ['key0', 'key1', 'key15', 'key150', 'key1999', 'key5', 'key9', 'key999', 'kez', '']) {
      const forward = rows.keys()
      forward.next()
      forward.seek(target)
      expect([...forward], target).toEqual(keys.slice(1).filter((key) => key >= target))
      const backward = rows.keys({ reverse: true })
      backward.next()
      backward.seek(target)
      expect([...backward], target).toEqual(
        keys
          .slice(0, -1)
          .reverse()
          .filter((key) => key <= target),
      )
    }
    await store.close()
  })

  it('rows longer than a page come through', async () => {
    const { store } = await filled()
    const large = store.namespace('large', { value: codec.bytes() })
    const lengths = [10, 70_000, 5, 300_000, 65_530, 1, 8_192, 200_000]
    for (const [index, length] of lengths.entries()) await large.put(`key${index}`, new Uint8Array(length).fill(index))
    expect([...large.values()].map((value) => value.length)).toEqual(lengths)
    expect([...large.values({ reverse: true })].map((value) => value.length)).toEqual([...lengths].reverse())
    const seen: number[] = []
    for await (const value of large.valuesAsync()) seen.push(value.length)
    expect(seen).toEqual(lengths)
    const scan = large.scan()
    scan.seek('key3')
    expect(scan.next().value?.[1]).toHaveLength(300_000)
    await store.close()
  })
})
