/**
 * SledStore: an embedded database for Node.
 *
 * @packageDocumentation
 */
export type { Batch, Writer } from './batch.js'
export type { BulkLoadOptions } from './bulk-load.js'
export { codec, key } from './codecs.js'
export type {
  Codec,
  Codecs,
  CustomCodec,
  KeyCodec,
  KeyCodecs,
  KeyOf,
  PrefixOf,
  ValueInputOf,
  ValueOf,
  VectorInput,
} from './codec-types.js'
export { errorCodes, SledStoreError } from './errors.js'
export type { ErrorClass, ErrorCode, SchemaIssue } from './errors.js'
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
} from './algorithms-results.js'
export type { GraphAlgorithms } from './algorithms-types.js'
export type { CreateIndexOptions, Graph } from './graph.js'
export { float, QueryNode, QueryPath, QueryRelationship, type QueryValue } from './query-value.js'
export type { ProcedureBody, ProcedureOptions, ProcedureRow, ProcedureValue } from './procedures.js'
export { Duration, type DurationParts } from './duration.js'
export { Point, type PointCrs } from './point.js'
export { LocalDate, LocalDateTime, LocalTime, OffsetTime, ZonedDateTime, type ZonedFields } from './temporal.js'
export { QueryTyped, type TypedName } from './typed-value.js'
export {
  QueryResult,
  type AsyncQueryOptions,
  type QueryCounters,
  type QueryOptions,
  type QueryParameters,
  type QueryStep,
  type QuerySummary,
} from './graph-query.js'
export type { QueryStream } from './query-stream.js'
export type { GraphReader, GraphSnapshot } from './graph-reader.js'
export type { GraphTransaction, GraphWriter } from './graph-writer.js'
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
  Reached,
  TextHit,
  TextIndex,
  TextSearchOptions,
} from './graph-types.js'
export type { GraphSource, LoadEdge, LoadKey, LoadNode, LoadOptions, LoadProgress, LoadResult } from './graph-load.js'
export type { GraphMatch, MatchConditions } from './graph-match.js'
export type { PreparedQuery } from './graph-prepared.js'
export type {
  Aggregate,
  Comparison,
  Conditions,
  CypherText,
  HopOptions,
  Matched,
  MatchRef,
  NextTo,
  PathHopOptions,
  Selection,
  ShortestOptions,
} from './graph-match-types.js'
export type { Merged, MergeEdge, MergeEnd, MergeNode } from './graph-merge.js'
export type { EdgeSchema, GraphSchema, LabelSchema, PropertyType, PropertyTypes, SchemaTypes } from './graph-schema.js'
export type { Properties, PropertyValue } from './graph-value.js'
export type { StoreStatus } from './internal/lifecycle.js'
export type { KeyPart } from './tuple.js'
export type { Namespace, NamespaceOptions } from './namespace-types.js'
export type { Durability, Profile, StoreOptions, WorkOptions, WriteOptions } from './options.js'
export type { PublishOptions, SnapshotFileOptions } from './published.js'
export type { PutOptions, TtlOptions } from './put-options.js'
export type { Range, ScanOptions } from './range.js'
export type { AsyncScan, Scan } from './scan.js'
export type { Schema } from './schema.js'
export type { Reader, Snapshot } from './snapshot.js'
export { SledStore } from './store.js'
export type { Finding, NamespaceInfo, Published, Stats, VerifyReport, WorkProgress } from './report-types.js'
export type { Transaction, TransactionOptions } from './transaction.js'
export type { ValueSource } from './value-stream.js'
export type { Vectors } from './vector.js'
export type {
  AttributeType,
  Metric,
  VectorCoding,
  VectorElement,
  VectorOptions,
  VectorOutput,
  VectorsInfo,
} from './vector-options.js'
export type {
  AsyncVectorReader,
  AttributeFilter,
  AttributeValue,
  UpsertManyOptions,
  StoredVector,
  VectorEntry,
  VectorMatch,
  VectorReader,
  VectorSearch,
  VectorTransaction,
} from './vector-types.js'
