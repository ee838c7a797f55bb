/** Leaves a store without closing it, by `exits.mjs <dist> <folder> <how>`; the how `count` prints what is there. */

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [dist, folder, how] = process.argv.slice(2)
const { SledStore } = await import(pathToFileURL(join(dist, 'index.js')).href)
const store = await SledStore.open(folder)
const rows = store.namespace('rows')

if (how === 'count') {
  console.log(rows.count())
  await store.close()
} else {
  for (let at = 0; at < 1000; at++) void rows.put(`key ${at}`, at, { durability: 'none' }).catch(() => {})
  if (how === 'exit') process.exit(7)
  if (how === 'throw') throw new Error('on purpose')
}
