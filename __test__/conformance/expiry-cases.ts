/** What every store must do with values that live for a time. */
import { deepStrictEqual as same, rejects, throws } from 'node:assert/strict'
import { codec } from '../../lib/codec.js'
import { key } from '../../lib/key-codec.js'
import type { Case, Subject } from './subject.js'

const text = { key: key.string, value: codec.utf8() }
const expiryCases: Case[] = []
const behavior = (name: string, run: Case['run']): unknown => expiryCases.push({ name, run })

/** Long enough for any test, and short enough to be waited for. */
const LONG = { ttl: 3_600_000 }
const SHORT = { ttl: 30 }

/** Waits for something that comes with time alone. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1))
}

/** A namespace in which `a`, `c` and `e` have expired, and `b` and `d` have not. */
async function half(store: Subject) {
  const namespace = store.namespace('letters', text)
  for (const letter of ['b', 'd']) await namespace.put(letter, letter, LONG)
  for (const letter of ['a', 'c', 'e']) await namespace.put(letter, letter, SHORT)
  await until(() => !namespace.has('e'))
  return namespace
}

behavior('a value is there until its time is over', async (store) => {
  const namespace = store.namespace('letters', text)
  await namespace.put('a', 'A', LONG)
  same(namespace.get('a'), 'A')
  same(namespace.has('a'), true)
  same([...namespace.scan()], [['a', 'A']])
})

behavior('an expired value is gone from every read', async (store) => {
  const namespace = await half(store)
  same(namespace.get('a'), undefined)
  same(namespace.has('c'), false)
  same(namespace.getMany(['a', 'b', 'c']), [undefined, 'b', undefined])
  same(await namespace.getAsync('a'), undefined)
  same(await namespace.getManyAsync(['d', 'e']), ['d', undefined])
  same([...namespace.keys()], ['b', 'd'])
  same([...namespace.values({ reverse: true })], ['d', 'b'])
  same([...namespace.scan({ gte: 'c' })], [['d', 'd']])
  same(await namespace.countAsync(), 2)
})

behavior('limits and counts are of values that live', async (store) => {
  const namespace = await half(store)
  same([...namespace.keys({ limit: 1 })], ['b'])
  same([...namespace.keys({ limit: 2, reverse: true })], ['d', 'b'])
  same(namespace.count(), 2)
  same(namespace.count({ gt: 'b' }), 1)
})

behavior('the last put decides whether a value expires', async (store) => {
  const namespace = store.namespace('letters', text)
  await namespace.put('kept', '1', SHORT)
  await namespace.put('kept', '2')
  await namespace.put('gone', '1')
  await namespace.put('gone', '2', SHORT)
  await until(() => !namespace.has('gone'))
  same([...namespace.scan()], [['kept', '2']])
})

behavior('an expired value can be put, deleted and cleared', async (store) => {
  const namespace = await half(store)
  await namespace.put('a', 'again')
  await namespace.delete('c')
  await namespace.clear({ gte: 'e' })
  same(
    [...namespace.scan()],
    [
      ['a', 'again'],
      ['b', 'b'],
      ['d', 'd'],
    ],
  )
})

behavior('batches and transactions put for a time, too', async (store) => {
  const namespace = store.namespace('letters', text)
  namespace.putSync('a', 'A', SHORT)
  await store.batch((batch) => {
    batch.put(namespace, 'b', 'B', SHORT)
    batch.put(namespace, 'c', 'C', LONG)
    batch.put(namespace, 'd', 'D')
    batch.put(namespace, 'x', 'X', LONG)
    batch.clear(namespace, { gte: 'x' })
  })
  await store.transaction((transaction) => {
    transaction.put(namespace, 'e', 'E', SHORT)
    transaction.put(namespace, 'f', 'F', LONG)
    same(transaction.get(namespace, 'e'), 'E')
  })
  await until(() => namespace.count() === 3)
  same([...namespace.keys()], ['c', 'd', 'f'])
})

behavior('a snapshot judges by the time it was taken', async (store) => {
  const namespace = store.namespace('letters', text)
  const written = namespace.put('a', 'A', { ttl: 200 })
  const before = store.snapshot()
  await written
  same(before.get(namespace, 'a'), 'A')
  await until(() => !namespace.has('a'))
  const after = store.snapshot()
  same(before.get(namespace, 'a'), 'A')
  same(before.has(namespace, 'a'), true)
  same([...before.scan(namespace)], [['a', 'A']])
  same(after.get(namespace, 'a'), undefined)
  same(after.count(namespace), 0)
  before.close()
  after.close()
})

behavior('a transaction reads the same until its end', async (store) => {
  const namespace = store.namespace('letters', text)
  const written = namespace.put('a', 'A', { ttl: 200 })
  await store.transaction(async (transaction) => {
    await written
    same(transaction.get(namespace, 'a'), 'A')
    await until(() => !namespace.has('a'))
    same(transaction.get(namespace, 'a'), 'A')
    same(transaction.count(namespace), 1)
    transaction.put(namespace, 'b', 'B')
  })
  same([...namespace.scan()], [['b', 'B']])
})

behavior('compareAndSet takes an expired value for missing', async (store) => {
  const namespace = await half(store)
  same(await namespace.compareAndSet('a', 'a', 'new'), false)
  same(await namespace.compareAndSet('a', undefined, 'new'), true)
  same(namespace.compareAndSetSync('b', undefined, 'new'), false)
})

behavior('a time to live is a whole number of milliseconds, at least 1', async (store) => {
  const namespace = store.namespace('letters', text)
  for (const ttl of [0, -1, 1.5, NaN, Infinity]) {
    await rejects(async () => namespace.put('a', 'A', { ttl }), RangeError)
    throws(() => namespace.putSync('a', 'A', { ttl }), RangeError)
    throws(() => store.batchSync((batch) => batch.put(namespace, 'a', 'A', { ttl })), RangeError)
  }
  await namespace.put('b', 'B', { ttl: Number.MAX_SAFE_INTEGER })
  same([...namespace.keys()], ['b'])
})

export { expiryCases }
