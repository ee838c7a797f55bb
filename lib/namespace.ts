/**
 * Namespaces: typed maps of ordered keys, with the reads and writes that snapshots, batches and transactions share.
 */
import type { Readable } from 'node:stream'
import { CodecId, decodeValue, encodeValue, type Codec, type ValueWriter } from './codec.js'
import { SledStoreError, wrongType } from './errors.js'
import { modeOf, type StoreCore } from './internal/lifecycle.js'
import { FAILED, keys, MISSING, native, NEEDS_PAGE_IN, takeLongValue, values, writer } from './internal/native.js'
import { KEY_BYTES_MAX, keyTooLarge, type KeyCodec } from './key-codec.js'
import { writeLevel, type WriteOptions } from './options.js'
import {
  boundCopies,
  encoded,
  encodeRange,
  encodeScan,
  openAsyncScan,
  openScan,
  type AsyncScan,
  type Range,
  type RowShape,
  type Scan,
  type ScanOptions,
  type Source,
} from './scan.js'
import { validate, type Schema } from './schema.js'
import { openStream, storeStream, type ValueSource } from './value-stream.js'

/** What a namespace is opened with. */
export interface NamespaceOptions<K, V, P = never, I = V> {
  /** How keys become ordered bytes. Default: `key.string`. */
  readonly key?: KeyCodec<K, P>
  /** How values become bytes. Default: `codec.msgpack()`. */
  readonly value?: Codec<V, I>
  /** Checks every value that is put; any Standard Schema (zod, valibot, arktype, …). It gives the types, too. */
  readonly schema?: undefined
  /** Checks values when they are read, too. Default: false. */
  readonly validateOnRead?: boolean
}

/**
 * A typed map of ordered keys. Reads are synchronous and see the newest state; writes are visible to them at once,
 * and their promises resolve when they are durable.
 */
export interface Namespace<K, V, P = never, I = V> {
  /** Its name when it was opened. */
  readonly name: string

  /** The value of a key; `undefined` when it is missing. */
  get(key: K): V | undefined
  /** Whether a key has a value. */
  has(key: K): boolean
  /** The values of several keys, in their order. */
  getMany(keys: Iterable<K>): (V | undefined)[]
  /** The rows of a range in key order. */
  scan(options?: ScanOptions<K, P>): Scan<[key: K, value: V]>
  /** The keys of a range in order. */
  keys(options?: ScanOptions<K, P>): Scan<K>
  /** The values of a range in the order of their keys. */
  values(options?: ScanOptions<K, P>): Scan<V>
  /** How many keys a range has; it walks them. */
  count(range?: Range<K, P>): number

  /** As `get`, but what must come from disk is read on another thread. */
  getAsync(key: K): Promise<V | undefined>
  /** As `getMany`, on another thread; all values are of one moment. */
  getManyAsync(keys: Iterable<K>): Promise<(V | undefined)[]>
  /** As `scan`, reading on another thread. */
  scanAsync(options?: ScanOptions<K, P>): AsyncScan<[key: K, value: V]>
  /** As `keys`, reading on another thread. */
  keysAsync(options?: ScanOptions<K, P>): AsyncScan<K>
  /** As `values`, reading on another thread. */
  valuesAsync(options?: ScanOptions<K, P>): AsyncScan<V>
  /** As `count`, on another thread. */
  countAsync(range?: Range<K, P>): Promise<number>

  /** Stores a value. */
  put(key: K, value: I, options?: WriteOptions): Promise<void>
  /** As `put`; returns when it is durable. */
  putSync(key: K, value: I, options?: WriteOptions): void
  /** Removes a key; one that is missing is no error. */
  delete(key: K, options?: WriteOptions): Promise<void>
  /** As `delete`; returns when it is durable. */
  deleteSync(key: K, options?: WriteOptions): void
  /** Removes the keys of a range, or all. */
  clear(range?: Range<K, P>, options?: WriteOptions): Promise<void>
  /** As `clear`; returns when it is durable. */
  clearSync(range?: Range<K, P>, options?: WriteOptions): void
  /**
   * Stores `value` if the key holds `expected` now, and tells whether it did. `undefined` stands for "missing": as
   * `expected` it creates only, as `value` it removes. Values are the same when their stored bytes are.
   */
  compareAndSet(key: K, expected: I | undefined, value: I | undefined, options?: WriteOptions): Promise<boolean>
  /** As `compareAndSet`; returns when it is durable. */
  compareAndSetSync(key: K, expected: I | undefined, value: I | undefined, options?: WriteOptions): boolean

  /** Stores what a stream yields, up to 256 MiB, part by part; for namespaces of `codec.bytes()`. */
  putStream(key: K, source: ValueSource, options?: WriteOptions): Promise<void>
  /** The value of a key as a stream, as it is at the call; `undefined` when it is missing. */
  getStream(key: K): Promise<Readable | undefined>
}

/** Length of a key among those packed for {@link NamespaceCore.readManyAsync}, u16. */
const KEY_PART_LENGTH_BYTES = 2

