/** The rows that are written again and again: as many at any time, each of which tells what it is. */
import { codec, key } from '../../../dist/index.js'

export const ROWS = 60_000
const LONG_BYTES = 9_000
const SHORT_BYTES = 300

export const options = Object.freeze({ profile: 'desktop', durability: 'none' })

export function openRows(store) {
  return store.namespace('rows', { key: key.number, value: codec.bytes() })
}

/** Random numbers from a seed (mulberry32). */
export function random(seed) {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** The value of a row in a version: incompressible, seldom long. */
export function valueOf(row, version) {
  const bytes = Buffer.allocUnsafe(row % 500 === 0 ? LONG_BYTES : SHORT_BYTES)
  const next = random(row * 7_919 + version)
  for (let at = 0; at + 4 <= bytes.length; at += 4) bytes.writeUInt32LE(next(2 ** 32), at)
  bytes.writeUInt32LE(row, 0)
  bytes.writeUInt32LE(version, 4)
  return bytes
}

/** The version of a stored value; undefined when it is no value of the row. */
export function versionOf(row, value) {
  if (value === undefined || value.length < 8) return undefined
  const view = Buffer.from(value.buffer, value.byteOffset, value.length)
  const version = view.readUInt32LE(4)
  return view.equals(valueOf(row, version)) ? version : undefined
}
