/** cache-manager over Keyv over a store: two layers, times to live, wrapped functions, and a new start. */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createCache } from 'cache-manager'
import { Keyv } from 'keyv'
import { KeyvSled } from 'sledstore/keyv'

const folder = join(process.argv[2], 'store')
let count = 0
const same = (...values) => {
  count++
  deepEqual(...values)
}
const open = () => createCache({ stores: [new Keyv(), new Keyv({ store: new KeyvSled(folder), namespace: 'app' })] })

const cache = open()
await cache.set('user', { name: 'Ann' })
same(await cache.get('user'), { name: 'Ann' })
await cache.mset([
  { key: 'a', value: 1 },
  { key: 'b', value: 2, ttl: 60_000 },
])
same(await cache.mget(['a', 'nobody', 'b']), [1, undefined, 2])
await cache.del('a')
same(await cache.get('a'), undefined)

let asked = 0
const ask = () => cache.wrap('answer', async () => ++asked, 60_000)
same([await ask(), await ask(), asked], [1, 1, 1])

await cache.set('short', 'value', 50)
same(await cache.get('short'), 'value')
while ((await cache.get('short')) !== undefined) await setTimeout(5)
same(await cache.ttl('short'), undefined)
ok((await cache.ttl('b')) > Date.now())
count++
await cache.disconnect()

const again = open()
same(await again.get('user'), { name: 'Ann' })
same(await again.get('answer'), 1)
await again.clear()
same(await again.mget(['user', 'b', 'answer']), [undefined, undefined, undefined])
await again.disconnect()
equal(asked, 1)
console.log(JSON.stringify({ count }))
