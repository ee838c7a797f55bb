/**
 * The algorithms over a graph.
 */
import type {
  AlgorithmOptions,
  AlgorithmResult,
  Communities,
  Components,
  Costs,
  Depths,
  Directed,
  Iterations,
  Lists,
  Modularity,
  Numbers,
  Paths,
  Scores,
  Weighted,
} from './algorithms-results.js'
import type { AnyGraph, GraphTypes, NodePropertyOf } from './graph-types.js'

interface Between {
  readonly source: number
  readonly target: number
}

interface Search {
  readonly source: number | readonly number[]
  /** Over when this node is reached. */
  readonly target?: number
}

interface Ranked {
  /** Over after so many; 100 by default. */
  readonly iterations?: number
  /** The share of steps that follow an edge; 0.85 by default. */
  readonly damping?: number
  /** Over when all scores together change by no more, 1e-6 by default; 0 runs all iterations. */
  readonly tolerance?: number
}

/**
 * Algorithms over a graph, run away from the JavaScript thread. The first one loads the adjacency into memory, which is
 * kept current with commits and counted in the memory budget; the guide tells each one's source.
 *
 * @throws SledStoreError `INVALID_ARGUMENT` for what an algorithm cannot take, `NOT_FOUND` for a node that is not there,
 * `TOO_LARGE` where the graph has no room in the memory budget, `ABORTED`
 */
