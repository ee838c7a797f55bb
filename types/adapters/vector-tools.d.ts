// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.
import {
  AnyGraph,
  AsyncVectorReader,
  Graph,
  GraphNode,
  GraphReader,
  GraphTypes,
  SledStore,
  VectorElement,
  VectorInput,
  VectorMatch,
  VectorReader,
  VectorSearch,
  Vectors,
  WorkOptions,
} from '../../index.js'

/** A vector under its key, as `upsertMany` takes it. */
type VectorRow<K, A = unknown> = readonly [key: K, vector: VectorInput, attributes?: A | undefined]
/** Where rows come from. */
type Rows<R> = Iterable<R> | AsyncIterable<R>
/** How far a clustering is. */
interface ClusterProgress {
  readonly iteration: number
  /** Rows that went to another cluster in it. */
  readonly moved: number
}
/** How clusters are made. */
interface ClusterOptions extends WorkOptions<ClusterProgress> {
  /** How many; no more than there are different vectors are made. */
  readonly k: number
  /** At most so many iterations; fewer when no row moves any more. Default: 25. */
  readonly iterations?: number
  /** The same seed and rows give the same clusters. Default: 1. */
  readonly seed?: number
  /** Compares directions, as the metric `cosine` does: every vector is taken at length one. Default: false. */
  readonly normalize?: boolean
}
/** What `cluster` has found. */
interface Clusters<K> {
  /** The mean of each cluster. */
  readonly centers: readonly Float32Array[]
  /** The keys of each, in the order of the rows. */
  readonly members: readonly (readonly K[])[]
  /** Sum of the squared distances of all rows from the centers of their clusters. */
  readonly inertia: number
  readonly iterations: number
}
/**
 * Puts vectors into `k` clusters: those of an index, or rows from anywhere. All are held in memory. 10,000 vectors of 100
 * dimensions and 10 clusters take one to three seconds.
 *
 * @example
 * ```ts
 * const { members } = await cluster(photos, { k: 8 }) // or of rows: [key, vector]
 * ```
 * @throws SledStoreError `INVALID_ARGUMENT` for no rows, different dimensions, a binary index; `ABORTED`
 */
declare function cluster<K>(
  rows: Rows<VectorRow<K>> | VectorReader<object, K, VectorElement>,
  options: ClusterOptions,
): Promise<Clusters<K>>
/** How texts become vectors. */
interface EmbedderOptions {
  /** Gives a vector for each text, in their order. */
  readonly embed: (texts: string[]) => Promise<readonly Float32Array[]>
  readonly dimensions: number
  /** Names what computes the vectors: another model has other ones. */
  readonly model: string
  /** At most so many texts are given to `embed` at once. Default: 64. */
  readonly batch?: number
  /** Name of the namespace that keeps the vectors. Default: `embeddings`. */
  readonly name?: string
}
/** Gives vectors of texts. */
type Embedder = (texts: Iterable<string>) => Promise<Float32Array[]>
/**
 * Makes a function from texts to vectors that asks `embed` for what the store does not hold yet, each different text once.
 * What `embed` has answered is kept, also when a later call of it fails.
 *
 * @example
 * ```ts
 * const embed = embedder(store, { embed: model.embed, dimensions: 384, model: 'all-MiniLM-L6-v2' })
 * const [vector] = await embed(['a large animal of the sea'])
 * ```
 */
