// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.
import type {
  AnyGraph,
  EdgeTextHit,
  ExpandOptions,
  FindOptions,
  GraphDescription,
  GraphEdge,
  GraphIndex,
  GraphNode,
  GraphTypes,
  LabelOf,
  Neighbor,
  NeighborFilter,
  NodeFilter,
  Path,
  PathOptions,
  Reached,
  TextHit,
  TextSearchOptions,
  TypeOf,
} from './graph-types.js'
import type {
  AsyncQueryOptions,
  QueryOptions,
  QueryParameters,
  QueryResult,
  QueryStream,
  QueryValue,
} from './queries.js'
import type { Conditions, MatchedNode, NodeProperties } from './graph-match-types.js'
import type { GraphAlgorithms } from './algorithms.js'
import type { GraphMatch } from './graph-match.js'

/** Reads a graph: as it is now, as a snapshot has it, or as a transaction sees it. Each answer is of one moment. */
export interface GraphReader<T extends GraphTypes = AnyGraph> {
  /** The name of the graph. */
  readonly name: string
  /**
   * Algorithms over the graph, or over some nodes, labels and types of it. In a transaction one reads the whole graph,
   * so that any other change of it is a conflict, and is awaited before anything else is done there.
   */
  readonly algorithms: GraphAlgorithms<T>
  /** A node; `undefined` when there is none. */
  node<L extends LabelOf<T> = LabelOf<T>>(id: number): GraphNode<T, L> | undefined
  /** An edge; `undefined` when there is none. */
  edge<K extends TypeOf<T> = TypeOf<T>>(id: number): GraphEdge<T, K> | undefined
  /**
   * The nodes with a label and properties, in the order of their ids. An index over one of the properties is used when
   * there is one; else every node with the label is looked at.
   *
   * @example
   * ```ts
   * graph.find({ label: 'Person', where: { name: 'Ann' } })
   * ```
   */
  find<L extends LabelOf<T> = LabelOf<T>>(options?: FindOptions<T, L>): GraphNode<T, L>[]
  /** The first node that `find` would give. */
  findOne<L extends LabelOf<T> = LabelOf<T>>(filter: NodeFilter<T, L>): GraphNode<T, L> | undefined
  /**
   * The edges of a node and the nodes at their other ends, one answer an edge, ordered by direction, type and neighbor.
   * A node that does not exist has none.
   *
   * @example
   * ```ts
   * for (const { node, edge } of graph.neighbors(ann, { type: 'KNOWS', where: { city: 'Rome' } })) …
   * ```
   */
  neighbors<L extends LabelOf<T> = LabelOf<T>>(id: number, filter?: NeighborFilter<T, L>): Neighbor<T, L>[]
  /** The ids of what `neighbors` gives, which is faster: neither properties nor edges are read. */
  neighborIds<L extends LabelOf<T> = LabelOf<T>>(id: number, filter?: NeighborFilter<T, L>): number[]
  /**
   * A path with the fewest edges to a node, or to the nearest one that fits a filter; `undefined` when there is none.
   *
   * @example
   * ```ts
   * graph.path(whale, entity, { type: 'hypernym' })?.nodes.map((node) => node.properties.words)
   * ```
   */
  path(from: number, to: number | NodeFilter<T>, options?: PathOptions<T>): Path<T> | undefined
  /** The nodes around a node, nearest first, each once and without itself. */
  expand(from: number, options?: ExpandOptions<T>): Reached[]
  /**
   * The nodes whose texts match a query of a full-text index, the best first: words, `+must`, `-not`, `"a phrase"`,
   * `begin*`, `AND`, `OR` and `NOT`. Every text is a query.
   *
   * @example
   * ```ts
   * for (const { node, score } of graph.searchText('articles', 'embedded +database', { limit: 10 })) …
   * ```
   * @throws SledStoreError `NOT_FOUND` when there is no such index that is complete
   */
  searchText<L extends LabelOf<T> = LabelOf<T>>(
    index: string,
    query: string,
    options?: TextSearchOptions,
  ): TextHit<T, L>[]
  /** As `searchText`, of a full-text index over edges. */
  searchEdgeText<K extends TypeOf<T> = TypeOf<T>>(
    index: string,
    query: string,
    options?: TextSearchOptions,
  ): EdgeTextHit<T, K>[]
  /** How many nodes there are, or how many with a label; it reads a few rows, for the numbers are kept. */
  countNodes(label?: LabelOf<T>): number
  /** How many edges there are, as `countNodes`. */
  countEdges(): number
  /** The indexes there are. */
  indexes(): GraphIndex<T>[]
  /** How many nodes and edges there are in all, by label and by type, and the indexes and constraints. */
  describe(): GraphDescription<T>
  /**
   * Every node, in the order of the ids, in pages: what is added or removed meanwhile may be there or not. At a snapshot
   * all are of one moment.
   */
  nodes(): IterableIterator<GraphNode<T>>
  /** Every edge, as `nodes`. */
  edges(): IterableIterator<GraphEdge<T>>
  /**
   * Begins a traversal at the nodes with a label, or at all, which it calls by a name of your choice.
   *
   * @example
   * ```ts
   * people.match('p', 'Person', { age: { gte: 30 } }).out('KNOWS', 'friend').select({ name: 'friend.name' }).toArray()
   * ```
   */
  match<const N extends string, L extends LabelOf<T>>(
    name: N,
    label?: L,
    conditions?: Conditions<NodeProperties<T, L>>,
  ): GraphMatch<T, { readonly [K in N]: MatchedNode<NodeProperties<T, L>> }>
  /**
   * Runs a statement of openCypher. On the graph one that changes something is one commit, in a transaction a part of it.
   *
   * @example
   * ```ts
   * graph.querySync('MATCH (p:Person {email: $email}) RETURN p.name AS name', { email }).first()?.name
   * ```
   * @throws SledStoreError with what the language says as `query`
   */
  querySync<Row extends object = Record<string, QueryValue>>(
    text: string,
    parameters?: QueryParameters,
    options?: QueryOptions,
  ): QueryResult<Row>
  /**
   * As `querySync`, away from the JavaScript thread; the rows come together. In a transaction it is awaited before anything
   * else is done there, which is `ENDED` until then.
   */
  query<Row extends object = Record<string, QueryValue>>(
    text: string,
    parameters?: QueryParameters,
    options?: AsyncQueryOptions,
  ): Promise<QueryResult<Row>>
}
/** A {@link GraphReader} that streams, too: the graph itself, or at a snapshot. */
export interface GraphSnapshot<T extends GraphTypes = AnyGraph> extends GraphReader<T> {
  /**
   * As `query`, with rows that are read while the statement runs, at one moment and in little memory. One that changes
   * something is committed before its first row.
   *
   * @example
   * ```ts
   * for await (const { name } of graph.stream('MATCH (p:Person) RETURN p.name AS name')) greet(name)
   * ```
   * @throws SledStoreError `TOO_LARGE` when 128 streams are open
   */
  stream<Row extends object = Record<string, QueryValue>>(
    text: string,
    parameters?: QueryParameters,
    options?: AsyncQueryOptions,
  ): QueryStream<Row>
}
export {}
