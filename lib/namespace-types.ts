/**
 * What a namespace is, as its user sees it.
 */
import type { Readable } from 'node:stream'
import type { Codec, KeyCodec } from './codec-types.js'
import type { WriteOptions } from './options.js'
import type { PutOptions } from './put-options.js'
import type { Range, ScanOptions } from './range.js'
import type { AsyncScan, Scan } from './scan.js'
import type { ValueSource } from './value-stream.js'

/** What a namespace is opened with. */
export interface NamespaceOptions<K, V, P = never, I = V> {
  /** How keys become ordered bytes. Default: `key.string`. */
  readonly key?: KeyCodec<K, P>
  /** How values become bytes. Default: `codec.msgpack()`. */
  readonly value?: Codec<V, I>
  /** Checks every value that is put; any Standard Schema (zod, valibot, arktype, …). It gives the types, too. */
  readonly schema?: undefined
  /**
   * Checks values when they are read, too; for a schema that takes its own output, since one that transforms refuses what
   * it has stored. Default: false.
   */
  readonly validateOnRead?: boolean
  /**
   * Bytes of this thread's heap, about, for values as they were decoded: `get`, `getMany` and `getAsync` give one that is
   * still the newest without asking the store. What they give is frozen then, all the way down.
   * Values that cannot be frozen, as bytes, or that expire are not kept, nor are those of keys that are objects. Default: 0, none.
   */
  readonly cacheValues?: number
}

/**
 * A typed map of ordered keys. Reads are synchronous and see the newest state; their `…Async` twins read on another
 * thread what must come from disk. Writes are visible to reads at once, and their promises resolve when they are
 * durable; their `…Sync` twins return then.
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
  scan(options?: ScanOptions<K, P>): Scan<[key: K, value: V], K>
  /** The keys of a range in order. */
  keys(options?: ScanOptions<K, P>): Scan<K, K>
  /** The values of a range in the order of their keys. */
  values(options?: ScanOptions<K, P>): Scan<V, K>
  /** How many keys a range has; it walks them. */
  count(range?: Range<K, P>): number

  getAsync(key: K): Promise<V | undefined>
  /** All values are of one moment. */
  getManyAsync(keys: Iterable<K>): Promise<(V | undefined)[]>
  scanAsync(options?: ScanOptions<K, P>): AsyncScan<[key: K, value: V]>
  keysAsync(options?: ScanOptions<K, P>): AsyncScan<K>
  valuesAsync(options?: ScanOptions<K, P>): AsyncScan<V>
  countAsync(range?: Range<K, P>): Promise<number>

  /** Stores a value, for good or for a time. */
  put(key: K, value: I, options?: PutOptions): Promise<void>
  putSync(key: K, value: I, options?: PutOptions): void
  /** Removes a key; one that is missing is no error. */
  delete(key: K, options?: WriteOptions): Promise<void>
  deleteSync(key: K, options?: WriteOptions): void
  /** Removes the keys of a range, or all. */
  clear(range?: Range<K, P>, options?: WriteOptions): Promise<void>
  clearSync(range?: Range<K, P>, options?: WriteOptions): void
  /**
   * Stores `value` if the key holds `expected` now, and tells whether it did. `undefined` stands for "missing": as
   * `expected` it creates only, as `value` it removes. Values are the same when their stored bytes are.
   */
  compareAndSet(key: K, expected: I | undefined, value: I | undefined, options?: WriteOptions): Promise<boolean>
  compareAndSetSync(key: K, expected: I | undefined, value: I | undefined, options?: WriteOptions): boolean

  /** Stores what a stream yields, up to 256 MiB, part by part; for namespaces of `codec.bytes()` without a schema. */
  putStream(key: K, source: ValueSource, options?: PutOptions): Promise<void>
  /** The value of a key as a stream, as it is at the call; `undefined` when it is missing. */
  getStream(key: K): Promise<Readable | undefined>
}
