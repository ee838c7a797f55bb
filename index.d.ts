// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.
import { Readable } from 'node:stream'

/**
 * The one error class of the package, its stable codes, and the sentences of `TypeError` and `RangeError`.
 * Codes and classes mirror `crate/engine/src/error.rs`; a test compares the two.
 */
/** What the caller can do about an error. */
type ErrorClass =
  | /** Run the same call again. */ 'retry' /** Close the store and open it again. */
  | 'reopen' /** The stored data is damaged: restore the folder from a copy. */
  | 'restore' /** The call was wrong: change it. */
  | 'misuse' /** The environment refused: mend it (permissions, space, another process) and try again. */
  | 'environment' /** A fault of SledStore itself: report it. */
  | 'bug'
declare const classes: {
  readonly CONFLICT: 'retry'
  readonly STORAGE_FAILED: 'reopen'
  readonly CLOSED: 'reopen'
  readonly CORRUPTION: 'restore'
  readonly KEY_TOO_LARGE: 'misuse'
  readonly VALUE_TOO_LARGE: 'misuse'
  readonly TOO_LARGE: 'misuse'
  readonly NOT_SORTED: 'misuse'
  readonly OPTIONS_MISMATCH: 'misuse'
  readonly NAMESPACE_DROPPED: 'misuse'
  readonly NAMESPACE_MISMATCH: 'misuse'
  readonly NAMESPACE_EXISTS: 'misuse'
  readonly ENDED: 'misuse'
  readonly STALE_HANDLE: 'misuse'
  readonly INVALID_ARGUMENT: 'misuse'
  readonly NOT_FOUND: 'misuse'
  readonly UNIQUE_VIOLATION: 'misuse'
  readonly SCHEMA_INVALID: 'misuse'
  readonly CODEC_FAILED: 'misuse'
  readonly ABORTED: 'misuse'
  readonly LOCKED: 'environment'
  readonly EXISTS: 'environment'
  readonly NOT_A_STORE: 'environment'
  readonly FORMAT_TOO_NEW: 'environment'
  readonly DISK_FULL: 'environment'
  readonly PERMISSION_DENIED: 'environment'
  readonly IO_FAILED: 'environment'
  readonly UNSUPPORTED: 'environment'
  readonly INTERNAL: 'bug'
}
/** Stable identifier of an error; a code never changes its meaning, a message may. */
type ErrorCode = keyof typeof classes
/** Every code, in the order of the reference table. */
declare const errorCodes: readonly ErrorCode[]
/** One complaint of a schema: what is wrong, and where in the value. */
interface SchemaIssue {
  /** What is wrong. */
  readonly message: string
  /** Property names and array positions from the value's root to the place; empty for the value itself. */
  readonly path: readonly PropertyKey[]
}
/** What may be said about an error besides its code and message. */
interface SledStoreErrorOptions {
  /** The error underneath. */
  readonly cause?: unknown
  /** The schema's complaints, with code `SCHEMA_INVALID`. */
  readonly issues?: readonly SchemaIssue[]
}
/**
 * An error of the store, its data or its surroundings. Mistakes in a call's arguments are `TypeError` or
 * `RangeError` instead.
 *
 * @example
 * ```ts
 * try {
 *   await store.transaction(move)
 * } catch (error) {
 *   if (error instanceof SledStoreError && error.code === 'CONFLICT') await later(move)
 *   else throw error
 * }
 * ```
 */
declare class SledStoreError extends Error {
  /** The stable code. */
  readonly code: ErrorCode
  /** The schema's complaints; only with code `SCHEMA_INVALID`. */
  readonly issues?: readonly SchemaIssue[]
  constructor(code: ErrorCode, message: string, options?: SledStoreErrorOptions)
  /** What the caller can do about it. */
  get class(): ErrorClass
}
/** How a {@link ValueWriter} is made. */
interface ValueWriterOptions {
  /** First size of the buffer, in bytes; 64 KiB if left out. */
  readonly bytes?: number
  /** Called with the new buffer whenever it has been replaced by a larger or smaller one. */
  readonly onReplace?: (buffer: Buffer) => void
}
/**
 * A buffer that grows, and the position up to which it is written. One is used for many values: the caller sets
 * `position` before each, and takes `buffer` anew after it, for growing replaces it.
 *
 * @example
 * ```ts
 * const writer = new ValueWriter()
 * encodeValue(codec.utf8(), 'hello', writer)
 * native.put(handle, keyLength, writer.position)
 * ```
 */
declare class ValueWriter {
  #private
  /** The bytes; those up to `position` are written. */
  buffer: Buffer
  /** Where the next byte goes. */
  position: number
  /** Where the value being written began; its size is counted from here. */
  valueStart: number
  /** Whether a value is being written, so that a getter or `toJSON` that puts another one is noticed. */
  busy: boolean
  constructor(options?: ValueWriterOptions)
  /** Starts again at the beginning, and gives back a buffer that had to grow beyond `keepBytes`. */
  reset(keepBytes?: number): void
  /** Makes room for `bytes` more after `position`. */
  reserve(bytes: number): void
  /** Writes one byte. */
  writeByte(byte: number): void
  /** Writes an unsigned integer below 2⁵³, seven bits a byte, the lowest first. */
  writeVarint(value: number): void
  /** Writes bytes. */
  writeBytes(bytes: Uint8Array): void
  /** Writes well-formed text as UTF-8. */
  writeText(text: string): void
}
/** The state of a store. */
type StoreStatus = 'open' | 'poisoned' | 'closing' | 'closed'
/** What can be written as a vector. */
type VectorInput = Float32Array | Float64Array | readonly number[]
/** Makes the codec for vectors of `dimensions` components, or of any length. */
declare function vectorCodec(dimensions?: number): Codec<Float32Array, VectorInput>
/**
 * Turns values into payloads and back. `T` is what reading gives, `I` what writing takes.
 *
 * Payloads are written into, and read from, buffers that the next call overwrites: `decode` must return something
 * that shares no memory with `source`.
 */
