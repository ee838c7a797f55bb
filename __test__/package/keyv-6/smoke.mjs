/** Keyv 6 over the adapter: values, namespaces, times to live, several at once, iterators, and a new start. */

import { deepEqual, ok } from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Keyv } from 'keyv'
import { SledStore } from 'sledstore'
import { KeyvSled } from 'sledstore/keyv'

const folder = join(process.argv[2], 'store')
let count = 0
const same = (...values) => {
  count++
  deepEqual(...values)
}
const collect = async (iterator) => {
  const rows = []
  for await (const row of iterator) rows.push(row)
  return rows
}
const open = (namespace) => {
  const keyv = new Keyv({ store: new KeyvSled(folder), namespace })
  keyv.on('error', (error) => {
    throw error
  })
  return keyv
}

const [plain, one, two] = [open(), open('one'), open('two')]
for (const value of ['text', 0, false, null, { deep: [1, { er: true }] }, Buffer.from('bytes')]) {
  await plain.set('value', value)
  same(await plain.get('value'), value)
}
same([await plain.has('value'), await plain.has('nobody')], [true, false])
same([await plain.delete('value'), await plain.delete('value')], [true, false])

await one.set('a', 1)
await two.set('a', 2)
await two.set('b', 3)
same([await one.get('a'), await two.get('a'), await plain.get('a')], [1, 2, undefined])
same((await collect(two.iterator())).toSorted(), [
  ['a', 2],
  ['b', 3],
])
await one.clear()
same([await one.get('a'), await two.get('a')], [undefined, 2])

await two.setMany([
  { key: 'c', value: 4, ttl: 60_000 },
  { key: 'd', value: 5, ttl: 30 },
])
same(await two.getMany(['c', 'nobody', 'b']), [4, undefined, 3])
same(await two.deleteMany(['b', 'nobody']), [true, false])
same(await two.hasMany(['b', 'c']), [false, true])

// What is over leaves the store itself, whoever looks.
await two.set('short', 'value', 30)
const store = await SledStore.open(folder, { durability: 'os' })
const rows = store.namespace('keyv')
while (rows.count() > 2) await setTimeout(5)
same([...rows.keys()], ['two::a', 'two::c'])
same(await two.get('short'), undefined)
await store.close()
for (const keyv of [plain, one, two]) await keyv.disconnect()

const again = open('two')
same(await again.get('c'), 4)
await again.clear()
same(await collect(again.iterator()), [])
await again.disconnect()
ok(count > 10)
console.log(JSON.stringify({ count }))
