// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.
import type { AnyGraph, GraphTypes, LabelOf, NewNode, NodeFilter, TypeOf } from './graph-types.js'
import type { Entries } from '../index.js'
import type { WorkOptions, WriteOptions } from './options.js'

/** What edges of a load call a node by. */
export type LoadKey = string | number | bigint
/** A node to be loaded. */
export interface LoadNode<T extends GraphTypes = AnyGraph, L extends LabelOf<T> = LabelOf<T>> extends NewNode<T, L> {
  /** What edges of the load call it by; not stored. */
  readonly key?: LoadKey
}
/** An edge to be loaded. Its ends are keys of nodes of the load, or `{ id }` of nodes that the graph has. */
export interface LoadEdge<T extends GraphTypes = AnyGraph, K extends TypeOf<T> = TypeOf<T>> {
  readonly type: K
  readonly source:
    | LoadKey
    | {
        readonly id: number
      }
  readonly target:
    | LoadKey
    | {
        readonly id: number
      }
  readonly properties?: T['edges'][K]
}
/** What is loaded: nodes first, then edges. */
export interface GraphSource<T extends GraphTypes = AnyGraph> {
  readonly nodes?: Entries<{ [L in LabelOf<T>]: LoadNode<T, L> }[LabelOf<T>]>
  readonly edges?: Entries<{ [K in TypeOf<T>]: LoadEdge<T, K> }[TypeOf<T>]>
}
/** How far a load is. */
export interface LoadProgress {
  readonly nodes: number
  readonly edges: number
  /** Nodes and edges in a second so far. */
  readonly rate: number
}
/** How a load is answered, followed and ended. */
export interface LoadOptions extends WriteOptions, WorkOptions<LoadProgress> {}
/** What a load has made. Ids ascend without a gap, in the order of the load. */
export interface LoadResult {
  readonly nodes: number
  readonly edges: number
  /** The id of its first node. */
  readonly firstNode: number
  /** The id of its first edge. */
  readonly firstEdge: number
  readonly milliseconds: number
}
type Names<P> = (keyof P & string) | readonly (keyof P & string)[]
/** A node that is there once. */
export interface MergeNode<T extends GraphTypes = AnyGraph, L extends LabelOf<T> = LabelOf<T>> {
  readonly label: L
  /** The properties that tell it from others with the label. Default: the key of the schema. */
  readonly key?: Names<T['nodes'][L]>
  /** All of a new node; laid over those of one that is there. */
  readonly properties: T['nodes'][L]
}
/** A node at the end of an edge: its id, or its label and properties that no other has. */
export type MergeEnd<T extends GraphTypes = AnyGraph> =
  | number
  | { [L in LabelOf<T>]: Required<Pick<NodeFilter<T, L>, 'label' | 'where'>> }[LabelOf<T>]
/** An edge that is there once between two nodes. */
export interface MergeEdge<T extends GraphTypes = AnyGraph, K extends TypeOf<T> = TypeOf<T>> {
  readonly type: K
  readonly source: MergeEnd<T>
  readonly target: MergeEnd<T>
  /** Properties that tell it from others of the type between the two. Default: none, there is one of the type. */
  readonly key?: Names<T['edges'][K]>
  readonly properties?: T['edges'][K]
}
/** What became of a node or an edge. */
export interface Merged {
  readonly id: number
  /** Whether it was added. */
  readonly created: boolean
}
export {}