declare function embedder(store: SledStore, options: EmbedderOptions): Embedder
/** What a search has found, best first. */
interface Ranked<K> {
  readonly id: K
  /** The larger, the better; only for `weighted`. Of a distance give its negative. */
  readonly score?: number
}
/** How rankings are fused. */
interface FuseOptions {
  /**
   * `rrf`: reciprocal-rank fusion (Cormack, Clarke and Büttcher, 2009), which looks at ranks alone. `weighted`: scores, of
   * each list stretched from 0 for its worst to 1 for its best. Default: `rrf`.
   */
  readonly by?: 'rrf' | 'weighted'
  /** How much each list counts, in their order. Default: 1 each. */
  readonly weights?: readonly number[]
  /** Added to each rank: the larger, the less the first ranks stand out. Of `rrf`; default: 60. */
  readonly constant?: number
  /** At most so many are given. Default: all. */
  readonly limit?: number
}
/** Something of a fused ranking. */
interface Fused<K> {
  readonly id: K
  readonly score: number
}
/**
 * Fuses rankings to one, best first; equally good ones in the order in which they were found first. What a list has twice
 * counts once in it, with its better rank.
 *
 * @example
 * ```ts
 * const texts = graph.searchText('articles', 'whale').map(({ node, score }) => ({ id: node.id, score }))
 * const near = vectors.search({ vector: query }).map(({ id, distance }) => ({ id, score: -distance }))
 * fuse([texts, near], { weights: [1, 2], limit: 10 })
 * ```
 */
declare function fuse<K>(lists: readonly (readonly Ranked<K>[])[], options?: FuseOptions): Fused<K>[]
/** What is searched for, and how the rankings are fused. */
interface HybridSearch<A, K> extends Omit<FuseOptions, 'weights'> {
  /** Of a full-text index. */
  readonly text: {
    readonly index: string
    readonly query: string
  }
  /** Of the vector index. */
  readonly near: Omit<VectorSearch<A, K>, 'k'>
  /** Default: 1 each. */
  readonly weights?: readonly [text: number, near: number]
  /** How many of each ranking are fused. Default: 100. */
  readonly fetch?: number
  /** The node of a vector. Default: the key itself. */
  readonly nodeOf?: (key: K) => number
}
/** A node that was found. */
interface HybridMatch<T extends GraphTypes, A, K> {
  /** Of the node. */
  readonly id: number
  /** Of the fused ranking. */
  readonly score: number
  /** Where its words were found. */
  readonly text?: {
    readonly node: GraphNode<T>
    readonly score: number
  }
  /** Where its vector was found. */
  readonly near?: VectorMatch<A, K>
}
/**
 * Searches a graph by words and by vectors and fuses the two rankings to one, best first; `limit` is 10 where nothing is said.
 * Given both at one snapshot, or in one transaction, it sees one moment.
 *
 * @example
 * ```ts
 * const found = hybridSearch(graph, vectors, { text: { index: 'texts', query: 'whale' }, near: { vector } })
 * ```
 * @throws SledStoreError `NOT_FOUND` when there is no such full-text index, `INVALID_ARGUMENT`
 */
declare function hybridSearch<A extends object, K, T extends GraphTypes = AnyGraph>(
  graph: GraphReader<T>,
  vectors: VectorReader<A, K>,
  search: HybridSearch<A, K>,
): HybridMatch<T, A, K>[]
/** How far an import is. */
interface ImportProgress {
  /** Rows that are committed. */
  readonly rows: number
  /** Of them in a second. */
  readonly rate: number
}
/** How an import is made. */
interface ImportOptions extends WorkOptions<ImportProgress> {
  /** Rows of a commit: all of them or none. Default: 1,000. */
  readonly step?: number
}
/** An import that has failed; its `cause` says why. */
declare class ImportError extends Error {
  /** Rows that are in: so many of the first, and none behind them. */
  readonly rows: number
  constructor(rows: number, cause: unknown)
}
/**
 * Imports rows from an iterable or an async one, step by step; gives how many.
 *
 * @example
 * ```ts
 * await importVectors(store, words, rows, { onProgress: ({ rows, rate }) => show(rows, rate) })
 * ```
 * @throws ImportError whose `rows` says exactly what is in
 */
