/**
 * Changes and questions of a vector index as the addon takes them; `crate/vector/src/request.rs` defines the forms.
 */
import { outOfRange, SledStoreError, wrongType } from './errors.js'
import { writeProperties } from './graph-value.js'
import { keys } from './internal/native.js'
import { KEY_BYTES_MAX, type KeyCodecCore } from './key-codec.js'
import { ValueWriter } from './value-writer.js'
import { toComponents, writeComponents, type Components, type ElementShape } from './vector-element.js'
import type { Metric, VectorCoding } from './vector-options.js'

/** Longest encoded key of a vector. Mirrors `VECTOR_KEY_BYTES_MAX` of the vector layer. */
export const VECTOR_KEY_BYTES_MAX = KEY_BYTES_MAX - 1
/** Most components of a vector. Mirrors `DIMENSIONS_MAX` of the vector layer. */
export const DIMENSIONS_MAX = 16_000

const Change = { Put: 1, Delete: 2, Clear: 3 } as const
const Question = { Get: 1, Has: 2, Count: 3, Search: 4, Explain: 5, Many: 6, Walk: 7 } as const
const Part = {
  MaxDistance: 1,
  Filter: 2,
  Keys: 4,
  After: 8,
  Exact: 16,
  Width: 32,
  Bare: 64,
  Vectors: 128,
  Diversity: 256,
  Kept: 512,
} as const
const Walked = { Behind: 1, Filter: 2, Keys: 4 } as const

/** What the rows of an index are. */
export interface VectorShape extends ElementShape {
  readonly metric: Metric
  readonly key: KeyCodecCore<unknown, unknown>
  /** Whether answers of searches are kept. */
  readonly cacheResults: boolean
}

/** What an index is created with, beside what its rows are. */
export interface CheckedOptions extends VectorShape {
  readonly coding: VectorCoding
  readonly parts: number | undefined
  readonly model: string | undefined
  /** Names of declared attributes and their types, in turn. */
  readonly attributes: readonly string[]
}

/** Where a search goes on: behind this distance and encoded key. */
export interface After {
  readonly distance: number
  readonly key: Uint8Array
}

/** A search whose arguments are checked. */
export interface CheckedSearch {
  readonly vector: Components
  readonly filter: object | undefined
  /** Encoded keys, each behind its length. */
  readonly keys: { readonly count: number; readonly bytes: Uint8Array } | undefined
  readonly maxDistance: number | undefined
  readonly exact: boolean
  readonly ef: number | undefined
  readonly withAttributes: boolean
  readonly withVectors: boolean
  readonly diversity: { readonly lambda: number; readonly fetch: number } | undefined
  readonly cached: boolean
}

/** Buffers that are not in use. Attributes may run getters, which may come here again, so one is not enough. */
const idle: ValueWriter[] = []
const IDLE_MAX = 4

/** Lets `write` fill a buffer, and `use` read it before it is given back. */
export function withBuffer<T>(write: (writer: ValueWriter) => void, use: (bytes: Uint8Array) => T): T {
  const writer = idle.pop() ?? new ValueWriter({ bytes: 4 << 10 })
  writer.reset()
  try {
    write(writer)
    return use(writer.buffer.subarray(0, writer.position))
  } finally {
    if (idle.length < IDLE_MAX) idle.push(writer)
  }
}

/** A vector of the right dimensions that the metric can compare. */
export function checkVector(what: string, value: unknown, shape: VectorShape): Components {
  const vector = toComponents(what, value, shape)
  if (shape.metric === 'cosine' && vector.every((component: number) => component === 0)) {
    throw outOfRange(what, 'a vector with a direction, for cosine compares directions; all its components are 0', value)
  }
  return vector
}

/** Writes the key into the key buffer; returns its length. */
function encodeKey(key: unknown, shape: VectorShape): number {
  const length = shape.key.encode(key, keys, 0)
  if (length > VECTOR_KEY_BYTES_MAX) {
    throw new SledStoreError(
      'KEY_TOO_LARGE',
      `the encoded key of the vector has ${length} bytes; at most ${VECTOR_KEY_BYTES_MAX} are allowed`,
    )
  }
  return length
}

function appendKey(length: number, writer: ValueWriter): void {
  writer.writeBytes(keys.subarray(0, length))
}

function appendKeyWithLength(key: unknown, shape: VectorShape, writer: ValueWriter): void {
  const length = encodeKey(key, shape)
  writeUInt16(length, writer)
  appendKey(length, writer)
}

const PUT_HEADER_BYTES = 7

/** Appends a put; when it throws, the writer stands where it stood. */
export function writePut(
  key: unknown,
  value: unknown,
  attributes: unknown,
  shape: VectorShape,
  writer: ValueWriter,
): void {
  const start = writer.position
  writer.valueStart = start
  try {
    const vector = checkVector('vector', value, shape)
    writer.reserve(PUT_HEADER_BYTES)
    writer.position += PUT_HEADER_BYTES
    writeComponents(vector, writer)
    const keyLength = encodeKey(key, shape)
    appendKey(keyLength, writer)
    const attributesStart = writer.position
    if (attributes !== undefined) writeProperties('attributes', attributes, writer, 'left out')
    writer.buffer[start] = Change.Put
    writer.buffer.writeUInt16LE(keyLength, start + 1)
    writer.buffer.writeUInt32LE(writer.position - attributesStart, start + 3)
  } catch (error) {
    writer.position = start
    throw error
  }
}

