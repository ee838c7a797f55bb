/** One ranking of several: of a search for words and one for vectors, say. */
import { checkNumber, invalid } from './shared.js'

/** What a search has found, best first. */
export interface Ranked<K> {
  readonly id: K
  /** The larger, the better; only for `weighted`. Of a distance give its negative. */
  readonly score?: number
}

/** How rankings are fused. */
export interface FuseOptions {
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
export interface Fused<K> {
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
export function fuse<K>(lists: readonly (readonly Ranked<K>[])[], options: FuseOptions = {}): Fused<K>[] {
  const { by = 'rrf', weights = lists.map(() => 1) } = options
  const constant = checkNumber('constant', options.constant ?? 60, 0)
  const limit = checkNumber('limit', options.limit ?? Infinity, 0)
  if (by !== 'rrf' && by !== 'weighted') throw invalid(`by is rrf or weighted, not ${String(by)}`)
  if (weights.length !== lists.length) throw invalid(`there are ${lists.length} lists and ${weights.length} weights`)
  const scores = new Map<K, number>()
  lists.forEach((list, at) => {
    const weight = checkNumber('a weight', weights[at] as number, 0)
    const worth = by === 'rrf' ? (_: Ranked<K>, rank: number) => 1 / (constant + rank + 1) : stretched(list)
    const seen = new Set<K>()
    list.forEach((found, rank) => {
      if (seen.has(found.id)) return
      seen.add(found.id)
      scores.set(found.id, (scores.get(found.id) ?? 0) + weight * worth(found, rank))
    })
  })
  const fused = Array.from(scores, ([id, score]) => ({ id, score }))
  return fused.sort((a, b) => b.score - a.score).slice(0, limit)
}

/** Scores of a list, from 0 to 1. */
function stretched<K>(list: readonly Ranked<K>[]): (found: Ranked<K>) => number {
  const scoreOf = ({ id, score }: Ranked<K>): number => {
    if (typeof score === 'number' && Number.isFinite(score)) return score
    throw invalid(`what is fused by weighted scores has a finite score; that of ${String(id)} is ${String(score)}`)
  }
  let [worst, best] = [Infinity, -Infinity]
  for (const found of list) {
    worst = Math.min(worst, scoreOf(found))
    best = Math.max(best, scoreOf(found))
  }
  return (found) => (best === worst ? 1 : (scoreOf(found) - worst) / (best - worst))
}
