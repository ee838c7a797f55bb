/**
 * Key codecs: how a typed key becomes ordered bytes. A namespace is created with one and remembers its name.
 *
 * Keys are written into a buffer the caller owns and read from one, so that nothing is allocated on the way.
 */
import type { AnyKeyCodec, KeyCodec, LeadingParts, TupleOf } from './codec-types.js'
import { outOfRange, wrongType } from './errors.js'
import { keyTooLarge, readText, unreadableKey, writeText } from './key-text.js'
import {
  closeArray,
  isBytes,
  isDate,
  openArray,
  readBigInt,
  readDate,
  readEscapedBytes,
  readEscapedText,
  readNumber,
  readPart,
  reading,
  Tag,
  writeBigInt,
  writeBytesPart,
  writeDate,
  writeEscapedBytes,
  writeNumber,
  writePart,
  writeParts,
  writeStringPart,
  type KeyPart,
} from './tuple.js'

export { KEY_BYTES_MAX, keyTooLarge } from './key-text.js'
export { KEY_NESTING_MAX, type KeyPart } from './tuple.js'

/**
 * A key codec with its insides.
 *
 * The caller checks the length against {@link KEY_BYTES_MAX}; the methods throw `KEY_TOO_LARGE` only where the
 * target itself is too short, so it should have at least that much room.
 */
export interface KeyCodecCore<K, P = never> extends KeyCodec<K, P> {
  /** Writes a key into `target` from `offset` on; returns the offset after it. */
  encode(key: K, target: Uint8Array, offset: number): number
  /** Reads the key in `[start, end)`; the result shares no memory with `source`. */
  decode(source: Uint8Array, start: number, end: number): K
  /** Writes the inclusive lower bound of the keys that have the prefix; returns the offset after it. */
  encodePrefix(prefix: P, target: Uint8Array, offset: number): number
  /** Writes the exclusive upper bound of the keys that have the prefix; returns the offset after it, −1 for none. */
  encodePrefixEnd(prefix: P, target: Uint8Array, offset: number): number
}

/** A key codec that may also stand in `key.tuple`. */
export interface KeyPartCodec<K, P = never> extends KeyCodecCore<K, P> {
  /** Writes the key as a tagged part of a tuple. */
  writePart(key: K, target: Uint8Array, offset: number, depth: number, place: string): number
  /** Reads the part that starts at `start`; `reading.position` is set after it. */
  readPart(source: Uint8Array, start: number, end: number, depth: number): K
}

/** Whether something is a key codec. */
export function isKeyCodec(value: unknown): value is KeyCodecCore<unknown, unknown> {
  const codec = value as Partial<KeyCodecCore<unknown, unknown>> | null | undefined
  return (
    typeof codec === 'object' &&
    codec !== null &&
    typeof codec.name === 'string' &&
    typeof codec.encode === 'function' &&
    typeof codec.encodePrefix === 'function'
  )
}

// `any` because a codec is invariant in its key type.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type AnyPartCodec = KeyPartCodec<any, any>

const PREFIX_END = 0xff // above every tag and every byte of UTF-8

function withByte(byte: number, target: Uint8Array, offset: number): number {
  if (offset >= target.length) throw keyTooLarge()
  target[offset] = byte
  return offset + 1
}

/** Makes `[offset, end)` the shortest byte string above everything that starts with it; −1 if there is none. */
function increment(target: Uint8Array, offset: number, end: number): number {
  let length = end - offset
  while (length > 0 && target[offset + length - 1] === 0xff) length--
  if (length === 0) return -1
  const last = offset + length - 1
  target[last] = (target[last] as number) + 1
  return last + 1
}

function expectTag(tag: number, name: string, source: Uint8Array, start: number, end: number): number {
  if (start >= end || source[start] !== tag) throw unreadableKey(`one of its parts is no ${name}`)
  return start + 1
}

function expectEnd(at: number, end: number): void {
  if (at !== end) throw unreadableKey(`${end - at} bytes follow its last part`)
}

const stringKey: KeyPartCodec<string, string> = {
  name: 'string',
  encode(key, target, offset) {
    if (typeof key !== 'string') throw wrongType('key', 'a string', key)
    return writeText(key, target, offset, false)
  },
  decode: readText,
  encodePrefix(prefix, target, offset) {
    if (typeof prefix !== 'string') throw wrongType('prefix', 'a string', prefix)
    return writeText(prefix, target, offset, false)
  },
  encodePrefixEnd(prefix, target, offset) {
    return withByte(PREFIX_END, target, stringKey.encodePrefix(prefix, target, offset))
  },
  writePart(key, target, offset, _depth, place) {
    if (typeof key !== 'string') throw wrongType(place, 'a string', key)
    return writeStringPart(key, target, offset)
  },
  readPart(source, start, end) {
    return readEscapedText(source, expectTag(Tag.String, 'string', source, start, end), end)
  },
}

