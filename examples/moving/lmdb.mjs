/** Copies databases of lmdb into namespaces and compares them: `node lmdb.mjs <from> <to> [database…]`. */

import { pathToFileURL } from 'node:url'
import { open } from 'lmdb'
import { key, SledStore } from 'sledstore'
import { chunksOf, compare, report } from './differences.mjs'

/** Name of the namespace for what lies in the environment's root database. */
const rootName = 'root'

/**
 * Every row of a database, at one moment. In the root a named database is a row, too, which is no value: give their names.
 *
 * @param {import('lmdb').Database} database
 */
export function* rowsOf(database, names = []) {
  const transaction = database.useReadTransaction()
  try {
    for (const name of database.getKeys({ start: null, transaction })) {
      if (!names.includes(name)) yield [name, database.get(name, { transaction })]
    }
  } finally {
    transaction.done()
  }
}

/** A database with `dupSort` has several values under one key, of which `get` would give the first alone. */
function refuseDuplicates(database, name) {
  const { entryCount } = database.getStats()
  let keys = 0
  for (const _ of database.getKeys({ start: null })) keys++
  if (keys === entryCount) return
  throw new Error(
    `${name} has ${entryCount} values under ${keys} keys; put the values of such a database into the keys`,
  )
}

/** Keys of lmdb are of any kind; where all are text, the namespace says so. */
function keysOf(database, names) {
  for (const name of database.getKeys({ start: null })) {
    if (typeof name !== 'string' && !names.includes(name)) return key.any
  }
  return key.string
}

/**
 * @param {import('lmdb').Database} database
 * @param {import('sledstore').SledStore} store
 */
export async function copyDatabase(database, store, name, names = []) {
  refuseDuplicates(database, name)
  const namespace = store.namespace(name, { key: keysOf(database, names) })
  // Not a bulk load: lmdb orders mixed keys in another way, arrays among strings.
  for (const chunk of chunksOf(rowsOf(database, names))) {
    await store.batch((batch) => chunk.forEach((row) => batch.put(namespace, ...row)), { durability: 'os' })
  }
  await store.flush()
  return namespace
}

async function main([from, to, ...names]) {
  const environment = open({ path: from, readOnly: true })
  const store = await SledStore.open(to, { errorIfExists: true })
  const root = await copyDatabase(environment, store, rootName, names)
  report(root.name, await compare(root, rowsOf(environment, names)))
  for (const name of names) {
    const database = environment.openDB(name)
    const namespace = await copyDatabase(database, store, name)
    report(name, await compare(namespace, rowsOf(database)))
  }
  await store.close()
  await environment.close()
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv.slice(2))
