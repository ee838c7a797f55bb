/** What the hot calls cost: crossings into the addon, allocations on the heap, reads of sled on this thread. */
import { getHeapStatistics } from 'node:v8'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codec, key, SledStore, type Namespace } from '../../lib/index.js'
import { native } from '../../lib/internal/native.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()
let store: SledStore
let text: Namespace<string, string, string>
let numbers: Namespace<number, Uint8Array>
let kept: Namespace<string, string, string>

beforeAll(async () => {
  store = await SledStore.open(folder())
  text = store.namespace('text', { value: codec.utf8() })
  kept = store.namespace('text', { value: codec.utf8(), cacheValues: 1 << 20 })
  numbers = store.namespace('numbers', { key: key.number, value: codec.bytes() })
  await store.batch((batch) => {
    for (let index = 0; index < 5_000; index++) {
      batch.put(text, `key${index}`, `value ${index} ${'x'.repeat(80)}`)
      batch.put(numbers, index, new Uint8Array(16))
    }
  })
  kept.get('key7')
})
afterAll(() => store.close())

function crossings(run: () => unknown): number {
  const before = native.counts().crossings
  run()
  return native.counts().crossings - before
}

describe('crossings', () => {
  const calls: [name: string, run: () => unknown, count: number][] = [
    ['get of a text', () => text.get('key7'), 1],
    ['get of bytes', () => numbers.get(7), 1],
    ['get of a missing key', () => text.get('nobody'), 1],
    ['get of a kept value', () => kept.get('key7'), 0],
    ['has', () => text.has('key7'), 1],
    ['getMany of 10', () => text.getMany(Array.from({ length: 10 }, (_, n) => `key${n}`)), 10],
    ['putSync', () => text.putSync('key7', 'value', { durability: 'none' }), 1],
    ['putSync for a time', () => text.putSync('key7', 'value', { durability: 'none', ttl: 9_000 }), 1],
    ['deleteSync', () => text.deleteSync('nobody', { durability: 'none' }), 1],
    [
      'a batch of 100',
      () =>
        store.batchSync(
          (batch) => {
            for (let n = 0; n < 100; n++) batch.put(text, `new${n}`, '')
          },
          { durability: 'none' },
        ),
      1,
    ],
    ['a scan of all rows there are', () => [...text.scan({ gte: 'key100', lt: 'key101' })], 1],
    // The second ends it: without one, a seek could still go on.
    ['a scan of 10 rows of more', () => [...text.scan({ limit: 10 })], 2],
    ['a scan of 32 rows of more', () => [...text.scan({ limit: 32 })], 2],
    ['a scan of 5,000 rows', () => [...numbers.keys()], 1 + Math.ceil((5_000 - 32) / 1_000)],
  ]
  it.each(calls)('%s', (_name, run, count) => {
    expect(crossings(run)).toBe(count)
  })

  it('1,000 puts of one turn ask for durability once', async () => {
    const before = native.counts().crossings
    const promises = new Set<Promise<void>>()
    for (let index = 0; index < 1_000; index++) promises.add(text.put(`key${index}`, 'value'))
    expect(promises.size).toBe(1)
    await Promise.all(promises)
    expect(native.counts().crossings - before).toBe(1_001)
  })

  it('what is put while a request runs is answered by the next one', async () => {
    const before = native.counts().crossings
    const first = text.put('key1', 'first')
    await Promise.resolve() // the microtask that submits the first has run
    const second = text.put('key1', 'second')
    const third = text.put('key2', 'third')
    expect(second).not.toBe(first)
    expect(third).toBe(second)
    await second
    expect(native.counts().crossings - before).toBe(5)
  })
})

describe('allocations', () => {
  const collect = globalThis.gc

  /** Bytes that a call leaves on the heap for the collector, on the average of many. */
  function bytesPerCall(run: (index: number) => unknown): number {
    const rounds = 10_000
    for (let index = 0; index < 200_000; index++) run(index % 5_000) // until the compiler is done with it
    let least = Infinity
    for (let attempt = 0; attempt < 10; attempt++) {
      collect?.()
      const before = getHeapStatistics().used_heap_size
      for (let index = 0; index < rounds; index++) run(index % 5_000)
      least = Math.min(least, (getHeapStatistics().used_heap_size - before) / rounds)
    }
    return least
  }
  const keys = Array.from({ length: 5_000 }, (_, index) => `key${index}`)

  it('has allocates nothing', () => {
    expect(bytesPerCall((index) => text.has(keys[index]!))).toBeLessThan(16)
  })

  it('a get of a missing key allocates nothing', () => {
    expect(bytesPerCall((index) => numbers.get(index + 0.5))).toBeLessThan(40) // a double may be boxed
  })

  it('a get of a text allocates the text', () => {
    const length = text.get('key3000')!.length
    expect(bytesPerCall((index) => text.get(keys[(index % 2_000) + 2_000]!))).toBeLessThan(length + 40)
  })

  it('a put allocates nothing', () => {
    const none = { durability: 'none' } as const
    expect(bytesPerCall((index) => text.putSync(keys[index]!, 'value', none))).toBeLessThan(64)
  })
})

describe('asynchronous reads', () => {
  it('read nothing from sled on this thread', async () => {
    const path = folder()
    const filling = await SledStore.open(path)
    const before = filling.namespace('rows', { value: codec.utf8() })
    await filling.batch((batch) => {
      for (let index = 0; index < 20_000; index++) batch.put(before, `key${index}`, `value ${index}`)
    })
    await filling.close()

    const cold = await SledStore.open(path)
    const rows = cold.namespace('rows', { value: codec.utf8() })
    const snapshot = cold.snapshot()
    const start = native.counts().sledReads
    expect(await rows.getAsync('key5')).toBe('value 5')
    expect(await snapshot.getAsync(rows, 'key2500')).toBe('value 2500')
    expect(await rows.getManyAsync(['key9000', 'nobody', 'key12000'])).toEqual(['value 9000', undefined, 'value 12000'])
    let count = 0
    for await (const _ of rows.scanAsync({ prefix: 'key1' })) count++
    expect(count).toBe(11_111)
    expect(await rows.countAsync()).toBe(20_000)
    expect(native.counts().sledReads).toBe(start)
    await cold.close()
  })

  it('and synchronous ones do', async () => {
    const path = folder()
    const filling = await SledStore.open(path)
    await filling.namespace('rows').put('key', 'value')
    await filling.close()
    const cold = await SledStore.open(path)
    const start = native.counts().sledReads
    expect(cold.namespace('rows').get('key')).toBe('value')
    expect(native.counts().sledReads).toBeGreaterThan(start)
    await cold.close()
  })
})
