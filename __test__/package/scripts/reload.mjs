/**
 * The package loaded anew in one process: `reload.mjs <dist> <folder>`. Every copy has classes of its own and shares
 * the engine with the others. Prints how often it was loaded.
 */

import { deepEqual, equal, notEqual, ok, rejects } from 'node:assert/strict'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const [dist, folder] = process.argv.slice(2)
const require = createRequire(import.meta.url)

/** Forgets all that was loaded, the addon too, and loads it again. */
function load() {
  for (const name of Object.keys(require.cache)) delete require.cache[name]
  return require(join(dist, 'index.cjs'))
}

const copies = []
for (let count = 0; count < 4; count++) {
  const copy = load()
  for (const { SledStore } of copies) notEqual(copy.SledStore, SledStore)
  copy.store = await copy.SledStore.open(folder)
  copy.rows = copy.store.namespace('rows')
  copies.push(copy)
}

for (const [at, { rows, store }] of copies.entries()) {
  await rows.put(`from ${at}`, 'x'.repeat(100_000 * (at + 1)))
  store.batchSync((batch) => batch.put(rows, `batch ${at}`, at))
}
for (const { rows } of copies) {
  equal(rows.count(), 2 * copies.length)
  for (const at of copies.keys()) {
    equal(rows.get(`from ${at}`).length, 100_000 * (at + 1))
    equal((await rows.getAsync(`from ${at}`)).length, 100_000 * (at + 1))
    equal(rows.get(`batch ${at}`), at)
  }
}
for (const { SledStore, SledStoreError, store } of copies) {
  const isOfThisCopy = (error) => error instanceof SledStoreError
  await rejects(SledStore.open(folder, { errorIfExists: true }), isOfThisCopy)
  await rejects(async () => store.namespace('rows', { key: copies[0].key.number }), isOfThisCopy)
}
for (const { store } of copies.splice(1)) await store.close()
const [{ store, rows }] = copies
deepEqual([...rows.keys({ prefix: 'batch' })], ['batch 0', 'batch 1', 'batch 2', 'batch 3'])
ok(store.status === 'open')
await store.close()
console.log(4)
