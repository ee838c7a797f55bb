// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.
import type { Metric, VectorElement, VectorOutput } from './vector-options.js'
import type { Properties, PropertyValue } from './graph-types.js'
import type { VectorInput } from './codecs.js'
import type { WorkOptions, WriteOptions } from './options.js'

/** A vector to be stored under a key. */
export type VectorEntry<A, K, E extends VectorElement = 'f32'> = readonly [
  key: K,
  vector: VectorInput | VectorOutput<E>,
  attributes?: A | undefined,
]
/** A vector as it is stored. */
export interface StoredVector<A, E extends VectorElement = 'f32'> {
  readonly vector: VectorOutput<E>
  readonly attributes: A | undefined
}
/** A vector that was found. */
export interface VectorMatch<A, K, E extends VectorElement = 'f32'> {
  readonly id: K
  readonly distance: number
  readonly attributes: A | undefined
  /** Only where a search includes it. */
  readonly vector?: VectorOutput<E>
}
/** What attributes can be compared with: lists and maps cannot. */
export type AttributeValue = Exclude<PropertyValue, readonly PropertyValue[] | Properties>
/** Tests of an attribute, all of which it must pass. */
interface AttributeTests<V> {
  /** Greater or less than a number, a string or a date; values of other types do not match. */
  readonly gt?: V
  readonly gte?: V
  readonly lt?: V
  readonly lte?: V
  /** Equal to one of these. */
  readonly in?: readonly V[]
  /** A string that begins so. */
  readonly startsWith?: string
}
/**
 * Attributes and what they must all be: equal to a value, or passing tests. A vector without the attribute does not
 * match, nor does null for it.
 *
 * @example
 * ```ts
 * const where = { place: 'Rome', year: { gte: 1990, lt: 2000 }, $not: { kind: { in: ['map', 'plan'] } } }
 * ```
 */
export type AttributeFilter<A> = {
  readonly [N in keyof A]?: Extract<A[N], AttributeValue> | AttributeTests<Extract<A[N], AttributeValue>>
} & {
  /** Filters that must all match. */ readonly $and?: readonly AttributeFilter<A>[] /** Filters of which one must match. */
  readonly $or?: readonly AttributeFilter<A>[] /** A filter that must not match. */
  readonly $not?: AttributeFilter<A>
}
/** How a search was made. */
interface SearchPlan {
  /**
   * `graph`: along the graph's links; `matches`: by comparing those that match; `all`: by comparing all, as for a
   * function that refuses most of the nearest.
   */
  readonly way: 'all' | 'graph' | 'matches'
  /** Vectors in the graph; 0 where all were compared, as are the numbers below. */
  readonly vectors: number
  /** Those that match `where` and `keys`; what a function accepts of them is not known. */
  readonly matching: number
  /** Vectors whose changes the graph lacks, compared beside it. */
  readonly pending: number
  /** Candidates looked for. */
  readonly candidates: number
  /** Distances computed by codes. */
  readonly distances: number
  /** Vectors whose attributes were read one by one, or that a function was asked about. */
  readonly tested: number
}
/**
 * How neighbors are chosen that differ from each other, too: maximal marginal relevance, by Carbonell and Goldstein, 1998.
 */
interface Diversity {
  /** The weight of being near to the query, 0 to 1, against that of being far from those chosen before. Default: 0.5. */
  readonly lambda?: number
  /** Among how many of the nearest. Default: four for each neighbor. */
  readonly fetch?: number
}
/** What is searched for, and how. */
export interface VectorSearch<A, K, E extends VectorElement = 'f32'> {
  readonly vector: VectorInput | VectorOutput<E>
  /** How many. `Infinity`, with `maxDistance`, gives all that are so near. Default: 10. */
  readonly k?: number
  /**
   * Fewer than these are `INVALID_ARGUMENT`: as many as `k`, where all of them are needed. Default: 0, which takes as many as
   * there are.
   */
  readonly atLeast?: number
  /**
   * Conditions on attributes, compared on the way; or a function, asked about the nearest first. Each time a function has
   * refused too many of those it was asked about, every vector is compared again to find the next: where few pass, values
   * of attributes are much faster.
   */
  readonly where?: AttributeFilter<A> | ((attributes: A | undefined, id: K) => boolean)
  /** Only vectors under these keys. */
  readonly keys?: Iterable<K>
  /** Leaves out what is farther. */
  readonly maxDistance?: number
  /** Compares every vector, also where there is a graph. Default: false. */
  readonly exact?: boolean
  /**
   * How many candidates are looked at where there is a graph. More find more of the nearest, in about
   * as much more time. Below 40, or three for each neighbor, the search ends sooner, and misses more. Default: 160, or three
   * for each neighbor.
   */
  readonly ef?: number
  /** What is given beside key and distance. Default: `['attributes']`. */
  readonly include?: readonly ('attributes' | 'vector')[]
  /** Chooses neighbors that differ from each other, in that order. Not with a function as `where`. */
  readonly mmr?: Diversity
  /** What made the vector; `NAMESPACE_MISMATCH` where the index holds vectors of another model. */
  readonly model?: string
}
/** How `upsertMany` is followed and ended. */
export interface UpsertManyOptions
  extends
    WriteOptions,
    WorkOptions<{
      readonly rows: number
    }> {}
