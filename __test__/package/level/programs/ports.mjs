/**
 * The tables of docs/guide/abstract-level.md: both calls of each row, on the same data, against the real leveldown, rocksdb,
 * levelup and lmdb; they must give the same and leave the same behind. Prints how many calls there were.
 */

import { deepEqual, notDeepEqual, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual, promisify } from 'node:util'
import encode from 'encoding-down'
import { EntryStream, KeyStream, ValueStream } from 'level-read-stream'
import leveldown from 'leveldown'
import levelup from 'levelup'
import { open } from 'lmdb'
import rocksdb from 'rocksdb'
import { SledLevel } from 'sledstore/abstract-level'

const home = process.argv[2]
const page = readFileSync(new URL('../../../../docs/guide/abstract-level.md', import.meta.url), 'utf8')
const people = [
  ['ann', { age: 41 }],
  ['bob', { age: 7 }],
  ['cleo', { age: 30 }],
  ['dora', { age: 55 }],
]
const text = { asBuffer: false, keyAsBuffer: false, valueAsBuffer: false }
let made = 0
const place = () => join(home, String(made++))

/** The rows of the table below a heading whose two cells are calls. */
function tableOf(heading) {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''
  const rows = section.split('\n').flatMap((line) => {
    const cells = /^\| ([^`|]+) \| `(.+)` \| `(.+)` \|$/.exec(line)
    return cells === null ? [] : [{ what: cells[1], theirs: cells[2], ours: cells[3] }]
  })
  ok(rows.length > 10, `a table under ${heading}`)
  return rows
}

/** An iterator with callbacks, read to its end. */
function collect(iterator, done) {
  const rows = []
  const step = () =>
    iterator.next((error, key, value) => {
      if (error || (key === undefined && value === undefined)) {
        iterator.end((late) => done(error ?? late, rows))
        return
      }
      rows.push([key, value])
      step()
    })
  step()
}

/** The first row of an iterator, with a callback or without. */
function first(iterator, done) {
  if (done === undefined) return iterator.next().finally(() => iterator.close())
  return iterator.next((error, key, value) => iterator.end((late) => done(error ?? late, [key, value])))
}

function seeking(iterator, key) {
  iterator.seek(key)
  return iterator
}

async function read(stream) {
  const rows = []
  for await (const row of stream) rows.push(row)
  return rows
}

const AsyncFunction = (async () => {}).constructor

/** What a cell gives, by its callback `done` if it has one. */
async function call(code, names) {
  const run = (done) =>
    new AsyncFunction(...Object.keys(names), 'done', `return (${code})`)(...Object.values(names), done)
  if (!/\bdone\b/.test(code)) return run()
  return new Promise((resolve, reject) => {
    run((error, value) => (error ? reject(error) : resolve(value))).catch(reject)
  })
}

/** leveldown or rocksdb, with the ages as text. */
async function openOlder(make) {
  const db = make(place())
  await promisify(db.open.bind(db))({})
  const operations = people.map(([key, { age }]) => ({ type: 'put', key, value: String(age) }))
  await promisify(db.batch.bind(db))(operations)
  const content = () => promisify(collect)(db.iterator(text))
  return { names: { db, text, first, collect, seeking }, content, close: promisify(db.close.bind(db)) }
}

async function openLevelup() {
  const db = levelup(encode(leveldown(place()), { valueEncoding: 'json' }))
  await db.batch(people.map(([key, value]) => ({ type: 'put', key, value })))
  const content = async () => (await read(db.createReadStream())).map(({ key, value }) => [key, value])
  return { names: { db, read }, content, close: () => db.close() }
}

async function openLmdb() {
  const db = open({ path: place(), encoding: 'json' })
  await db.batch(() => people.forEach(([key, value]) => db.put(key, value)))
  const content = async () => Array.from(db.getRange(), ({ key, value }) => [key, value])
  return { names: { db }, content, close: () => db.close() }
}

async function openOurs(valueEncoding) {
  const db = new SledLevel(place(), { valueEncoding })
  const valueOf = ({ age }) => (valueEncoding === 'json' ? { age } : String(age))
  await db.batch(people.map(([key, value]) => ({ type: 'put', key, value: valueOf(value) })))
  const names = { db, first, seeking, read, EntryStream, KeyStream, ValueStream }
  return { names, content: () => db.iterator().all(), close: () => db.close() }
}

/** What a call leaves behind; of one that only reads, what it gives, for writes of lmdb tell whether they were made. */
async function outcome(open, code) {
  const side = await open()
  try {
    const before = await side.content()
    const given = await call(code, side.names)
    const left = await side.content()
    return isDeepStrictEqual(left, before) ? { given: given ?? undefined } : { left }
  } finally {
    await side.close()
  }
}

async function compare(heading, openTheirs, ours) {
  const rows = tableOf(heading)
  for (const { what, theirs: code, ours: ourCode } of rows) {
    const theirs = await outcome(openTheirs, code)
    deepEqual(await outcome(() => openOurs(ours), ourCode), theirs, `${heading}: ${what}`)
  }
  return rows.length
}

let count = await compare('From leveldown and rocksdb', () => openOlder(leveldown), 'utf8')
count += await compare('From leveldown and rocksdb', () => openOlder(rocksdb), 'utf8')
count += await compare('From levelup', openLevelup, 'json')
count += await compare('From lmdb', openLmdb, 'json')

// A row whose calls differ is noticed.
const planted = await outcome(openLevelup, `await db.get('bob')`)
notDeepEqual(await outcome(() => openOurs('json'), `await db.get('ann')`), planted)
console.log(JSON.stringify({ count }))
