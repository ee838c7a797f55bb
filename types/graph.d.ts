// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.
import type {
  AnyGraph,
  EdgeTextHit,
  EdgeUpdate,
  ExpandOptions,
  FindOptions,
  GraphIndex,
  GraphNode,
  GraphTypes,
  LabelOf,
  Neighbor,
  NeighborFilter,
  NewEdge,
  NewIndex,
  NewNode,
  NodeFilter,
  NodeUpdate,
  Path,
  PathOptions,
  Reached,
  TextHit,
  TextIndex,
  TextSearchOptions,
  TypeOf,
} from './graph-types.js'
import type { GraphReader, GraphSnapshot } from './graph-reader.js'
import type { GraphSource, LoadOptions, LoadResult, MergeEdge, MergeNode, Merged } from './graph-load.js'
import type { PreparedQuery, QueryParameters, QueryValue } from './queries.js'
import type { Snapshot, Transaction } from './namespaces.js'
import type { WorkOptions, WriteOptions } from './options.js'
import type { WorkProgress } from './reports.js'

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
export interface GraphTransaction<T extends GraphTypes = AnyGraph> extends GraphReader<T>, GraphWriter<T> {
  /** As `merge` of {@link Graph}. */
  merge<L extends LabelOf<T>>(node: MergeNode<T, L>): Merged
  /** As `mergeEdge` of {@link Graph}. */
  mergeEdge<K extends TypeOf<T>>(edge: MergeEdge<T, K>): Merged
}
/** How the creation of an index is answered, followed and ended; progress counts nodes, or edges for an index over these. */
export interface CreateIndexOptions extends WriteOptions, WorkOptions<WorkProgress> {}
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
   * Adds a node when there is none with the same key, and else lays the properties over those it has. The key is that of
   * the schema, or names properties; index it, or each call reads every node with the label. Several are one commit.
   *
   * @example
   * ```ts
   * await people.merge({ label: 'Person', key: 'email', properties: { email: 'ann@example.org', age: 41 } })
   * ```
   * @throws SledStoreError `UNIQUE_VIOLATION` when several have the key
   */
  merge<L extends LabelOf<T>>(node: MergeNode<T, L>, options?: WriteOptions): Promise<Merged>
  mergeMany<L extends LabelOf<T>>(nodes: Iterable<MergeNode<T, L>>, options?: WriteOptions): Promise<Merged[]>
  /**
   * Adds an edge when there is none of its type between the two nodes, or none with the same key, and else lays the
   * properties over those it has. Reads the edges of the source.
   *
   * @example
   * ```ts
   * await people.mergeEdge({ type: 'KNOWS', source: ann, target: { label: 'Person', where: { email } } })
   * ```
   * @throws SledStoreError `NOT_FOUND` when a node is missing, `UNIQUE_VIOLATION` when several fit
   */
  mergeEdge<K extends TypeOf<T>>(edge: MergeEdge<T, K>, options?: WriteOptions): Promise<Merged>
  mergeEdges<K extends TypeOf<T>>(edges: Iterable<MergeEdge<T, K>>, options?: WriteOptions): Promise<Merged[]>
  /**
   * Loads many nodes, then many edges, from iterables or async ones, in one commit: nothing is seen before the end, and a
   * load that fails or is ended leaves nothing. It is the fastest way in; what is loaded may take half the memory budget.
   *
   * @example
   * ```ts
   * await graph.load({
   *   nodes: [{ key: 'ann', labels: 'Person' }, { key: 'bob', labels: 'Person' }],
   *   edges: [{ type: 'KNOWS', source: 'ann', target: 'bob' }],
   * })
   * ```
   * @throws SledStoreError `NOT_FOUND`, `UNIQUE_VIOLATION`, `SCHEMA_INVALID`, `TOO_LARGE`, `ABORTED`
   */
  load(source: GraphSource<T>, options?: LoadOptions): Promise<LoadResult>
  /** Creates the unique index of each key of the schema that there is not yet. */
  createKeys(options?: CreateIndexOptions): Promise<void>
  /**
   * Creates an index or constraint over what there is, however much, and what is to come; the same one may be asked for
   * again. With `unique` no two may share their values, with `required` each must have them. Lists in lists, maps and
   * NaN are not indexed. It goes over every node with the label, or every edge, and is used once it is whole; ended or
   * failed, it leaves nothing.
   *
   * @throws SledStoreError `UNIQUE_VIOLATION` when two share a value, `SCHEMA_INVALID` when a required one is missing,
   * `KEY_TOO_LARGE` for a value that is too long
   */
  createIndex(index: NewIndex<T>, options?: CreateIndexOptions): Promise<void>
  /**
   * Creates a full-text index, as `createIndex` does; `searchText` asks it.
   *
   * @example
   * ```ts
   * await graph.createTextIndex({ name: 'articles', label: 'Article', property: ['title', 'body'] })
   * ```
   */
  createTextIndex(index: TextIndex<T>, options?: CreateIndexOptions): Promise<void>
  /** Drops an index or constraint, by its name or what it is over; one that does not exist is no error. */
  dropIndex(index: string | Omit<GraphIndex<T>, 'unique'>, options?: WriteOptions): Promise<void>
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
  /**
   * Plans a statement that is run many times, and refuses at once one that cannot be run. `P` are its parameters.
   *
   * @throws SledStoreError with what the language says as `query`
   */
  prepare<Row extends object = Record<string, QueryValue>, P extends QueryParameters = QueryParameters>(
    text: string,
  ): PreparedQuery<Row, P>
  findAsync<L extends LabelOf<T> = LabelOf<T>>(options?: FindOptions<T, L>): Promise<GraphNode<T, L>[]>
  neighborsAsync<L extends LabelOf<T> = LabelOf<T>>(
    id: number,
    filter?: NeighborFilter<T, L>,
  ): Promise<Neighbor<T, L>[]>
  pathAsync(from: number, to: number | NodeFilter<T>, options?: PathOptions<T>): Promise<Path<T> | undefined>
  expandAsync(from: number, options?: ExpandOptions<T>): Promise<Reached[]>
  searchTextAsync<L extends LabelOf<T> = LabelOf<T>>(
    index: string,
    query: string,
    options?: TextSearchOptions,
  ): Promise<TextHit<T, L>[]>
  searchEdgeTextAsync<K extends TypeOf<T> = TypeOf<T>>(
    index: string,
    query: string,
    options?: TextSearchOptions,
  ): Promise<EdgeTextHit<T, K>[]>
  /** Walks the whole graph and names each row that contradicts another; a sound graph has none. */
  verify(): Promise<string[]>
}
export {}
