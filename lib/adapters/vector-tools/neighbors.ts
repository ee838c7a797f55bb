/** What follows from the nearest of each vector: outliers, duplicates, and edges between what is similar. */
import type { AsyncVectorReader, Graph, VectorElement, WorkOptions } from 'sledstore'
import { checkNumber, checkWhole, nodeIdOf, rowsOf, throwIfAborted, type Rows, type VectorRow } from './shared.js'

/** How many rows have been looked at. */
interface Looked {
  readonly rows: number
}

/** Which vectors are looked at, and how their neighbors are found. */
export interface NeighborhoodOptions<K> extends WorkOptions<Looked> {
  /** The vectors of the index that are looked at, each under its key. Default: all. */
  readonly rows?: Rows<VectorRow<K>>
  /** Compares each with every vector, so that no neighbor is missed. Default: false. */
  readonly exact?: boolean
  /** As of a search: more candidates miss fewer neighbors. */
  readonly ef?: number
}

/** The nearest of each row but the row itself, one row after the other, off this thread. */
async function* neighborhoods<A extends object, K>(
  vectors: AsyncVectorReader<A, K, VectorElement>,
  nearest: { readonly k: number; readonly maxDistance?: number },
  { rows = rowsOf(vectors), exact, ef, signal, onProgress }: NeighborhoodOptions<K>,
): AsyncGenerator<{ key: K; near: { id: K; distance: number }[] }> {
  const how = { include: [], ...(exact === undefined ? {} : { exact }), ...(ef === undefined ? {} : { ef }) }
  let looked = 0
  for await (const [key, vector] of rows) {
    throwIfAborted(signal)
    const found = await vectors.searchAsync({ vector, ...nearest, ...how, k: nearest.k + 1 })
    const near = found.filter(({ id }) => id !== key).slice(0, nearest.k)
    onProgress?.({ rows: ++looked })
    yield { key, near: near.map(({ id, distance }) => ({ id, distance })) }
  }
}

/** How outliers are looked for. */
export interface OutlierOptions<K> extends NeighborhoodOptions<K> {
  /** The mean distance to so many neighbors counts. Default: 10. */
  readonly k?: number
  /** At most so many are given. Default: 10. */
  readonly limit?: number
}

/** A vector far from all others. */
export interface Outlier<K> {
  readonly id: K
  /** Mean distance to its nearest neighbors. */
  readonly distance: number
}

/**
 * The vectors that are farthest from their nearest neighbors, farthest first; approximate in a graph, unless
 * `exact` is set.
 */
export async function outliers<A extends object, K extends string | number>(
  vectors: AsyncVectorReader<A, K, VectorElement>,
  options: OutlierOptions<K> = {},
): Promise<Outlier<K>[]> {
  const k = checkWhole('k', options.k ?? 10, 1)
  const limit = checkWhole('limit', options.limit ?? 10, 1)
  const found: Outlier<K>[] = []
  for await (const { key, near } of neighborhoods(vectors, { k }, options)) {
    if (near.length > 0)
      found.push({ id: key, distance: near.reduce((sum, one) => sum + one.distance, 0) / near.length })
  }
  return found.sort((a, b) => b.distance - a.distance).slice(0, limit)
}

/** How duplicates are looked for. */
export interface DuplicateOptions<K> extends NeighborhoodOptions<K> {
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
export async function duplicates<A extends object, K extends string | number>(
  vectors: AsyncVectorReader<A, K, VectorElement>,
  threshold: number,
  options: DuplicateOptions<K> = {},
): Promise<K[][]> {
  const maxDistance = checkNumber('threshold', threshold, -Infinity)
  const k = checkWhole('k', options.k ?? 100, 1)
  const parents = new Map<K, K>()
  const rootOf = (key: K): K => {
    let root = key
    for (let next = parents.get(root); next !== undefined && next !== root; next = parents.get(root)) root = next
    parents.set(key, root)
    return root
  }
  for await (const { key, near } of neighborhoods(vectors, { k, maxDistance }, options)) {
    for (const { id } of near) parents.set(rootOf(id), rootOf(key))
  }
  const groups = new Map<K, K[]>()
  for (const key of parents.keys()) {
    const root = rootOf(key)
    groups.set(root, [...(groups.get(root) ?? []), key])
  }
  return [...groups.values()].filter(({ length }) => length > 1)
}

/** How edges between similar nodes are made. */
export interface SimilarityOptions<K> extends NeighborhoodOptions<K> {
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
export async function similarityEdges<A extends object, K extends string | number>(
  graph: Graph,
  vectors: AsyncVectorReader<A, K, VectorElement>,
  options: SimilarityOptions<K>,
): Promise<number> {
  const { type, property = 'distance', maxDistance, nodeOf = Number, signal } = options
  const k = checkWhole('k', options.k, 1)
  const nearest = maxDistance === undefined ? { k } : { k, maxDistance }
  const nodeAt = (key: K): { id: number } => ({ id: nodeIdOf(key, nodeOf) })
  async function* edges() {
    for await (const { key, near } of neighborhoods(vectors, nearest, options)) {
      for (const { id, distance } of near)
        yield { type, source: nodeAt(key), target: nodeAt(id), properties: { [property]: distance } }
    }
  }
  const made = await graph.load({ edges: edges() }, signal === undefined ? {} : { signal })
  return made.edges
}
