/**
 * Properties of nodes and edges as MessagePack, which the engine reads as it stands: one pass checks and writes, so
 * that whole numbers stay integers up to 64 bits and nothing is stored that would not come back as it was.
 */
import { addExtension, Unpackr } from 'msgpackr/unpack'
import { durationOf } from './duration.js'
import { Encoded } from './encoded.js'
import { describe, outOfRange, rangeError, typeError, wrongType } from './errors.js'
import { pointOf } from './point.js'
import { temporalOf } from './temporal.js'
import type { QueryTyped } from './typed-value.js'
import { isWellFormed, plainBytes } from './utf8.js'
import type { ValueWriter } from './value-writer.js'
import { readFloats, toFloat32, writeFloats } from './vector-codec.js'

/** What a property can hold. A whole number is stored as an integer of 64 bits; beyond 2⁵³ integers are bigints. */
export type PropertyValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Date
  | Uint8Array
  | Float32Array
  | Encoded
  | readonly PropertyValue[]
  | { readonly [name: string]: PropertyValue | undefined }

/** Properties by name. One that is `null` or `undefined` is a property that is not there. */
export interface Properties {
  readonly [name: string]: PropertyValue | undefined
}

/** Deepest nesting of lists and maps. Mirrors `NESTING_MAX` of the graph. */
export const PROPERTY_NESTING_MAX = 100

/** What becomes of a property that is `undefined`. */
export type Undefined = 'left out' | 'refused'

