/**
 * Copies a table of keys and values into a namespace and compares them:
 * `node better-sqlite3.mjs <file> <to> <table> [--key key] [--value value] [--values json]`.
 */

import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import Database from 'better-sqlite3'
import { codec, key, SledStore } from 'sledstore'
import { compare, report } from './differences.mjs'

/** What the values of the table are: text, JSON as text, or blobs. */
const valueCodecs = { text: codec.utf8(), json: codec.json(), blob: codec.bytes() }

const quoted = (name) => `"${name.replaceAll('"', '""')}"`

/**
 * Rows in the order that key codecs have: numbers, blobs, then text by its bytes, whatever collation the column has.
 *
 * @param {import('better-sqlite3').Database} database
 */
export function* rowsOf(
  database,
  table,
  { key: keyColumn = 'key', value: valueColumn = 'value', values = 'text' } = {},
) {
  const [name, value] = [quoted(keyColumn), quoted(valueColumn)]
  const select = `SELECT ${name}, ${value} FROM ${quoted(table)} ORDER BY typeof(${name}) = 'text', ${name} COLLATE BINARY`
  for (const [id, stored] of database.prepare(select).raw().safeIntegers().iterate()) {
    yield [typeof id === 'bigint' ? wholeNumber(id) : id, values === 'json' ? JSON.parse(stored) : stored]
  }
}

function wholeNumber(id) {
  if (Number.isSafeInteger(Number(id))) return Number(id)
  throw new RangeError(`the key ${id} is beyond 2^53: use key.bigint, and leave it as it is`)
}

function keysOf(database, table, { key: keyColumn = 'key' } = {}) {
  const kinds = database
    .prepare(`SELECT DISTINCT typeof(${quoted(keyColumn)}) FROM ${quoted(table)}`)
    .pluck()
    .all()
  const codecs = { text: key.string, integer: key.number, real: key.number, blob: key.bytes }
  const wanted = new Set(kinds.map((kind) => codecs[kind] ?? key.any))
  return wanted.size === 1 ? [...wanted][0] : key.any
}

/**
 * @param {import('better-sqlite3').Database} database
 * @param {import('sledstore').SledStore} store
 * @param {{ key?: string, value?: string, values?: 'text' | 'json' | 'blob' }} [columns] names of the two columns, and what
 *   the values are
 */
export async function copyTable(database, store, table, columns = {}) {
  const value = valueCodecs[columns.values ?? 'text']
  const namespace = store.namespace(table, { key: keysOf(database, table, columns), value })
  await store.bulkLoad(namespace, rowsOf(database, table, columns))
  return namespace
}

async function main(words) {
  const options = { key: { type: 'string' }, value: { type: 'string' }, values: { type: 'string' } }
  const { values: columns, positionals } = parseArgs({ args: words, options, allowPositionals: true })
  const [file, to, table] = positionals
  const database = new Database(file, { readonly: true, fileMustExist: true })
  const store = await SledStore.open(to, { errorIfExists: true })
  const namespace = await copyTable(database, store, table, columns)
  report(namespace.name, await compare(namespace, rowsOf(database, table, columns)))
  await store.close()
  database.close()
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv.slice(2))