const bytesKey: KeyPartCodec<Uint8Array, Uint8Array> = {
  name: 'bytes',
  encode(key, target, offset) {
    if (!isBytes(key)) throw wrongType('key', 'a Uint8Array', key)
    if (key.length > target.length - offset) throw keyTooLarge(key.length)
    target.set(key, offset)
    return offset + key.length
  },
  decode(source, start, end) {
    const key = new Uint8Array(end - start)
    key.set(source.subarray(start, end))
    return key
  },
  encodePrefix(prefix, target, offset) {
    if (!isBytes(prefix)) throw wrongType('prefix', 'a Uint8Array', prefix)
    return bytesKey.encode(prefix, target, offset)
  },
  encodePrefixEnd(prefix, target, offset) {
    return increment(target, offset, bytesKey.encodePrefix(prefix, target, offset))
  },
  writePart(key, target, offset, _depth, place) {
    if (!isBytes(key)) throw wrongType(place, 'a Uint8Array', key)
    return writeBytesPart(key, target, offset)
  },
  readPart(source, start, end) {
    return readEscapedBytes(source, expectTag(Tag.Bytes, 'Uint8Array', source, start, end), end)
  },
}

type Write<K> = (key: K, target: Uint8Array, offset: number, place: string) => number
type Read<K> = (source: Uint8Array, start: number, end: number) => K

/** A codec whose keys are one indivisible part: bare content as a key, tag and content as a part. */
function scalarKey<K>(
  name: string,
  article: string,
  tag: number,
  is: (key: unknown) => boolean,
  write: Write<K>,
  read: Read<K>,
) {
  const codec: KeyPartCodec<K> = {
    name,
    encode(key, target, offset) {
      if (!is(key)) throw wrongType('key', article, key)
      return write(key, target, offset, 'key')
    },
    decode(source, start, end) {
      const key = read(source, start, end)
      expectEnd(reading.position, end)
      return key
    },
    encodePrefix: (prefix: unknown) => refusePrefix(name, prefix),
    encodePrefixEnd: (prefix: unknown) => refusePrefix(name, prefix),
    writePart(key, target, offset, _depth, place) {
      if (!is(key)) throw wrongType(place, article, key)
      return write(key, target, withByte(tag, target, offset), place)
    },
    readPart(source, start, end) {
      return read(source, expectTag(tag, name, source, start, end), end)
    },
  }
  return codec
}

function refusePrefix(name: string, prefix: unknown): never {
  throw wrongType('prefix', `left out, for keys of key.${name} have none (use gte and lt)`, prefix)
}

const numberKey = scalarKey('number', 'a number', Tag.Number, (key) => typeof key === 'number', writeNumber, readNumber)
const bigintKey = scalarKey('bigint', 'a bigint', Tag.BigInt, (key) => typeof key === 'bigint', writeBigInt, readBigInt)
const dateKey = scalarKey('date', 'a Date', Tag.Date, isDate, writeDate, readDate)

const booleanKey: KeyPartCodec<boolean> = {
  name: 'boolean',
  encode(key, target, offset) {
    if (typeof key !== 'boolean') throw wrongType('key', 'a boolean', key)
    return withByte(key ? 1 : 0, target, offset)
  },
  decode(source, start, end) {
    const byte = source[start] as number
    if (end - start !== 1 || byte > 1) throw unreadableKey('it is no boolean')
    return byte === 1
  },
  encodePrefix: (prefix: unknown) => refusePrefix('boolean', prefix),
  encodePrefixEnd: (prefix: unknown) => refusePrefix('boolean', prefix),
  writePart(key, target, offset, _depth, place) {
    if (typeof key !== 'boolean') throw wrongType(place, 'a boolean', key)
    return withByte(key ? Tag.True : Tag.False, target, offset)
  },
  readPart(source, start, end) {
    if (start < end && source[start] === Tag.False) reading.position = start + 1
    else reading.position = expectTag(Tag.True, 'boolean', source, start, end)
    return source[start] === Tag.True
  },
}