/** Writes a map of properties; `undefined` ones are left out, or refused where leaving one out could mislead. */
export function writeProperties(what: string, properties: unknown, writer: ValueWriter, missing: Undefined): void {
  if (!isPlain(properties)) throw wrongType(what, 'an object of properties', properties)
  writeMap(what, properties, writer, missing, 0)
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function writeMap(
  what: string,
  map: Record<string, unknown>,
  writer: ValueWriter,
  missing: Undefined,
  depth: number,
): void {
  let names = Object.keys(map)
  const leaves = missing === 'left out'
  // The head of a short map holds its length alone, and is written anew.
  const isShort = names.length <= 15
  if (leaves && !isShort) names = names.filter((name) => map[name] !== undefined)
  const head = writer.position
  let { length } = names
  writeHead(writer, length, 0x80, 15, 0xde)
  for (const name of names) {
    const value = map[name]
    if (value === undefined && leaves && isShort) {
      writer.buffer[head] = 0x80 | --length
      continue
    }
    // Reading it back would set the prototype.
    if (name === '__proto__') throw typeError(`${what} must not have a property named __proto__`)
    writeText(what, name, writer)
    // A number needs no name that an error would tell.
    if (typeof value === 'number') writeNumber(value, writer)
    else writeValue(`${what}.${name}`, value, writer, depth + 1)
  }
}

/** Writes a value; `depth` is how many lists and maps it stands in. */
export function writeValue(what: string, value: unknown, writer: ValueWriter, depth: number): void {
  switch (typeof value) {
    case 'string':
      writeText(what, value, writer)
      return
    case 'number':
      writeNumber(value, writer)
      return
    case 'boolean':
      writer.writeByte(value ? 0xc3 : 0xc2)
      return
    case 'bigint':
      if (value !== BigInt.asIntN(64, value)) throw outOfRange(what, 'within 64-bit integers', value)
      writeInteger64(value, writer)
      return
    case 'object':
      writeObject(what, value, writer, depth)
      return
    default:
      throw unstorable(what, value)
  }
}

function writeObject(what: string, value: object | null, writer: ValueWriter, depth: number): void {
  if (value === null) {
    writer.writeByte(0xc0)
  } else if (depth > PROPERTY_NESTING_MAX) {
    throw rangeError(`${what} must nest at most ${PROPERTY_NESTING_MAX} levels; does it contain itself?`)
  } else if (Array.isArray(value)) {
    writeHead(writer, value.length, 0x90, 15, 0xdc)
    for (let index = 0; index < value.length; index++) writeValue(`${what}[${index}]`, value[index], writer, depth + 1)
  } else if (value instanceof Uint8Array) {
    writeLength(writer, value.length, 0xc4)
    writer.writeBytes(value)
  } else if (value instanceof Float32Array) {
    if (value.length === 0) throw outOfRange(what, 'a vector with components', value)
    writeLength(writer, value.byteLength, 0xc7)
    writer.writeByte(23)
    writeFloats(toFloat32(what, value), writer)
  } else if (value instanceof Date) {
    writeDate(what, value, writer)
  } else if (value instanceof Encoded) {
    writer.writeBytes(Encoded.bytesOf(value))
  } else if (isPlain(value)) {
    writeMap(what, value, writer, 'left out', depth)
  } else {
    throw unstorable(what, value)
  }
}

function unstorable(what: string, value: unknown): TypeError {
  return typeError(
    `${what} must be null, a boolean, number, bigint, string, date, time, duration, point, Uint8Array, Float32Array, array or plain object, ` +
      `but is ${describe(value)}`,
  )
}

/** Writes text with its length. */
export function writeText(what: string, text: string, writer: ValueWriter): void {
  const { length } = text
  if (length <= 31) {
    // Most texts are short ASCII, which is well-formed and has a byte a character.
    writer.reserve(1 + length)
    writer.buffer[writer.position++] = 0xa0 | length
    if (writer.writeAscii(text)) return
    writer.position--
  }
  if (!isWellFormed(text)) throw typeError(`${what} has a lone surrogate in its text; use toWellFormed()`)
  const bytes = Buffer.byteLength(text)
  if (bytes <= 31) writer.writeByte(0xa0 | bytes)
  else writeLength(writer, bytes, 0xd9)
  writer.writeText(text)
}

function writeNumber(value: number, writer: ValueWriter): void {
  if (!Number.isInteger(value) || Object.is(value, -0)) {
    writeFloat(value, writer)
  } else if (value >= 0 && value <= 0xffff_ffff) {
    writeCount(value, writer)
  } else if (value < 0 && value >= -32) {
    writer.writeByte(value & 0xff)
  } else if (Number.isSafeInteger(value)) {
    writeInteger64(BigInt(value), writer)
  } else {
    writeFloat(value, writer)
  }
}

/** Writes a number as a float. */
export function writeFloat(value: number, writer: ValueWriter): void {
  writer.reserve(9)
  writer.buffer[writer.position] = 0xcb
  writer.buffer.writeDoubleBE(value, writer.position + 1)
  writer.position += 9
}

function writeInteger64(value: bigint, writer: ValueWriter): void {
  writer.reserve(9)
  writer.buffer[writer.position] = 0xd3
  writer.buffer.writeBigInt64BE(value, writer.position + 1)
  writer.position += 9
}

/** Writes a whole number from 0 up, as an id, a limit or a count. */
export function writeCount(value: number, writer: ValueWriter): void {
  if (value <= 0x7f) writer.writeByte(value)
  else if (value <= 0xffff_ffff) writeLength(writer, value, 0xcc)
  else writeFloat(value, writer)
}

/** Writes the head of a list. */
export function writeListHead(length: number, writer: ValueWriter): void {
  writeHead(writer, length, 0x90, 15, 0xdc)
}

/** A head that holds short lengths itself, and longer ones in two or four bytes after it. */
function writeHead(writer: ValueWriter, length: number, short: number, shortMax: number, long: number): void {
  if (length <= shortMax) writer.writeByte(short | length)
  else if (length <= 0xffff) writeSized(writer, length, long, 2)
  else writeSized(writer, length, long + 1, 4)
}

/** A number in one, two or four bytes behind the marker of that size. */
function writeLength(writer: ValueWriter, length: number, marker: number): void {
  if (length <= 0xff) writeSized(writer, length, marker, 1)
  else writeHead(writer, length, 0, 0, marker + 1)
}

function writeSized(writer: ValueWriter, number: number, marker: number, size: number): void {
  writer.reserve(5)
  const { buffer } = writer
  buffer[writer.position++] = marker
  for (let bits = 8 * (size - 1); bits >= 0; bits -= 8) buffer[writer.position++] = number >>> bits
}

/** MessagePack's timestamp of 96 bits: nanoseconds, then seconds. */
function writeDate(what: string, date: Date, writer: ValueWriter): void {
  const time = date.getTime()
  if (Number.isNaN(time)) throw typeError(`${what} must be a valid date, but is an invalid Date`)
  const seconds = Math.floor(time / 1_000)
  writer.reserve(15)
  const { buffer, position } = writer
  buffer[position] = 0xc7
  buffer[position + 1] = 12
  buffer[position + 2] = 0xff
  buffer.writeUInt32BE((time - seconds * 1_000) * 1_000_000, position + 3)
  buffer.writeBigInt64BE(BigInt(seconds), position + 7)
  writer.position += 15
}

// Nothing that is decoded may alias the answer; integers are numbers where those are exact, which msgpackr knows as
// "auto" and its typings do not.
const unpackr = new Unpackr({ useRecords: false, copyBuffers: true, int64AsType: 'auto' as 'bigint' })

for (let type = 16; type <= 23; type++) {
  const unpack = ({ buffer, byteOffset, length }: Uint8Array): unknown =>
    extensionOf(type, new DataView(buffer, byteOffset, length))
  addExtension({ type, unpack })
}

/** The value of an extension: a date or a time, a duration, a point, or a vector. */
export function extensionOf(number: number, view: DataView): QueryTyped | Float32Array | undefined {
  if (number === 21) return durationOf(view)
  if (number === 22) return pointOf(view)
  if (number !== 23) return temporalOf(number, view)
  const { buffer, byteOffset, byteLength } = view
  return readFloats(new Uint8Array(buffer), byteOffset, byteOffset + byteLength)
}

/** Reads an answer of the graph, or the attributes of a vector; bytes in it are `Uint8Array`s of their own. */
export function readAnswer(bytes: Uint8Array): unknown {
  return unpackr.unpack(plainBytes(bytes) as Buffer)
}