interface Codec<T, I = T> {
  /** Stored in every value's header. */
  readonly id: number
  /** Stored with the namespace and named in errors. */
  readonly name: string
  /** A second id under which the codec writes some values. */
  readonly alternateId?: number
  /** Writes the payload at `writer.position` and returns the id it stands under. */
  encode(value: I, writer: ValueWriter): number
  /** Reads the payload in `[start, end)` that was written under `id`. */
  decode(source: Uint8Array, start: number, end: number, id: number): T
}
/** What reading through a codec gives. */
type ValueOf<C> = C extends Codec<infer T, infer _I> ? T : never
/** What writing through a codec takes. */
type ValueInputOf<C> = C extends Codec<infer _T, infer I> ? I : never
/** An own codec. */
interface CustomCodec<T, I = T> {
  /** From 128 to 255; stored in every value, so never give it another meaning. */
  readonly id: number
  /** Stored with the namespace and named in errors. */
  readonly name: string
  /** Makes the payload. */
  readonly encode: (value: I) => Uint8Array
  /** Reads a payload; the bytes are a copy that may be kept. */
  readonly decode: (bytes: Uint8Array) => T
}
declare function customCodec<T, I = T>(options: CustomCodec<T, I>): Codec<T, I>
/**
 * The value codecs. Putting `undefined` is a `TypeError` with each of them.
 *
 * @example
 * ```ts
 * const users = store.namespace('users', { key: key.string, value: codec.json<User>() })
 * const pages = store.namespace('pages', { key: key.string, value: codec.utf8() })
 * ```
 */
declare const codec: Readonly<{
  /**
   * MessagePack, the default: everything JSON holds, and undefined, NaN, ±Infinity, bigint, Date and `Uint8Array`
   * inside; Map, Set, typed arrays, RegExp and Error too, in a form only JavaScript reads. Like JSON it takes an
   * instance of a class for its fields or its `toJSON`, a hole for undefined, and −0 for 0. Functions, symbols,
   * promises, boxed values, lone surrogates and values that contain themselves are refused; a Buffer comes back as
   * `Uint8Array`.
   */
  msgpack: <T = unknown>() => Codec<T> /** JSON text, by the rules of `JSON.stringify`. */
  json: <T = unknown>() => Codec<T> /** Text. Lone surrogates are refused. */
  utf8: () => Codec<string> /** Bytes as they are, read back as `Uint8Array`. */
  bytes: () => Codec<Uint8Array>
  /**
   * Vectors of f32, four bytes each; with `dimensions` every vector must have that length. Takes `number[]` and
   * `Float64Array` too, and refuses what f32 cannot hold.
   */
  vector: typeof vectorCodec
  /**
   * An own codec, under an id from 128 to 255.
   *
   * @example
   * ```ts
   * const packed = codec.custom<Point>({ id: 128, name: 'point', encode: packPoint, decode: unpackPoint })
   * ```
   */
  custom: typeof customCodec
}>
/** A value that can stand in a key. */
type KeyPart = null | boolean | number | bigint | Date | Uint8Array | string | readonly KeyPart[]
/**
 * Turns keys of type `K` into bytes whose order is the order of the keys. `P` is what may stand as a prefix of a
 * range; `never` where keys have no prefixes.
 *
 * The caller checks the length against {@link KEY_BYTES_MAX}; the methods throw `KEY_TOO_LARGE` only where the
 * target itself is too short, so it should have at least that much room.
 */
