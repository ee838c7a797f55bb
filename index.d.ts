// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.
import type { AnyGraph, GraphTypes, Properties } from './types/graph-types.js'
import type {
  Batch,
  BulkLoadOptions,
  InferInput,
  InferOutput,
  Namespace,
  NamespaceOptions,
  Schema,
  Snapshot,
  Transaction,
  TransactionOptions,
} from './types/namespaces.js'
import type { Codec } from './types/codecs.js'
import type { Graph } from './types/graph.js'
import type { GraphSchema, SchemaTypes } from './types/graph-schema.js'
import type { NamespaceInfo, Published, Stats, VerifyReport, WorkProgress } from './types/reports.js'
import type { ProcedureBody, ProcedureOptions, QueryValue } from './types/queries.js'
import type { PublishOptions, SnapshotFileOptions } from './types/published.js'
import type { SledStoreError } from './types/errors.js'
import type { StoreOptions, WorkOptions, WriteOptions } from './types/options.js'
import type { VectorElement, VectorOptions, VectorsInfo } from './types/vector-options.js'
import type { Vectors } from './types/vectors.js'
export type {
  Aggregate,
  Comparison,
  Conditions,
  CypherText,
  HopOptions,
  MatchRef,
  Matched,
  NextTo,
  PathHopOptions,
  Selection,
  ShortestOptions,
} from './types/graph-match-types.js'
export type {
  AlgorithmOptions,
  AlgorithmProgress,
  AlgorithmResult,
  Communities,
  Components,
  Costs,
  Depths,
  Directed,
  Iterations,
  Lists,
  Modularity,
  Numbers,
  Parts,
  Paths,
  RowOf,
  Scores,
  Weighted,
} from './types/algorithm-results.js'
export type {
  AnyGraph,
  Direction,
  EdgeFilter,
  EdgeTextHit,
  EdgeUpdate,
  ExpandOptions,
  FindOptions,
  GraphDescription,
  GraphEdge,
  GraphIndex,
  GraphIndexInfo,
  GraphNode,
  GraphTypes,
  Neighbor,
  NeighborFilter,
  NewEdge,
  NewIndex,
  NewNode,
  NodeFilter,
  NodeUpdate,
  Path,
  PathOptions,
  Properties,
  PropertyValue,
  Reached,
  TextHit,
  TextIndex,
  TextSearchOptions,
} from './types/graph-types.js'
export type {
  AsyncQueryOptions,
  PreparedQuery,
  ProcedureBody,
  ProcedureOptions,
  ProcedureRow,
  ProcedureValue,
  QueryCounters,
  QueryOptions,
  QueryParameters,
  QueryStep,
  QueryStream,
  QuerySummary,
  QueryValue,
} from './types/queries.js'
export { QueryNode, QueryPath, QueryRelationship, QueryResult, float } from './types/queries.js'
export type {
  AsyncScan,
  Batch,
  BulkLoadOptions,
  Namespace,
  NamespaceOptions,
  PutOptions,
  Range,
  Reader,
  Scan,
  ScanOptions,
  Schema,
  Snapshot,
  Transaction,
  TransactionOptions,
  TtlOptions,
  ValueSource,
  Writer,
} from './types/namespaces.js'
export type {
  AsyncVectorReader,
  AttributeFilter,
  AttributeValue,
  StoredVector,
  UpsertManyOptions,
  VectorEntry,
  VectorMatch,
  VectorReader,
  VectorSearch,
  VectorTransaction,
} from './types/vector-types.js'
export type {
  AttributeType,
  Metric,
  VectorCoding,
  VectorElement,
  VectorOptions,
  VectorOutput,
  VectorsInfo,
} from './types/vector-options.js'
export type {
  Codec,
  Codecs,
  CustomCodec,
  KeyCodec,
  KeyCodecs,
  KeyOf,
  KeyPart,
  PrefixOf,
  ValueInputOf,
  ValueOf,
  VectorInput,
} from './types/codecs.js'
export { codec, key } from './types/codecs.js'
export type { CreateIndexOptions, Graph, GraphTransaction, GraphWriter } from './types/graph.js'
export type { Durability, Profile, StoreOptions, WorkOptions, WriteOptions } from './types/options.js'
export type { DurationParts, PointCrs, TypedName, ZonedFields } from './types/temporal.js'
export {
  Duration,
  LocalDate,
  LocalDateTime,
  LocalTime,
  OffsetTime,
  Point,
  QueryTyped,
  ZonedDateTime,
} from './types/temporal.js'
export type {
  EdgeSchema,
  GraphSchema,
  LabelSchema,
  PropertyType,
  PropertyTypes,
  SchemaTypes,
} from './types/graph-schema.js'
export type { ErrorClass, ErrorCode, SchemaIssue } from './types/errors.js'
export { SledStoreError, errorCodes } from './types/errors.js'
export type { Finding, NamespaceInfo, Published, Stats, VerifyReport, WorkProgress } from './types/reports.js'
export type { GraphAlgorithms } from './types/algorithms.js'
export type { GraphMatch, MatchConditions } from './types/graph-match.js'
export type { GraphReader, GraphSnapshot } from './types/graph-reader.js'
export type {
  GraphSource,
  LoadEdge,
  LoadKey,
  LoadNode,
  LoadOptions,
  LoadProgress,
  LoadResult,
  MergeEdge,
  MergeEnd,
  MergeNode,
  Merged,
} from './types/graph-load.js'
export type { PublishOptions, SnapshotFileOptions } from './types/published.js'
export type { Vectors } from './types/vectors.js'

