/** Words and vectors in one search: the ranking of a full-text index and that of a vector index, fused. */
import type { AnyGraph, GraphNode, GraphReader, GraphTypes, VectorMatch, VectorReader, VectorSearch } from 'sledstore'
import { fuse, type FuseOptions, type Ranked } from './fuse.js'
import { checkWhole, invalid, nodeIdOf } from './shared.js'

/** What is searched for, and how the rankings are fused. */
export interface HybridSearch<A, K> extends Omit<FuseOptions, 'weights'> {
  /** Of a full-text index. */
  readonly text: { readonly index: string; readonly query: string }
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
export interface HybridMatch<T extends GraphTypes, A, K> {
  /** Of the node. */
  readonly id: number
  /** Of the fused ranking. */
  readonly score: number
  /** Where its words were found. */
  readonly text?: { readonly node: GraphNode<T>; readonly score: number }
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
export function hybridSearch<A extends object, K, T extends GraphTypes = AnyGraph>(
  graph: GraphReader<T>,
  vectors: VectorReader<A, K>,
  search: HybridSearch<A, K>,
): HybridMatch<T, A, K>[] {
  const { text, near, fetch = 100, limit = 10, nodeOf = Number, ...how } = search
  checkWhole('fetch', fetch, 1)
  if (typeof text !== 'object' || typeof near !== 'object')
    throw invalid('a search takes text: { index, query }, and near: { vector }')
  const byText = new Map(graph.searchText(text.index, text.query, { limit: fetch }).map((hit) => [hit.node.id, hit]))
  const byVector = new Map<number, VectorMatch<A, K>>()
  for (const match of vectors.search({ ...near, k: fetch })) {
    const id = nodeIdOf(match.id, nodeOf)
    if (!byVector.has(id)) byVector.set(id, match)
  }
  const lists: Ranked<number>[][] = [
    Array.from(byText, ([id, { score }]) => ({ id, score })),
    Array.from(byVector, ([id, { distance }]) => ({ id, score: -distance })),
  ]
  return fuse(lists, { ...how, limit }).map((found) => {
    const [ofText, ofVector] = [byText.get(found.id), byVector.get(found.id)]
    return { ...found, ...(ofText && { text: ofText }), ...(ofVector && { near: ofVector }) }
  })
}
