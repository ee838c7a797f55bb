// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.
import type { AnyGraph, Direction, GraphTypes, LabelOf, PropertyValue, TypeOf } from './graph-types.js'
import type { Kind } from './graph-schema.js'
import type { QueryNode, QueryPath, QueryRelationship, QueryValue } from './queries.js'
import type { QueryTyped } from './temporal.js'

/** A node of a pattern, by what it is and which properties it has. */
export interface MatchedNode<P> {
  readonly kind: 'node'
  readonly properties: P
}
/** An edge of a pattern. */
export interface MatchedEdge<P> {
  readonly kind: 'edge'
  readonly properties: P
}
/** The edges of a hop of several, in their order. */
export interface MatchedEdges<P> {
  readonly kind: 'edges'
  readonly properties: P
}
/** A shortest path of a pattern. */
export interface MatchedPath {
  readonly kind: 'path'
  readonly properties: object
}
/** The named parts of a pattern; those of an optional one are also `{ optional: true }`. */
export type Matched = Readonly<
  Record<string, MatchedNode<object> | MatchedEdge<object> | MatchedEdges<object> | MatchedPath>
>
/** The names of the parts of a kind. */
export type PartOf<A extends Matched, Kind extends string> = {
  [K in keyof A & string]: A[K]['kind'] extends Kind ? K : never
}[keyof A & string]
/** The parts there were, and those of an optional pattern, which may be missing. */
export type WithOptional<A extends Matched, B extends Matched> = {
  readonly [K in keyof B]: K extends keyof A
    ? B[K]
    : B[K] & {
        readonly optional: true
      }
} extends infer C extends Matched
  ? C
  : never
type NamesOf<U> = U extends unknown ? keyof U : never
/** Of several kinds of objects: every property that one of them has, which may be missing where another has none. */
type AnyProperties<U> = Pick<U, keyof U> & {
  readonly [K in Exclude<NamesOf<U>, keyof U>]?: U extends { readonly [P in K]?: infer V } ? V : never
}
/** The properties of a node with one of these labels. */
export type NodeProperties<T extends GraphTypes, L extends LabelOf<T>> = AnyProperties<T['nodes'][L]>
/** The properties of an edge of one of these types. */
export type EdgeProperties<T extends GraphTypes, K extends TypeOf<T>> = AnyProperties<T['edges'][K]>
/** The labels at the other end of a hop. */
export type LabelAt<T extends GraphTypes, K extends TypeOf<T>, D extends Direction> = T extends {
  readonly ends: infer E
}
  ? K extends keyof E
    ? E[K] extends {
        readonly from: infer F
        readonly to: infer G
      }
      ? (D extends 'out' ? G : D extends 'in' ? F : F | G) & LabelOf<T>
      : LabelOf<T>
    : LabelOf<T>
  : LabelOf<T>
/** What a query gives of a value that was stored. */
type Given$1<V> = V extends Date ? QueryTyped : V
type PropertyRef<A extends Matched> = {
  [K in PartOf<A, 'node' | 'edge'>]: `${K}.${keyof A[K]['properties'] & string}`
}[PartOf<A, 'node' | 'edge'>]
/** A part of the pattern by its name, or a property of one: `'person'`, `'person.name'`. */
export type MatchRef<A extends Matched> = (keyof A & string) | PropertyRef<A>
/** What is counted or gathered of all rows that have the same other columns. */
export type Aggregate<A extends Matched> = {
  readonly distinct?: boolean
} & (
  | {
      readonly count: MatchRef<A> | '*'
    }
  | {
      readonly sum: MatchRef<A>
    }
  | {
      readonly avg: MatchRef<A>
    }
  | {
      readonly min: MatchRef<A>
    }
  | {
      readonly max: MatchRef<A>
    }
  | {
      readonly collect: MatchRef<A>
    }
)
/** What a part itself has. */
type Feature<A extends Matched> =
  | {
      readonly id: PartOf<A, 'node' | 'edge'>
    }
  | {
      readonly labels: PartOf<A, 'node'>
    }
  | {
      readonly type: PartOf<A, 'edge'>
    } /** How many edges it has. */
  | {
      readonly length: PartOf<A, 'edges' | 'path'>
    }
/** Columns by name. */
export type Selection<A extends Matched> = Readonly<Record<string, MatchRef<A> | Feature<A> | Aggregate<A>>>
type Edge<P> = Omit<QueryRelationship, 'properties'> & {
  readonly properties: { readonly [K in keyof P]: Given$1<P[K]> }
}
type Whole<M> =
  | (M extends MatchedNode<infer P>
      ? Omit<QueryNode, 'properties'> & {
          readonly properties: { readonly [K in keyof P]: Given$1<P[K]> }
        }
      : M extends MatchedEdge<infer P>
        ? Edge<P>
        : M extends MatchedEdges<infer P>
          ? Edge<P>[]
          : QueryPath)
  | NullIf<M>
