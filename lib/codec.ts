/**
 * Value codecs: how a value becomes stored bytes. Stored value =
 * `[codec u8][flags u8][schema version varint][payload]`, so that a value tells by itself how to read it.
 */
import type { Codec, CustomCodec } from './codec-types.js'
import { describe, outOfRange, SledStoreError, typeError, wrongType } from './errors.js'
import { readMsgpack, writeMsgpack } from './msgpack.js'
import { isWellFormed, plainBytes, readUtf8 } from './utf8.js'
import { VALUE_BYTES_MAX, valueTooLarge, type ValueWriter } from './value-writer.js'
import { vectorCodec } from './vector-codec.js'

export { VALUE_BYTES_MAX, ValueWriter } from './value-writer.js'

/** Ids of the built-in codecs; own codecs have ids from {@link CUSTOM_CODEC_MIN} up. */
export const CodecId = {
  Bytes: 0,
  Utf8: 1,
  Json: 2,
  Msgpack: 3,
  MsgpackFull: 4,
  Vector: 6,
} as const

/** Bytes before the payload of a value of a schema version up to 127. */
export const PLAIN_HEADER_BYTES = 3

/** Lowest id of an own codec. */
export const CUSTOM_CODEC_MIN = 128
const SCHEMA_VERSION_MAX = 2 ** 32 - 1

/**
 * A codec with its insides. Payloads are written into, and read from, buffers that the next call overwrites: `decode`
 * must return something that shares no memory with `source`.
 */
export interface CodecCore<T, I = T> extends Codec<T, I> {
  /** A second id under which the codec writes some values. */
  readonly alternateId?: number
  /** Writes the payload at `writer.position` and returns the id it stands under. */
  encode(value: I, writer: ValueWriter): number
  /** Reads the payload in `[start, end)` that was written under `id`. */
  decode(source: Uint8Array, start: number, end: number, id: number): T
}

/** Whether something is a value codec. */
export function isValueCodec(value: unknown): value is CodecCore<unknown> {
  const codec = value as Partial<CodecCore<unknown>> | null | undefined
  return (
    typeof codec === 'object' &&
    codec !== null &&
    typeof codec.name === 'string' &&
    typeof codec.id === 'number' &&
    typeof codec.encode === 'function' &&
    typeof codec.decode === 'function'
  )
}

/** Bytes before the payload of a value of this schema version: 3 up to version 127. */
export function headerLength(schemaVersion: number): number {
  let length = 3
  for (let rest = schemaVersion; rest > 0x7f; rest = Math.floor(rest / 0x80)) length++
  return length
}

/**
 * Writes header and payload at `writer.position`. If it throws, the writer stands where it stood.
 *
 * @throws TypeError for `undefined`, or what the codec cannot hold
 * @throws SledStoreError `VALUE_TOO_LARGE`, or `CODEC_FAILED` around what an own codec threw
 */
export function encodeValue<I>(codec: CodecCore<unknown, I>, value: I, writer: ValueWriter, schemaVersion = 0): void {
  if (value === undefined) {
    throw typeError('value must not be undefined; use delete to remove an entry, or store null')
  }
  if (writer.busy) {
    throw typeError('a value was put while another is being encoded; do not write from a getter or from toJSON')
  }
  if (!Number.isInteger(schemaVersion) || schemaVersion < 0 || schemaVersion > SCHEMA_VERSION_MAX) {
    throw outOfRange('schema version', `an integer from 0 to ${SCHEMA_VERSION_MAX}`, schemaVersion)
  }
  const start = writer.position
  let done = false
  writer.busy = true
  writer.valueStart = start
  try {
    writer.reserve(16)
    writer.buffer[start + 1] = 0 // flags
    writer.position = start + 2
    writer.writeVarint(schemaVersion)
    const id = codec.encode(value, writer)
    writer.buffer[start] = id
    const bytes = writer.position - start
    if (bytes > VALUE_BYTES_MAX) throw valueTooLarge(bytes)
    done = true
  } catch (error) {
    throw encodingFailed(codec, error)
  } finally {
    if (!done) writer.position = start
    writer.busy = false
  }
}

function encodingFailed(codec: CodecCore<unknown, never>, error: unknown): unknown {
  if (error instanceof SledStoreError || error instanceof TypeError || error instanceof RangeError) return error
  const reason = error instanceof Error ? error.message : describe(error)
  return new SledStoreError('CODEC_FAILED', `codec ${codec.name} cannot encode the value: ${reason}`, { cause: error })
}

/**
 * Reads the stored value in `[start, end)`.
 *
 * @throws SledStoreError `CODEC_FAILED` if another codec wrote it or the payload is damaged, `FORMAT_TOO_NEW` if its
 * flags are unknown
 */
export function decodeValue<T>(codec: CodecCore<T, never>, source: Uint8Array, start: number, end: number): T {
  const id = end - start >= 3 ? (source[start] as number) : -1
  if (id !== codec.id && (id < 0 || id !== codec.alternateId)) throw foreignValue(codec, id)
  if (source[start + 1] !== 0) {
    throw new SledStoreError(
      'FORMAT_TOO_NEW',
      'a stored value has unknown flags; read it with the version that wrote it',
    )
  }
  let payload = start + 3
  while ((source[payload - 1] as number) > 0x7f && payload < end) payload++
  try {
    return codec.decode(source, payload, end, id)
  } catch (error) {
    if (error instanceof SledStoreError) throw error
    const reason = error instanceof Error ? error.message : describe(error)
    const message = `codec ${codec.name} cannot decode a stored value: ${reason}`
    throw new SledStoreError('CODEC_FAILED', message, { cause: error })
  }
}

