/**
 * A store behind the interface of abstract-level 3, for everything that is made for it: the database as its user sees it.
 *
 * @packageDocumentation
 */
import type {
  AbstractBatchOperation,
  AbstractDatabaseOptions,
  AbstractIterator,
  AbstractIteratorOptions,
  AbstractKeyIterator,
  AbstractKeyIteratorOptions,
  AbstractLevel,
  AbstractValueIterator,
  AbstractValueIteratorOptions,
} from 'abstract-level'
import type { EventEmitter } from 'node:events'
import type { SledStore } from 'sledstore'
import { SledLevel as Database } from './abstract-level/database.js'
import type {
  BatchOptions,
  ChainedBatch,
  ClearOptions,
  DatabaseOptions,
  DelOptions,
  LevelIteratorOptions,
  OpenOptions,
  PutOptions,
} from './abstract-level/types.js'

export type {
  ChainedBatch,
  DatabaseOptions,
  LevelIteratorOptions,
  LevelWriteOptions,
  OpenOptions,
} from './abstract-level/types.js'

type AnyLevel<K, V> = AbstractLevel<string | Buffer | Uint8Array, K, V>

/**
 * An abstract-level database over a store. Errors have the codes of abstract-level and classic-level; their `cause` is the
 * store's error.
 */
export interface SledLevel<KDefault = string, VDefault = string>
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
export interface SledLevelClass {
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
export const SledLevel: SledLevelClass = Database as unknown as SledLevelClass
