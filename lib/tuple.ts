/**
 * The order-preserving encoding of key parts; twin of `crate/engine/src/tuple.rs`, with which it shares
 * `__test__/fixtures/key-vectors.json`. Types order as
 * null < false < true < number < bigint < Date < bytes < string < array.
 *
 * | tag | part | content |
 * |---|---|---|
 * | `10` | null | – |
 * | `20`, `21` | false, true | – |
 * | `30` | number | IEEE 754 double, big-endian; sign bit flipped, or all bits if negative |
 * | `40` | bigint | big-endian u16: 0x8000 ± bytes of the magnitude; magnitude, inverted if negative |
 * | `50` | Date | milliseconds as i64, big-endian, sign bit flipped |
 * | `60` | bytes | `00` escaped as `00 FF`, then `00` |
 * | `70` | string | UTF-8, `00` escaped as `00 FF`, then `00` |
 * | `80` | array | parts, then `00` |
 *
 * The tuples that start with given parts are the byte range from the encoded parts (inclusive) to the encoded parts
 * followed by `FF` (exclusive). A plain byte prefix is wider: `a` ends in `00`, and `a\0` goes on with `FF` there.
 */
import { outOfRange, rangeError, wrongType } from './errors.js'
import { keyTooLarge, readText, unreadableKey, writeText } from './key-text.js'

/** A value that can stand in a key. */
export type KeyPart = null | boolean | number | bigint | Date | Uint8Array | string | readonly KeyPart[]

/** Deepest nesting of arrays inside a key. */
export const KEY_NESTING_MAX = 32

/** First byte of an encoded part; the gaps leave room for later types. */
export const Tag = {
  End: 0x00,
  Null: 0x10,
  False: 0x20,
  True: 0x21,
  Number: 0x30,
  BigInt: 0x40,
  Date: 0x50,
  Bytes: 0x60,
  String: 0x70,
  Array: 0x80,
} as const

/** Where the part just read ended; reading is synchronous, so one suffices. */
export const reading = { position: 0 }

const scratch = new DataView(new ArrayBuffer(8))
const TIME_MAX = 8.64e15
const BIGINT_BYTES_MAX = 0x7fff

/** Writes one part of any type with its tag and returns the offset after it. */
export function writePart(part: unknown, target: Uint8Array, offset: number, depth: number, place: string): number {
  switch (typeof part) {
    case 'string':
      return writeStringPart(part, target, offset)
    case 'number':
      return writeNumber(part, target, writeTag(Tag.Number, target, offset), place)
    case 'bigint':
      return writeBigInt(part, target, writeTag(Tag.BigInt, target, offset))
    case 'boolean':
      return writeTag(part ? Tag.True : Tag.False, target, offset)
    case 'object':
      if (part === null) return writeTag(Tag.Null, target, offset)
      if (Array.isArray(part)) return writeArray(part, target, offset, depth, place)
      if (isBytes(part)) return writeBytesPart(part, target, offset)
      if (isDate(part)) return writeDate(part, target, writeTag(Tag.Date, target, offset), place)
      break
  }
  throw wrongType(place, 'null, a boolean, number, bigint, Date, Uint8Array, string or an array of these', part)
}

function writeTag(tag: number, target: Uint8Array, offset: number): number {
  if (offset >= target.length) throw keyTooLarge()
  target[offset] = tag
  return offset + 1
}

/** Writes a string part: tag, escaped text, terminator. */
export function writeStringPart(text: string, target: Uint8Array, offset: number): number {
  target[offset] = Tag.String // past the end it is ignored, and the terminator is refused
  return writeTag(Tag.End, target, writeText(text, target, offset + 1, true))
}

/** Writes a bytes part: tag, escaped bytes, terminator. */
export function writeBytesPart(bytes: Uint8Array, target: Uint8Array, offset: number): number {
  return writeTag(Tag.End, target, writeEscapedBytes(bytes, target, writeTag(Tag.Bytes, target, offset)))
}

/** Writes bytes with `00` escaped as `00 FF`, without a terminator. */
export function writeEscapedBytes(bytes: Uint8Array, target: Uint8Array, offset: number): number {
  if (bytes.length > target.length - offset) throw keyTooLarge()
  let at = offset
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] as number
    target[at++] = byte
    if (byte === 0) target[at++] = 0xff
  }
  if (at > target.length) throw keyTooLarge()
  return at
}

/** Opens an array: checks the depth, writes the tag. */
export function openArray(target: Uint8Array, offset: number, depth: number): number {
  if (depth >= KEY_NESTING_MAX) {
    throw rangeError(`key must nest at most ${KEY_NESTING_MAX} arrays; does it contain itself?`)
  }
  return writeTag(Tag.Array, target, offset)
}