interface KeyCodec<K, P = never> {
  /** Stored with the namespace and compared when it is opened again. */
  readonly name: string
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
interface KeyPartCodec<K, P = never> extends KeyCodec<K, P> {
  /** Writes the key as a tagged part of a tuple. */
  writePart(key: K, target: Uint8Array, offset: number, depth: number, place: string): number
  /** Reads the part that starts at `start`; `reading.position` is set after it. */
  readPart(source: Uint8Array, start: number, end: number, depth: number): K
}
/** The key type of a codec: `KeyOf<typeof key.string>` is `string`. */
type KeyOf<C> = C extends KeyCodec<infer K, infer _P> ? K : never
/** The prefix type of a codec. */
type PrefixOf<C> = C extends KeyCodec<infer _K, infer P> ? P : never
type AnyPartCodec = KeyPartCodec<any, any>
/** The tuple of keys of several codecs. */
type KeysOf$1<C extends readonly AnyPartCodec[]> = { readonly [I in keyof C]: KeyOf<C[I]> }
/** The tuple itself or any number of its leading parts. */
type LeadingParts<T extends readonly unknown[]> = T extends readonly [...infer Head, unknown]
  ? T | LeadingParts<Readonly<Head>>
  : readonly []
declare function tupleKey<const C extends readonly AnyPartCodec[]>(
  ...codecs: C
): KeyPartCodec<KeysOf$1<C>, LeadingParts<KeysOf$1<C>>>
/**
 * The key codecs.
 *
 * @example
 * ```ts
 * const users = store.namespace('users', { key: key.string })
 * const posts = store.namespace('posts', { key: key.tuple(key.string, key.date) })
 * posts.scan({ prefix: ['ann'] }) // every post of ann, oldest first
 * ```
 */
declare const key: Readonly<{
  /** Text, ordered by code point; the prefix of a range is a text prefix. Lone surrogates are refused. */ string: KeyPartCodec<
    string,
    string
  > /** Bytes as they are, ordered bytewise; read back as `Uint8Array`. */
  bytes: KeyPartCodec<
    Uint8Array<ArrayBufferLike>,
    Uint8Array<ArrayBufferLike>
  > /** Numbers from −Infinity to Infinity; −0 is 0, NaN is refused. */
  number: KeyPartCodec<number> /** Integers of any size, as far as the key's limit reaches. */
  bigint: KeyPartCodec<bigint> /** Points in time, to the millisecond; an invalid Date is refused. */
  date: KeyPartCodec<Date> /** false, then true. */
  boolean: KeyPartCodec<boolean, never>
  /**
   * Arrays of fixed length with a codec for each part, ordered part by part; the prefix of a range is any number of
   * leading parts.
   */
  tuple: typeof tupleKey
  /**
   * Anything a key can be made of, mixed: null < false < true < number < bigint < Date < bytes < string < array.
   * The prefix of a range is a text prefix, a bytes prefix, or the leading parts of an array.
   */
  any: KeyPartCodec<KeyPart, string | Uint8Array<ArrayBufferLike> | readonly KeyPart[]>
}>
/**
 * When a write is answered: `full` after fdatasync (survives a power cut), `os` when the kernel has it (survives a
 * killed process), `none` at once (written within 100 ms and at exit).
 */
type Durability = 'full' | 'os' | 'none'
/** A named memory budget: 24, 48, 128 and 1,024 MiB. */
type Profile = 'embedded' | 'mobile' | 'desktop' | 'server'
/** How a store is opened. */
interface StoreOptions {
  /** Create the store when the folder holds none. Default: true. */
  readonly createIfMissing?: boolean
  /** Refuse a store that exists already. Default: false. */
  readonly errorIfExists?: boolean
  /** Level of writes that name none. Default: `full`. */
  readonly durability?: Durability
  /** Bytes for memtables, caches and buffers together; at least 24 MiB. Default: that of the profile. */
  readonly memoryBudget?: number
  /** A named memory budget, instead of a number. Default: `desktop`. */
  readonly profile?: Profile
  /** Compression of the blocks of a store that this call creates. Default: `lz4`. */
  readonly compression?: 'lz4' | 'none'
  /** Sizes that tests and measurements make small. */
  readonly tuning?: {
    readonly memtableBytes?: number
    readonly blockBytes?: number
  }
}
/** How a write is answered. */
interface WriteOptions {
  /** Level of this write. Default: that of the store. */
  readonly durability?: Durability
}
/** How long work is followed and ended. */
interface WorkOptions<P> {
  /** Called now and then with what is done so far. */
  readonly onProgress?: (progress: P) => void
  /** Ends the work early; it rejects with `ABORTED`. */
  readonly signal?: AbortSignal
}
/** A schema of any library that follows Standard Schema, version 1. */
interface Schema<Input = unknown, Output = Input> {
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
/** A complaint as Standard Schema words it. */
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
type InferInput<S extends Schema> = NonNullable<S['~standard']['types']>['input']
/** What a schema makes of it: the type of a value that is stored and read. */
type InferOutput<S extends Schema> = NonNullable<S['~standard']['types']>['output']
/** Which keys of a namespace are meant. The bounds of a `prefix` may be narrowed by the others. */
interface Range<K, P = never> {
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
interface ScanOptions<K, P = never> extends Range<K, P> {
  /** From the last key to the first. */
  readonly reverse?: boolean
  /** At most this many rows. */
  readonly limit?: number
}
/**
 * The rows of a range at one moment, as an iterator. `break` and errors in a `for` loop close it, and so does closing
 * the store; left unfinished elsewhere, call `close`.
 */
interface Scan<T, K = unknown> extends IteratorObject<T, undefined, unknown> {
  next(): IteratorResult<T, undefined>
  [Symbol.iterator](): Scan<T, K>
  /** Moves forward to a key: the next row is the first at or after it. A key behind the position changes nothing. */
  seek(key: K): void
  /** Ends the scan. */
  close(): void
  [Symbol.dispose](): void
}
/** A scan that reads away from the JavaScript thread. */
interface AsyncScan<T> extends AsyncIterableIterator<T, undefined, unknown> {
  next(): Promise<IteratorResult<T, undefined>>
  [Symbol.asyncIterator](): AsyncScan<T>
  /** Ends the scan. */
  close(): void
  [Symbol.asyncDispose](): Promise<void>
}
/** Where a streamed value comes from: a Node or web stream, or anything that yields bytes. */
type ValueSource = Iterable<Uint8Array> | AsyncIterable<Uint8Array>
/** What a namespace is opened with. */
interface NamespaceOptions<K, V, P = never, I = V> {
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
interface Namespace<K, V, P = never, I = V> {
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
/** Takes writes of one atomic group; later ones replace earlier ones. */
interface Writer {
  /** Stores a value. */
  put<K, V, P, I>(namespace: Namespace<K, V, P, I>, key: K, value: I): void
  /** Removes a key. */
  delete<K, V, P, I>(namespace: Namespace<K, V, P, I>, key: K): void
  /** Removes the keys of a range, or all. */
  clear<K, V, P, I>(namespace: Namespace<K, V, P, I>, range?: Range<K, P>): void
}
/** What `store.batch` hands to its function; it ends with it. */
interface Batch extends Writer {
  /** How many writes it holds. */
  readonly length: number
}
/** How a bulk load is followed and ended. */
interface BulkLoadOptions extends WorkOptions<{
  readonly rows: number
}> {}
/** What a property can hold. A whole number is stored as an integer; beyond 2⁵³ integers are bigints. */
type PropertyValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Date
  | Uint8Array
  | readonly PropertyValue[]
  | {
      readonly [name: string]: PropertyValue | undefined
    }
/** Properties by name. One that is `null` or `undefined` is a property that is not there. */
interface Properties {
  readonly [name: string]: PropertyValue | undefined
}
/**
 * The labels and edge types of a graph, each with its properties; only for the compiler.
 *
 * @example
 * ```ts
 * interface People {
 *   nodes: { Person: { name: string; age?: number } }
 *   edges: { KNOWS: { since: number } }
 * }
 * const people = store.graph<People>('people')
 * ```
 */
interface GraphTypes {
  readonly nodes: object
  readonly edges: object
}
/** A graph whose labels and types are not told to the compiler. */
interface AnyGraph {
  readonly nodes: Readonly<Record<string, Properties>>
  readonly edges: Readonly<Record<string, Properties>>
}
/** Which way edges are followed. */
type Direction = 'out' | 'in' | 'both'
/** The labels of a graph. */
type LabelOf<T extends GraphTypes> = keyof T['nodes'] & string
/** The edge types of a graph. */
type TypeOf<T extends GraphTypes> = keyof T['edges'] & string
type Both<U> = (U extends unknown ? (u: U) => void : never) extends (u: infer I) => void ? I : never
type KeysOf<U> = U extends unknown ? keyof U : never
/** Of several kinds of objects: every property that one of them has. */
type AnyOf<U> = { readonly [K in KeysOf<U>]?: U extends { readonly [P in K]?: infer V } ? V : never }
/** Of an object: the same properties, each of which may be `null`, which means that it is missing. */
type Nullable<P> = { readonly [K in keyof P]?: P[K] | null | undefined }
/** A node as it was when it was read. */
interface GraphNode<T extends GraphTypes = AnyGraph, L extends LabelOf<T> = LabelOf<T>> {
  /** Its number. */
  readonly id: number
  /** Its labels. */
  readonly labels: readonly LabelOf<T>[]
  /** Its properties. */
  readonly properties: T['nodes'][L]
}
/** An edge as it was when it was read. */
type GraphEdge<T extends GraphTypes = AnyGraph, K extends TypeOf<T> = TypeOf<T>> = K extends unknown
  ? {
      /** Its number. */ readonly id: number /** Its type. */
      readonly type: K /** The node it starts at. */
      readonly source: number /** The node it ends at. */
      readonly target: number /** Its properties. */
      readonly properties: T['edges'][K]
    }
  : never
/** A node to be added. */
interface NewNode<T extends GraphTypes = AnyGraph, L extends LabelOf<T> = LabelOf<T>> {
  /** Its label, or several. */
  readonly labels?: L | readonly L[]
  /** Its properties. */
  readonly properties?: Both<T['nodes'][L]>
}
/** An edge to be added. */
interface NewEdge<T extends GraphTypes = AnyGraph, K extends TypeOf<T> = TypeOf<T>> {
  /** Its type. */
  readonly type: K
  /** The node it starts at. */
  readonly source: number
  /** The node it ends at. */
  readonly target: number
  /** Its properties. */
  readonly properties?: T['edges'][K]
}
/** What is changed about a node. */
interface NodeUpdate<T extends GraphTypes = AnyGraph, L extends LabelOf<T> = LabelOf<T>> {
  /** Properties that are set; one that is `null` is removed, the others stay. */
  readonly properties?: Nullable<AnyOf<T['nodes'][L]>>
  /** Whether the properties that are not named are removed. Default: false. */
  readonly replace?: boolean
  /** Labels it gets. */
  readonly addLabels?: LabelOf<T> | readonly LabelOf<T>[]
  /** Labels it loses. */
  readonly removeLabels?: LabelOf<T> | readonly LabelOf<T>[]
}
/** What is changed about an edge. */
interface EdgeUpdate<T extends GraphTypes = AnyGraph, K extends TypeOf<T> = TypeOf<T>> {
  /** Properties that are set; one that is `null` is removed, the others stay. */
  readonly properties: Nullable<AnyOf<T['edges'][K]>>
  /** Whether the properties that are not named are removed. Default: false. */
  readonly replace?: boolean
}
/** Which nodes are meant. */
interface NodeFilter<T extends GraphTypes = AnyGraph, L extends LabelOf<T> = LabelOf<T>> {
  /** A label they have. */
  readonly label?: L
  /** Properties they have with these values; `null` asks for nodes without the property. */
  readonly where?: Nullable<T['nodes'][L]>
}
/** Which nodes are meant, and how many. */
interface FindOptions<T extends GraphTypes = AnyGraph, L extends LabelOf<T> = LabelOf<T>> extends NodeFilter<T, L> {
  /** At most this many. */
  readonly limit?: number
}
/** Which edges are followed. */
interface EdgeFilter<T extends GraphTypes = AnyGraph> {
  /** Which way. Default: `out`. */
  readonly direction?: Direction
  /** Of this type, or one of these. Default: all. */
  readonly type?: TypeOf<T> | readonly TypeOf<T>[]
}
/** Which edges are followed, and to which neighbors. */
interface NeighborFilter<T extends GraphTypes = AnyGraph, L extends LabelOf<T> = LabelOf<T>>
  extends EdgeFilter<T>, FindOptions<T, L> {}
/** A neighbor and the edge that leads to it. */
interface Neighbor<T extends GraphTypes = AnyGraph, L extends LabelOf<T> = LabelOf<T>> {
  readonly node: GraphNode<T, L>
  readonly edge: GraphEdge<T>
}
/** Which edges a path may take. */
interface PathOptions<T extends GraphTypes = AnyGraph> extends EdgeFilter<T> {
  /** At most this many edges. */
  readonly maxDepth?: number
}
/** Which edges an expansion takes, and how far it goes. */
interface ExpandOptions<T extends GraphTypes = AnyGraph> extends PathOptions<T> {
  /** At most this many nodes. */
  readonly limit?: number
}
/** A walk through the graph: one node more than edges. */
interface Path<T extends GraphTypes = AnyGraph> {
  /** From the start to the end. */
  readonly nodes: readonly GraphNode<T>[]
  /** Those between the nodes. */
  readonly edges: readonly GraphEdge<T>[]
}
/** A node that an expansion has reached. */
interface Reached {
  readonly id: number
  /** Edges of the shortest path to it. */
  readonly depth: number
}
/** An index over a property. */
interface GraphIndex<T extends GraphTypes = AnyGraph> {
  /** Covers the nodes with this label; all nodes without one. */
  readonly label?: LabelOf<T>
  /** The property. */
  readonly property: string
  /** Whether two of them may not share a value. Default: false. */
  readonly unique?: boolean
}
/** Reads any namespace of a store at one moment. */
interface Reader {
  /** The value of a key; `undefined` when it is missing. */
  get<K, V, P, I>(namespace: Namespace<K, V, P, I>, key: K): V | undefined
  /** Whether a key has a value. */
  has<K, V, P, I>(namespace: Namespace<K, V, P, I>, key: K): boolean
  /** The values of several keys, in their order. */
  getMany<K, V, P, I>(namespace: Namespace<K, V, P, I>, keys: Iterable<K>): (V | undefined)[]
  /** The rows of a range in key order. */
  scan<K, V, P, I>(namespace: Namespace<K, V, P, I>, options?: ScanOptions<K, P>): Scan<[key: K, value: V], K>
  /** The keys of a range in order. */
  keys<K, V, P, I>(namespace: Namespace<K, V, P, I>, options?: ScanOptions<K, P>): Scan<K, K>
  /** The values of a range in the order of their keys. */
  values<K, V, P, I>(namespace: Namespace<K, V, P, I>, options?: ScanOptions<K, P>): Scan<V, K>
  /** How many keys a range has; it walks them. */
  count<K, V, P, I>(namespace: Namespace<K, V, P, I>, range?: Range<K, P>): number
}
/** The store as it was when the snapshot was made. It holds old versions on disk until it is closed. */
interface Snapshot extends Reader {
  /** As `get`, but what must come from disk is read on another thread. */
  getAsync<K, V, P, I>(namespace: Namespace<K, V, P, I>, key: K): Promise<V | undefined>
  /** As `getMany`, on another thread. */
  getManyAsync<K, V, P, I>(namespace: Namespace<K, V, P, I>, keys: Iterable<K>): Promise<(V | undefined)[]>
  /** As `scan`, reading on another thread. */
  scanAsync<K, V, P, I>(namespace: Namespace<K, V, P, I>, options?: ScanOptions<K, P>): AsyncScan<[key: K, value: V]>
  /** Releases the snapshot. Scans opened from it go on. */
  close(): void
  [Symbol.dispose](): void
}
/** Reads a graph: as it is now, as a snapshot has it, or as a transaction sees it. Each answer is of one moment. */
interface GraphReader<T extends GraphTypes = AnyGraph> {
  /** The name of the graph. */
  readonly name: string
  /** A node; `undefined` when there is none. */
  node<L extends LabelOf<T> = LabelOf<T>>(id: number): GraphNode<T, L> | undefined
  /** An edge; `undefined` when there is none. */
  edge<K extends TypeOf<T> = TypeOf<T>>(id: number): GraphEdge<T, K> | undefined
  /**
   * The nodes with a label and properties, in the order of their ids. An index over one of the properties is used when
   * there is one; else every node with the label is looked at.
   *
   * @example
   * ```ts
   * graph.find({ label: 'Person', where: { name: 'Ann' } })
   * ```
   */
  find<L extends LabelOf<T> = LabelOf<T>>(options?: FindOptions<T, L>): GraphNode<T, L>[]
  /** The first node that `find` would give. */
  findOne<L extends LabelOf<T> = LabelOf<T>>(filter: NodeFilter<T, L>): GraphNode<T, L> | undefined
  /**
   * The edges of a node and the nodes at their other ends, one answer an edge, ordered by direction, type and neighbor.
   * A node that does not exist has none.
   *
   * @example
   * ```ts
   * for (const { node, edge } of graph.neighbors(ann, { type: 'KNOWS', where: { city: 'Rome' } })) …
   * ```
   */
  neighbors<L extends LabelOf<T> = LabelOf<T>>(id: number, filter?: NeighborFilter<T, L>): Neighbor<T, L>[]
  /** The ids of what `neighbors` gives, which is faster: neither properties nor edges are read. */
  neighborIds<L extends LabelOf<T> = LabelOf<T>>(id: number, filter?: NeighborFilter<T, L>): number[]
  /**
   * A path with the fewest edges to a node, or to the nearest one that fits a filter; `undefined` when there is none.
   *
   * @example
   * ```ts
   * graph.path(whale, entity, { type: 'hypernym' })?.nodes.map((node) => node.properties.words)
   * ```
   */
  path(from: number, to: number | NodeFilter<T>, options?: PathOptions<T>): Path<T> | undefined
  /** The nodes around a node, nearest first, each once and without itself. */
  expand(from: number, options?: ExpandOptions<T>): Reached[]
  /** How many nodes there are, or how many with a label; it walks them. */
  countNodes(label?: LabelOf<T>): number
  /** How many edges there are; it walks them. */
  countEdges(): number
  /** The indexes there are. */
  indexes(): GraphIndex<T>[]
}
/**
 * Changes of a graph that take effect together.
 *
 * In a batch they fail at its end; in a transaction each fails at once, with `NOT_FOUND` for a node or edge that is
 * missing and `UNIQUE_VIOLATION`, and leaves nothing behind.
 */
interface GraphWriter<T extends GraphTypes = AnyGraph> {
  /** Adds a node; gives its id. */
  addNode<L extends LabelOf<T>>(node?: NewNode<T, L>): number
  /** Adds an edge; gives its id. Edges may be parallel, and may end where they start. */
  addEdge<K extends TypeOf<T>>(edge: NewEdge<T, K>): number
  /** Changes properties and labels of a node. */
  updateNode<L extends LabelOf<T> = LabelOf<T>>(id: number, update: NodeUpdate<T, L>): void
  /** Changes properties of an edge. */
  updateEdge<K extends TypeOf<T> = TypeOf<T>>(id: number, update: EdgeUpdate<T, K>): void
  /** Removes a node and every edge at it. */
  removeNode(id: number): void
  /** Removes an edge. */
  removeEdge(id: number): void
}
/** A graph inside a transaction: reads see its own changes, which take effect when the transaction commits. */
interface GraphTransaction<T extends GraphTypes = AnyGraph> extends GraphReader<T>, GraphWriter<T> {}
/**
 * What `store.transaction` hands to its function: it reads the state at its beginning with its own writes on top.
 * It ends with the function.
 */
interface Transaction extends Reader, Writer {}
/** How a transaction runs. */
interface TransactionOptions extends WriteOptions {
  /** How often the function is run again after a conflict, before `CONFLICT` is thrown. Default: 15. */
  readonly retries?: number
  /** Ends the waiting between tries; the transaction rejects with `ABORTED`. */
  readonly signal?: AbortSignal
}
/**
 * A graph of a store. Reads are synchronous and see the newest state; changes are visible to them at once, and their
 * promises resolve when they are durable. A change that fails leaves nothing behind.
 *
 * @example
 * ```ts
 * const graph = store.graph('people')
 * await graph.createIndex({ label: 'Person', property: 'email', unique: true })
 * const ann = await graph.addNode({ labels: 'Person', properties: { email: 'ann@example.org' } })
 * const bob = await graph.addNode({ labels: 'Person', properties: { email: 'bob@example.org' } })
 * await graph.addEdge({ type: 'KNOWS', source: ann, target: bob, properties: { since: 2019 } })
 * graph.neighbors(ann, { type: 'KNOWS' })[0]?.node.properties.email // 'bob@example.org'
 * ```
 */
interface Graph<T extends GraphTypes = AnyGraph> extends GraphReader<T> {
  /**
   * Adds a node; gives its id.
   *
   * @throws SledStoreError `UNIQUE_VIOLATION`
   */
  addNode<L extends LabelOf<T>>(node?: NewNode<T, L>, options?: WriteOptions): Promise<number>
  /**
   * Adds an edge; gives its id. Edges may be parallel, and may end where they start.
   *
   * @throws SledStoreError `NOT_FOUND` when a node at one of its ends is missing
   */
  addEdge<K extends TypeOf<T>>(edge: NewEdge<T, K>, options?: WriteOptions): Promise<number>
  /**
   * Changes properties and labels of a node.
   *
   * @example
   * ```ts
   * await graph.updateNode(ann, { properties: { age: 41, email: null }, addLabels: 'Admin' })
   * ```
   * @throws SledStoreError `NOT_FOUND`, `UNIQUE_VIOLATION`
   */
  updateNode<L extends LabelOf<T> = LabelOf<T>>(
    id: number,
    update: NodeUpdate<T, L>,
    options?: WriteOptions,
  ): Promise<void>
  /**
   * Changes properties of an edge.
   *
   * @throws SledStoreError `NOT_FOUND`
   */
  updateEdge<K extends TypeOf<T> = TypeOf<T>>(
    id: number,
    update: EdgeUpdate<T, K>,
    options?: WriteOptions,
  ): Promise<void>
  /**
   * Removes a node and every edge at it.
   *
   * @throws SledStoreError `NOT_FOUND`
   */
  removeNode(id: number, options?: WriteOptions): Promise<void>
  /**
   * Removes an edge.
   *
   * @throws SledStoreError `NOT_FOUND`
   */
  removeEdge(id: number, options?: WriteOptions): Promise<void>
  /**
   * Makes many changes visible and durable together; gives what the function gives. What it adds has its id at once,
   * but is not seen by reads before the end. It is much faster than single calls.
   *
   * @example
   * ```ts
   * await graph.batch((batch) => {
   *   const ann = batch.addNode({ labels: 'Person', properties: { name: 'Ann' } })
   *   batch.addEdge({ type: 'KNOWS', source: ann, target: bob })
   * })
   * ```
   * @throws SledStoreError `NOT_FOUND`, `UNIQUE_VIOLATION`, `TOO_LARGE` above half the memory budget
   */
  batch<R>(fill: (batch: GraphWriter<T>) => R, options?: WriteOptions): Promise<R>
  /**
   * Creates an index over a property of the nodes there are and of those to come; the same index may be asked for
   * again. With `unique`, two nodes with the label cannot have the same value. Lists, maps and NaN are not indexed.
   *
   * @throws SledStoreError `UNIQUE_VIOLATION` when two nodes share a value, `KEY_TOO_LARGE` for a value that is too long,
   * `TOO_LARGE` when the entries of all nodes are more than half the memory budget: create indexes before loading
   */
  createIndex(index: GraphIndex<T>, options?: WriteOptions): Promise<void>
  /** Drops an index; one that does not exist is no error. */
  dropIndex(index: Omit<GraphIndex<T>, 'unique'>, options?: WriteOptions): Promise<void>
  /**
   * The graph inside a transaction.
   *
   * @example
   * ```ts
   * await store.transaction((tx) => {
   *   const people = graph.in(tx)
   *   if (people.findOne({ label: 'Person', where: { name: 'Ann' } }) === undefined) {
   *     tx.put(log, 'ann', people.addNode({ labels: 'Person', properties: { name: 'Ann' } }))
   *   }
   * })
   * ```
   */
  in(transaction: Transaction): GraphTransaction<T>
  /** The graph as it was when a snapshot was made. */
  at(snapshot: Snapshot): GraphReader<T>
  /** As `find`, on another thread. */
  findAsync<L extends LabelOf<T> = LabelOf<T>>(options?: FindOptions<T, L>): Promise<GraphNode<T, L>[]>
  /** As `neighbors`, on another thread. */
  neighborsAsync<L extends LabelOf<T> = LabelOf<T>>(
    id: number,
    filter?: NeighborFilter<T, L>,
  ): Promise<Neighbor<T, L>[]>
  /** As `path`, on another thread. */
  pathAsync(from: number, to: number | NodeFilter<T>, options?: PathOptions<T>): Promise<Path<T> | undefined>
  /** As `expand`, on another thread. */
  expandAsync(from: number, options?: ExpandOptions<T>): Promise<Reached[]>
  /** Walks the whole graph and names each row that contradicts another; a sound graph has none. */
  verify(): Promise<string[]>
}
/**
 * What "near" means: `cosine` the angle (distance is one minus the similarity, 0 to 2), `dot` the dot product (distance
 * is its negative), `l2` the straight line (distance is its length, not squared).
 */
type Metric = 'cosine' | 'dot' | 'l2'
/** What a vector index is opened with; the same as when it was created. */
interface VectorOptions<K = string> {
  /** Components of every vector, 1 to 16,000. */
  readonly dimensions: number
  readonly metric: Metric
  /** How keys become ordered bytes. Default: `key.string`. */
  readonly key?: KeyCodec<K, unknown>
}
/** A vector to be stored under a key. */
type VectorEntry<A, K> = readonly [key: K, vector: VectorInput, attributes?: A | undefined]
/** A vector as it was put, in f32. */
interface StoredVector<A> {
  readonly vector: Float32Array
  readonly attributes: A | undefined
}
/** A vector that was found. */
interface VectorMatch<A, K> {
  readonly id: K
  readonly distance: number
  readonly attributes: A | undefined
}
/** What attributes can be compared with: lists and maps cannot. */
type AttributeValue = Exclude<PropertyValue, readonly PropertyValue[] | Properties>
/** Attributes and the values they must all have. A vector without the attribute does not match, nor does null for it. */
type AttributeFilter<A> = { readonly [N in keyof A]?: Extract<A[N], AttributeValue> }
/** How the nearest are chosen. */
interface NearestOptions<A, K> {
  /** How many. Default: 10. */
  readonly k?: number
  /**
   * Values of attributes, compared on the way; or a function, asked about the nearest first. Each time a function has
   * refused too many of those it was asked about, every vector is compared again to find the next: where few pass, values
   * of attributes are much faster.
   */
  readonly filter?: AttributeFilter<A> | ((attributes: A | undefined, id: K) => boolean)
  /** Only vectors under these keys. */
  readonly keys?: Iterable<K>
  /** Leaves out what is farther. */
  readonly maxDistance?: number
}
/** How `putMany` is followed and ended. */
interface PutManyOptions
  extends
    WriteOptions,
    WorkOptions<{
      readonly rows: number
    }> {}
/** A vector index as `store.vectorIndexes` lists it. */
interface VectorsInfo {
  readonly name: string
  readonly dimensions: number
  readonly metric: Metric
}
/** Reads a vector index at one moment: as it is now, as a snapshot has it, or as a transaction sees it. */
interface VectorReader<A extends object = Properties, K = string> {
  readonly name: string
  readonly dimensions: number
  readonly metric: Metric
  /** A vector and its attributes; `undefined` when it is missing. */
  get(key: K): StoredVector<A> | undefined
  /** Whether there is a vector under the key. */
  has(key: K): boolean
  /** How many vectors there are; it walks them. */
  count(): number
  /**
   * The nearest vectors, nearest first, equally near ones by key. Exact: every vector is compared. Distances are sums in
   * f32, so that a vector's cosine distance from itself may be some 1e-7.
   *
   * @example
   * ```ts
   * words.nearest(query, { k: 5, filter: { pos: 'noun' } })
   * words.nearest(query, { filter: (attributes, id) => id !== 'whale', maxDistance: 0.4 })
   * ```
   */
  nearest(vector: VectorInput, options?: NearestOptions<A, K>): VectorMatch<A, K>[]
}
/** Reads a vector index, also on another thread. */
interface AsyncVectorReader<A extends object = Properties, K = string> extends VectorReader<A, K> {
  /** As `get`, on another thread. */
  getAsync(key: K): Promise<StoredVector<A> | undefined>
  /** As `count`, on another thread. */
  countAsync(): Promise<number>
  /** As `nearest`, on another thread; a function as filter is called on this one. */
  nearestAsync(vector: VectorInput, options?: NearestOptions<A, K>): Promise<VectorMatch<A, K>[]>
}
/** A vector index inside a transaction: reads see its own changes, which take effect when it commits. */
interface VectorTransaction<A extends object = Properties, K = string> extends VectorReader<A, K> {
  /** Stores a vector with its attributes, and replaces what was there. */
  put(key: K, vector: VectorInput, attributes?: A): void
  /** Removes a vector; one that is missing is no error. */
  delete(key: K): void
  /** Removes every vector. */
  clear(): void
}
/**
 * Vectors under keys, with attributes. Reads are synchronous and see the newest state; changes are visible to them at
 * once, and their promises resolve when they are durable. `number[]` and `Float64Array` are stored as f32.
 *
 * @example
 * ```ts
 * const words = store.vectors<{ pos: string }>('words', { dimensions: 3, metric: 'cosine' })
 * await words.put('whale', [0.1, 0.9, 0.2], { pos: 'noun' })
 * await words.put('swim', [0.2, 0.8, 0.3], { pos: 'verb' })
 * words.nearest([0.1, 0.8, 0.2], { k: 1, filter: { pos: 'noun' } }) // [{ id: 'whale', distance: …, attributes: … }]
 * ```
 */
interface Vectors<A extends object = Properties, K = string> extends AsyncVectorReader<A, K> {
  /** Stores a vector with its attributes, and replaces what was there. */
  put(key: K, vector: VectorInput, attributes?: A, options?: WriteOptions): Promise<void>
  /** Removes a vector; one that is missing is no error. */
  delete(key: K, options?: WriteOptions): Promise<void>
  /** Removes every vector. */
  clear(options?: WriteOptions): Promise<void>
  /**
   * Stores many vectors, in commits of half a megabyte; gives how many. When it fails, those of earlier commits stay.
   *
   * @example
   * ```ts
   * await words.putMany([['whale', vector, { pos: 'noun' }], ['swim', other]])
   * ```
   */
  putMany(
    entries: Iterable<VectorEntry<A, K>> | AsyncIterable<VectorEntry<A, K>>,
    options?: PutManyOptions,
  ): Promise<number>
  /**
   * The index inside a transaction.
   *
   * @example
   * ```ts
   * await store.transaction((tx) => {
   *   tx.put(articles, 'whale', text)
   *   words.in(tx).put('whale', vector)
   * })
   * ```
   */
  in(transaction: Transaction): VectorTransaction<A, K>
  /** The index as it was when a snapshot was made. */
  at(snapshot: Snapshot): AsyncVectorReader<A, K>
}
/** A namespace as the store's catalogue lists it. */
interface NamespaceInfo {
  readonly name: string
  /** Names of the codecs it was created with. */
  readonly key: string
  readonly value: string
  /** Rows and bytes as of the last checkpoint. */
  readonly rows: number
  readonly bytes: number
}
/** How far `compact` or `verify` is, in blocks. */
interface BlockProgress {
  readonly done: number
  readonly total: number
}
/** One broken invariant that `verify` found. */
interface Finding {
  /** Its number in ARCHITECTURE.md, such as `E14`. */
  readonly invariant: string
  /** Where: a block, a file and offset, a row. */
  readonly place: string
  /** What is wrong there. */
  readonly what: string
  /** `damage` may give wrong answers: restore a backup. `waste` is space that nothing uses. */
  readonly severity: 'damage' | 'waste'
}
/** What `verify` saw. */
interface VerifyReport {
  readonly blocks: number
  readonly rows: number
  readonly bytes: number
  readonly journalRecords: number
  /** What is wrong; empty for a sound store. */
  readonly findings: readonly Finding[]
}
/** Measurements of an open store. */
interface Stats {
  /** Bytes by consumer; their sum stays within the budget. */
  readonly memory: Readonly<{
    budget: number
    activeMemtable: number
    frozenMemtables: number
    retainedMemtables: number
    blockCache: number
    sled: number
    journalBuffer: number
    total: number
  }>
  /** Who holds old versions, and for how long. */
  readonly readers: Readonly<{
    snapshots: number
    transactions: number
    oldestSnapshotSeconds: number
    oldestTransactionSeconds: number
  }>
  /** Positions, and counts since the store was opened. */
  readonly counts: Readonly<{
    visibleSeq: number
    durableSeq: number
    appliedSeq: number
    cacheHits: number
    cacheMisses: number
    backendReads: number
    commits: number
    conflicts: number
    checkpoints: number
    blocksWritten: number
    blockBytesWritten: number
    stalls: number
    stallMicros: number
    diskBytes: number
  }>
  /** What opening had to mend. */
  readonly recovery: Readonly<{
    records: number
    cutBytes: number
    cutFile?: string
    fellBack: boolean
    milliseconds: number
  }>
}
/**
 * An embedded store in a folder, or in memory.
 *
 * @example
 * ```ts
 * const store = await SledStore.open('./data')
 * const users = store.namespace('users', { key: key.string, value: codec.json<User>() })
 * await users.put('ann', { name: 'Ann' })
 * await store.close()
 * ```
 */
declare class SledStore {
  #private
  private constructor()
  /**
   * Opens the store in a folder; creates both when they are missing. Worker threads that open the same folder share
   * one store, which closes with the last of them.
   *
   * @throws SledStoreError `LOCKED` when another process has it open, `NOT_A_STORE`, `FORMAT_TOO_NEW`,
   * `OPTIONS_MISMATCH`, `CORRUPTION`, `PERMISSION_DENIED`, `DISK_FULL`
   */
  static open(path: string | URL, options?: StoreOptions): Promise<SledStore>
  /** Opens a store that lives in memory and ends with `close`; for tests. */
  static memory(options?: StoreOptions): SledStore
  /** `open`, `poisoned` after a failure that ended all writing, `closing` or `closed`. */
  get status(): StoreStatus
  /** The folder as it was given; `memory` for a store without one. */
  get path(): string
  /**
   * A namespace, created when there is none of that name. The codecs must be those it was created with.
   *
   * @throws SledStoreError `NAMESPACE_MISMATCH`
   */
  namespace<K = string, V = unknown, P = string, I = V>(
    name: string,
    options?: NamespaceOptions<K, V, P, I>,
  ): Namespace<K, V, P, I>
  namespace<S extends Schema, K = string, P = string>(
    name: string,
    options: Omit<NamespaceOptions<K, unknown, P>, 'value' | 'schema'> & {
      readonly value?: Codec<unknown>
      readonly schema: S
    },
  ): Namespace<K, InferOutput<S>, P, InferInput<S>>
  /** Every namespace, by name. */
  namespaces(): NamespaceInfo[]
  /** Gives a namespace another name; what was opened under the old one stays usable. */
  renameNamespace(from: string, to: string, options?: WriteOptions): Promise<void>
  /** Removes a namespace and all it holds, at once; tells whether there was one. */
  dropNamespace(name: string, options?: WriteOptions): Promise<boolean>
  /**
   * A property graph, created when there is none of that name. Its labels and types can be told to the compiler.
   *
   * @example
   * ```ts
   * const people = store.graph<{ nodes: { Person: { name: string } }; edges: { KNOWS: object } }>('people')
   * ```
   */
  graph<T extends GraphTypes = AnyGraph>(name: string): Graph<T>
  /** The names of the graphs. */
  graphs(): string[]
  /** Removes a graph and all it holds, at once; tells whether there was one. */
  dropGraph(name: string, options?: WriteOptions): Promise<boolean>
  /**
   * Vectors with attributes, created when there are none of that name; dimensions, metric and key codec must be those of
   * the creation.
   *
   * @example
   * ```ts
   * const words = store.vectors<{ pos: string }>('words', { dimensions: 100, metric: 'cosine' })
   * const faces = store.vectors<object, number>('faces', { dimensions: 512, metric: 'l2', key: key.number })
   * ```
   * @throws SledStoreError `NAMESPACE_MISMATCH`
   */
  vectors<A extends object = Properties, K = string>(name: string, options: VectorOptions<K>): Vectors<A, K>
  /** The vector indexes. */
  vectorIndexes(): VectorsInfo[]
  /** Removes a vector index and all it holds, at once; tells whether there was one. */
  dropVectors(name: string, options?: WriteOptions): Promise<boolean>
  /** Makes several writes, to any namespaces, visible and durable together. */
  batch(fill: (batch: Batch) => void, options?: WriteOptions): Promise<void>
  /** As `batch`; returns when it is durable. */
  batchSync(fill: (batch: Batch) => void, options?: WriteOptions): void
  /**
   * Runs a function whose reads and writes happen as if nobody else were there. When another write gets in the way,
   * its writes are forgotten and it is run again, so it should do nothing else that cannot be repeated.
   *
   * @throws SledStoreError `CONFLICT` after the last try
   */
  transaction<T>(run: (transaction: Transaction) => T | Promise<T>, options?: TransactionOptions): Promise<T>
  /** As `transaction`, for a function that is not async; returns when it is durable. */
  transactionSync<T>(run: (transaction: Transaction) => T, options?: TransactionOptions): T
  /** The store as it is now, to be read later. */
  snapshot(): Snapshot
  /**
   * Loads any number of entries whose keys ascend, in commits of a good size. They become visible as it goes, and are
   * durable at the end; a load that fails keeps what it had committed. Gives how many there were.
   *
   * @throws SledStoreError `NOT_SORTED`
   */
  bulkLoad<K, V, P, I>(
    namespace: Namespace<K, V, P, I>,
    entries: Iterable<readonly [K, I]> | AsyncIterable<readonly [K, I]>,
    options?: BulkLoadOptions,
  ): Promise<number>
  /** Resolves when everything written so far is durable at level `full`. */
  flush(): Promise<void>
  /** Rewrites what is scattered or dead, and gives its space back. */
  compact(options?: WorkOptions<BlockProgress>): Promise<void>
  /** Walks everything and names each broken invariant and its place. */
  verify(options?: WorkOptions<BlockProgress>): Promise<VerifyReport>
  /** Measurements: memory by consumer, readers, caches, stalls, recovery. */
  stats(): Stats
  /** Calls `listener` once, when a failure has ended all writing (`status` is `poisoned`). */
  on(event: 'error', listener: (error: SledStoreError) => void): this
  /** Takes a listener back. */
  off(event: 'error', listener: (error: SledStoreError) => void): this
  /**
   * Ends open transactions and scans, makes everything durable and frees the folder. Calling it again gives the same
   * promise. Leaving without it loses nothing that was answered.
   */
  close(): Promise<void>
  [Symbol.asyncDispose]: () => Promise<void>
}
export {
  type AnyGraph,
  type AsyncScan,
  type AsyncVectorReader,
  type AttributeFilter,
  type AttributeValue,
  type Batch,
  type BlockProgress,
  type BulkLoadOptions,
  type Codec,
  type CustomCodec,
  type Direction,
  type Durability,
  type EdgeFilter,
  type EdgeUpdate,
  type ErrorClass,
  type ErrorCode,
  type ExpandOptions,
  type FindOptions,
  type Finding,
  type Graph,
  type GraphEdge,
  type GraphIndex,
  type GraphNode,
  type GraphReader,
  type GraphTransaction,
  type GraphTypes,
  type GraphWriter,
  type KeyCodec,
  type KeyOf,
  type KeyPart,
  type Metric,
  type Namespace,
  type NamespaceInfo,
  type NamespaceOptions,
  type NearestOptions,
  type Neighbor,
  type NeighborFilter,
  type NewEdge,
  type NewNode,
  type NodeFilter,
  type NodeUpdate,
  type Path,
  type PathOptions,
  type PrefixOf,
  type Profile,
  type Properties,
  type PropertyValue,
  type PutManyOptions,
  type Range,
  type Reached,
  type Reader,
  type Scan,
  type ScanOptions,
  type Schema,
  type SchemaIssue,
  SledStore,
  SledStoreError,
  type Snapshot,
  type Stats,
  type StoreOptions,
  type StoreStatus,
  type StoredVector,
  type Transaction,
  type TransactionOptions,
  type ValueInputOf,
  type ValueOf,
  type ValueSource,
  type ValueWriter,
  type VectorEntry,
  type VectorInput,
  type VectorMatch,
  type VectorOptions,
  type VectorReader,
  type VectorTransaction,
  type Vectors,
  type VectorsInfo,
  type VerifyReport,
  type WorkOptions,
  type WriteOptions,
  type Writer,
  codec,
  errorCodes,
  key,
}
