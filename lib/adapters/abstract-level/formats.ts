/**
 * What abstract-level calls formats: keys and values are bytes at rest, and are taken and given as text (`utf8`) or as bytes
 * (`buffer` and `view`, both as Buffer).
 */
import { codec, key, type Codec, type KeyCodec, type Namespace, type SledStore } from 'sledstore'
import type { CodecCore, ValueWriter } from '../../codec.js'
import type { KeyCodecCore } from '../../key-codec.js'

/** How abstract-level hands a key or value over. */
export type Format = 'utf8' | 'buffer' | 'view'
/** A key or value as it was handed over. */
export type Data = string | Uint8Array
/** A namespace that takes text and bytes alike; what it gives depends on the formats it was opened for. */
export type Rows = Namespace<Data, Data>

const textKey = key.string as unknown as KeyCodecCore<string, string>
const bytesKey = key.bytes as unknown as KeyCodecCore<Uint8Array, Uint8Array>
const textValue = codec.utf8() as unknown as CodecCore<string>
const bytesValue = codec.bytes() as unknown as CodecCore<Uint8Array>

/** Whether a codec refused text, or bytes as text, because it is not well-formed. */
function isMalformed(error: unknown): boolean {
  return error instanceof TypeError || (error as { code?: unknown }).code === 'CODEC_FAILED'
}

// The store's codecs are strict about text. As in Node and LevelDB, what is malformed becomes U+FFFD here.

function encodeKey(data: Data, target: Uint8Array, offset: number): number {
  if (typeof data !== 'string') return bytesKey.encode(data, target, offset)
  try {
    return textKey.encode(data, target, offset)
  } catch (error) {
    if (!isMalformed(error)) throw error
    return bytesKey.encode(Buffer.from(data), target, offset)
  }
}

function encodeValue(data: Data, writer: ValueWriter): number {
  if (typeof data !== 'string') return bytesValue.encode(data, writer)
  try {
    textValue.encode(data, writer)
  } catch (error) {
    if (!isMalformed(error)) throw error
    bytesValue.encode(Buffer.from(data), writer)
  }
  return bytesValue.id
}

function readBuffer(source: Uint8Array, start: number, end: number): Buffer {
  const copy = Buffer.allocUnsafe(end - start)
  copy.set(source.subarray(start, end))
  return copy
}

function readKeyText(source: Uint8Array, start: number, end: number): string {
  try {
    return textKey.decode(source, start, end)
  } catch (error) {
    if (!isMalformed(error)) throw error
    return readBuffer(source, start, end).toString()
  }
}

function readValueText(source: Uint8Array, start: number, end: number): string {
  try {
    return textValue.decode(source, start, end, textValue.id)
  } catch (error) {
    if (!isMalformed(error)) throw error
    return readBuffer(source, start, end).toString()
  }
}

/** At rest this is `key.bytes`, under whose name the namespace stands in the catalogue. */
function keyCodec(decode: KeyCodecCore<Data>['decode']): KeyCodec<Data> {
  const core: KeyCodecCore<Data, Uint8Array> = {
    name: bytesKey.name,
    encode: encodeKey,
    decode,
    encodePrefix: bytesKey.encodePrefix,
    encodePrefixEnd: bytesKey.encodePrefixEnd,
  }
  return core as unknown as KeyCodec<Data>
}

/** At rest this is `codec.bytes()`. */
function valueCodec(decode: CodecCore<Data>['decode']): Codec<Data> {
  const core: CodecCore<Data> = { id: bytesValue.id, name: bytesValue.name, encode: encodeValue, decode }
  return core
}

const keyCodecs = { text: keyCodec(readKeyText), bytes: keyCodec(readBuffer) }
const valueCodecs = { text: valueCodec(readValueText), bytes: valueCodec(readBuffer) }

/** The namespace of a store, opened once for each pair of formats. */
export class FormattedRows {
  readonly #store: SledStore
  readonly #name: string
  readonly #opened: (Rows | undefined)[] = [undefined, undefined, undefined, undefined]

  constructor(store: SledStore, name: string) {
    this.#store = store
    this.#name = name
  }

  of(keyFormat: Format, valueFormat: Format): Rows {
    const place = (keyFormat === 'utf8' ? 0 : 1) + (valueFormat === 'utf8' ? 0 : 2)
    return (this.#opened[place] ??= this.#open(keyFormat, valueFormat))
  }

  #open(keyFormat: Format, valueFormat: Format): Rows {
    return this.#store.namespace<Data, Data>(this.#name, {
      key: keyFormat === 'utf8' ? keyCodecs.text : keyCodecs.bytes,
      value: valueFormat === 'utf8' ? valueCodecs.text : valueCodecs.bytes,
    }) as unknown as Rows
  }
}