/** Closes an array. */
export function closeArray(target: Uint8Array, offset: number): number {
  return writeTag(Tag.End, target, offset)
}

function writeArray(parts: readonly unknown[], target: Uint8Array, offset: number, depth: number, place: string) {
  return closeArray(
    target,
    writeParts(parts, target, openArray(target, offset, depth), depth + 1, `a part of ${place}`),
  )
}

/** Writes parts one after the other. */
export function writeParts(
  parts: readonly unknown[],
  target: Uint8Array,
  offset: number,
  depth: number,
  place: string,
): number {
  let at = offset
  for (let index = 0; index < parts.length; index++) at = writePart(parts[index], target, at, depth, place)
  return at
}

function writeWords(high: number, low: number, target: Uint8Array, offset: number): number {
  if (offset + 8 > target.length) throw keyTooLarge()
  target[offset] = high >>> 24
  target[offset + 1] = high >>> 16
  target[offset + 2] = high >>> 8
  target[offset + 3] = high
  target[offset + 4] = low >>> 24
  target[offset + 5] = low >>> 16
  target[offset + 6] = low >>> 8
  target[offset + 7] = low
  return offset + 8
}

/** Writes the 8 bytes of a number; −0 becomes 0, NaN is refused. */
export function writeNumber(value: number, target: Uint8Array, offset: number, place: string): number {
  if (value !== value) throw outOfRange(place, 'a number that has an order', value)
  scratch.setFloat64(0, value + 0) // −0 + 0 is 0
  const high = scratch.getInt32(0)
  const low = scratch.getInt32(4)
  return high < 0 ? writeWords(~high, ~low, target, offset) : writeWords(high ^ 0x80000000, low, target, offset)
}

/** Writes the 8 bytes of a point in time; an invalid Date is refused. */
export function writeDate(value: Date, target: Uint8Array, offset: number, place: string): number {
  const time = Date.prototype.getTime.call(value)
  if (time !== time) throw outOfRange(place, 'a valid Date', value)
  const high = Math.floor(time / 0x1_0000_0000)
  return writeWords(high ^ 0x80000000, time - high * 0x1_0000_0000, target, offset)
}

/** Writes sign and size in two bytes, then the magnitude. */
export function writeBigInt(value: bigint, target: Uint8Array, offset: number): number {
  const negative = value < 0n
  const magnitude = negative ? -value : value
  const invert = negative ? 0xff : 0
  let at = offset + 2
  if (BigInt.asUintN(64, magnitude) === magnitude) {
    if (at + 8 > target.length) throw keyTooLarge()
    scratch.setBigUint64(0, magnitude)
    let index = 0
    while (index < 8 && scratch.getUint8(index) === 0) index++
    for (; index < 8; index++) target[at++] = scratch.getUint8(index) ^ invert
  } else {
    const digits = magnitude.toString(16)
    const bytes = (digits.length + 1) >> 1
    if (bytes > BIGINT_BYTES_MAX || at + bytes > target.length) throw keyTooLarge(bytes + 2)
    const even = digits.padStart(2 * bytes, '0')
    for (let index = 0; index < even.length; index += 2) {
      target[at++] = Number.parseInt(even.slice(index, index + 2), 16) ^ invert
    }
  }
  const size = at - offset - 2
  const header = negative ? 0x8000 - size : 0x8000 + size
  target[offset] = header >> 8
  target[offset + 1] = header
  return at
}

/** Reads one part of any type; `reading.position` is the offset after it. */
export function readPart(source: Uint8Array, start: number, end: number, depth: number): KeyPart {
  const tag = start < end ? (source[start] as number) : -1
  const at = start + 1
  switch (tag) {
    case Tag.Null:
      reading.position = at
      return null
    case Tag.False:
    case Tag.True:
      reading.position = at
      return tag === Tag.True
    case Tag.Number:
      return readNumber(source, at, end)
    case Tag.BigInt:
      return readBigInt(source, at, end)
    case Tag.Date:
      return readDate(source, at, end)
    case Tag.Bytes:
      return readEscapedBytes(source, at, end)
    case Tag.String:
      return readEscapedText(source, at, end)
    case Tag.Array:
      return readArray(source, at, end, depth)
  }
  throw unreadableKey(tag < 0 ? 'it ends inside a part' : `0x${tag.toString(16).padStart(2, '0')} begins no part`)
}

/** Reads the parts and the terminator of an array whose tag has been read. */
function readArray(source: Uint8Array, start: number, end: number, depth: number): KeyPart[] {
  if (depth >= KEY_NESTING_MAX) throw unreadableKey(`it nests more than ${KEY_NESTING_MAX} arrays`)
  const parts: KeyPart[] = []
  let at = start
  while (at < end && source[at] !== Tag.End) {
    parts.push(readPart(source, at, end, depth + 1))
    at = reading.position
  }
  if (at >= end) throw unreadableKey('an array in it has no end')
  reading.position = at + 1
  return parts
}

