/**
 * A namespace as the parts of this package share it: its handle, its codecs, and reads and writes of single keys.
 * `reader` is 0 for the newest state, or the handle of a snapshot or transaction.
 */
import { CodecId, decodeValue, encodeValue, viewOfBytes, type CodecCore, type ValueWriter } from '../codec.js'
import { SledStoreError, typeError, wrongType } from '../errors.js'
import { key as keyCodecs, KEY_BYTES_MAX, keyTooLarge, type KeyCodecCore } from '../key-codec.js'
import { validate, type Schema } from '../schema.js'
import { freeze, ValueCache } from '../value-cache.js'
import type { StoreCore } from './lifecycle.js'
import {
  FAILED,
  IN_FILE,
  keys,
  MISSING,
  native,
  NEEDS_PAGE_IN,
  STAMPED,
  state,
  StateWord,
  takeLongValue,
  values,
  writer,
} from './native.js'

/** Who reads: a namespace's newest state, a snapshot or a transaction. */
export interface Source {
  /** The addon's handle; 0 for the newest state. */
  readonly reader: number
  /** Refuses a source that has ended. */
  checkUsable(): void
}

/** Length of a key among those packed for {@link NamespaceCore.readManyAsync}, u16. */
const KEY_PART_LENGTH_BYTES = 2

/** Namespace options with every default filled in. */
export interface CheckedNamespaceOptions {
  readonly key: KeyCodecCore<unknown, unknown>
  readonly value: CodecCore<unknown>
  readonly schema: Schema | undefined
  readonly validateOnRead: boolean
  /** Bytes. */
  readonly cacheValues: number
}

/** A namespace with what the rest of this package needs of it. */
export class NamespaceCore implements Source {
  readonly name: string
  readonly store: StoreCore
  /** The addon's handle. */
  readonly handle: number
  /** Its number in encoded batches. */
  readonly id: number
  readonly key: KeyCodecCore<unknown, unknown>
  readonly value: CodecCore<unknown>
  readonly reader = 0
  protected readonly schema: Schema | undefined
  readonly #validateOnRead: boolean
  /** Keys and values are texts: values are made natively, without a buffer in between, and of rows of ASCII both are parts of one text. */
  readonly hasTextKeys: boolean
  readonly hasTextValues: boolean
  /** The published file, if large values of it are given where they lie. */
  readonly #views: Uint8Array | undefined
  readonly #cache: ValueCache | undefined

  constructor(store: StoreCore, name: string, handle: number, id: number, options: CheckedNamespaceOptions) {
    this.store = store
    this.name = name
    this.handle = handle
    this.id = id
    this.key = options.key
    this.value = options.value
    this.schema = options.schema
    this.#validateOnRead = options.schema !== undefined && options.validateOnRead
    this.hasTextKeys = options.key === keyCodecs.string
    this.hasTextValues = options.value.id === CodecId.Utf8 && !this.#validateOnRead
    this.#views = options.value.id === CodecId.Bytes ? store.views : undefined
    this.#cache = this.#views === undefined ? cacheOf(store, handle, options.cacheValues) : undefined
  }

  /** Refuses a namespace whose store is closed. */
  checkUsable(): void {
    this.store.checkOpen()
  }

  failure(): SledStoreError {
    const error = this.store.failure()
    if (error.code !== 'STALE_HANDLE' || !this.store.isOpen) return error
    return this.droppedError()
  }

  /** Whether its namespace was dropped, as far as this thread knows. */
  get isDropped(): boolean {
    try {
      native.namespaceId(this.handle)
      return false
    } catch {
      return true
    }
  }

  droppedError(): SledStoreError {
    return new SledStoreError('NAMESPACE_DROPPED', `namespace "${this.name}" was dropped; open it again by its name`)
  }

  check(answer: number): number {
    if (answer === FAILED) throw this.failure()
    return answer
  }

  /** Writes a key into the key buffer; returns its length. */
  encodeKey(key: unknown): number {
    const length = this.key.encode(key, keys, 0)
    if (length > KEY_BYTES_MAX) throw keyTooLarge(length)
    return length
  }

