/**
 * Random operations on the adapter and on memory-level, step by step with the same answers: writes, batches, ranges with
 * limits, iterators that seek, snapshots, clear, in all formats. Prints its seed; SLEDSTORE_SEED takes it back.
 */

import { deepEqual, notDeepEqual } from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { MemoryLevel } from 'memory-level'
import { SledLevel } from 'sledstore/abstract-level'

const home = process.argv[2]
const seed = Number(process.env.SLEDSTORE_SEED ?? randomInt(2 ** 31))
console.error(`SLEDSTORE_SEED=${seed}`)
const steps = Number(process.env.SLEDSTORE_STEPS ?? 3_000)

/** mulberry32. */
function randomFrom(state) {
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

const random = randomFrom(seed)
const pick = (list) => list[random(list.length)]
const chance = (percent) => random(100) < percent

/** Few keys, so that operations meet; text beyond ASCII, an astral sign, a lone surrogate, and bytes that are no UTF-8. */
const letters = ['', 'a', 'b', 'ab', '\0', '\u00e9', '\u{1F600}', '\ud800', '~', 'z'.repeat(70)]
const textKey = () => pick(letters) + pick(letters) + pick(letters)
const bytesKey = () => Buffer.from(Array.from({ length: random(4) }, () => pick([0, 1, 0x61, 0x7f, 0x80, 0xc3, 0xff])))
const keyEncodings = ['utf8', 'buffer', 'view']
const valueEncodings = ['utf8', 'buffer', 'view', 'json', 'hex']

function keyFor(encoding) {
  if (encoding === 'utf8') return textKey()
  return encoding === 'buffer' ? bytesKey() : new Uint8Array(bytesKey())
}

function valueFor(encoding) {
  const text = pick(['', 'x', '\u00e9', '\ud800', 'y'.repeat(300), 'long'.repeat(random(5_000))]) + random(100)
  if (encoding === 'utf8') return text
  if (encoding === 'json') return { text: text.slice(0, 9), list: [random(9)] }
  if (encoding === 'hex') return Buffer.from(text).toString('hex')
  return encoding === 'buffer' ? Buffer.from(text) : new Uint8Array(Buffer.from(text))
}

const writing = () => ({ keyEncoding: pick(keyEncodings), valueEncoding: pick(valueEncodings) })
/** Values are read as what any bytes can be read as. */
const reading = () => ({ keyEncoding: pick(keyEncodings), valueEncoding: pick(['utf8', 'buffer', 'view', 'hex']) })

function range({ keyEncoding }) {
  const options = {}
  if (chance(50)) options[pick(['gt', 'gte'])] = keyFor(keyEncoding)
  if (chance(50)) options[pick(['lt', 'lte'])] = keyFor(keyEncoding)
  if (chance(40)) options.reverse = true
  if (chance(40)) options.limit = random(8)
  return options
}

/** One answer whatever the class of its bytes. */
function plain(answer) {
  if (answer instanceof Uint8Array) return Buffer.from(answer).toString('hex')
  return Array.isArray(answer) ? answer.map(plain) : answer
}

function put() {
  const encodings = writing()
  const [key, value] = [keyFor(encodings.keyEncoding), valueFor(encodings.valueEncoding)]
  return (db) => db.put(key, value, encodings)
}

function del() {
  const { keyEncoding } = writing()
  const key = keyFor(keyEncoding)
  return (db) => db.del(key, { keyEncoding })
}

function operation() {
  const encodings = writing()
  const key = keyFor(encodings.keyEncoding)
  if (chance(30)) return { type: 'del', key, ...encodings }
  return { type: 'put', key, value: valueFor(encodings.valueEncoding), ...encodings }
}

function batch() {
  const operations = Array.from({ length: random(12) }, operation)
  if (chance(50)) return (db) => db.batch(operations)
  return async (db) => {
    const chained = db.batch()
    for (const { type, key, value, ...rest } of operations) {
      if (type === 'put') chained.put(key, value, rest)
      else chained.del(key, rest)
    }
    await chained.write()
  }
}

function clear({ fromSnapshot }) {
  const { keyEncoding } = reading()
  const options = { keyEncoding, ...range({ keyEncoding }) }
  return (db, snapshot) => db.clear(fromSnapshot ? { ...options, snapshot } : options)
}

function get({ fromSnapshot }) {
  const encodings = reading()
  const wanted = Array.from({ length: 1 + random(4) }, () => keyFor(encodings.keyEncoding))
  const how = pick([
    (db, options) => db.get(wanted[0], options),
    (db, options) => db.getSync(wanted[0], options),
    (db, options) => db.getMany(wanted, options),
    (db, { keyEncoding, snapshot }) => db.has(wanted[0], { keyEncoding, snapshot }),
    (db, { keyEncoding, snapshot }) => db.hasMany(wanted, { keyEncoding, snapshot }),
  ])
  return (db, snapshot) => how(db, fromSnapshot ? { ...encodings, snapshot } : encodings)
}

/** Reads through an iterator, with seeks on the way and writes beside it. */
function iterate({ fromSnapshot }) {
  const encodings = reading()
  const kind = pick(['iterator', 'iterator', 'keys', 'values'])
  const options = { ...encodings, ...range(encodings) }
  if (kind === 'iterator' && chance(20)) options[pick(['keys', 'values'])] = false
  const moves = Array.from({ length: 1 + random(6) }, () =>
    chance(30) ? { seek: keyFor(encodings.keyEncoding) } : { take: random(5), write: chance(20) ? put() : undefined },
  )
  return async (db, snapshot) => {
    const iterator = db[kind](fromSnapshot ? { ...options, snapshot } : options)
    const seen = []
    for (const { seek, take, write } of moves) {
      if (seek !== undefined) iterator.seek(seek)
      else if (take === 0) seen.push(await iterator.next())
      else seen.push(await takeRows(iterator, take))
      await write?.(db)
    }
    seen.push(await iterator.all(), iterator.count)
    return seen
  }
}

/** As many rows as `nextv` is asked for: how many it gives at once is up to a database. */
async function takeRows(iterator, count) {
  const rows = []
  while (rows.length < count) {
    const more = await iterator.nextv(count - rows.length)
    if (more.length === 0) break
    rows.push(...more)
  }
  return rows
}

const kinds = [put, put, put, batch, batch, del, get, get, iterate, iterate, clear]

async function compare(ours, theirs) {
  await Promise.all([ours.open(), theirs.open()])
  let snapshots
  let count = 0
  for (let step = 0; step < steps; step++) {
    if (snapshots === undefined || chance(5)) {
      await Promise.all((snapshots ?? []).map((snapshot) => snapshot.close()))
      snapshots = [ours.snapshot(), theirs.snapshot()]
    }
    const kind = pick(kinds)
    const act = kind({ fromSnapshot: chance(25) })
    const answers = [await act(ours, snapshots[0]), await act(theirs, snapshots[1])]
    deepEqual(plain(answers[0]), plain(answers[1]), `seed ${seed}, step ${step}, ${kind.name}`)
    count++
  }
  const all = { keyEncoding: 'buffer', valueEncoding: 'buffer' }
  const left = plain(await ours.iterator(all).all())
  deepEqual(left, plain(await theirs.iterator(all).all()), `seed ${seed}, at the end`)
  return { count: count + 1, left: left.length }
}

const ours = new SledLevel(join(home, 'ours'))
const theirs = new MemoryLevel()
const plainRun = await compare(ours, theirs)
const onSublevel = await compare(ours.sublevel('part'), theirs.sublevel('part'))

// What the comparison must notice: one value more on one side.
await ours.put('planted', 'here')
notDeepEqual(await ours.getMany(['planted']), await theirs.getMany(['planted']))
await Promise.all([ours.close(), theirs.close()])
console.log(JSON.stringify({ seed, count: plainRun.count + onSublevel.count, left: plainRun.left }))