function readWord(source: Uint8Array, at: number): number {
  return (
    ((source[at] as number) << 24) |
    ((source[at + 1] as number) << 16) |
    ((source[at + 2] as number) << 8) |
    (source[at + 3] as number)
  )
}

/** Reads the 8 bytes of a number. */
export function readNumber(source: Uint8Array, at: number, end: number): number {
  if (at + 8 > end) throw unreadableKey('a number in it is cut')
  const high = readWord(source, at)
  const low = readWord(source, at + 4)
  const negative = high >= 0 // the sign bit is flipped
  scratch.setInt32(0, negative ? ~high : high ^ 0x80000000)
  scratch.setInt32(4, negative ? ~low : low)
  const value = scratch.getFloat64(0)
  if (value !== value || Object.is(value, -0)) throw unreadableKey('a number in it is NaN or -0')
  reading.position = at + 8
  return value
}

/** Reads the 8 bytes of a point in time. */
export function readDate(source: Uint8Array, at: number, end: number): Date {
  if (at + 8 > end) throw unreadableKey('a Date in it is cut')
  const time = (readWord(source, at) ^ 0x80000000) * 0x1_0000_0000 + (readWord(source, at + 4) >>> 0)
  if (Math.abs(time) > TIME_MAX) throw unreadableKey('a Date in it is out of range')
  reading.position = at + 8
  return new Date(time)
}

/** Reads sign, size and magnitude of a bigint. */
export function readBigInt(source: Uint8Array, at: number, end: number): bigint {
  const header = at + 2 <= end ? ((source[at] as number) << 8) | (source[at + 1] as number) : -1
  const size = Math.abs(header - 0x8000)
  const start = at + 2
  if (header <= 0 || start + size > end) throw unreadableKey('a bigint in it is cut')
  const invert = header < 0x8000 ? 0xff : 0
  if (size > 0 && source[start] === invert) throw unreadableKey('a bigint in it has a leading zero')
  let magnitude: bigint
  if (size <= 8) {
    scratch.setBigUint64(0, 0n)
    for (let index = 0; index < size; index++)
      scratch.setUint8(8 - size + index, (source[start + index] as number) ^ invert)
    magnitude = scratch.getBigUint64(0)
  } else {
    let digits = '0x'
    for (let index = 0; index < size; index++) digits += hexByte((source[start + index] as number) ^ invert)
    magnitude = BigInt(digits)
  }
  reading.position = start + size
  return invert === 0 ? magnitude : -magnitude
}

function hexByte(byte: number): string {
  return byte < 16 ? `0${byte.toString(16)}` : byte.toString(16)
}

/** Reads escaped bytes up to their terminator into a fresh array. */
export function readEscapedBytes(source: Uint8Array, start: number, end: number): Uint8Array {
  const { stop, escapes } = findTerminator(source, start, end)
  return unescaped(source, start, stop, escapes)
}

/** Reads escaped text up to its terminator. */
export function readEscapedText(source: Uint8Array, start: number, end: number): string {
  let stop = start
  while (stop < end && source[stop] !== 0) stop++
  if (stop < end && (stop + 1 === end || source[stop + 1] !== 0xff)) {
    reading.position = stop + 1
    return readText(source, start, stop)
  }
  const found = findTerminator(source, start, end)
  const bytes = unescaped(source, start, found.stop, found.escapes)
  return readText(bytes, 0, bytes.length)
}

/** Finds the `00` that no `FF` follows, and sets `reading.position` after it. */
function findTerminator(source: Uint8Array, start: number, end: number): { stop: number; escapes: number } {
  let escapes = 0
  for (let at = start; at < end; at++) {
    if (source[at] !== 0) continue
    if (at + 1 < end && source[at + 1] === 0xff) {
      escapes++
      at++
    } else {
      reading.position = at + 1
      return { stop: at, escapes }
    }
  }
  throw unreadableKey('a string or bytes in it have no end')
}

function unescaped(source: Uint8Array, start: number, stop: number, escapes: number): Uint8Array {
  const bytes = new Uint8Array(stop - start - escapes)
  for (let at = start, to = 0; at < stop; at++, to++) {
    bytes[to] = source[at] as number
    if (source[at] === 0) at++
  }
  return bytes
}

/** Whether a value is a Uint8Array, also one of another realm. */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || Object.prototype.toString.call(value) === '[object Uint8Array]'
}

/** Whether a value is a Date, also one of another realm. */
export function isDate(value: unknown): value is Date {
  return value instanceof Date || Object.prototype.toString.call(value) === '[object Date]'
}
