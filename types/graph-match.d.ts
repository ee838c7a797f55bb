// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.
import type { AsyncQueryOptions, QueryOptions } from './queries.js'
import type {
  Conditions,
  CypherText,
  EdgeProperties,
  HopOptions,
  LabelAt,
  MatchRef,
  Matched,
  MatchedEdge,
  MatchedEdges,
  MatchedNode,
  NextTo,
  NodeProperties,
  PathHopOptions,
  SelectedRow,
  Selection,
  WholeRow,
} from './graph-match-types.js'
import type { Direction, GraphTypes, LabelOf, TypeOf } from './graph-types.js'

type Flat<A> = { readonly [K in keyof A]: A[K] }
type WithNode<A, N extends string, P> = A & { readonly [K in N]: MatchedNode<P> }
type WithEdge<A, E extends string, P> = [E] extends [never] ? A : A & { readonly [K in E]: MatchedEdge<P> }
type WithEdges<A, E extends string, P> = [E] extends [never] ? A : A & { readonly [K in E]: MatchedEdges<P> }
type Hopped<
  T extends GraphTypes,
  A extends Matched,
  N extends string,
  L extends LabelOf<T>,
  K extends TypeOf<T>,
  E extends string,
> =
  Flat<WithEdge<WithNode<A, N, NodeProperties<T, L>>, E, EdgeProperties<T, K>>> extends infer B extends Matched
    ? B
    : never
type PathHopped<
  T extends GraphTypes,
  A extends Matched,
  N extends string,
  L extends LabelOf<T>,
  K extends TypeOf<T>,
  E extends string,
> =
  Flat<WithEdges<WithNode<A, N, NodeProperties<T, L>>, E, EdgeProperties<T, K>>> extends infer B extends Matched
    ? B
    : never
/** One hop; the edge gets a name of its own with `as`. */
type Hop<T extends GraphTypes, A extends Matched, D extends Direction> = <
  K extends TypeOf<T>,
  const N extends string,
  L extends LabelAt<T, K, D>,
  const E extends string = never,
>(
  type: K | readonly K[],
  to: N,
  options?: HopOptions<T, L> & {
    readonly from?: keyof A & string
    readonly as?: E
  },
) => GraphMatch<T, Hopped<T, A, N, L, K, E>>
type RowOf$1<A extends Matched, S> = [S] extends [null] ? WholeRow<A> : SelectedRow<A, S>
/**
 * A traversal of a graph: a chain of calls, each of which gives a new one. Nothing is asked before `toArray`, `first`,
 * `count` or their asynchronous twins. Edges of one traversal are different from each other.
 *
 * @example
 * ```ts
 * people
 *   .match('person', 'Person', { email: 'ann@example.org' })
 *   .out('KNOWS', 'friend', { as: 'knows' })
 *   .where('friend', { age: { gte: 30 } })
 *   .select({ name: 'friend.name', since: 'knows.since' })
 *   .orderBy('name')
 *   .limit(10)
 *   .toArray()
 * ```
 */
export interface GraphMatch<T extends GraphTypes, A extends Matched, S = null> {
  /** Follows an edge of a type, of one of several types, or with `[]` of any, from source to target. */
  readonly out: Hop<T, A, 'out'>
  /** As `out`, from target to source. */
  readonly in: Hop<T, A, 'in'>
  /** As `out`, either way. */
  readonly both: Hop<T, A, 'both'>
  /** Follows `min` to `max` edges; named with `as`, they are a list. */
  path<
    K extends TypeOf<T>,
    const N extends string,
    D extends Direction,
    L extends LabelOf<T>,
    const E extends string = never,
  >(
    direction: D,
    type: K | readonly K[],
    to: N,
    options?: PathHopOptions<T, L> & {
      readonly from?: keyof A & string
      readonly as?: E
    },
  ): GraphMatch<T, PathHopped<T, A, N, L, K, E>>
  /** Keeps what has these properties. */
  where<K extends keyof A & string>(name: K, conditions: Conditions<A[K]['properties']>): GraphMatch<T, A, S>
  /** Keeps what has such a neighbor. */
  exists<K extends TypeOf<T>, L extends LabelOf<T>>(name: keyof A & string, next: NextTo<T, K, L>): GraphMatch<T, A, S>
  /** Keeps what has no such neighbor. */
  notExists<K extends TypeOf<T>, L extends LabelOf<T>>(
    name: keyof A & string,
    next: NextTo<T, K, L>,
  ): GraphMatch<T, A, S>
  /** Gives these columns, instead of every named part as a whole. */
  select<const C extends Selection<A>>(columns: C): GraphMatch<T, A, C>
  /** Gives each row once. */
  distinct(): GraphMatch<T, A, S>
  /** Orders by a column, a part or a property; called again, by that among what is equal. */
  orderBy(
    by: MatchRef<A> | (S extends null ? never : keyof S & string),
    direction?: 'asc' | 'desc',
  ): GraphMatch<T, A, S>
  /** Leaves out so many rows. */
  skip(rows: number): GraphMatch<T, A, S>
  /** Gives at most so many rows. */
  limit(rows: number): GraphMatch<T, A, S>
  /** The statement, and its parameters. */
  toCypher(): CypherText
  /** How it is answered, as text. */
  explain(): string
  toArray(options?: QueryOptions): RowOf$1<A, S>[]
  /** The first row; `undefined` when there is none. */
  first(options?: QueryOptions): RowOf$1<A, S> | undefined
  /** How many rows there are. */
  count(options?: QueryOptions): number
  /** Away from the JavaScript thread; in a transaction or at a snapshot it is answered at once. */
  toArrayAsync(options?: AsyncQueryOptions): Promise<RowOf$1<A, S>[]>
  firstAsync(options?: AsyncQueryOptions): Promise<RowOf$1<A, S> | undefined>
  countAsync(options?: AsyncQueryOptions): Promise<number>
}
export {}
