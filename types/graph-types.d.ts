// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.
import type { Encoded } from './temporal.js'

/** What a property can hold. A whole number is stored as an integer of 64 bits; beyond 2⁵³ integers are bigints. */
export type PropertyValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Date
  | Uint8Array
  | Float32Array
  | Encoded
  | readonly PropertyValue[]
  | {
      readonly [name: string]: PropertyValue | undefined
    }
/** Properties by name. One that is `null` or `undefined` is a property that is not there. */
export interface Properties {
  readonly [name: string]: PropertyValue | undefined
}
/**
 * The labels and edge types of a graph, each with its properties; only for the compiler.
 *
 * @example
 * ```ts
 * interface People {
 *   nodes: { Person: { name: string; age?: number } }
 *   edges: { KNOWS: { since: number } }
 * }
 * const people = store.graph<People>('people')
 * ```
 */
export interface GraphTypes {
  readonly nodes: object
  readonly edges: object
}
/** A graph whose labels and types are not told to the compiler. */
export interface AnyGraph {
  readonly nodes: Readonly<Record<string, Properties>>
  readonly edges: Readonly<Record<string, Properties>>
}
/** Which way edges are followed. */
export type Direction = 'out' | 'in' | 'both'
/** The labels of a graph. */
export type LabelOf<T extends GraphTypes> = keyof T['nodes'] & string
/** The edge types of a graph. */
export type TypeOf<T extends GraphTypes> = keyof T['edges'] & string
type Both<U> = (U extends unknown ? (u: U) => void : never) extends (u: infer I) => void ? I : never
type NamesOf$1<U> = U extends unknown ? keyof U : never
/** The names of the properties that nodes of a graph have, whatever their labels. */
export type NodePropertyOf<T extends GraphTypes> = NamesOf$1<T['nodes'][LabelOf<T>]> & string
/** The names of the properties that edges of a graph have, whatever their types. */
export type EdgePropertyOf<T extends GraphTypes> = NamesOf$1<T['edges'][TypeOf<T>]> & string
type IndexedOf<T extends GraphTypes> = NodePropertyOf<T> | EdgePropertyOf<T>
/** Of several kinds of objects: every property that one of them has. */
type AnyOf<U> = { readonly [K in NamesOf$1<U>]?: U extends { readonly [P in K]?: infer V } ? V : never }
/** Of an object: the same properties, each of which may be `null`, which means that it is missing. */
type Nullable<P> = { readonly [K in keyof P]?: P[K] | null | undefined }
/** A node as it was when it was read. */
export interface GraphNode<T extends GraphTypes = AnyGraph, L extends LabelOf<T> = LabelOf<T>> {
  readonly id: number
  readonly labels: readonly LabelOf<T>[]
  readonly properties: T['nodes'][L]
}
/** An edge as it was when it was read; `source` and `target` are the nodes it starts and ends at. */
export type GraphEdge<T extends GraphTypes = AnyGraph, K extends TypeOf<T> = TypeOf<T>> = K extends unknown
  ? {
      readonly id: number
      readonly type: K
      readonly source: number
      readonly target: number
      readonly properties: T['edges'][K]
    }
  : never
/** A node to be added. */
export interface NewNode<T extends GraphTypes = AnyGraph, L extends LabelOf<T> = LabelOf<T>> {
  readonly labels?: L | readonly L[]
  readonly properties?: Both<T['nodes'][L]>
}
/** An edge to be added. */
export interface NewEdge<T extends GraphTypes = AnyGraph, K extends TypeOf<T> = TypeOf<T>> {
  readonly type: K
  readonly source: number
  readonly target: number
  readonly properties?: T['edges'][K]
}
/** What is changed about a node. */
export interface NodeUpdate<T extends GraphTypes = AnyGraph, L extends LabelOf<T> = LabelOf<T>> {
  /** Properties that are set; one that is `null` is removed, the others stay. */
  readonly properties?: Nullable<AnyOf<T['nodes'][L]>>
  /** Whether the properties that are not named are removed. Default: false. */
  readonly replace?: boolean
  /** Labels it gets. */
  readonly addLabels?: LabelOf<T> | readonly LabelOf<T>[]
  /** Labels it loses. */
  readonly removeLabels?: LabelOf<T> | readonly LabelOf<T>[]
}
/** What is changed about an edge, as about a node. */
export interface EdgeUpdate<T extends GraphTypes = AnyGraph, K extends TypeOf<T> = TypeOf<T>> {
  readonly properties: Nullable<AnyOf<T['edges'][K]>>
  readonly replace?: boolean
}
/** Which nodes are meant. */
export interface NodeFilter<T extends GraphTypes = AnyGraph, L extends LabelOf<T> = LabelOf<T>> {
  /** A label they have. */
  readonly label?: L
  /** Properties they have with these values; `null` asks for nodes without the property. */
  readonly where?: Nullable<T['nodes'][L]>
}
/** Which nodes are meant, and how many. */
export interface FindOptions<T extends GraphTypes = AnyGraph, L extends LabelOf<T> = LabelOf<T>> extends NodeFilter<
  T,
  L
