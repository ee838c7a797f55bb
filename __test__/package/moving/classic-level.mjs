/** The page on classic-level and its program, beside the real classic-level; prints how much was compared. */

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { compare } from '../../../examples/moving/differences.mjs'
import { copyLevel, rowsOf } from '../../../examples/moving/classic-level.mjs'
import { codec, key, SledStore } from '../../../dist/index.js'
import { peer, program } from './peers.mjs'
import { openOurs, people } from './people.mjs'
import { compareTables } from './tables.mjs'

const { ClassicLevel } = await peer('classic-level')
const folder = process.argv[2]
let databases = 0

async function openTheirs() {
  const db = new ClassicLevel(join(folder, `table-${databases++}`), { valueEncoding: 'json' })
  await db.batch(people.map(([name, value]) => ({ type: 'put', key: name, value })))
  return { names: { db }, content: () => db.iterator().all(), close: () => db.close() }
}

const ours = openOurs({ key: key.string, value: codec.json() })
const calls = await compareTables('docs/guide/moving-from-classic-level.md', openTheirs, ours)

const from = join(folder, 'from')
const names = ['', 'a', 'ü', '\u{1f600}', '\uffff', ...Array.from({ length: 20_000 }, (_, number) => `row ${number}`)]

async function fill() {
  const level = new ClassicLevel(from, { valueEncoding: 'json' })
  const value = (name) => ({ name, length: name.length, list: [1, null, 'größe'] })
  const put = (name) => ({ type: 'put', key: name, value: value(name) })
  await level.batch([...names.filter((name) => name !== ''), '!', '!x'].map(put))
  await level.sublevel('users', { valueEncoding: 'json' }).batch(names.map(put))
  await level.close()
}

await fill()
const words = [program('classic-level'), from, join(folder, 'to'), '--values', 'json', 'users']
const printed = execFileSync(process.execPath, words, { encoding: 'utf8' })
const rows = names.length + 1
deepStrictEqual(printed.trim().split('\n'), [
  `root: ${rows} rows, all the same`,
  `users: ${names.length} rows, all the same`,
])

// A sublevel that was not named is not passed over in silence.
const forgetful = spawnSync(process.execPath, [program('classic-level'), from, join(folder, 'less')], {
  encoding: 'utf8',
})
strictEqual(forgetful.status, 1)
strictEqual(forgetful.stderr.trim(), 'root: its sublevel users is not copied')

// A copy that is wrong is found out, whatever the encodings.
const level = new ClassicLevel(from)
const encodings = { keys: 'buffer', values: 'buffer' }
const store = SledStore.memory()
const copy = await copyLevel(level, store, 'bytes', encodings)
strictEqual(copy.count(), rows)
await copy.put(Buffer.from('row 2'), Buffer.from('planted'))
await copy.delete(Buffer.from('row 1'))
const { differences } = await compare(copy, rowsOf(level, encodings))
deepStrictEqual(differences, ['row 1 is missing', 'row 2 differs'])
await store.close()
await level.close()

console.log(JSON.stringify({ calls, rows: rows + names.length }))
