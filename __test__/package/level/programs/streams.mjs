/** The streams that are made for abstract-level read and write through the adapter: level-read-stream, level-web-stream. */

import { deepEqual, equal, rejects } from 'node:assert/strict'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { EntryStream, KeyStream, ValueStream } from 'level-read-stream'
import {
  BatchStream,
  EntryStream as WebEntryStream,
  KeyStream as WebKeyStream,
  ValueStream as WebValueStream,
} from 'level-web-stream'
import { SledLevel } from 'sledstore/abstract-level'

/** More than an iterator reads without a pause, and than a stream keeps. */
const rows = 5_000
const nameOf = (index) => String(index).padStart(5, '0')
const entries = Array.from({ length: rows }, (_, index) => [nameOf(index), { index }])

/** What each stream must give, for ranges in both directions. */
const ranges = [
  [{}, entries],
  [{ gte: '00100', lt: '02200' }, entries.slice(100, 2_200)],
  [{ gt: '04000', reverse: true, limit: 700 }, entries.slice(-700).reverse()],
]

async function collect(stream) {
  const items = []
  for await (const item of stream) items.push(item)
  return items
}

async function readAll(db, streams) {
  const [Entries, Keys, Values] = streams
  let count = 0
  for (const [range, expected] of ranges) {
    deepEqual((await collect(new Entries(db, range))).map(pairOf), expected)
    deepEqual(
      await collect(new Keys(db, range)),
      expected.map(([key]) => key),
    )
    deepEqual(
      await collect(new Values(db, range)),
      expected.map(([, value]) => value),
    )
    count += 3
  }
  return count
}

/** One of the two libraries gives objects. */
function pairOf(entry) {
  return Array.isArray(entry) ? entry : [entry.key, entry.value]
}

/** A stream reads what was there when it was made, also while a batch stream overwrites it. */
async function keepsItsMoment(db) {
  const stream = new WebEntryStream(db)
  const writer = new BatchStream(db, { type: 'put' }).getWriter()
  for (const [key] of entries) await writer.write([key, { late: true }])
  await writer.close()
  deepEqual(await collect(stream), entries)
  deepEqual(await db.get('00000'), { late: true })
  return 2
}

/** A stream that is left in the middle gives its iterator back, so that the database can close. */
async function endsEarly(db) {
  const read = new EntryStream(db, { highWaterMark: 10 })
  for await (const { key } of read) if (key === '00005') break
  equal(read.destroyed, true)
  const web = new WebKeyStream(db)
  const reader = web.getReader()
  equal((await reader.read()).value, '00000')
  await reader.cancel()
  await nextTurn()
  return 2
}

async function over(db) {
  const writable = new BatchStream(db, { type: 'put' })
  await ReadableStream.from(entries).pipeTo(writable)
  let count = await readAll(db, [EntryStream, KeyStream, ValueStream])
  count += await readAll(db, [WebEntryStream, WebKeyStream, WebValueStream])
  count += await endsEarly(db)
  return count + (await keepsItsMoment(db))
}

const db = new SledLevel(join(process.argv[2], 'db'), { valueEncoding: 'json' })
const count = (await over(db)) + (await over(db.sublevel('part', { valueEncoding: 'json' })))

// A stream that nobody reads to its end does not keep the database from closing.
const left = new EntryStream(db)
left.once('readable', () => {})
await nextTurn()
await db.close()
await rejects(db.get('00000'), { code: 'LEVEL_DATABASE_NOT_OPEN' })
console.log(JSON.stringify({ count: count + 1 }))