/** A namespace with what the rest of this package needs of it. */
export class NamespaceCore implements Namespace<unknown, unknown, unknown>, Source {
  readonly name: string
  readonly store: StoreCore
  /** The addon's handle. */
  readonly handle: number
  /** Its number in encoded batches. */
  readonly id: number
  readonly key: KeyCodec<unknown, unknown>
  readonly value: Codec<unknown>
  readonly reader = 0
  readonly #schema: Schema | undefined
  readonly #validateOnRead: boolean
  /** Text is made natively, without a buffer in between. */
  readonly #isPlainText: boolean

  constructor(store: StoreCore, name: string, handle: number, id: number, options: CheckedNamespaceOptions) {
    this.store = store
    this.name = name
    this.handle = handle
    this.id = id
    this.key = options.key
    this.value = options.value
    this.#schema = options.schema
    this.#validateOnRead = options.schema !== undefined && options.validateOnRead
    this.#isPlainText = options.value.id === CodecId.Utf8 && !this.#validateOnRead
  }

  get(key: unknown): unknown {
    return this.read(key, 0)
  }

  has(key: unknown): boolean {
    return this.exists(key, 0)
  }

  getMany(wanted: Iterable<unknown>): unknown[] {
    return this.readMany(wanted, 0)
  }

  scan(options?: ScanOptions<unknown, unknown>): Scan<[unknown, unknown]> {
    return this.open('entry', options, this)
  }

  keys(options?: ScanOptions<unknown, unknown>): Scan<unknown> {
    return this.open('key', options, this)
  }

  values(options?: ScanOptions<unknown, unknown>): Scan<unknown> {
    return this.open('value', options, this)
  }

  count(range?: Range<unknown, unknown>): number {
    return this.countAt(range, 0)
  }

  async getAsync(key: unknown): Promise<unknown> {
    return this.readAsync(key, 0)
  }

  async getManyAsync(wanted: Iterable<unknown>): Promise<unknown[]> {
    return this.readManyAsync(wanted, 0)
  }

  scanAsync(options?: ScanOptions<unknown, unknown>): AsyncScan<[unknown, unknown]> {
    return this.openAsync('entry', options, this)
  }

  keysAsync(options?: ScanOptions<unknown, unknown>): AsyncScan<unknown> {
    return this.openAsync('key', options, this)
  }

  valuesAsync(options?: ScanOptions<unknown, unknown>): AsyncScan<unknown> {
    return this.openAsync('value', options, this)
  }

  async countAsync(range?: Range<unknown, unknown>): Promise<number> {
    encodeRange(this.key, 'countAsync', range)
    const [start, end] = boundCopies()
    const { flags } = encoded
    return this.store.job(() => native.countAsync(this.handle, 0, start, end, flags))
  }

