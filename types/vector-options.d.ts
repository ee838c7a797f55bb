// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.
import type { KeyCodec } from './codecs.js'
import type { Properties } from './graph-types.js'

/**
 * What "near" means: `cosine` the angle (distance is one minus the similarity, 0 to 2), `dot` the dot product (distance
 * is its negative), `l2` the straight line (distance is its length, not squared), `hamming` the number of bits that differ,
 * of the element `binary` alone.
 */
export type Metric = 'cosine' | 'dot' | 'l2' | 'hamming'
/**
 * What components are stored as: `f32`; `f16`, half the bytes, rounded to 11 significant bits, up to ±65,504; `i8`, whole
 * numbers from −128 to 127; `binary`, bits.
 */
export type VectorElement = 'f32' | 'f16' | 'i8' | 'binary'
/** How a vector comes out of an index: bits as bytes, eight in each, the first one highest. */
export type VectorOutput<E extends VectorElement> = E extends 'i8'
  ? Int8Array
  : E extends 'binary'
    ? Uint8Array
    : Float32Array
/**
 * How the graph keeps vectors in memory: `scalar8` a byte for each component, or four where a byte does not tell near vectors
 * apart, `binary` a bit, `product` a byte for each of `parts`. What is smaller tells less, so more stored vectors are read.
 */
export type VectorCoding = 'scalar8' | 'binary' | 'product'
/** What the values of a declared attribute are, beside null. `any` takes lists, maps and whatever else can be stored, too. */
export type AttributeType = 'string' | 'number' | 'boolean' | 'date' | 'bytes' | 'any'
/** The attributes of an index by name. A bigint is a number, too. */
type AttributeTypes<A> = {
  readonly [N in Extract<keyof A, string>]-?: 'any' | AttributeTypeOf<Exclude<A[N], null | undefined>>
}
type AttributeTypeOf<V> = V extends string
  ? 'string'
  : V extends number | bigint
    ? 'number'
    : V extends boolean
      ? 'boolean'
      : V extends Date
        ? 'date'
        : V extends Uint8Array
          ? 'bytes'
          : 'any'
/** What a vector index is opened with; the same as when it was created. */
export interface VectorOptions<K = string, E extends VectorElement = 'f32', A extends object = Properties> {
  /** Components of every vector, 1 to 16,000; of bits a multiple of 8. */
  readonly dimensions: number
  readonly metric: Metric
  /** What components are stored as. Default: `f32`. */
  readonly element?: E
  /** How the graph keeps vectors in memory. Default: `scalar8`; bits are kept as they are. */
  readonly coding?: VectorCoding
  /** Parts of the coding `product`, at most `dimensions`. Default: one for each four components. */
  readonly parts?: number
  /**
   * A name of what makes the vectors, kept with the index: opening it, or asking it, under another name is
   * `NAMESPACE_MISMATCH`. Left out, any index is opened.
   */
  readonly model?: string
  /**
   * The attributes that vectors may have, up to 200, which is kept with the index: other ones, and other values, are
   * `INVALID_ARGUMENT` for `upsert` and for filters. Opening the index with more of them adds these, with fewer or none
   * takes none away. Default: any attributes; a filter on one that no vector has lets none through.
   */
  readonly attributes?: AttributeTypes<A>
  /** How keys become ordered bytes. Default: `key.string`. */
  readonly key?: KeyCodec<K, unknown>
  /**
   * Keeps answers of searches through the graph until the next change of the index, in up to 4 MiB of the memory
   * budget; `stats().vectors` tells how often that was of use. Default: false.
   */
  readonly cacheResults?: boolean
}
/** A vector index as `store.vectorIndexes` lists it. */
export interface VectorsInfo {
  readonly name: string
  readonly dimensions: number
  readonly metric: Metric
  readonly element: VectorElement
  readonly coding: VectorCoding
  /** Of the coding `product`. */
  readonly parts?: number | undefined
  /**
   * What the codes in the graph are for the data there was when they were made, `exact` being the components themselves;
   * left out while there is no graph.
   */
  readonly codes?: VectorCoding | 'exact' | undefined
  readonly model?: string | undefined
  /** The attributes that were declared. */
  readonly attributes?: Readonly<Record<string, AttributeType>> | undefined
}
export {}