/** `null` where a part may be missing. */
type NullIf<M> = M extends {
  readonly optional: true
}
  ? null
  : never
type OrNull<V> = undefined extends V ? Exclude<V, undefined> | null : V
type ValueOf$1<A extends Matched, R> = R extends keyof A
  ? Whole<A[R]>
  : R extends `${infer K}.${infer P}`
    ? K extends keyof A
      ? string extends keyof A[K]['properties']
        ? QueryValue
        : P extends keyof A[K]['properties']
          ? OrNull<Given$1<A[K]['properties'][P]>> | NullIf<A[K]>
          : never
      : never
    : never
type AggregateOf<A extends Matched, R> = R extends {
  readonly count: unknown
}
  ? number
  : R extends {
        readonly collect: infer V
      }
    ? NonNullable<ValueOf$1<A, V>>[]
    : R extends
          | {
              readonly min: infer V
            }
          | {
              readonly max: infer V
            }
      ? ValueOf$1<A, V> | null
      : R extends {
            readonly avg: unknown
          }
        ? number | null
        : number | bigint
type FeatureOf<A extends Matched, R> = {
  [F in keyof R]:
    | (F extends 'labels' ? string[] : F extends 'type' ? string : number)
    | (R[F] extends keyof A ? NullIf<A[R[F]]> : never)
}[keyof R]
/** The rows of a selection. */
export type SelectedRow<A extends Matched, S> = {
  [C in keyof S]: S[C] extends string
    ? ValueOf$1<A, S[C]>
    : keyof S[C] extends 'id' | 'labels' | 'type' | 'length'
      ? FeatureOf<A, S[C]>
      : AggregateOf<A, S[C]>
}
/** The rows without one: every named part as a whole. */
export type WholeRow<A extends Matched> = { [K in keyof A]: Whole<A[K]> }
type ElementOf<V> = V extends readonly (infer E)[] ? E : never
type Comparable<V> = Extract<NonNullable<V>, string | number | bigint | boolean | Date>
/** How a property is compared; several comparisons must all hold. */
export interface Comparison<V> {
  readonly eq?: NonNullable<V>
  readonly ne?: NonNullable<V>
  readonly gt?: Comparable<V>
  readonly gte?: Comparable<V>
  readonly lt?: Comparable<V>
  readonly lte?: Comparable<V>
  /** One of these. */
  readonly in?: readonly NonNullable<V>[]
  readonly startsWith?: string
  readonly endsWith?: string
  readonly contains?: string
  /** A regular expression that all of the text fits. */
  readonly matches?: string
  /** What is in the list. */
  readonly has?: ElementOf<V>
  /** Whether there is one. */
  readonly exists?: boolean
}
/** Properties by what they are: a value, `null` for none, or comparisons. A value that is a map is asked for by `eq`. */
export type Conditions<P> = { readonly [K in keyof P]?: P[K] | null | Comparison<P[K]> }
/** How a hop leads on. */
export interface HopOptions<T extends GraphTypes = AnyGraph, L extends LabelOf<T> = LabelOf<T>> {
  /** The label of the node at its other end. */
  readonly label?: L
  /** The node it leads on from; that of the last hop when left out. */
  readonly from?: string
}
/** How a hop of several edges leads on. */
export interface PathHopOptions<T extends GraphTypes = AnyGraph, L extends LabelOf<T> = LabelOf<T>> extends HopOptions<
  T,
  L
> {
  /** Least edges. Default: 1. */
  readonly min?: number
  /** Most edges; any number when left out. */
  readonly max?: number
}
/** How a shortest path leads on. */
export interface ShortestOptions<T extends GraphTypes = AnyGraph, L extends LabelOf<T> = LabelOf<T>> extends HopOptions<
  T,
  L
> {
  /** Most edges; any number when left out. */
  readonly max?: number
  /** Whether all paths of the least length are given, and not one of them. Default: false. */
  readonly all?: boolean
}
/** What must be there next to a node. */
export interface NextTo<
  T extends GraphTypes = AnyGraph,
  K extends TypeOf<T> = TypeOf<T>,
  L extends LabelOf<T> = LabelOf<T>,
> {
  readonly direction?: Direction
  readonly type?: K | readonly K[]
  readonly label?: L
  /** The node at the other end, when it is one of the traversal. */
  readonly to?: string
  /** What the node at the other end must be like. */
  readonly where?: Conditions<NodeProperties<T, L>>
}
/** A statement and its parameters. */
export interface CypherText {
  readonly text: string
  readonly parameters: Readonly<Record<string, PropertyValue | undefined>>
}
export {}