const anyKey: KeyPartCodec<KeyPart, string | Uint8Array | readonly KeyPart[]> = {
  name: 'any',
  encode(key, target, offset) {
    return writePart(key, target, offset, 0, 'key')
  },
  decode(source, start, end) {
    const key = readPart(source, start, end, 0)
    expectEnd(reading.position, end)
    return key
  },
  encodePrefix(prefix, target, offset) {
    if (typeof prefix === 'string') return writeText(prefix, target, withByte(Tag.String, target, offset), true)
    if (isBytes(prefix)) return writeEscapedBytes(prefix, target, withByte(Tag.Bytes, target, offset))
    if (Array.isArray(prefix)) return writeParts(prefix, target, openArray(target, offset, 0), 1, 'a part of prefix')
    throw wrongType('prefix', 'a string, a Uint8Array or the leading parts of an array', prefix)
  },
  encodePrefixEnd(prefix, target, offset) {
    const end = anyKey.encodePrefix(prefix, target, offset)
    return Array.isArray(prefix) ? withByte(PREFIX_END, target, end) : increment(target, offset, end)
  },
  writePart,
  readPart,
}

function isPartCodec(codec: unknown): codec is AnyPartCodec {
  return typeof codec === 'object' && codec !== null && 'writePart' in codec && 'readPart' in codec
}

function tupleKey<const C extends readonly AnyKeyCodec[]>(
  ...parts: C
): KeyPartCodec<TupleOf<C>, LeadingParts<TupleOf<C>>> {
  const codecs = parts.map((part): AnyPartCodec => {
    if (!isPartCodec(part)) throw wrongType('every argument of key.tuple', 'a codec of `key`', part)
    return part
  })
  const count = codecs.length
  const places = codecs.map((_, index) => `key[${index}]`)
  const shape = `an array of ${count} ${count === 1 ? 'part' : 'parts'} (${codecs.map((codec) => codec.name).join(', ')})`

  function write(parts: readonly unknown[], target: Uint8Array, offset: number, depth: number): number {
    let at = offset
    for (let index = 0; index < parts.length; index++) {
      const part = codecs[index] as AnyPartCodec
      at = part.writePart(parts[index], target, at, depth, places[index] as string)
    }
    return at
  }
  function check(parts: unknown, place: string): asserts parts is readonly unknown[] {
    if (!Array.isArray(parts)) throw wrongType(place, shape, parts)
    if (parts.length !== count) throw outOfRange(place, shape, parts)
  }
  function read(source: Uint8Array, start: number, end: number, depth: number): TupleOf<C> {
    const parts = Array<unknown>(count)
    reading.position = start
    for (let index = 0; index < count; index++) {
      parts[index] = (codecs[index] as AnyPartCodec).readPart(source, reading.position, end, depth)
    }
    return parts as unknown as TupleOf<C>
  }

  const codec: KeyPartCodec<TupleOf<C>, LeadingParts<TupleOf<C>>> = {
    name: `tuple(${codecs.map((part) => part.name).join(',')})`,
    encode(key, target, offset) {
      check(key, 'key')
      return write(key, target, offset, 0)
    },
    decode(source, start, end) {
      const key = read(source, start, end, 0)
      expectEnd(reading.position, end)
      return key
    },
    encodePrefix(prefix, target, offset) {
      if (!Array.isArray(prefix)) throw wrongType('prefix', 'an array of the leading parts of the key', prefix)
      if (prefix.length > count) throw outOfRange('prefix', `at most ${shape}`, prefix)
      return write(prefix, target, offset, 0)
    },
    encodePrefixEnd(prefix, target, offset) {
      return withByte(PREFIX_END, target, codec.encodePrefix(prefix, target, offset))
    },
    writePart(key, target, offset, depth, place) {
      check(key, place)
      return closeArray(target, write(key, target, openArray(target, offset, depth), depth + 1))
    },
    readPart(source, start, end, depth) {
      const key = read(source, expectTag(Tag.Array, 'array', source, start, end), end, depth + 1)
      reading.position = expectTag(Tag.End, 'end of an array', source, reading.position, end)
      return key
    },
  }
  return codec
}

/** The key codecs; `codecs.ts` shows them to the user. */
export const key = Object.freeze({
  string: stringKey,
  bytes: bytesKey,
  number: numberKey as KeyPartCodec<number>,
  bigint: bigintKey as KeyPartCodec<bigint>,
  date: dateKey as KeyPartCodec<Date>,
  boolean: booleanKey,
  tuple: tupleKey,
  any: anyKey,
})