/** Reads a vector index at one moment: as it is now, as a snapshot has it, or as a transaction sees it. */
export interface VectorReader<A extends object = Properties, K = string, E extends VectorElement = 'f32'> {
  readonly name: string
  readonly dimensions: number
  readonly metric: Metric
  readonly element: VectorElement
  /** What makes the vectors, if the index was created with its name. */
  readonly model: string | undefined
  /** A vector and its attributes; `undefined` when it is missing. */
  get(key: K): StoredVector<A, E> | undefined
  /** Whether there is a vector under the key. */
  has(key: K): boolean
  /** How many vectors there are; it walks them. */
  count(): number
  /**
   * The nearest vectors, nearest first, equally near ones by key. Up to 2 MiB of vectors, and 10,000, every one is compared. Above, a graph
   * leads to the nearest, and may miss one of some hundred; `exact: true` misses none, nor does a search inside a
   * transaction. Distances are sums in f32, so that a vector's cosine distance from itself may be some 1e-7.
   *
   * @example
   * ```ts
   * words.search({ vector, k: 5, where: { pos: 'noun' } })
   * words.search({ vector, where: (attributes, id) => id !== 'whale', maxDistance: 0.4 })
   * words.search({ vector, maxDistance: 0.4, k: Infinity })
   * ```
   */
  search(search: VectorSearch<A, K, E>): VectorMatch<A, K, E>[]
  /**
   * The answers of several searches, made in one call at one moment; a function is no `where` here.
   *
   * @example
   * ```ts
   * const [ofFirst, ofSecond] = words.searchMany([{ vector: first, k: 3 }, { vector: second }])
   * ```
   */
  searchMany(searches: readonly VectorSearch<A, K, E>[]): VectorMatch<A, K, E>[][]
  /** Every vector with its key, by key, as they are when the walk begins; or those whose attributes match. */
  entries(options?: { readonly where?: AttributeFilter<A> }): IterableIterator<[K, StoredVector<A, E>]>
  /** Makes a search and tells how. */
  explain(search: VectorSearch<A, K, E>): SearchPlan
  /**
   * The vectors nearest to a stored one, which is left out.
   *
   * @throws `NOT_FOUND` when there is none under the key
   */
  similarTo(
    key: K,
    options?: Omit<VectorSearch<A, K, E>, 'vector' | 'atLeast' | 'mmr' | 'model'>,
  ): VectorMatch<A, K, E>[]
}
/** Reads a vector index, also on another thread; a function as `where` is called on this one. */
export interface AsyncVectorReader<
  A extends object = Properties,
  K = string,
  E extends VectorElement = 'f32',
> extends VectorReader<A, K, E> {
  getAsync(key: K): Promise<StoredVector<A, E> | undefined>
  countAsync(): Promise<number>
  searchAsync(search: VectorSearch<A, K, E>): Promise<VectorMatch<A, K, E>[]>
}
/**
 * A vector index inside a transaction: reads see its own changes, made as the methods of {@link Vectors} make them, which
 * take effect when it commits.
 */
export interface VectorTransaction<
  A extends object = Properties,
  K = string,
  E extends VectorElement = 'f32',
> extends VectorReader<A, K, E> {
  upsert(key: K, vector: VectorInput | VectorOutput<E>, attributes?: A): void
  delete(key: K): void
  deleteWhere(where: AttributeFilter<A>): number
  clear(): void
}
export {}
