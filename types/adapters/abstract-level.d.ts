// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.
import {
  AbstractBatchOperation,
  AbstractBatchOptions,
  AbstractChainedBatch,
  AbstractChainedBatchWriteOptions,
  AbstractClearOptions,
  AbstractDatabaseOptions,
  AbstractDelOptions,
  AbstractIterator,
  AbstractIteratorOptions,
  AbstractKeyIterator,
  AbstractKeyIteratorOptions,
  AbstractLevel,
  AbstractOpenOptions,
  AbstractPutOptions,
  AbstractValueIterator,
  AbstractValueIteratorOptions,
} from 'abstract-level'
import { EventEmitter } from 'node:events'
import { SledStore, StoreOptions } from '../../index.js'

/** How a store is opened; the names are those of `SledStore.open`. */
interface OpenOptions
  extends AbstractOpenOptions, Pick<StoreOptions, 'insecureFolder' | 'memoryBudget' | 'profile' | 'tuning'> {
  /** As for `SledStore.open`; `true` is its default, `false` is `none`. */
  readonly compression?: boolean | NonNullable<StoreOptions['compression']>
  /** Worker threads of a process share a store always; `false` is refused. */
  readonly multithreading?: true
}
/** What a database is made with. */
interface DatabaseOptions<K, V> extends AbstractDatabaseOptions<K, V>, Omit<OpenOptions, 'passive'> {
  /** Namespace of the store that holds the entries, as `key.bytes` and `codec.bytes()`. Default: `level`. */
  readonly namespace?: string
}
/** How a write is answered. */
interface LevelWriteOptions {
  /** Answered at level `full`: on disk, whatever happens to the machine. Default: false, which is `os`. */
  readonly sync?: boolean
}
/** How far an iterator reads at once. */
interface LevelIteratorOptions {
  /** A `nextv` ends behind the row that reaches this many bytes. Default: 1 MiB. */
  readonly highWaterMarkBytes?: number
}
/** Options of the calls with both. */
type PutOptions<K, V> = AbstractPutOptions<K, V> & LevelWriteOptions
type DelOptions<K> = AbstractDelOptions<K> & LevelWriteOptions
type BatchOptions<K, V> = AbstractBatchOptions<K, V> & LevelWriteOptions
type ClearOptions<K> = AbstractClearOptions<K> & LevelWriteOptions
/** A chained batch whose end says how it is answered. */
interface ChainedBatch<D, K, V> extends AbstractChainedBatch<D, K, V> {
  write(): Promise<void>
  write(options: AbstractChainedBatchWriteOptions & LevelWriteOptions): Promise<void>
}
type AnyLevel<K, V> = AbstractLevel<string | Buffer | Uint8Array, K, V>
/**
 * An abstract-level database over a store. Errors have the codes of abstract-level and classic-level; their `cause` is the
 * store's error.
 */
interface SledLevel<KDefault = string, VDefault = string>
  extends Omit<AnyLevel<KDefault, VDefault>, 'hooks' | keyof EventEmitter>, EventEmitter {
  /** The folder as it was given, or that of the given store. */
  readonly location: string
  /** The store underneath, while the database is open: for `stats`, `compact`, `verify`, and other namespaces. */
  readonly store: SledStore
  /** Those of any database: theirs are invariant in the database, which would keep this one out of places that take any. */
  hooks: AnyLevel<KDefault, VDefault>['hooks']
  open(options?: OpenOptions): Promise<void>
  put(key: KDefault, value: VDefault): Promise<void>
  put<K = KDefault, V = VDefault>(key: K, value: V, options: PutOptions<K, V>): Promise<void>
  del(key: KDefault): Promise<void>
  del<K = KDefault>(key: K, options: DelOptions<K>): Promise<void>
  batch(operations: AbstractBatchOperation<AnyLevel<KDefault, VDefault>, KDefault, VDefault>[]): Promise<void>
  batch<K = KDefault, V = VDefault>(
    operations: AbstractBatchOperation<AnyLevel<KDefault, VDefault>, K, V>[],
    options: BatchOptions<K, V>,
  ): Promise<void>
  batch(): ChainedBatch<this, KDefault, VDefault>
  clear(): Promise<void>
  clear<K = KDefault>(options: ClearOptions<K>): Promise<void>
  iterator(): AbstractIterator<this, KDefault, VDefault>
  iterator<K = KDefault, V = VDefault>(
    options: AbstractIteratorOptions<K, V> & LevelIteratorOptions,
  ): AbstractIterator<this, K, V>
  keys(): AbstractKeyIterator<this, KDefault>
  keys<K = KDefault>(options: AbstractKeyIteratorOptions<K> & LevelIteratorOptions): AbstractKeyIterator<this, K>
  values(): AbstractValueIterator<this, KDefault, VDefault>
  values<K = KDefault, V = VDefault>(
    options: AbstractValueIteratorOptions<K, V> & LevelIteratorOptions,
  ): AbstractValueIterator<this, K, V>
}
/** The class of {@link SledLevel}. */
interface SledLevelClass {
  /**
   * Opens itself on the next tick, as every abstract-level database.
   *
   * @param location a folder; or an open store, which `close` then leaves open
   */
  new <K = string, V = string>(location: string | URL, options?: DatabaseOptions<K, V>): SledLevel<K, V>
  new <K = string, V = string>(
    store: SledStore,
    options?: AbstractDatabaseOptions<K, V> & Pick<DatabaseOptions<K, V>, 'namespace'>,
  ): SledLevel<K, V>
}
/**
 * An abstract-level database over a store.
 *
 * @example
 * ```ts
 * const db = new SledLevel('./data', { valueEncoding: 'json' })
 * await db.put('ann', { name: 'Ann' }, { sync: true })
 * for await (const [name, user] of db.iterator({ gte: 'a' })) greet(name, user)
 * await db.close()
 * ```
 */
declare const SledLevel: SledLevelClass
export {
  type ChainedBatch,
  type DatabaseOptions,
  type LevelIteratorOptions,
  type LevelWriteOptions,
  type OpenOptions,
  SledLevel,
  SledLevelClass,
}