/** The state of a store. */
export type StoreStatus = 'open' | 'poisoned' | 'closing' | 'closed'
/** Where many entries come from. */
export type Entries<E> = Iterable<E> | AsyncIterable<E>
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
export declare class SledStore {
  #private
  private constructor()
  /**
   * Opens the store in a folder; creates both when they are missing. Worker threads that open the same folder share
   * one store, which closes with the last of them.
   *
   * @throws SledStoreError `LOCKED` when another process has it open, `NOT_A_STORE`, `FORMAT_TOO_NEW`,
   * `OPTIONS_MISMATCH`, `CORRUPTION`, `PERMISSION_DENIED`, `INSECURE_FOLDER`, `DISK_FULL`
   */
  static open(path: string | URL, options?: StoreOptions): Promise<SledStore>
  /** Opens a store that lives in memory and ends with `close`; for tests. */
  static memory(options?: StoreOptions): SledStore
  /**
   * Opens a file that `publish` or `backup` has written: all that reads works, and every write is `READ_ONLY`. Any number
   * of processes may read one file.
   *
   * @throws SledStoreError `NOT_A_STORE`, `FORMAT_TOO_NEW`, `CORRUPTION`
   */
  static openSnapshot(file: string | URL, options?: SnapshotFileOptions): Promise<SledStore>
  /**
   * Makes a store in a new or empty folder from such a file, which is checked as a whole first. A failure leaves
   * nothing.
   *
   * @throws SledStoreError `EXISTS`, `NOT_A_STORE`, `CORRUPTION`, `DISK_FULL`
   */
  static restore(file: string | URL, path: string | URL, options?: WorkOptions<WorkProgress>): Promise<void>
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
   * A property graph, created when there is none of that name. Its labels and types can be told to the compiler; with a
   * schema, what is written and asked is checked, too.
   *
   * @example
   * ```ts
   * const people = store.graph<{ nodes: { Person: { name: string } }; edges: { KNOWS: object } }>('people')
   * const same = store.graph('people', { nodes: { Person: { properties: { name: 'string' } } }, edges: { KNOWS: {} } })
   * ```
   */
  graph<const S extends GraphSchema>(name: string, schema: S): Graph<SchemaTypes<S>>
  graph<T extends GraphTypes = AnyGraph>(name: string): Graph<T>
  /** The names of the graphs. */
  graphs(): string[]
  /** Removes a graph and all it holds, at once; tells whether there was one. */
  dropGraph(name: string, options?: WriteOptions): Promise<boolean>
  /** Registers a procedure, which queries over this store's graphs may `CALL` in this thread. */
  registerProcedure<Arguments extends readonly QueryValue[]>(
    signature: string,
    body: ProcedureBody<Arguments>,
    options?: ProcedureOptions,
  ): void
  /** Takes a procedure back; tells whether there was one. */
  removeProcedure(name: string): boolean
  /**
   * Vectors with attributes, created when there are none of that name, and opened with the options of the creation.
   *
   * @example
   * ```ts
   * const words = store.vectors<{ pos: string }>('words', { dimensions: 100, metric: 'cosine' })
   * const faces = store.vectors<object, number>('faces', { dimensions: 512, metric: 'l2', key: key.number })
   * const marks = store.vectors('marks', { dimensions: 256, metric: 'hamming', element: 'binary' })
   * ```
   * @throws SledStoreError `NAMESPACE_MISMATCH`
   */
  vectors<A extends object = Properties, K = string, E extends VectorElement = 'f32'>(
    name: string,
    options: VectorOptions<K, E, A>,
  ): Vectors<A, K, E>
  /** The vector indexes. */
  vectorIndexes(): VectorsInfo[]
  /** Removes a vector index and all it holds, at once; tells whether there was one. */
  dropVectors(name: string, options?: WriteOptions): Promise<boolean>
  /** Makes several writes, to any namespaces, visible and durable together. */
  batch(fill: (batch: Batch) => void, options?: WriteOptions): Promise<void>
  /** Returns when it is durable. */
  batchSync(fill: (batch: Batch) => void, options?: WriteOptions): void
  /**
   * Runs a function whose reads and writes happen as if nobody else were there. When another write gets in the way,
   * its writes are forgotten and it is run again, so it should do nothing else that cannot be repeated.
   *
   * @throws SledStoreError `CONFLICT` after the last try
   */
  transaction<T>(run: (transaction: Transaction) => T | Promise<T>, options?: TransactionOptions): Promise<T>
  /** For a function that is not async. */
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
  compact(options?: WorkOptions<WorkProgress>): Promise<void>
  /** Walks everything and names each broken invariant and its place. */
  verify(options?: WorkOptions<WorkProgress>): Promise<VerifyReport>
  /**
   * Writes the store as it is now to a file for `openSnapshot`, while writers go on. It takes its name when it is
   * complete; a file of that name is replaced, and goes on being read by whoever has it open.
   */
  publish(file: string | URL, options?: PublishOptions): Promise<Published>
  /**
   * As `publish`, to a new file, which is read back and checked.
   *
   * @throws SledStoreError `EXISTS`
   */
  backup(file: string | URL, options?: WorkOptions<WorkProgress>): Promise<Published>
  /** Measurements. */
  stats(): Stats
  /** Calls `listener` once, when a failure has ended all writing. */
  on(event: 'error', listener: (error: SledStoreError) => void): this
  /** Takes a listener back. */
  off(event: 'error', listener: (error: SledStoreError) => void): this
  /**
   * Ends open transactions and scans, makes everything durable and frees the folder. Calling it again gives the same
   * promise; that of a poisoned store rejects with `STORAGE_FAILED`, when it is closed. Leaving without it loses nothing
   * that was answered.
   */
  close(): Promise<void>
  [Symbol.asyncDispose]: () => Promise<void>
}
export {}
