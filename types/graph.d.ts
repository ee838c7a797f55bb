// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.
import type {
  AnyGraph,
  EdgeUpdate,
  ExpandOptions,
  FindOptions,
  GraphEdge,
  GraphIndex,
  GraphNode,
  GraphTypes,
  LabelOf,
  Neighbor,
  NeighborFilter,
  NewEdge,
  NewNode,
  NodeFilter,
  NodeUpdate,
  Path,
  PathOptions,
  Reached,
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
import type { Snapshot, Transaction } from './namespaces.js'
import type { WorkOptions, WriteOptions } from '../index.js'

/** Reads a graph: as it is now, as a snapshot has it, or as a transaction sees it. Each answer is of one moment. */
export interface GraphReader<T extends GraphTypes = AnyGraph> {
  /** The name of the graph. */
  readonly name: string
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
  /** How many nodes there are, or how many with a label; it walks them. */
  countNodes(label?: LabelOf<T>): number
  /** How many edges there are; it walks them. */
  countEdges(): number
  /** The indexes there are. */
  indexes(): GraphIndex<T>[]
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
/**
 * Changes of a graph that take effect together, as the methods of {@link Graph} make them.
 *
 * In a batch they fail at its end; in a transaction each fails at once, with `NOT_FOUND` for a node or edge that is
 * missing and `UNIQUE_VIOLATION`, and leaves nothing behind.
 */
export interface GraphWriter<T extends GraphTypes = AnyGraph> {
  addNode<L extends LabelOf<T>>(node?: NewNode<T, L>): number
  addEdge<K extends TypeOf<T>>(edge: NewEdge<T, K>): number
  updateNode<L extends LabelOf<T> = LabelOf<T>>(id: number, update: NodeUpdate<T, L>): void
  updateEdge<K extends TypeOf<T> = TypeOf<T>>(id: number, update: EdgeUpdate<T, K>): void
  removeNode(id: number): void
  removeEdge(id: number): void
}
/** A graph inside a transaction: reads see its own changes, which take effect when the transaction commits. */
export interface GraphTransaction<T extends GraphTypes = AnyGraph> extends GraphReader<T>, GraphWriter<T> {}
/** How the creation of an index is answered, followed and ended. */
export interface CreateIndexOptions
  extends
    WriteOptions,
    WorkOptions<{
      readonly nodes: number
    }> {}
/**
 * A graph of a store, read and written as a {@link Namespace} is. A change that fails leaves nothing behind.
 *
 * @example
 * ```ts
 * const graph = store.graph('people')
 * await graph.createIndex({ label: 'Person', property: 'email', unique: true })
 * const ann = await graph.addNode({ labels: 'Person', properties: { email: 'ann@example.org' } })
 * const bob = await graph.addNode({ labels: 'Person', properties: { email: 'bob@example.org' } })
 * await graph.addEdge({ type: 'KNOWS', source: ann, target: bob, properties: { since: 2019 } })
 * graph.neighbors(ann, { type: 'KNOWS' })[0]?.node.properties.email // 'bob@example.org'
 * ```
 */
export interface Graph<T extends GraphTypes = AnyGraph> extends GraphSnapshot<T> {
  /**
   * Adds a node; gives its id.
   *
   * @throws SledStoreError `UNIQUE_VIOLATION`
   */
  addNode<L extends LabelOf<T>>(node?: NewNode<T, L>, options?: WriteOptions): Promise<number>
  /**
   * Adds an edge; gives its id. Edges may be parallel, and may end where they start.
   *
   * @throws SledStoreError `NOT_FOUND` when a node at one of its ends is missing
   */
  addEdge<K extends TypeOf<T>>(edge: NewEdge<T, K>, options?: WriteOptions): Promise<number>
  /**
   * Changes properties and labels of a node.
   *
   * @example
   * ```ts
   * await graph.updateNode(ann, { properties: { age: 41, email: null }, addLabels: 'Admin' })
   * ```
   * @throws SledStoreError `NOT_FOUND`, `UNIQUE_VIOLATION`
   */
  updateNode<L extends LabelOf<T> = LabelOf<T>>(
    id: number,
    update: NodeUpdate<T, L>,
    options?: WriteOptions,
  ): Promise<void>
  /**
   * Changes properties of an edge.
   *
   * @throws SledStoreError `NOT_FOUND`
   */
  updateEdge<K extends TypeOf<T> = TypeOf<T>>(
    id: number,
    update: EdgeUpdate<T, K>,
    options?: WriteOptions,
  ): Promise<void>
  /**
   * Removes a node and every edge at it.
   *
   * @throws SledStoreError `NOT_FOUND`
   */
  removeNode(id: number, options?: WriteOptions): Promise<void>
  /**
   * Removes an edge.
   *
   * @throws SledStoreError `NOT_FOUND`
   */
  removeEdge(id: number, options?: WriteOptions): Promise<void>
  /**
   * Makes many changes visible and durable together; gives what the function gives. What it adds has its id at once,
   * but is not seen by reads before the end. It is much faster than single calls.
   *
   * @example
   * ```ts
   * await graph.batch((batch) => {
   *   const ann = batch.addNode({ labels: 'Person', properties: { name: 'Ann' } })
   *   batch.addEdge({ type: 'KNOWS', source: ann, target: bob })
   * })
   * ```
   * @throws SledStoreError `NOT_FOUND`, `UNIQUE_VIOLATION`, `TOO_LARGE` above half the memory budget
   */
  batch<R>(fill: (batch: GraphWriter<T>) => R, options?: WriteOptions): Promise<R>
  /**
   * Creates an index over a property of the nodes there are, however many, and of those to come; the same index may be
   * asked for again. With `unique`, two nodes with the label cannot have the same value. Lists, maps and NaN are not
   * indexed. It reads every node with the label, and is used once it is whole; ended or failed, it leaves nothing.
   *
   * @throws SledStoreError `UNIQUE_VIOLATION` when two nodes share a value, `KEY_TOO_LARGE` for a value that is too long
   */
  createIndex(index: GraphIndex<T>, options?: CreateIndexOptions): Promise<void>
  /** Drops an index; one that does not exist is no error. */
  dropIndex(index: Omit<GraphIndex<T>, 'unique'>, options?: WriteOptions): Promise<void>
  /**
   * The graph inside a transaction.
   *
   * @example
   * ```ts
   * await store.transaction((tx) => {
   *   const people = graph.in(tx)
   *   if (people.findOne({ label: 'Person', where: { name: 'Ann' } }) === undefined) {
   *     tx.put(log, 'ann', people.addNode({ labels: 'Person', properties: { name: 'Ann' } }))
   *   }
   * })
   * ```
   */
  in(transaction: Transaction): GraphTransaction<T>
  /** The graph as it was when a snapshot was made. */
  at(snapshot: Snapshot): GraphSnapshot<T>
  findAsync<L extends LabelOf<T> = LabelOf<T>>(options?: FindOptions<T, L>): Promise<GraphNode<T, L>[]>
  neighborsAsync<L extends LabelOf<T> = LabelOf<T>>(
    id: number,
    filter?: NeighborFilter<T, L>,
  ): Promise<Neighbor<T, L>[]>
  pathAsync(from: number, to: number | NodeFilter<T>, options?: PathOptions<T>): Promise<Path<T> | undefined>
  expandAsync(from: number, options?: ExpandOptions<T>): Promise<Reached[]>
  /** Walks the whole graph and names each row that contradicts another; a sound graph has none. */
  verify(): Promise<string[]>
}
export {}
