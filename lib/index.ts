/**
 * SledStore: an embedded database for Node.
 *
 * @packageDocumentation
 */
export type { Batch, Writer } from './batch.js'
export type { BulkLoadOptions } from './bulk-load.js'
export { codec } from './codec.js'
export type { Codec, CustomCodec, ValueInputOf, ValueOf, ValueWriter } from './codec.js'
export { errorCodes, SledStoreError } from './errors.js'
export type { ErrorClass, ErrorCode, SchemaIssue } from './errors.js'
export type { StoreStatus } from './internal/lifecycle.js'
export { key } from './key-codec.js'
export type { KeyCodec, KeyOf, KeyPart, PrefixOf } from './key-codec.js'
export type { Namespace, NamespaceOptions } from './namespace.js'
export type { Durability, Profile, StoreOptions, WorkOptions, WriteOptions } from './options.js'
export type { AsyncScan, Range, Scan, ScanOptions } from './scan.js'
export type { Schema } from './schema.js'
export type { Reader, Snapshot } from './snapshot.js'
export { SledStore } from './store.js'
export type { CompactProgress, NamespaceInfo, Stats, VerifyReport } from './store.js'
export type { Transaction, TransactionOptions } from './transaction.js'