> {
  /** At most this many. */
  readonly limit?: number
}
/** Which edges are followed. */
export interface EdgeFilter<T extends GraphTypes = AnyGraph> {
  /** Which way. Default: `out`. */
  readonly direction?: Direction
  /** Of this type, or one of these. Default: all. */
  readonly type?: TypeOf<T> | readonly TypeOf<T>[]
}
/** Which edges are followed, and to which neighbors. */
export interface NeighborFilter<T extends GraphTypes = AnyGraph, L extends LabelOf<T> = LabelOf<T>>
  extends EdgeFilter<T>, FindOptions<T, L> {}
/** A neighbor and the edge that leads to it. */
export interface Neighbor<T extends GraphTypes = AnyGraph, L extends LabelOf<T> = LabelOf<T>> {
  readonly node: GraphNode<T, L>
  readonly edge: GraphEdge<T>
}
/** Which edges a path may take. */
export interface PathOptions<T extends GraphTypes = AnyGraph> extends EdgeFilter<T> {
  /** At most this many edges. */
  readonly maxDepth?: number
}
/** Which edges an expansion takes, and how far it goes. */
export interface ExpandOptions<T extends GraphTypes = AnyGraph> extends PathOptions<T> {
  /** At most this many nodes. */
  readonly limit?: number
}
/** A walk through the graph: one node more than edges. */
export interface Path<T extends GraphTypes = AnyGraph> {
  readonly nodes: readonly GraphNode<T>[]
  readonly edges: readonly GraphEdge<T>[]
}
/** A node that an expansion has reached. */
export interface Reached {
  readonly id: number
  /** Edges of the shortest path to it. */
  readonly depth: number
}
/** An index or constraint to be created: over nodes with a label or all nodes, or over edges of a type. */
export interface NewIndex<T extends GraphTypes = AnyGraph> {
  /** What it is dropped by. Default: one is chosen. */
  readonly name?: string
  /** Covers the nodes with this label. */
  readonly label?: LabelOf<T>
  /** Covers the edges of this type. */
  readonly type?: TypeOf<T>
  /** The property, or several in the order in which they are looked up. */
  readonly property: IndexedOf<T> | readonly IndexedOf<T>[]
  /** Whether two of them may not share their values. Default: false. */
  readonly unique?: boolean
  /** Whether each must have the properties; without `unique` nothing is found by it. Default: false. */
  readonly required?: boolean
}
/** A full-text index to be created: over nodes with one of some labels, or edges of one of some types. */
export interface TextIndex<T extends GraphTypes = AnyGraph> {
  /** What it is searched and dropped by. */
  readonly name: string
  readonly label?: LabelOf<T> | readonly LabelOf<T>[]
  readonly type?: TypeOf<T> | readonly TypeOf<T>[]
  /** The properties whose strings are read, also those in lists. */
  readonly property: IndexedOf<T> | readonly IndexedOf<T>[]
  /** How much a word's further occurrences add. Default: 1.2. */
  readonly k1?: number
  /** How much long texts are held back, from 0 to 1. Default: 0.75. */
  readonly b?: number
  /** Words that are not found. Default: none. */
  readonly stopWords?: readonly string[]
}
/** Which of the matches are given. */
export interface TextSearchOptions {
  /** At most this many, the best first. */
  readonly limit?: number
  /** Without the best so many. Default: 0. */
  readonly skip?: number
}
/** A node whose text matches, and how well. */
export interface TextHit<T extends GraphTypes = AnyGraph, L extends LabelOf<T> = LabelOf<T>> {
  readonly node: GraphNode<T, L>
  /** Comparable with the other scores of the same search. */
  readonly score: number
}
/** An edge whose text matches, and how well. */
export interface EdgeTextHit<T extends GraphTypes = AnyGraph, K extends TypeOf<T> = TypeOf<T>> {
  readonly edge: GraphEdge<T, K>
  readonly score: number
}
/** An index over a property. */
export interface GraphIndex<T extends GraphTypes = AnyGraph> {
  /** Covers the nodes with this label; all nodes without one. */
  readonly label?: LabelOf<T>
  readonly property: IndexedOf<T>
  /** Whether two of them may not share a value. Default: false. */
  readonly unique?: boolean
}
/** An index or a constraint. */
export interface GraphIndexInfo<T extends GraphTypes = AnyGraph> {
  /** What openCypher drops it by. */
  readonly name: string
  readonly on: 'nodes' | 'edges'
  /** The label, or of edges the type; all of them without one. */
  readonly label?: LabelOf<T> | TypeOf<T>
  readonly properties: readonly string[]
  /**
   * `range` finds values; with `unique` none is shared; with `existence` each must be there; `key` is both; `fulltext`
   * finds words.
   */
  readonly kind: 'range' | 'unique' | 'existence' | 'key' | 'fulltext'
  /** Whether it is still being built. */
  readonly isBuilding: boolean
}
/** What a graph has, at one moment. */
export interface GraphDescription<T extends GraphTypes = AnyGraph> {
  readonly nodes: number
  readonly edges: number
  /** Nodes by label. */
  readonly labels: Readonly<Partial<Record<LabelOf<T>, number>>>
  /** Edges by type. */
  readonly types: Readonly<Partial<Record<TypeOf<T>, number>>>
  readonly indexes: readonly GraphIndexInfo<T>[]
}
export {}