/** Whether the stored value in `[start, end)` is text, behind a header of {@link PLAIN_HEADER_BYTES}. */
export function isPlainText(source: Uint8Array, start: number, end: number): boolean {
  return (
    end - start >= PLAIN_HEADER_BYTES &&
    source[start] === CodecId.Utf8 &&
    source[start + 1] === 0 &&
    source[start + 2]! < 0x80
  )
}

/** The schema version in the header of the stored value in `[start, end)`. */
export function schemaVersionOf(source: Uint8Array, start: number, end: number): number {
  let version = 0
  let factor = 1
  for (let at = start + 2; at < end && factor <= 2 ** 28; at++, factor *= 0x80) {
    version += ((source[at] as number) & 0x7f) * factor
    if ((source[at] as number) < 0x80) return version
  }
  throw new SledStoreError('CODEC_FAILED', 'a stored value has no complete header; it was not written by SledStore')
}

function foreignValue(codec: CodecCore<unknown, never>, id: number): SledStoreError {
  if (id < 0) {
    return new SledStoreError('CODEC_FAILED', 'a stored value has no complete header; it was not written by SledStore')
  }
  const name =
    Object.entries(CodecId)
      .find(([, known]) => known === id)?.[0]
      .toLowerCase() ?? 'own'
  return new SledStoreError(
    'CODEC_FAILED',
    `a stored value was written with codec ${id} (${name}), but the namespace reads with codec ${codec.id} ` +
      `(${codec.name}); open it with the codec it was written with`,
  )
}

const bytesCodec: CodecCore<Uint8Array> = {
  id: CodecId.Bytes,
  name: 'bytes',
  encode(value, writer) {
    if (!(value instanceof Uint8Array)) throw wrongType('value', 'a Uint8Array', value)
    writer.writeBytes(value)
    return CodecId.Bytes
  },
  decode: (source, start, end) => plainBytes(source).slice(start, end),
}

const bytesInPlace: CodecCore<Uint8Array> = {
  ...bytesCodec,
  decode: (source, start, end) => source.subarray(start, end),
}

/** The bytes of the stored value in `[start, end)`, where they lie; throws as {@link decodeValue} does. */
export function viewOfBytes(source: Uint8Array, start: number, end: number): Uint8Array {
  return decodeValue(bytesInPlace, source, start, end)
}

const notUtf8 = () => new SledStoreError('CODEC_FAILED', 'a stored value is not UTF-8; run verify')

const utf8Codec: CodecCore<string> = {
  id: CodecId.Utf8,
  name: 'utf8',
  encode(value, writer) {
    if (typeof value !== 'string') throw wrongType('value', 'a string', value)
    if (!isWellFormed(value)) {
      throw typeError('value must be well-formed text, but has a lone surrogate; use toWellFormed() or codec.json()')
    }
    writer.writeText(value)
    return CodecId.Utf8
  },
  decode: (source, start, end) => readUtf8(source, start, end, notUtf8),
}

const jsonCodec: CodecCore<unknown> = {
  id: CodecId.Json,
  name: 'json',
  encode(value, writer) {
    const text = JSON.stringify(value) as string | undefined
    if (text === undefined) throw wrongType('value', 'something JSON can hold', value)
    writer.writeText(text)
    return CodecId.Json
  },
  decode: (source, start, end) => JSON.parse(readUtf8(source, start, end, notUtf8)),
}

const msgpackCodec: CodecCore<unknown> = {
  id: CodecId.Msgpack,
  name: 'msgpack',
  alternateId: CodecId.MsgpackFull,
  encode: (value, writer) => (writeMsgpack(value, writer) ? CodecId.MsgpackFull : CodecId.Msgpack),
  decode: (source, start, end, id) => readMsgpack(source, start, end, id === CodecId.MsgpackFull),
}

function customCodec<T, I = T>(options: CustomCodec<T, I>): CodecCore<T, I> {
  const { id, name, encode, decode } = options
  if (!Number.isInteger(id) || id < CUSTOM_CODEC_MIN || id > 255) {
    throw outOfRange('id of an own codec', `an integer from ${CUSTOM_CODEC_MIN} to 255`, id)
  }
  if (typeof name !== 'string' || name === '') throw wrongType('name of an own codec', 'a string with content', name)
  if (typeof encode !== 'function') throw wrongType('encode of an own codec', 'a function', encode)
  if (typeof decode !== 'function') throw wrongType('decode of an own codec', 'a function', decode)
  return Object.freeze<CodecCore<T, I>>({
    id,
    name,
    encode(value, writer) {
      const payload: unknown = encode(value)
      if (!(payload instanceof Uint8Array)) throw wrongType(`what codec ${name} encodes to`, 'a Uint8Array', payload)
      writer.writeBytes(payload)
      return id
    },
    decode: (source, start, end) => decode(plainBytes(source).slice(start, end)),
  })
}

/** The value codecs; `codecs.ts` shows them to the user. */
export const codec = Object.freeze({
  msgpack: <T = unknown>(): CodecCore<T> => msgpackCodec as CodecCore<T>,
  json: <T = unknown>(): CodecCore<T> => jsonCodec as CodecCore<T>,
  utf8: (): CodecCore<string> => utf8Codec,
  bytes: (): CodecCore<Uint8Array> => bytesCodec,
  vector: vectorCodec,
  custom: customCodec,
})
