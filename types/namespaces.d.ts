// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.
import type { Codec, KeyCodec } from './codecs.js'
import type { Readable } from 'node:stream'
import type { WorkOptions, WriteOptions } from './options.js'

/** How long a value lives. */
export interface TtlOptions {
  /**
   * Milliseconds from the put, a whole number of at least 1, after which the value is gone: the present goes by the clock,
   * a snapshot or transaction by the time it began. Default: it stays.
   */
  readonly ttl?: number
}
/** How a value is put. */
export interface PutOptions extends WriteOptions, TtlOptions {}
/** A schema of any library that follows Standard Schema, version 1. */
export interface Schema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?:
      | {
          readonly input: Input
          readonly output: Output
        }
      | undefined
  }
}
/** What a schema says of a value. */
type SchemaResult<Output> =
  | {
      readonly value: Output
      readonly issues?: undefined
    }
  | {
      readonly issues: readonly StandardIssue[]
    }
interface StandardIssue {
  readonly message: string
  readonly path?:
    | readonly (
        | PropertyKey
        | {
            readonly key: PropertyKey
          }
      )[]
    | undefined
}
/** What a schema accepts: the type of a value that is put. */
export type InferInput<S extends Schema> = NonNullable<S['~standard']['types']>['input']
/** What a schema makes of it: the type of a value that is stored and read. */
export type InferOutput<S extends Schema> = NonNullable<S['~standard']['types']>['output']
/** Which keys of a namespace are meant. The bounds of a `prefix` may be narrowed by the others. */
export interface Range<K, P = never> {
  /** Keys above this one. */
  readonly gt?: K
  /** This key and those above it. */
  readonly gte?: K
  /** Keys below this one. */
  readonly lt?: K
  /** This key and those below it. */
  readonly lte?: K
  /** Keys that begin with this text or these bytes, or tuples that begin with these parts. */
  readonly prefix?: P
}
/** Which keys, in which order, and how many. */
export interface ScanOptions<K, P = never> extends Range<K, P> {
  /** From the last key to the first. */
  readonly reverse?: boolean
  /** At most this many rows. */
  readonly limit?: number
}
/**
 * The rows of a range at one moment, as an iterator. `break` and errors in a `for` loop close it, and so does closing
 * the store; left unfinished elsewhere, call `close`.
 */
export interface Scan<T, K = unknown> extends IteratorObject<T, undefined, unknown> {
  next(): IteratorResult<T, undefined>
  [Symbol.iterator](): Scan<T, K>
  /**
   * Moves forward to a key: the next row is the first at or after it. A key behind the position changes nothing. Rows it
   * passes over do not count against the limit.
   */
  seek(key: K): void
  /** Ends the scan. */
  close(): void
  [Symbol.dispose](): void
}
/** A scan that reads away from the JavaScript thread. */
export interface AsyncScan<T> extends AsyncIterableIterator<T, undefined, unknown> {
  next(): Promise<IteratorResult<T, undefined>>
  [Symbol.asyncIterator](): AsyncScan<T>
  /** Ends the scan. */
  close(): void
  [Symbol.asyncDispose](): Promise<void>
}
/** Where a streamed value comes from: a Node or web stream, or anything that yields bytes. */
export type ValueSource = Iterable<Uint8Array> | AsyncIterable<Uint8Array>
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
/** Takes writes of one atomic group, as the methods of {@link Namespace} do; later ones replace earlier ones. */
export interface Writer {
  put<K, V, P, I>(namespace: Namespace<K, V, P, I>, key: K, value: I, options?: TtlOptions): void
  delete<K, V, P, I>(namespace: Namespace<K, V, P, I>, key: K): void
  clear<K, V, P, I>(namespace: Namespace<K, V, P, I>, range?: Range<K, P>): void
}
/** What `store.batch` hands to its function; it ends with it. */
export interface Batch extends Writer {
  /** How many writes it holds. */
  readonly length: number
}
/** How a bulk load is followed and ended. */
export interface BulkLoadOptions extends WorkOptions<{
  readonly rows: number
}> {}
/** Reads any namespace of a store at one moment, as the methods of {@link Namespace} do. */
export interface Reader {
  get<K, V, P, I>(namespace: Namespace<K, V, P, I>, key: K): V | undefined
  has<K, V, P, I>(namespace: Namespace<K, V, P, I>, key: K): boolean
  getMany<K, V, P, I>(namespace: Namespace<K, V, P, I>, keys: Iterable<K>): (V | undefined)[]
  scan<K, V, P, I>(namespace: Namespace<K, V, P, I>, options?: ScanOptions<K, P>): Scan<[key: K, value: V], K>
  keys<K, V, P, I>(namespace: Namespace<K, V, P, I>, options?: ScanOptions<K, P>): Scan<K, K>
  values<K, V, P, I>(namespace: Namespace<K, V, P, I>, options?: ScanOptions<K, P>): Scan<V, K>
  count<K, V, P, I>(namespace: Namespace<K, V, P, I>, range?: Range<K, P>): number
}
/** The store as it was when the snapshot was made. It holds old versions on disk until it is closed. */
export interface Snapshot extends Reader {
  getAsync<K, V, P, I>(namespace: Namespace<K, V, P, I>, key: K): Promise<V | undefined>
  getManyAsync<K, V, P, I>(namespace: Namespace<K, V, P, I>, keys: Iterable<K>): Promise<(V | undefined)[]>
  scanAsync<K, V, P, I>(namespace: Namespace<K, V, P, I>, options?: ScanOptions<K, P>): AsyncScan<[key: K, value: V]>
  /** Releases the snapshot. Scans opened from it go on. */
  close(): void
  [Symbol.dispose](): void
}
/**
 * What `store.transaction` hands to its function: it reads the state at its beginning with its own writes on top.
 * It ends with the function.
 */
export interface Transaction extends Reader, Writer {}
/** How a transaction runs. */
export interface TransactionOptions extends WriteOptions {
  /** How often the function is run again after a conflict, before `CONFLICT` is thrown. Default: 15. */
  readonly retries?: number
  /** Ends it before its next try and before its commit, with `ABORTED`; the function that runs is not ended. */
  readonly signal?: AbortSignal
}
export {}
