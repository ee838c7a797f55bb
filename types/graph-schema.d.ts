// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.
import type { Duration, LocalDate, LocalDateTime, LocalTime, OffsetTime, Point, ZonedDateTime } from './temporal.js'
import type { InferInput, Schema } from './namespaces.js'
import type { PropertyValue } from './graph-types.js'

/** What each named kind of property is in JavaScript. */
interface PropertyKinds {
  string: string
  /** A whole number within 2⁵³. */
  integer: number
  /** A whole number within 64 bits; those within 2⁵³ are read as numbers. */
  bigint: bigint | number
  number: number
  /** A number that is stored as a float even where it is whole, as `float()` marks it. */
  float: number
  boolean: boolean
  /** A moment, read and written as a `Date`; of milliseconds, and without its zone. */
  date: Date
  localdate: LocalDate
  localtime: LocalTime
  time: OffsetTime
  localdatetime: LocalDateTime
  /** A moment to the nanosecond, with its zone. */
  datetime: ZonedDateTime
  duration: Duration
  point: Point
  bytes: Uint8Array
  vector: Float32Array
  map: {
    readonly [name: string]: PropertyValue | undefined
  }
  any: PropertyValue
}
export type Kind = keyof PropertyKinds
type Listed = Kind | `${Kind}[]`
/** What a property may be: a kind or a list of one, with a question mark when it may be missing, or a Standard Schema. */
export type PropertyType = Listed | `${Listed}?` | Schema
/** What a label or an edge type says of the properties. */
export type PropertyTypes = Readonly<Record<string, PropertyType>>
/** What a schema says of the nodes with a label. */
export interface LabelSchema {
  /** The property that no two nodes with the label share, by which `merge` finds them. */
  readonly key?: string
  readonly properties?: PropertyTypes
}
/** What a schema says of the edges of a type. */
export interface EdgeSchema {
  /** The label, or labels, of nodes they start at. */
  readonly from?: string | readonly string[]
  /** The label, or labels, of nodes they end at. */
  readonly to?: string | readonly string[]
  readonly properties?: PropertyTypes
}
/**
 * The labels and edge types of a graph.
 *
 * @example
 * ```ts
 * const people = store.graph('people', {
 *   nodes: { Person: { key: 'email', properties: { email: 'string', age: 'integer?' } } },
 *   edges: { KNOWS: { from: 'Person', to: 'Person', properties: { since: 'integer' } } },
 * })
 * ```
 */
export interface GraphSchema {
  readonly nodes: Readonly<Record<string, LabelSchema>>
  readonly edges: Readonly<Record<string, EdgeSchema>>
}
type OfListed<K> = K extends `${infer E extends Kind}[]`
  ? readonly PropertyKinds[E][]
  : K extends Kind
    ? PropertyKinds[K]
    : never
type OfProperty<P> = P extends Schema ? InferInput<P> : P extends `${infer K}?` ? OfListed<K> : OfListed<P>
type MissingIn<P> = {
  [N in keyof P]: P[N] extends `${string}?` ? N : undefined extends OfProperty<P[N]> ? N : never
}[keyof P]
type PropertiesOf<D> = D extends {
  readonly properties: infer P
}
  ? { -readonly [N in Exclude<keyof P, MissingIn<P>>]: OfProperty<P[N]> } & {
      -readonly [N in MissingIn<P>]?: OfProperty<P[N]>
    } extends infer All
    ? { [N in keyof All]: All[N] }
    : never
  : {}
type LabelsAt<E, N> = E extends readonly (infer L)[] ? L : E extends string ? E : N
/** The types of a graph that a schema describes. */
export interface SchemaTypes<S extends GraphSchema> {
  readonly nodes: { readonly [L in keyof S['nodes']]: PropertiesOf<S['nodes'][L]> }
  readonly edges: { readonly [K in keyof S['edges']]: PropertiesOf<S['edges'][K]> }
  /** Of each edge type the labels of its ends. */
  readonly ends: {
    readonly [K in keyof S['edges']]: {
      readonly from: LabelsAt<S['edges'][K]['from'], keyof S['nodes']>
      readonly to: LabelsAt<S['edges'][K]['to'], keyof S['nodes']>
    }
  }
  /** Of each label the property that is its key. */
  readonly keys: { readonly [L in keyof S['nodes']]: S['nodes'][L]['key'] }
}
export {}
