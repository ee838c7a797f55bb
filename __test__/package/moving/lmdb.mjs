/** The page on lmdb and its program, beside the real lmdb; prints how much was compared. */

import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict'
import { join } from 'node:path'
import { execFileSync } from 'node:child_process'
import { compare } from '../../../examples/moving/differences.mjs'
import { copyDatabase, rowsOf } from '../../../examples/moving/lmdb.mjs'
import { codec, key, SledStore } from '../../../dist/index.js'
import { peer, program } from './peers.mjs'
import { openOurs, people } from './people.mjs'
import { compareTables } from './tables.mjs'

const { ABORT, open } = await peer('lmdb')
const folder = process.argv[2]
let environments = 0

async function openTheirs() {
  const db = open({ path: join(folder, `table-${environments++}`) })
  for (const row of people) db.putSync(...row)
  const content = async () => [...db.getRange()].map(({ key, value }) => [key, value])
  return { names: { db, ABORT }, content, close: () => db.close() }
}

const calls = await compareTables(
  'docs/guide/moving-from-lmdb.md',
  openTheirs,
  openOurs({ key: key.string, value: codec.msgpack() }),
)

/** Keys and values of every kind that lmdb has, and many of the usual ones. */
async function fill(path) {
  const environment = open({ path })
  const kinds = [null, false, true, -3.5, 0, 1e300, 'a', 'ü', '\u{1f600}', '\uffff', ['a', 1], ['a', 'b'], [['c'], 2]]
  const value = { text: 'größe', at: new Date(5), bytes: Buffer.from([0, 255]), list: [1, null, 2.5], large: 2n ** 60n }
  for (const name of kinds) await environment.put(name, value)
  const rows = environment.openDB('rows')
  for (let number = 0; number < 20_000; number++) rows.put(`row ${number}`, { number, text: 'x'.repeat(number % 90) })
  await environment.flushed
  await environment.close()
  return kinds.length
}

const from = join(folder, 'from')
const kinds = await fill(from)
const printed = execFileSync(process.execPath, [program('lmdb'), from, join(folder, 'to'), 'rows'], {
  encoding: 'utf8',
})
deepStrictEqual(printed.trim().split('\n'), [`root: ${kinds} rows, all the same`, 'rows: 20000 rows, all the same'])

// A copy that is wrong is found out.
const environment = open({ path: from, readOnly: true })
const database = environment.openDB('rows')
const store = SledStore.memory()
const copy = await copyDatabase(database, store, 'rows')
strictEqual(copy.get('row 7').number, 7)
await store.batch((batch) => {
  batch.delete(copy, 'row 1')
  batch.put(copy, 'row 2', 'planted')
  batch.put(copy, 'surplus', 'planted')
})
const { differences } = await compare(copy, rowsOf(database))
deepStrictEqual(differences, ['row 1 is missing', 'row 2 differs', '1 rows more than there were'])

// Several values under a key are refused, not lost.
const several = open({ path: join(folder, 'several') })
const duplicates = several.openDB('duplicates', { dupSort: true, encoding: 'ordered-binary' })
for (const value of [1, 2]) await duplicates.put('a', value)
await rejects(copyDatabase(duplicates, store, 'duplicates'))
deepStrictEqual(
  store.namespaces().map(({ name }) => name),
  ['rows'],
)
await several.close()

await store.close()
await environment.close()

console.log(JSON.stringify({ calls, rows: kinds + 20_000 }))