  /** A key's bytes, for calls that outlive the key buffer's content. */
  keyCopy(key: unknown): Buffer {
    return Buffer.from(keys.subarray(0, this.encodeKey(key)))
  }

  /** Reads the stored value in `[start, end)`. */
  decode(source: Uint8Array, start: number, end: number): unknown {
    return this.#validated(decodeValue(this.value, source, start, end))
  }

  #validated(value: unknown): unknown {
    return this.#validateOnRead ? validate(this.schema!, value, 'sync', `a stored value of ${this.name}`) : value
  }

  read(key: unknown, reader: number): unknown {
    if (this.#cache !== undefined && reader === 0) return this.#readKept(this.#cache, key)
    const keyLength = this.encodeKey(key)
    if (this.hasTextValues) {
      const text = native.getString(this.handle, keyLength, reader)
      return typeof text === 'string' ? text : this.#readSlowly(text)
    }
    if (this.#views !== undefined && reader === 0) return this.#readView(this.#views, keyLength)
    const length = native.get(this.handle, keyLength, reader)
    return length >= 0 ? this.decode(values(), 0, length) : this.#readSlowly(length)
  }

  #readKept(cache: ValueCache, key: unknown): unknown {
    const kept = this.#kept(cache, key)
    if (kept !== undefined) return kept
    const keyLength = this.encodeKey(key)
    const answer = this.hasTextValues
      ? native.getString(this.handle, keyLength, STAMPED)
      : native.get(this.handle, keyLength, STAMPED)
    const bytes = typeof answer === 'string' ? answer.length : answer
    // Decoding may run the user's code, which may read other keys.
    const hash = state[StateWord.Hash]!
    const stamp = state[StateWord.Stamp]!
    const isWanted = bytes >= 0 && typeof key !== 'object' && cache.wants(hash, stamp)
    if (typeof answer === 'string') {
      if (isWanted) cache.keep(key, answer, bytes, hash, stamp)
      return answer
    }
    const value = answer >= 0 ? this.decode(values(), 0, answer) : this.#readSlowly(answer)
    if (freeze(value) && isWanted) cache.keep(key, value, 2 * bytes, hash, stamp)
    return value
  }

  /** A value that was kept and is the newest. */
  #kept(cache: ValueCache, key: unknown): unknown {
    const kept = cache.find(key)
    if (kept === undefined) return undefined
    this.store.checkOpen()
    return kept.value
  }

  #readView(views: Uint8Array, keyLength: number): unknown {
    const answer = native.getView(this.handle, keyLength)
    if (answer !== IN_FILE) return answer >= 0 ? this.decode(values(), 0, answer) : this.#readSlowly(answer)
    // Places are unsigned.
    const start = state[StateWord.Place]! >>> 0
    return this.#validated(viewOfBytes(views, start, start + (state[StateWord.Length]! >>> 0)))
  }

  #readSlowly(answer: number): unknown {
    if (answer === MISSING) return undefined
    this.check(answer)
    const value = takeLongValue()
    return this.decode(value, 0, value.length)
  }

  exists(key: unknown, reader: number): boolean {
    return this.check(native.has(this.handle, this.encodeKey(key), reader)) === 1
  }

  readMany(wanted: Iterable<unknown>, reader: number): unknown[] {
    checkKeys('getMany', wanted)
    const found: unknown[] = []
    for (const key of wanted) found.push(this.read(key, reader))
    return found
  }

  async readAsync(key: unknown, reader: number): Promise<unknown> {
    if (this.#cache === undefined || reader !== 0) return this.#readAsyncNow(key, reader)
    const kept = this.#kept(this.#cache, key)
    if (kept !== undefined) return kept
    const value = await this.#readAsyncNow(key, reader)
    freeze(value)
    return value
  }

  async #readAsyncNow(key: unknown, reader: number): Promise<unknown> {
    const keyLength = this.encodeKey(key)
    const length = native.getCached(this.handle, keyLength, reader)
    if (length >= 0) return this.decode(values(), 0, length)
    if (length !== NEEDS_PAGE_IN) return this.#readSlowly(length)
    const bytes = Buffer.from(keys.subarray(0, keyLength))
    const value = await this.store.job<Buffer | undefined>(() => native.getAsync(this.handle, reader, bytes))
    return value === undefined ? undefined : this.decode(value, 0, value.length)
  }

  async readManyAsync(wanted: Iterable<unknown>, reader: number): Promise<unknown[]> {
    checkKeys('getManyAsync', wanted)
    this.checkUsable()
    const parts: Buffer[] = []
    for (const key of wanted) {
      const bytes = this.keyCopy(key)
      const length = Buffer.allocUnsafe(KEY_PART_LENGTH_BYTES)
      length.writeUInt16LE(bytes.length)
      parts.push(length, bytes)
    }
    const packed = Buffer.concat(parts)
    const count = parts.length / 2
    const answer = await this.store.job<Buffer>(() => native.getManyAsync(this.handle, reader, packed))
    const found = new Array<unknown>(count)
    let at = 0
    for (let index = 0; index < count; index++) {
      // Length plus one; 0 for a missing key.
      const length = answer.readUInt32LE(at) - 1
      at += 4
      found[index] = undefined
      if (length < 0) continue
      found[index] = this.decode(answer, at, at + length)
      at += length
    }
    return found
  }

  /** What the schema makes of a value, where nothing can be awaited. */
  checkValue(key: unknown, value: unknown): unknown {
    return this.schema === undefined ? value : validate(this.schema, value, 'sync', this.subject(key))
  }

  /** Puts an already checked value, for `ttl` milliseconds if that is not 0; `mode` as in `crate/node/src/hot.rs`. */
  write(key: unknown, value: unknown, mode: number, ttl: number): number {
    writer.reset()
    encodeValue(this.value, value, writer)
    // The key comes second: encoding a value may run the user's code, which may use the key buffer.
    const keyLength = this.encodeKey(key)
    if (ttl === 0) return this.check(native.put(this.handle, keyLength, writer.position, mode))
    return this.check(native.putExpiring(this.handle, keyLength, writer.position, mode, ttl))
  }

  erase(key: unknown, mode: number): number {
    return this.check(native.del(this.handle, this.encodeKey(key), mode))
  }

  /** Appends the stored form of a checked value. */
  encodeInto(value: unknown, target: ValueWriter): void {
    encodeValue(this.value, value, target)
  }

  /** Refuses to store a value that was not seen whole, where it would have to be checked. */
  checkNoSchema(where: string): void {
    if (this.schema === undefined) return
    throw typeError(
      `${where} cannot check what it stores, and namespace "${this.name}" has a schema; put the value whole, or open ` +
        'a namespace without a schema for streams',
    )
  }

  /** The stored form of a checked value, or nothing for `undefined`. */
  encodeCopy(value: unknown): Buffer | undefined {
    if (value === undefined) return undefined
    writer.reset()
    encodeValue(this.value, value, writer)
    return Buffer.from(writer.buffer.subarray(0, writer.position))
  }

  /** How messages name the value of a key. */
  protected subject(key: unknown): string {
    return typeof key === 'string' ? `value of ${JSON.stringify(key)} in ${this.name}` : `a value of ${this.name}`
  }
}

function cacheOf(store: StoreCore, handle: number, bytesMax: number): ValueCache | undefined {
  const stamps = bytesMax === 0 ? undefined : store.stampsOf(handle)
  return stamps === undefined ? undefined : new ValueCache(stamps, bytesMax, store.valueReads)
}

function checkKeys(where: string, wanted: unknown): void {
  // A string is an iterable of its letters, which nobody means.
  if (typeof wanted !== 'object' || wanted === null || !(Symbol.iterator in wanted)) {
    throw wrongType(`what ${where} takes`, 'an iterable of keys, such as an array', wanted)
  }
}

/** The namespace behind what a caller passed to a batch, snapshot or transaction of `store`. */
export function coreOf(namespace: unknown, store: StoreCore): NamespaceCore {
  if (!(namespace instanceof NamespaceCore)) throw wrongType('namespace', 'what store.namespace() returned', namespace)
  if (namespace.store !== store) {
    throw new SledStoreError(
      'STALE_HANDLE',
      `namespace "${namespace.name}" was opened from another store handle; open it from this one`,
    )
  }
  return namespace
}