declare function importVectors<A extends object, K>(
  store: SledStore,
  vectors: Vectors<A, K>,
  rows: Rows<VectorRow<K, A>>,
  options?: ImportOptions,
): Promise<number>
/** How many rows have been looked at. */
interface Looked {
  readonly rows: number
}
/** Which vectors are looked at, and how their neighbors are found. */
interface NeighborhoodOptions<K> extends WorkOptions<Looked> {
  /** The vectors of the index that are looked at, each under its key. Default: all. */
  readonly rows?: Rows<VectorRow<K>>
  /** Compares each with every vector, so that no neighbor is missed. Default: false. */
  readonly exact?: boolean
  /** As of a search: more candidates miss fewer neighbors. */
  readonly ef?: number
}
/** How outliers are looked for. */
interface OutlierOptions<K> extends NeighborhoodOptions<K> {
  /** The mean distance to so many neighbors counts. Default: 10. */
  readonly k?: number
  /** At most so many are given. Default: 10. */
  readonly limit?: number
}
/** A vector far from all others. */
interface Outlier<K> {
  readonly id: K
  /** Mean distance to its nearest neighbors. */
  readonly distance: number
}
/**
 * The vectors that are farthest from their nearest neighbors, farthest first; approximate in a graph, unless
 * `exact` is set.
 */
declare function outliers<A extends object, K extends string | number>(
  vectors: AsyncVectorReader<A, K, VectorElement>,
  options?: OutlierOptions<K>,
): Promise<Outlier<K>[]>
/** How duplicates are looked for. */
interface DuplicateOptions<K> extends NeighborhoodOptions<K> {
  /** Of each vector so many neighbors are looked at. Default: 100. */
  readonly k?: number
}
/**
 * Groups of vectors that are the same, or nearly so: in a group there is a way from each to each by steps of the threshold.
 * Approximate in a graph, unless `exact` is set.
 *
 * @param threshold vectors that are no farther apart count as the same
 * @example
 * ```ts
 * const groups = await duplicates(photos, 0.01)
 * ```
 */
declare function duplicates<A extends object, K extends string | number>(
  vectors: AsyncVectorReader<A, K, VectorElement>,
  threshold: number,
  options?: DuplicateOptions<K>,
): Promise<K[][]>
/** How edges between similar nodes are made. */
interface SimilarityOptions<K> extends NeighborhoodOptions<K> {
  /** Of each node so many edges at most. */
  readonly k: number
  /** Type of the edges. */
  readonly type: string
  /** The property of an edge that holds the distance. Default: `distance`. */
  readonly property?: string
  /** No edge to what is farther. */
  readonly maxDistance?: number
  /** The id of the node that a vector belongs to. Default: the key itself, which is a number then. */
  readonly nodeOf?: (key: K) => number
}
/**
 * Makes the k-nearest-neighbor graph of vectors: an edge from the node of each row to the nodes of its nearest, in one
 * commit; gives how many. When it fails or is ended, no edge is there. The edges may take half the memory budget.
 * Approximate in a graph, unless `exact` is set.
 *
 * @example
 * ```ts
 * await similarityEdges(graph, vectors, { k: 5, type: 'SIMILAR' })
 * ```
 * @throws SledStoreError `NOT_FOUND` when a node is missing, `TOO_LARGE`, `ABORTED`
 */
declare function similarityEdges<A extends object, K extends string | number>(
  graph: Graph,
  vectors: AsyncVectorReader<A, K, VectorElement>,
  options: SimilarityOptions<K>,
): Promise<number>
export {
  type ClusterOptions,
  type ClusterProgress,
  type Clusters,
  type DuplicateOptions,
  type Embedder,
  type EmbedderOptions,
  type FuseOptions,
  type Fused,
  type HybridMatch,
  type HybridSearch,
  ImportError,
  type ImportOptions,
  type ImportProgress,
  type NeighborhoodOptions,
  type Outlier,
  type OutlierOptions,
  type Ranked,
  type SimilarityOptions,
  type VectorRow,
  cluster,
  duplicates,
  embedder,
  fuse,
  hybridSearch,
  importVectors,
  outliers,
  similarityEdges,
}