export interface GraphAlgorithms<T extends GraphTypes = AnyGraph> {
  /** Nodes by the number of edges that lead to them. */
  bfs(options: AlgorithmOptions<T> & Directed & Search & { readonly depth?: number }): Promise<Depths>
  /** Nodes in the order in which a depth-first search enters them. */
  dfs(options: AlgorithmOptions<T> & Directed & Search & { readonly depth?: number }): Promise<Depths>
  /** A cheapest path, or none; with the fewest edges where nothing weighs them. */
  shortestPath(options: AlgorithmOptions<T> & Directed & Weighted<T> & Between): Promise<Paths>
  /** What it costs at least to reach each node, where no edge weighs less than zero. */
  dijkstra(
    options: AlgorithmOptions<T> & Directed & Weighted<T> & Search & { readonly costMax?: number },
  ): Promise<Costs>
  /**
   * A cheapest path, led by properties with coordinates: in a plane, or degrees on the Earth. An edge over one unit, or
   * one meter, costs `costPerUnit` at least, 1 by default.
   */
  aStar(
    options: AlgorithmOptions<T> &
      Directed &
      Weighted<T> &
      Between &
      (
        | { readonly x: NodePropertyOf<T>; readonly y: NodePropertyOf<T> }
        | { readonly longitude: NodePropertyOf<T>; readonly latitude: NodePropertyOf<T> }
      ) & {
        readonly costPerUnit?: number
      },
  ): Promise<Paths>
  /** What it costs at least to reach each node, where edges may weigh less than zero; nodes by id. */
  bellmanFord(
    options: AlgorithmOptions<T> & Directed & Weighted<T> & { readonly source: number | readonly number[] },
  ): Promise<Costs>
  /** The `k` cheapest paths without a repeated node, 3 by default. */
  kShortestPaths(
    options: AlgorithmOptions<T> & Directed & Weighted<T> & Between & { readonly k?: number },
  ): Promise<Paths>
  /** Every path that is as cheap as the cheapest, at most `limit`, 1,000 by default. */
  allShortestPaths(
    options: AlgorithmOptions<T> & Directed & Weighted<T> & Between & { readonly limit?: number },
  ): Promise<
    AlgorithmResult<
      { nodes: Lists; edges: Lists; cost: Numbers },
      {
        /** How many there are; `null` where edges that weigh nothing leave that open. */
        readonly count: number | null
      }
    >
  >
  /** The edges of a minimum spanning forest, whichever way they point. */
  spanningTree(
    options?: AlgorithmOptions<T> & Weighted<T> & { readonly method?: 'kruskal' | 'prim' },
  ): Promise<
    AlgorithmResult<
      { edge: Numbers; source: Numbers; target: Numbers; weight: Numbers },
      { readonly weight: number; readonly trees: number }
    >
  >
  /** Connected components, whichever way edges point. */
  components(options?: AlgorithmOptions<T>): Promise<Components>
  /** Strongly connected components: nodes that reach each other. */
  strongComponents(options?: AlgorithmOptions<T>): Promise<Components>
  /** Nodes in an order in which every edge leads onward. */
  topologicalSort(options?: AlgorithmOptions<T>): Promise<AlgorithmResult<{ node: Numbers; position: Numbers }>>
  /** Where a walker is found who follows edges and now and then jumps anywhere, or to `sources`. */
  pageRank(
    options?: AlgorithmOptions<T> & Directed & Weighted<T> & Ranked & { readonly sources?: number | readonly number[] },
  ): Promise<Scores<Iterations>>
  /** PageRank seen from some nodes. */
  personalizedPageRank(
    options: AlgorithmOptions<T> & Directed & Weighted<T> & Ranked & { readonly sources: number | readonly number[] },
  ): Promise<Scores<Iterations>>
  /** How many edges a node has, and what they weigh together. */
  degree(
    options?: AlgorithmOptions<T> & Directed & Weighted<T>,
  ): Promise<AlgorithmResult<{ node: Numbers; degree: Numbers; weight: Numbers }>>
  /**
   * How close a node is to those it reaches: the inverse of their mean distance, times their share of all others unless
   * `byShare` is false; or the sum of the inverse distances.
   */
  closeness(
    options?: AlgorithmOptions<T> &
      Directed &
      Weighted<T> & {
        readonly harmonic?: boolean
        readonly byShare?: boolean
        readonly nodes?: number | readonly number[]
      },
  ): Promise<Scores>
  /** The share of shortest paths between others that lead through a node; exact unless `samples` is given. */
  betweenness(
    options?: AlgorithmOptions<T> &
      Directed &
      Weighted<T> & { readonly normalized?: boolean; readonly samples?: number; readonly seed?: number },
  ): Promise<Scores>
  /** Triangles that each node is part of, whichever way edges point. */
  triangleCount(
    options?: AlgorithmOptions<T>,
  ): Promise<AlgorithmResult<{ node: Numbers; triangles: Numbers }, { readonly total: number }>>
  /** Of the pairs of a node's neighbors the share that is joined. */
  clusteringCoefficient(
    options?: AlgorithmOptions<T>,
  ): Promise<
    AlgorithmResult<
      { node: Numbers; coefficient: Numbers },
      { readonly average: number; readonly global: number; readonly triangles: number }
    >
  >
  /** The largest k of whose k-core each node is part. */
  kCore(
    options?: AlgorithmOptions<T>,
  ): Promise<AlgorithmResult<{ node: Numbers; core: Numbers }, { readonly degeneracy: number }>>
  /** Communities by labels that spread to where most neighbors have them, in 100 rounds at most. */
  labelPropagation(
    options?: AlgorithmOptions<T> & Weighted<T> & { readonly rounds?: number; readonly seed?: number },
  ): Promise<Communities<{ readonly rounds: number; readonly settled: number }>>
  /** Communities of high modularity. Above a resolution of 1 they are smaller, below it larger. */
  louvain(
    options?: AlgorithmOptions<T> &
      Weighted<T> & {
        readonly resolution?: number
        readonly tolerance?: number
        readonly levels?: number
        readonly seed?: number
      },
  ): Promise<Communities<Modularity>>
  /** Communities of high modularity, each of them connected. */
  leiden(
    options?: AlgorithmOptions<T> &
      Weighted<T> & {
        readonly resolution?: number
        readonly rounds?: number
        readonly randomness?: number
        readonly seed?: number
      },
  ): Promise<Communities<Modularity>>
  /** Pairs of nodes whose neighbors are the same, for each node the `top` most similar first, 10 by default. */
  nodeSimilarity(
    options?: AlgorithmOptions<T> &
      Directed & {
        readonly metric?: 'jaccard' | 'overlap' | 'cosine'
        readonly top?: number
        readonly cutoff?: number
        readonly degreeMin?: number
        readonly nodes?: number | readonly number[]
      },
  ): Promise<AlgorithmResult<{ node: Numbers; other: Numbers; similarity: Numbers }>>
  /** Nodes without which a component falls apart, whichever way edges point. */
  articulationPoints(options?: AlgorithmOptions<T>): Promise<AlgorithmResult<{ node: Numbers }>>
  /** Edges without which a component falls apart, whichever way edges point. */
  bridges(options?: AlgorithmOptions<T>): Promise<AlgorithmResult<{ edge: Numbers; source: Numbers; target: Numbers }>>
  /** The most that can run from a source to a target, edges taking no more than their weight. */
  maxFlow(
    options: AlgorithmOptions<T> & Directed & Weighted<T> & Between,
  ): Promise<
    AlgorithmResult<{ edge: Numbers; source: Numbers; target: Numbers; flow: Numbers }, { readonly value: number }>
  >
  /** Random walks, of 80 nodes at most by default; those of node2vec with factors other than 1. */
  randomWalk(
    options?: AlgorithmOptions<T> &
      Directed &
      Weighted<T> & {
        readonly source?: number | readonly number[]
        readonly walks?: number
        readonly length?: number
        readonly returnFactor?: number
        readonly inOutFactor?: number
        readonly seed?: number
      },
  ): Promise<AlgorithmResult<{ nodes: Lists }>>
}
