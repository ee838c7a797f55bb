// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.
import type { AsyncQueryOptions, QueryOptions, QueryStream } from './queries.js'
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
  MatchedPath,
  NextTo,
  NodeProperties,
  PartOf,
  PathHopOptions,
  SelectedRow,
  Selection,
  ShortestOptions,
  WholeRow,
  WithOptional,
} from './graph-match-types.js'
import type { Direction, GraphTypes, LabelOf, TypeOf } from './graph-types.js'

/** The parts with a node and what leads to it; a node that is there already stays what it is. */
type Hopped<A extends Matched, N extends string, P, E extends string, M> =
  Flat<([N] extends [keyof A] ? A : A & { readonly [K in N]: MatchedNode<P> }) & WithEdge<E, M>> extends infer B extends
    Matched
    ? B
    : never
type Flat<A> = { readonly [K in keyof A]: A[K] }
type WithEdge<E extends string, M> = [E] extends [never] ? unknown : { readonly [K in E]: M }
/** One hop; the edge gets a name of its own with `as`. */
type Hop<T extends GraphTypes, A extends Matched, S, D extends Direction> = <
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
) => GraphMatch<T, Hopped<A, N, NodeProperties<T, L>, E, MatchedEdge<EdgeProperties<T, K>>>, S>
type RowOf$1<A extends Matched, S> = [S] extends [null] ? WholeRow<A> : SelectedRow<A, S>
type Condition<T extends GraphTypes, A extends Matched> = (of: MatchConditions<T, A>) => MatchConditions<T, A>
/** What is asked of the parts of a traversal. Each call gives a new one, which fits all that was asked. */
export interface MatchConditions<T extends GraphTypes, A extends Matched> {
  /** Keeps what has these properties. */
  where<K extends PartOf<A, 'node' | 'edge'>>(name: K, conditions: Conditions<A[K]['properties']>): this
  /** Keeps what has this id, or one of these. */
  whereId(name: PartOf<A, 'node' | 'edge'>, id: number | readonly number[]): this
  /** Keeps what compares so with another part, or a property with another. */
  compare(left: MatchRef<A>, operator: 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte', right: MatchRef<A>): this
  /** Keeps what has such a neighbor. */
  exists<K extends TypeOf<T>, L extends LabelOf<T>>(
    name: PartOf<A, 'node'>,
    next: NextTo<T, K, L> & {
      readonly to?: PartOf<A, 'node'>
    },
  ): this
  /** Keeps what has no such neighbor. */
  notExists<K extends TypeOf<T>, L extends LabelOf<T>>(
    name: PartOf<A, 'node'>,
    next: NextTo<T, K, L> & {
      readonly to?: PartOf<A, 'node'>
    },
  ): this
  /** Keeps what fits at least one of these. */
  anyOf(...conditions: Condition<T, A>[]): this
  /** Keeps what does not fit; as in openCypher, a comparison with a property that is missing neither fits nor does not. */
  not(condition: Condition<T, A>): this
}
/**
 * A traversal of a graph: a chain of calls, each of which gives a new one. Nothing is asked before a call that answers.
 * Edges of one traversal are different from each other.
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
export interface GraphMatch<T extends GraphTypes, A extends Matched, S = null>
  extends MatchConditions<T, A>, Iterable<RowOf$1<A, S>>, AsyncIterable<RowOf$1<A, S>> {
  /**
   * Follows an edge of a type, of one of several types, or with `[]` of any, from source to target. With the name of a node
   * there is, the edge leads to that one.
   */
  readonly out: Hop<T, A, S, 'out'>
  /** As `out`, from target to source. */
  readonly in: Hop<T, A, S, 'in'>
  /** As `out`, either way. */
  readonly both: Hop<T, A, S, 'both'>
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
  ): GraphMatch<T, Hopped<A, N, NodeProperties<T, L>, E, MatchedEdges<EdgeProperties<T, K>>>, S>
  /** Follows a path with the fewest edges there are, one at least; named with `as`, it is a `QueryPath`. */
  shortestPath<
    K extends TypeOf<T>,
    const N extends string,
    D extends Direction,
    L extends LabelOf<T>,
    const E extends string = never,
  >(
    direction: D,
    type: K | readonly K[],
    to: N,
    options?: ShortestOptions<T, L> & {
      readonly from?: keyof A & string
      readonly as?: E
    },
  ): GraphMatch<T, Hopped<A, N, NodeProperties<T, L>, E, MatchedPath>, S>
  /**
   * Follows what the function adds, and asks for, where it is there; else its parts are `null`. What is asked of them behind
   * it is asked of every row.
   *
   * @example
   * ```ts
   * people.match('p', 'Person').optional((p) => p.out('LIVES_IN', 'city')).select({ name: 'p.name', city: 'city.name' })
   * ```
   */
  optional<B extends Matched>(
    pattern: (from: GraphMatch<T, A>) => GraphMatch<T, B>,
  ): GraphMatch<T, WithOptional<A, B>, S>
  /** Gives these columns, instead of every named part as a whole. */
  select<const C extends Selection<A>>(columns: C): GraphMatch<T, A, C>
  /** Keeps rows by their columns, those that count or gather included; what is ordered by is then a column. */
  having(conditions: S extends null ? never : Conditions<SelectedRow<A, S>>): this
  /** Gives each row once. */
  distinct(): this
  /** Orders by a column, a part or a property; called again, by that among what is equal. */
  orderBy(by: MatchRef<A> | (S extends null ? never : keyof S & string), direction?: 'asc' | 'desc'): this
  /** Leaves out so many rows. */
  skip(rows: number): this
  /** Gives at most so many rows. */
  limit(rows: number): this
  /** The statement, and its parameters. */
  toCypher(): CypherText
  /** How it is answered, as text. */
  explain(): string
  toArray(options?: QueryOptions): RowOf$1<A, S>[]
  /** The first row; `undefined` when there is none. */
  first(options?: QueryOptions): RowOf$1<A, S> | undefined
  /** The only row; a `RangeError` when there are others, or none. */
  single(options?: QueryOptions): RowOf$1<A, S>
  /** How many rows there are. */
  count(options?: QueryOptions): number
  /** Away from the JavaScript thread; in a transaction nothing else is done there until it has answered. */
  toArrayAsync(options?: AsyncQueryOptions): Promise<RowOf$1<A, S>[]>
  firstAsync(options?: AsyncQueryOptions): Promise<RowOf$1<A, S> | undefined>
  singleAsync(options?: AsyncQueryOptions): Promise<RowOf$1<A, S>>
  countAsync(options?: AsyncQueryOptions): Promise<number>
  /** Rows that are read while it runs, as `for await` does; not in a transaction. */
  stream(options?: AsyncQueryOptions): QueryStream<RowOf$1<A, S>>
}
export {}
