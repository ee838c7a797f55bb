// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.
import type {
  AsyncVectorReader,
  AttributeFilter,
  UpsertManyOptions,
  VectorEntry,
  VectorTransaction,
} from './vector-types.js'
import type { Properties } from './graph-types.js'
import type { Snapshot, Transaction } from './namespaces.js'
import type { VectorElement, VectorOutput } from './vector-options.js'
import type { VectorInput } from './codecs.js'
import type { WriteOptions } from './options.js'

/**
 * Vectors under keys, with attributes, read as a {@link Namespace} is. `number[]` and `Float64Array` are
 * stored as f32.
 *
 * @example
 * ```ts
 * const words = store.vectors<{ pos: string }>('words', { dimensions: 3, metric: 'cosine' })
 * await words.upsert('whale', [0.1, 0.9, 0.2], { pos: 'noun' })
 * await words.upsert('swim', [0.2, 0.8, 0.3], { pos: 'verb' })
 * words.search({ vector: [0.1, 0.8, 0.2], k: 1, where: { pos: 'noun' } }) // [{ id: 'whale', distance: …, attributes: … }]
 * ```
 */
export interface Vectors<
  A extends object = Properties,
  K = string,
  E extends VectorElement = 'f32',
> extends AsyncVectorReader<A, K, E> {
  /** Stores a vector with its attributes, and replaces what was there. */
  upsert(key: K, vector: VectorInput | VectorOutput<E>, attributes?: A, options?: WriteOptions): Promise<void>
  /** Removes a vector; one that is missing is no error. */
  delete(key: K, options?: WriteOptions): Promise<void>
  /**
   * Removes the vectors whose attributes match, in one commit; gives how many. It is made again when the index was changed
   * meanwhile.
   *
   * @example
   * ```ts
   * await photos.deleteWhere({ year: { lt: 1990 } })
   * ```
   */
  deleteWhere(where: AttributeFilter<A>, options?: WriteOptions): Promise<number>
  /** Removes every vector. */
  clear(options?: WriteOptions): Promise<void>
  /**
   * Stores many vectors, in commits of half a megabyte; gives how many. When it fails, those of earlier commits stay.
   *
   * @example
   * ```ts
   * await words.upsertMany([['whale', vector, { pos: 'noun' }], ['swim', other]])
   * ```
   */
  upsertMany(
    entries: Iterable<VectorEntry<A, K, E>> | AsyncIterable<VectorEntry<A, K, E>>,
    options?: UpsertManyOptions,
  ): Promise<number>
  /**
   * Takes all changes into the graph that searches among many vectors go through, and leads its links away from
   * what was removed. That happens by itself, within a second for a few changes; this waits until it is done and durable.
   */
  compact(): Promise<void>
  /**
   * Checks every row of the index; what is broken, in a sentence each, and nothing for a sound index. A graph that is
   * broken is not used from then on, and is built anew.
   */
  verify(): Promise<string[]>
  /**
   * The index inside a transaction.
   *
   * @example
   * ```ts
   * await store.transaction((tx) => {
   *   tx.put(articles, 'whale', text)
   *   words.in(tx).upsert('whale', vector)
   * })
   * ```
   */
  in(transaction: Transaction): VectorTransaction<A, K, E>
  /** The index as it was when a snapshot was made. */
  at(snapshot: Snapshot): AsyncVectorReader<A, K, E>
}
export {}