  put(key: unknown, value: unknown, options?: WriteOptions): Promise<void> {
    try {
      const level = writeLevel('put', options, this.store.level)
      const checked = this.#schema === undefined ? value : validate(this.#schema, value, 'async', this.#subject(key))
      if (checked instanceof Promise) return checked.then((late) => this.#putNow(key, late, level))
      return this.#putNow(key, checked, level)
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }

  #putNow(key: unknown, value: unknown, level: number): Promise<void> {
    return this.store.durable(level, this.write(key, value, modeOf(level)))
  }

  putSync(key: unknown, value: unknown, options?: WriteOptions): void {
    const level = writeLevel('putSync', options, this.store.level)
    this.write(key, this.checkValue(key, value), -1 - level)
  }

  delete(key: unknown, options?: WriteOptions): Promise<void> {
    try {
      const level = writeLevel('delete', options, this.store.level)
      return this.store.durable(level, this.erase(key, modeOf(level)))
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }

  deleteSync(key: unknown, options?: WriteOptions): void {
    this.erase(key, -1 - writeLevel('deleteSync', options, this.store.level))
  }

  clear(range?: Range<unknown, unknown>, options?: WriteOptions): Promise<void> {
    try {
      const level = writeLevel('clear', options, this.store.level)
      return this.store.durable(level, this.eraseRange(range, modeOf(level)))
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }

  clearSync(range?: Range<unknown, unknown>, options?: WriteOptions): void {
    this.eraseRange(range, -1 - writeLevel('clearSync', options, this.store.level))
  }

  async compareAndSet(key: unknown, expected: unknown, value: unknown, options?: WriteOptions): Promise<boolean> {
    const level = writeLevel('compareAndSet', options, this.store.level)
    const checked =
      value === undefined || this.#schema === undefined
        ? value
        : await validate(this.#schema, value, 'async', this.#subject(key))
    const done = this.#compareAndSet(key, expected, checked, 0)
    if (done) await this.store.durable(level)
    return done
  }

  compareAndSetSync(key: unknown, expected: unknown, value: unknown, options?: WriteOptions): boolean {
    const level = writeLevel('compareAndSetSync', options, this.store.level)
    return this.#compareAndSet(key, expected, value === undefined ? value : this.checkValue(key, value), level)
  }

  #compareAndSet(key: unknown, expected: unknown, value: unknown, level: number): boolean {
    const before = this.#encodeCopy(expected)
    const after = this.#encodeCopy(value)
    const keyBytes = this.keyCopy(key)
    return this.store.call(() => native.compareAndSet(this.handle, keyBytes, before, after, level))
  }

  async putStream(key: unknown, source: ValueSource, options?: WriteOptions): Promise<void> {
    const level = writeLevel('putStream', options, this.store.level)
    await storeStream(this, key, source)
    return this.store.durable(level)
  }

  getStream(key: unknown): Promise<Readable | undefined> {
    return openStream(this, key)
  }

  // What follows is for the other modules of this package. `reader` is 0 for the newest state, or the handle of a
  // snapshot or transaction.

  /** Refuses a namespace whose store is closed. */
  checkUsable(): void {
    this.store.checkOpen()
  }

  failure(): SledStoreError {
    const error = this.store.failure()
    if (error.code !== 'STALE_HANDLE' || !this.store.isOpen) return error
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
    const value = decodeValue(this.value, source, start, end)
    return this.#validateOnRead ? validate(this.#schema!, value, 'sync', `a stored value of ${this.name}`) : value
  }

  read(key: unknown, reader: number): unknown {
    const keyLength = this.encodeKey(key)
    if (this.#isPlainText) {
      const text = native.getString(this.handle, keyLength, reader)
      return typeof text === 'string' ? text : this.#readSlowly(text)
    }
    const length = native.get(this.handle, keyLength, reader)
    return length >= 0 ? this.decode(values(), 0, length) : this.#readSlowly(length)
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
    const found: unknown[] = []
    for (const key of wanted) found.push(this.read(key, reader))
    return found
  }

  async readAsync(key: unknown, reader: number): Promise<unknown> {
    const keyLength = this.encodeKey(key)
    const length = native.getCached(this.handle, keyLength, reader)
    if (length >= 0) return this.decode(values(), 0, length)
    if (length !== NEEDS_PAGE_IN) return this.#readSlowly(length)
    const bytes = Buffer.from(keys.subarray(0, keyLength))
    const value = await this.store.job<Buffer | undefined>(() => native.getAsync(this.handle, reader, bytes))
    return value === undefined ? undefined : this.decode(value, 0, value.length)
  }

  async readManyAsync(wanted: Iterable<unknown>, reader: number): Promise<unknown[]> {
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

  open<T>(shape: RowShape, options: ScanOptions<unknown, unknown> | undefined, source: Source): Scan<T> {
    encodeScan(this.key, 'scan', options)
    return openScan(this, source, shape)
  }

  openAsync<T>(shape: RowShape, options: ScanOptions<unknown, unknown> | undefined, source: Source): AsyncScan<T> {
    encodeScan(this.key, 'scanAsync', options)
    return openAsyncScan(this, source, shape)
  }

  countAt(range: Range<unknown, unknown> | undefined, reader: number): number {
    encodeRange(this.key, 'count', range)
    const [start, end] = boundCopies()
    const { flags } = encoded
    return this.store.call(() => native.count(this.handle, reader, start, end, flags))
  }

  /** What the schema makes of a value, where nothing can be awaited. */
  checkValue(key: unknown, value: unknown): unknown {
    return this.#schema === undefined ? value : validate(this.#schema, value, 'sync', this.#subject(key))
  }

  /** Puts an already checked value; `mode` as in `crate/node/src/hot.rs`. */
  write(key: unknown, value: unknown, mode: number): number {
    writer.reset()
    encodeValue(this.value, value, writer)
    // The key comes second: encoding a value may run the user's code, which may use the key buffer.
    return this.check(native.put(this.handle, this.encodeKey(key), writer.position, mode))
  }

  erase(key: unknown, mode: number): number {
    return this.check(native.del(this.handle, this.encodeKey(key), mode))
  }

  eraseRange(range: Range<unknown, unknown> | undefined, mode: number): number {
    encodeRange(this.key, 'clear', range)
    const [start, end] = boundCopies()
    const { flags } = encoded
    return this.store.call(() => native.clear(this.handle, start, end, flags, mode))
  }

  /** Appends the stored form of a checked value. */
  encodeInto(value: unknown, target: ValueWriter): void {
    encodeValue(this.value, value, target)
  }

  #encodeCopy(value: unknown): Buffer | undefined {
    if (value === undefined) return undefined
    writer.reset()
    encodeValue(this.value, value, writer)
    return Buffer.from(writer.buffer.subarray(0, writer.position))
  }

  #subject(key: unknown): string {
    return typeof key === 'string' ? `value of ${JSON.stringify(key)} in ${this.name}` : `a value of ${this.name}`
  }
}

/** Namespace options with every default filled in. */
export interface CheckedNamespaceOptions {
  readonly key: KeyCodec<unknown, unknown>
  readonly value: Codec<unknown>
  readonly schema: Schema | undefined
  readonly validateOnRead: boolean
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
