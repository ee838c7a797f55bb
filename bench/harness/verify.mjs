/**
 * Whether an engine answers right before it is measured: every operation of its adapter on a small store, held against a
 * map in memory.
 */

import { isDeepStrictEqual } from 'node:util'
import { Keys, makeOrder, makeValues } from './data.mjs'

const rows = 1_000
/** Of 100 keys so many are written where each may wait for the disk. */
const singleOf100 = 10
/** Keys that are asked for and never written. */
const missingRows = 100
const rangeRows = 10

export class WrongAnswer extends Error {}

function expectSame(what, found, expected) {
  if (isDeepStrictEqual(plain(found), plain(expected))) return
  throw new WrongAnswer(`${what} gave ${shorten(found)} instead of ${shorten(expected)}`)
}

/** Bytes are the same whatever class carries them; lmdb's objects are of a class of their own. */
function plain(value) {
  if (value instanceof Uint8Array)
    return `bytes ${Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex')}`
  if (Array.isArray(value)) return value.map(plain)
  return typeof value === 'object' && value !== null ? { ...value } : value
}

const shorten = (value) => (JSON.stringify(plain(value)) ?? 'nothing').slice(0, 80)

/**
 * @param {object} options
 * @param {(() => Promise<import('../adapters/index.mjs').Store>)} options.open opens the same empty folder each time
 * @param {string[]} options.can the operations to check
 * @param {'string' | 'binary' | 'object'} options.kind of the values
 * @throws {WrongAnswer} naming the operation
 */
export async function verifyStore({ open, can, kind, seed }) {
  const keys = new Keys(rows + missingRows, seed)
  const values = makeValues(100, { seed, kind })
  const model = new Map()
  const store = await open()
  await write({ store, can, keys, values, model })
  await readAll({ store, can, keys, model, seed })
  await store.close()
  // What a process wrote is there for the next one.
  const again = await open()
  await readAll({ store: again, can, keys, model, seed })
  await again.close()
}

/** Each operation writes a part of its own, and writes over some of what others wrote. */
async function write({ store, can, keys, values, model }) {
  const ways = ['load', 'writeAtomic', 'writeAsync', 'put', 'commit'].filter((operation) => can.includes(operation))
  const part = Math.floor(rows / ways.length)
  for (const [index, way] of ways.entries()) {
    for (let from = Math.max(0, index * part - 100); from < (index + 1) * part; from += 100) {
      const count = Math.min(way === 'commit' || way === 'put' ? singleOf100 : 100, (index + 1) * part - from)
      const names = keys.slice(from, count)
      const texts = names.map((_, at) => values.at(from + at + index))
      names.forEach((name, at) => model.set(name, texts[at]))
      if (way === 'put' || way === 'commit') for (const [at, name] of names.entries()) await store[way](name, texts[at])
      else await store[way](names, texts)
    }
  }
  if (!can.includes('remove')) return
  const gone = keys.slice(0, rows / 2).filter((_, at) => at % 2 === 1)
  await store.remove(gone)
  for (const name of gone) model.delete(name)
}

async function readAll({ store, can, keys, model, seed }) {
  const sorted = [...model.keys()].sort()
  const asked = keys.slice(0, rows + missingRows)
  if (can.includes('get')) for (const name of asked) expectSame(`get ${name}`, await store.get(name), model.get(name))
  if (can.includes('getMany'))
    expectSame(
      'getMany',
      Array.from(await store.getMany(asked)),
      asked.map((name) => model.get(name)),
    )
  if (!can.includes('scan')) return
  for (const reverse of [false, true]) {
    const order = reverse ? sorted.toReversed() : sorted
    const found = await collect(store, { reverse })
    expectSame(
      `scan with reverse ${reverse}`,
      found,
      order.map((name) => [name, model.get(name)]),
    )
  }
  for (const at of makeOrder(20, rows, seed)) {
    const from = keys.at(at)
    const expected = sorted.filter((name) => name >= from).slice(0, rangeRows)
    const found = await collect(store, { from, limit: rangeRows })
    expectSame(
      `scan of ${rangeRows} from ${from}`,
      found,
      expected.map((name) => [name, model.get(name)]),
    )
  }
  if (store.scanKeys === undefined) return
  const names = []
  await store.scanKeys((name) => names.push(name))
  expectSame('scanKeys', names.filter(isRow), sorted)
}

/** Some engines keep the structures of objects in a row of their own. */
const isRow = (name) => typeof name === 'string' && /^[\da-f]{16}$/.test(name)

async function collect(store, range) {
  const found = []
  await store.scan((name, value) => found.push([name, value]), range)
  return found.filter(([name]) => isRow(name))
}
