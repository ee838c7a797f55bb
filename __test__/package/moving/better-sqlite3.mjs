/** The page on better-sqlite3 and its program, beside the real better-sqlite3; prints how much was compared. */

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { compare } from '../../../examples/moving/differences.mjs'
import { copyTable, rowsOf } from '../../../examples/moving/better-sqlite3.mjs'
import { codec, key, SledStore } from '../../../dist/index.js'
import { peer, program } from './peers.mjs'
import { openOurs, people } from './people.mjs'
import { compareTables } from './tables.mjs'

const { default: Database } = await peer('better-sqlite3')
const folder = process.argv[2]

async function openTheirs() {
  const db = new Database(':memory:')
  db.exec('CREATE TABLE users (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID')
  const insert = db.prepare('INSERT INTO users VALUES (?, ?)')
  for (const [name, value] of people) insert.run(name, JSON.stringify(value))
  const all = db.prepare('SELECT key, value FROM users ORDER BY key').raw()
  const content = async () => all.all().map(([name, value]) => [name, JSON.parse(value)])
  return { names: { db }, content, close: async () => db.close() }
}

const ours = openOurs({ key: key.string, value: codec.json() })
const calls = await compareTables('docs/guide/moving-from-better-sqlite3.md', openTheirs, ours)

const file = join(folder, 'from.sqlite')
const database = new Database(file)
const rowCount = 20_000

function fill() {
  database.exec('CREATE TABLE "the users" (name TEXT COLLATE NOCASE PRIMARY KEY, data TEXT)')
  database.exec('CREATE TABLE files (key PRIMARY KEY, value BLOB)')
  const user = database.prepare('INSERT INTO "the users" VALUES (?, ?)')
  const odd = ['', 'ü', '\u{1f600}', '\uffff', 'Zoe', 'ann']
  const names = [...odd, ...Array.from({ length: rowCount }, (_, number) => `row ${number}`)]
  database.transaction(() => names.forEach((name) => user.run(name, JSON.stringify({ name, list: [null, 1] }))))()
  const put = database.prepare('INSERT INTO files VALUES (?, ?)')
  for (const name of [2, -1, 1.5, Buffer.from([9]), 'a', 'B']) put.run(name, Buffer.from(String(name)))
  return names.length
}

const users = fill()
const run = (to, ...words) =>
  execFileSync(process.execPath, [program('better-sqlite3'), file, join(folder, to), ...words], { encoding: 'utf8' })
const columns = ['--key', 'name', '--value', 'data', '--values', 'json']
strictEqual(run('to', 'the users', ...columns).trim(), `the users: ${users} rows, all the same`)
strictEqual(run('files', 'files', '--values', 'blob').trim(), 'files: 6 rows, all the same')

// A copy that is wrong is found out.
const store = SledStore.memory()
const encodings = { key: 'name', value: 'data', values: 'json' }
const copy = await copyTable(database, store, 'the users', encodings)
deepStrictEqual(copy.get('row 3'), { name: 'row 3', list: [null, 1] })
await copy.put('row 2', 'planted')
await copy.delete('row 1')
const { differences } = await compare(copy, rowsOf(database, 'the users', encodings))
deepStrictEqual(differences, ['row 1 is missing', 'row 2 differs'])
await store.close()
database.close()

console.log(JSON.stringify({ calls, rows: users + 6 }))