/** Appends a delete. */
export function writeDelete(key: unknown, shape: VectorShape, writer: ValueWriter): void {
  writer.writeByte(Change.Delete)
  appendKeyWithLength(key, shape, writer)
}

/** Appends a delete of an encoded key behind its length. */
export function writeEncodedDelete(key: Uint8Array, writer: ValueWriter): void {
  writer.writeByte(Change.Delete)
  writer.writeBytes(key)
}

/** Appends the removal of every vector. */
export function writeClear(writer: ValueWriter): void {
  writer.writeByte(Change.Clear)
}

/** Asks for a vector. */
export function writeGet(key: unknown, shape: VectorShape, writer: ValueWriter): void {
  writer.writeByte(Question.Get)
  appendKey(encodeKey(key, shape), writer)
}

/** Asks whether there is a vector. */
export function writeHas(key: unknown, shape: VectorShape, writer: ValueWriter): void {
  writer.writeByte(Question.Has)
  appendKey(encodeKey(key, shape), writer)
}

/** Asks how many vectors there are. */
export function writeCountQuestion(writer: ValueWriter): void {
  writer.writeByte(Question.Count)
}

/** The keys a search is restricted to, encoded once for all its passes. */
export function encodeKeys(wanted: unknown, shape: VectorShape): { count: number; bytes: Uint8Array } {
  if (typeof (wanted as Iterable<unknown> | null)?.[Symbol.iterator] !== 'function' || typeof wanted === 'string') {
    throw wrongType('keys', 'an iterable of keys, such as an array or a Set', wanted)
  }
  const writer = new ValueWriter({ bytes: 4 << 10 })
  let count = 0
  for (const key of wanted as Iterable<unknown>) {
    writer.valueStart = writer.position
    appendKeyWithLength(key, shape, writer)
    count++
  }
  return { count, bytes: writer.buffer.subarray(0, writer.position) }
}

/** Asks several questions at once. */
export function writeMany(questions: readonly ((writer: ValueWriter) => void)[], writer: ValueWriter): void {
  writer.writeByte(Question.Many)
  for (const question of questions) {
    const lengthAt = writer.position
    writeUInt32(0, writer)
    question(writer)
    writer.buffer.writeUInt32LE(writer.position - lengthAt - 4, lengthAt)
  }
}

/** Asks for the next page of vectors, or of keys alone, behind an encoded key. */
export function writeWalk(
  behind: Uint8Array | undefined,
  filter: object | undefined,
  keysOnly: boolean,
  writer: ValueWriter,
): void {
  writer.writeByte(Question.Walk)
  writer.writeByte(
    (behind === undefined ? 0 : Walked.Behind) |
      (filter === undefined ? 0 : Walked.Filter) |
      (keysOnly ? Walked.Keys : 0),
  )
  if (behind !== undefined) {
    writeUInt16(behind.length, writer)
    writer.writeBytes(behind)
  }
  if (filter !== undefined) writeFilter(filter, writer)
}

function writeFilter(filter: object, writer: ValueWriter): void {
  const lengthAt = writer.position
  writeUInt32(0, writer)
  writeProperties('where', filter, writer, 'refused')
  writer.buffer.writeUInt32LE(writer.position - lengthAt - 4, lengthAt)
}

/** Asks how a search is made. */
export function writeExplain(search: CheckedSearch, k: number, writer: ValueWriter): void {
  const start = writer.position
  writeSearch(search, k, undefined, writer)
  writer.buffer[start] = Question.Explain
}

/** Asks for the `k` nearest, or for those that come behind a place. */
export function writeSearch(search: CheckedSearch, k: number, after: After | undefined, writer: ValueWriter): void {
  const { vector, filter, keys: restricted, maxDistance, ef, diversity } = search
  const parts =
    (maxDistance === undefined ? 0 : Part.MaxDistance) |
    (filter === undefined ? 0 : Part.Filter) |
    (restricted === undefined ? 0 : Part.Keys) |
    (after === undefined ? 0 : Part.After) |
    (search.exact ? Part.Exact : 0) |
    (ef === undefined ? 0 : Part.Width) |
    (search.withAttributes ? 0 : Part.Bare) |
    (search.withVectors ? Part.Vectors : 0) |
    (diversity === undefined ? 0 : Part.Diversity) |
    (search.cached ? Part.Kept : 0)
  writer.writeByte(Question.Search)
  writeUInt16(parts, writer)
  writeUInt32(k, writer)
  writeComponents(vector, writer)
  if (maxDistance !== undefined) writeDouble(maxDistance, writer)
  if (filter !== undefined) writeFilter(filter, writer)
  if (restricted !== undefined) {
    writeUInt32(restricted.count, writer)
    writer.writeBytes(restricted.bytes)
  }
  if (after !== undefined) {
    writeDouble(after.distance, writer)
    writeUInt16(after.key.length, writer)
    writer.writeBytes(after.key)
  }
  if (ef !== undefined) writeUInt32(ef, writer)
  if (diversity !== undefined) {
    writeDouble(diversity.lambda, writer)
    writeUInt32(diversity.fetch, writer)
  }
}

function writeUInt16(value: number, writer: ValueWriter): void {
  writer.reserve(2)
  writer.position = writer.buffer.writeUInt16LE(value, writer.position)
}

function writeUInt32(value: number, writer: ValueWriter): void {
  writer.reserve(4)
  writer.position = writer.buffer.writeUInt32LE(value, writer.position)
}

function writeDouble(value: number, writer: ValueWriter): void {
  writer.reserve(8)
  writer.position = writer.buffer.writeDoubleLE(value, writer.position)
}
