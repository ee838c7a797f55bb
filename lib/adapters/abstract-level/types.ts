/**
 * Options, as the user of a database names them.
 */
import type {
  AbstractBatchOptions,
  AbstractChainedBatch,
  AbstractChainedBatchWriteOptions,
  AbstractClearOptions,
  AbstractDatabaseOptions,
  AbstractDelOptions,
  AbstractOpenOptions,
  AbstractPutOptions,
} from 'abstract-level'
import type { StoreOptions } from 'sledstore'

/** How a store is opened; the names are those of `SledStore.open`. */
export interface OpenOptions
  extends AbstractOpenOptions, Pick<StoreOptions, 'insecureFolder' | 'memoryBudget' | 'profile' | 'tuning'> {
  /** As for `SledStore.open`; `true` is its default, `false` is `none`. */
  readonly compression?: boolean | NonNullable<StoreOptions['compression']>
  /** Worker threads of a process share a store always; `false` is refused. */
  readonly multithreading?: true
}

/** What a database is made with. */
export interface DatabaseOptions<K, V> extends AbstractDatabaseOptions<K, V>, Omit<OpenOptions, 'passive'> {
  /** Namespace of the store that holds the entries, as `key.bytes` and `codec.bytes()`. Default: `level`. */
  readonly namespace?: string
}

/** How a write is answered. */
export interface LevelWriteOptions {
  /** Answered at level `full`: on disk, whatever happens to the machine. Default: false, which is `os`. */
  readonly sync?: boolean
}

/** How far an iterator reads at once. */
export interface LevelIteratorOptions {
  /** A `nextv` ends behind the row that reaches this many bytes. Default: 1 MiB. */
  readonly highWaterMarkBytes?: number
}

/** Options of the calls with both. */
export type PutOptions<K, V> = AbstractPutOptions<K, V> & LevelWriteOptions
export type DelOptions<K> = AbstractDelOptions<K> & LevelWriteOptions
export type BatchOptions<K, V> = AbstractBatchOptions<K, V> & LevelWriteOptions
export type ClearOptions<K> = AbstractClearOptions<K> & LevelWriteOptions

/** A chained batch whose end says how it is answered. */
export interface ChainedBatch<D, K, V> extends AbstractChainedBatch<D, K, V> {
  write(): Promise<void>
  write(options: AbstractChainedBatchWriteOptions & LevelWriteOptions): Promise<void>
}
