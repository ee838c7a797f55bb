// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.
import type { AnyGraph, EdgePropertyOf, GraphTypes, LabelOf, TypeOf } from './graph-types.js'
import type { Snapshot } from './namespaces.js'

/** How far an algorithm is: edges read into memory, then edges looked at, about. */
export interface AlgorithmProgress {
  readonly phase: 'load' | 'run'
  readonly done: number
  /** All of them, where that is known. */
  readonly total: number | undefined
}
/** Which part of a graph an algorithm sees, and how it is followed and ended. */
export interface AlgorithmOptions<T extends GraphTypes = AnyGraph> {
  /** Labels of which a node must have one. */
  readonly labels?: LabelOf<T> | readonly LabelOf<T>[]
  /** Ids of nodes; others are left out. */
  readonly among?: number | readonly number[]
  /** Types of edges; others are left out. */
  readonly types?: TypeOf<T> | readonly TypeOf<T>[]
  /** The graph as it was when a snapshot was made. */
  readonly snapshot?: Snapshot
  /** Ends it with `ABORTED`. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: AlgorithmProgress) => void
}
/** Edges are followed as they point by default. */
export interface Directed {
  readonly direction?: 'out' | 'in' | 'both'
}
/** The property that weighs edges; those without such a finite number weigh 1. */
export interface Weighted<T extends GraphTypes = AnyGraph> {
  readonly weight?: EdgePropertyOf<T>
}
/** A value for each row; ids are numbers, too. */
export type Numbers = Float64Array
/** Lists of ids, each a part of one array. */
export type Lists = readonly Numbers[]
type Columns = Record<string, Numbers | Lists>
/** A row: a number or a list for each column. */
export type RowOf<C extends Columns> = { -readonly [K in keyof C]: C[K] extends Numbers ? number : Numbers }
/** What an algorithm gives: rows as columns, and a few numbers about all of them. */
export interface AlgorithmResult<C extends Columns, S extends object = object> extends Iterable<RowOf<C>> {
  /** How many rows there are. */
  readonly length: number
  readonly columns: Readonly<C>
  readonly summary: Readonly<S>
  /** The rows as objects. */
  toArray(): RowOf<C>[]
}
/** Paths: their nodes, the edges between them, and what these weigh together. */
export type Paths = AlgorithmResult<{
  nodes: Lists
  edges: Lists
  cost: Numbers
}>
/** Nodes and what it costs to reach them, cheapest first. */
export type Costs = AlgorithmResult<{
  node: Numbers
  cost: Numbers
}>
/** Nodes in the order in which they were reached, and how many edges led to them. */
export type Depths = AlgorithmResult<{
  node: Numbers
  depth: Numbers
}>
/** Nodes and their scores, by id. */
export type Scores<S extends object = object> = AlgorithmResult<
  {
    node: Numbers
    score: Numbers
  },
  S
>
/** Nodes and the number of their component. */
export type Components = AlgorithmResult<
  {
    node: Numbers
    component: Numbers
  },
  Parts
>
/** Nodes and the number of their community. */
export type Communities<S extends object = object> = AlgorithmResult<
  {
    node: Numbers
    community: Numbers
  },
  Parts & Readonly<S>
>
/** How many parts there are, and how many nodes the largest has. */
export interface Parts {
  readonly count: number
  readonly largest: number
}
/** Of a division into communities. */
export interface Modularity {
  readonly modularity: number
  readonly levels: number
}
/** Of PageRank: 1 where the tolerance was reached. */
export interface Iterations {
  readonly iterations: number
  readonly converged: number
}
export {}
