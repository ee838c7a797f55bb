/** What every store must do with values that a namespace keeps decoded. */
import { deepStrictEqual as same, equal, ok, rejects, throws } from 'node:assert/strict'
import { codec } from '../../lib/codec.js'
import { key } from '../../lib/key-codec.js'
import type { StoreCase } from './subject.js'

interface User {
  readonly name: string
  readonly tags: string[]
}

const keptValuesCases: StoreCase[] = []
const behavior = (name: string, run: StoreCase['run']): unknown => keptValuesCases.push({ name, run })

const users = { value: codec.json<User>(), cacheValues: 1 << 20 }
const text = { value: codec.utf8(), cacheValues: 1 << 20 }

behavior('a kept value is the newest after every kind of write', async (store) => {
  const namespace = store.namespace('letters', text)
  const is = (value: string | undefined): void => {
    for (let reads = 0; reads < 3; reads++) same(namespace.get('a'), value)
    same(namespace.getMany(['a', 'b']), [value, undefined])
  }
  is(undefined)
  await namespace.put('a', '1')
  is('1')
  namespace.putSync('a', '2')
  is('2')
  await store.batch((batch) => batch.put(namespace, 'a', '3'))
  is('3')
  await store.transaction((transaction) => {
    transaction.put(namespace, 'a', '4')
    same([namespace.get('a'), transaction.get(namespace, 'a')], ['3', '4'])
  })
  is('4')
  same(await namespace.compareAndSet('a', '4', '5'), true)
  is('5')
  same(await namespace.compareAndSet('a', '4', '6'), false)
  is('5')
  await store.bulkLoad(namespace, [['a', '7']])
  is('7')
  same(await namespace.getAsync('a'), '7')
  store.namespace('letters', { value: codec.utf8() }).putSync('a', '8')
  is('8')
  await namespace.delete('a')
  is(undefined)
  await namespace.put('a', '9')
  is('9')
  await namespace.clear({ prefix: 'a' })
  is(undefined)
  await namespace.put('a', '10')
  await namespace.clear()
  is(undefined)
})

behavior('a kept object is the same one, frozen, until it is put again', async (store) => {
  const namespace = store.namespace('users', users)
  await namespace.put('ann', { name: 'Ann', tags: ['a', 'b'] })
  const first = namespace.get('ann')!
  equal(namespace.get('ann'), first)
  equal(await namespace.getAsync('ann'), first)
  same({ ...first, tags: [...first.tags] }, { name: 'Ann', tags: ['a', 'b'] })
  throws(() => first.tags.push('c'), { name: 'TypeError' })
  throws(() => Object.assign(first, { name: 'Bob' }), { name: 'TypeError' })
  await namespace.put('ann', { name: 'Ann', tags: ['a'] })
  same([...namespace.get('ann')!.tags], ['a'])
  same([...first.tags], ['a', 'b'])
})

behavior('snapshots and transactions read what was', async (store) => {
  const namespace = store.namespace('letters', text)
  await namespace.put('a', 'old')
  same(namespace.get('a'), 'old')
  const snapshot = store.snapshot()
  await namespace.put('a', 'new')
  same([namespace.get('a'), snapshot.get(namespace, 'a'), namespace.get('a')], ['new', 'old', 'new'])
  snapshot.close()
})

behavior('what expires is not kept', async (store) => {
  const namespace = store.namespace('letters', text)
  await namespace.put('a', 'A', { ttl: 40 })
  while (namespace.get('a') !== undefined) await new Promise((resolve) => setTimeout(resolve, 1))
  await namespace.put('a', 'B')
  same([namespace.get('a'), namespace.get('a')], ['B', 'B'])
  await namespace.put('a', 'C', { ttl: 40 })
  while (namespace.get('a') !== undefined) await new Promise((resolve) => setTimeout(resolve, 1))
})

behavior("bytes are the reader's own", async (store) => {
  const namespace = store.namespace('bytes', { value: codec.bytes(), cacheValues: 1 << 20 })
  await namespace.put('a', Uint8Array.of(1, 2, 3))
  for (let reads = 0; reads < 3; reads++) {
    const bytes = namespace.get('a')!
    same([...bytes], [1, 2, 3])
    bytes.fill(9)
  }
})

behavior('what cannot be frozen, and values of keys that are objects, are read each time', async (store) => {
  const dates = store.namespace('dates', { value: codec.msgpack<{ at: Date }>(), cacheValues: 1 << 20 })
  await dates.put('a', { at: new Date(5) })
  dates.get('a')!.at.setTime(7)
  same(dates.get('a')!.at.getTime(), 5)
  const pairs = store.namespace('pairs', { ...text, key: key.tuple(key.string, key.number) })
  await pairs.put(['a', 1], 'A')
  same([pairs.get(['a', 1]), pairs.get(['a', 1])], ['A', 'A'])
  const numbers = store.namespace('numbers', { ...text, key: key.number })
  await numbers.put(0, 'zero')
  same([numbers.get(0), numbers.get(-0), numbers.get(1)], ['zero', 'zero', undefined])
})

behavior('hits and misses are counted', async (store) => {
  const namespace = store.namespace('letters', text)
  await namespace.put('a', 'A')
  const before = store.stats().values
  for (let reads = 0; reads < 10; reads++) namespace.get('a')
  const { hits, misses } = store.stats().values
  same([hits - before.hits, misses - before.misses], [9, 1])
})

behavior('more than there is room for is read all the same', async (store) => {
  const namespace = store.namespace('letters', { value: codec.utf8(), cacheValues: 10_000 })
  const model = new Map<string, string>()
  let state = 1
  const random = (limit: number): number => (state = (state * 48_271) % 0x7fff_ffff) % limit
  for (let step = 0; step < 5_000; step++) {
    const at = String(Math.min(random(200), random(200), random(200)))
    if (random(5) === 0) {
      const value = String(step).repeat(1 + random(20))
      namespace.putSync(at, value)
      model.set(at, value)
    } else if (random(20) === 0) {
      namespace.deleteSync(at)
      model.delete(at)
    } else same(namespace.get(at), model.get(at))
  }
  ok(store.stats().values.hits > 500)
})

behavior('nothing is kept of a namespace that was dropped, or a store that was closed', async (store) => {
  const namespace = store.namespace('letters', text)
  const dropped = store.namespace('dropped', text)
  await namespace.put('a', 'A')
  await dropped.put('a', 'A')
  same([namespace.get('a'), dropped.get('a')], ['A', 'A'])
  await store.dropNamespace('dropped')
  throws(() => dropped.get('a'), { code: 'NAMESPACE_DROPPED' })
  same(store.namespace('dropped', text).get('a'), undefined)
  await store.close()
  throws(() => namespace.get('a'), { code: 'CLOSED' })
  await rejects(namespace.getAsync('a'), { code: 'CLOSED' })
})

behavior('the room for values is a whole number', async (store) => {
  for (const cacheValues of [-1, 0.5, Number.NaN, Infinity])
    throws(() => store.namespace('letters', { cacheValues }), { code: 'INVALID_ARGUMENT' })
  throws(() => store.namespace('letters', { cacheValues: '1' as unknown as number }), TypeError)
})

export { keptValuesCases }
