/**
 * The property graph: nodes with labels and properties, typed directed edges with properties, in the store's own
 * commits, transactions and snapshots.
 */
import { outOfRange, typeError, wrongType } from './errors.js'
import { Changes, checkName, Question, type IndexBuffer } from './graph-buffer.js'
import { edgeHitsOf, GraphCore, hitsOf, neighborsOf, nodeOf, pathOf, reachedOf, type NodeRow } from './graph-core.js'
import { checkText, droppedIndex, indexBuffer, textIndexBuffer } from './graph-index.js'
import { loadGraph, type GraphSource, type LoadOptions, type LoadResult } from './graph-load.js'
import { mergeEdge, mergeNode, type Merged, type MergeEdge, type MergeNode } from './graph-merge.js'
import { PreparedCore, type PreparedQuery } from './graph-prepared.js'
import { request, type QueryParameters } from './graph-query.js'
import { CheckedGraphSchema, type GraphSchema } from './graph-schema.js'
import {
  checkId,
  expandQuestion,
  findQuestion,
  GraphReaderCore,
  neighborQuestion,
  pathQuestion,
  searchQuestion,
  type GraphSnapshot,
} from './graph-reader.js'
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
import {
  addEdge,
  addNode,
  GraphBatch,
  GraphTransactionCore,
  updateEdge,
  updateNode,
  type GraphTransaction,
  type GraphWriter,
} from './graph-writer.js'
import { modeOf, type StoreCore } from './internal/lifecycle.js'
import { native, releaseWith } from './internal/native.js'
import {
  checkFunction,
  checkNames,
  checkSignal,
  levelOf,
  writeLevel,
  type WorkOptions,
  type WriteOptions,
} from './options.js'
import type { QueryValue } from './query-value.js'
import type { WorkProgress } from './report-types.js'
import { ReaderCore, type Snapshot } from './snapshot.js'
import { runTransaction, type Transaction } from './transaction.js'

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

/** {@link Graph} without its types. */
class GraphHandle extends GraphReaderCore {
  constructor(store: StoreCore, name: string, schema: CheckedGraphSchema | undefined) {
    super(new GraphCore(store, name, schema))
  }

  addNode(node?: NewNode, options?: WriteOptions): Promise<number> {
    return this.#change('addNode', (changes) => addNode(this.core, changes, node), options)
  }

  addEdge(edge: NewEdge, options?: WriteOptions): Promise<number> {
    return this.#change('addEdge', (changes) => addEdge(this.core, changes, edge), options)
  }

  updateNode(id: number, update: NodeUpdate, options?: WriteOptions): Promise<void> {
    return this.#change('updateNode', (changes) => updateNode(this.core, changes, id, update), options)
  }

  updateEdge(id: number, update: EdgeUpdate, options?: WriteOptions): Promise<void> {
    return this.#change('updateEdge', (changes) => updateEdge(this.core, changes, id, update), options)
  }

  removeNode(id: number, options?: WriteOptions): Promise<void> {
    return this.#change('removeNode', (changes) => changes.removeNode(checkId('id', id)), options)
  }

  removeEdge(id: number, options?: WriteOptions): Promise<void> {
    return this.#change('removeEdge', (changes) => changes.removeEdge(checkId('id', id)), options)
  }

  async batch<R>(fill: (batch: GraphBatch) => R, options?: WriteOptions): Promise<R> {
    if (typeof fill !== 'function') {
      throw wrongType('fill', 'a function that makes changes in the batch it is given', fill)
    }
    const { store } = this.core
    const level = writeLevel('batch', options, store.level)
    store.checkOpen()
    const batch = new GraphBatch(this.core)
    let result: R
    try {
      result = fill(batch)
      if (typeof (result as { then?: unknown } | undefined)?.then === 'function') {
        throw typeError('the function given to graph.batch must not be async; prepare its data before')
      }
      batch.commit(modeOf(level))
    } finally {
      batch.end()
    }
    await store.durable(level)
    return result
  }

  async merge(node: MergeNode, options?: WriteOptions): Promise<Merged> {
    return this.#transact('merge', (graph) => mergeNode(this.core, graph, node), options)
  }

  async mergeMany(nodes: Iterable<MergeNode>, options?: WriteOptions): Promise<Merged[]> {
    const list = listOf('nodes', nodes)
    return this.#transact('mergeMany', (graph) => list.map((node) => mergeNode(this.core, graph, node)), options)
  }

  async mergeEdge(edge: MergeEdge, options?: WriteOptions): Promise<Merged> {
    return this.#transact('mergeEdge', (graph) => mergeEdge(this.core, graph, edge), options)
  }

  async mergeEdges(edges: Iterable<MergeEdge>, options?: WriteOptions): Promise<Merged[]> {
    const list = listOf('edges', edges)
    return this.#transact('mergeEdges', (graph) => list.map((edge) => mergeEdge(this.core, graph, edge)), options)
  }

  load(source: GraphSource, options?: LoadOptions): Promise<LoadResult> {
    return loadGraph(this.core, source, options)
  }

  async createKeys(options?: CreateIndexOptions): Promise<void> {
    const { schema } = this.core
    if (schema === undefined) throw typeError('createKeys needs a graph with a schema')
    for (const [label, property] of schema.keys) await this.createIndex({ label, property, unique: true }, options)
  }

  async createIndex(index: NewIndex, options: CreateIndexOptions = {}): Promise<void> {
    await this.#build(() => this.#inSchema(index, indexBuffer(index as Parameters<typeof indexBuffer>[0])), options)
  }

  async createTextIndex(index: TextIndex, options: CreateIndexOptions = {}): Promise<void> {
    await this.#build(
      () => this.#inSchema(index, textIndexBuffer(index as Parameters<typeof textIndexBuffer>[0])),
      options,
    )
  }

  /** Refuses an index over what the schema does not have. */
  #inSchema<B>(index: NewIndex | TextIndex, buffer: B): B {
    const { schema } = this.core
    const { label = [], type = [], property } = index
    const [labels, types, names] = [[label].flat(), [type].flat(), [property].flat()]
    if (types.length > 0) schema?.checkEdgeNames(types, names)
    else {
      schema?.checkLabels(labels)
      schema?.checkNodeNames(labels.length === 1 ? labels[0] : undefined, names)
    }
    return buffer
  }

  async dropIndex(index: string | Omit<GraphIndex, 'unique'>, options?: WriteOptions): Promise<void> {
    const { store, handle } = this.core
    if (typeof index === 'string') {
      checkText('index', index)
      const named = writeLevel('dropIndex', options, store.level)
      await store.job<void>(() => native.dropNamedGraphIndex(handle, index, named))
      return
    }
    const { label, property } = droppedIndex(index)
    const level = writeLevel('dropIndex', options, store.level)
    await store.job<void>(() => native.dropGraphIndex(handle, label, property, level))
  }

  in(transaction: Transaction): GraphTransactionCore {
    const reader: unknown = transaction
    if (!(reader instanceof ReaderCore) || !('commit' in reader)) {
      throw wrongType('transaction', 'what store.transaction gives to its function', transaction)
    }
    return new GraphTransactionCore(this.core, reader)
  }

  at(snapshot: Snapshot): GraphReaderCore {
    const reader: unknown = snapshot
    if (!(reader instanceof ReaderCore) || 'commit' in reader) {
      throw wrongType('snapshot', 'what store.snapshot gives', snapshot)
    }
    return new GraphReaderCore(this.core, reader)
  }

  prepare(text: string): PreparedCore {
    const { store, handle } = this.core
    const bytes = request(this.core, text, undefined, {})
    const plan = store.call(() => native.prepareGraph(handle, bytes))
    const prepared = new PreparedCore(this, text)
    releaseWith(prepared, plan)
    return prepared
  }

  async findAsync(options: FindOptions = {}): Promise<GraphNode[]> {
    const rows = (await this.core.askAsync(findQuestion(this.core.schema, options), 0)) as NodeRow[]
    return rows.map((row) => nodeOf(row))
  }

  async neighborsAsync(id: number, filter: NeighborFilter = {}): Promise<Neighbor[]> {
    return neighborsOf(await this.core.askAsync(neighborQuestion(this.core.schema, id, filter, 1), 0))
  }

  async pathAsync(from: number, to: number | NodeFilter, options: PathOptions = {}): Promise<Path | undefined> {
    return pathOf(await this.core.askAsync(pathQuestion(this.core.schema, from, to, options), 0))
  }

  async expandAsync(from: number, options: ExpandOptions = {}): Promise<Reached[]> {
    return reachedOf(await this.core.askAsync(expandQuestion(this.core.schema, from, options), 0))
  }

  async searchTextAsync(index: string, query: string, options: TextSearchOptions = {}): Promise<TextHit[]> {
    return hitsOf(index, await this.core.askAsync(searchQuestion(index, query, options), 0))
  }

  async searchEdgeTextAsync(index: string, query: string, options: TextSearchOptions = {}): Promise<EdgeTextHit[]> {
    return edgeHitsOf(index, await this.core.askAsync(searchQuestion(index, query, options), 0))
  }

  async verify(): Promise<string[]> {
    return (await this.core.askAsync(new Question().verify(), 0)) as string[]
  }

  async #build(buffer: () => IndexBuffer, options: CreateIndexOptions): Promise<void> {
    checkNames('the options of createIndex', options, ['durability', 'onProgress', 'signal'])
    const { onProgress, signal } = options
    checkFunction('onProgress', onProgress)
    checkSignal(signal)
    const { store, handle } = this.core
    const level = levelOf(options.durability, store.level)
    const index = buffer()
    try {
      // The addon copies the buffer before the call returns.
      const job = store.longJob<void>(
        () => native.createGraphIndex(handle, index.bytes, level),
        (done, total) => onProgress?.({ done, total }),
        signal,
      )
      await job
    } finally {
      index.release()
    }
  }

  async #transact<R>(
    where: string,
    run: (graph: GraphTransactionCore) => R,
    options: WriteOptions | undefined,
  ): Promise<R> {
    writeLevel(where, options, this.core.store.level)
    return runTransaction(
      this.core.store,
      (transaction) => run(new GraphTransactionCore(this.core, transaction as unknown as ReaderCore)),
      options,
    )
  }

  async #change<R>(where: string, write: (changes: Changes) => R, options: WriteOptions | undefined): Promise<R> {
    const { store } = this.core
    const level = writeLevel(where, options, store.level)
    store.checkOpen()
    const changes = new Changes()
    let result: R
    try {
      result = write(changes)
      this.core.change(changes, modeOf(level))
    } finally {
      changes.release()
    }
    await store.durable(level)
    return result
  }
}

function listOf<E>(what: string, items: Iterable<E>): E[] {
  if (typeof items !== 'object' || items === null || !(Symbol.iterator in items)) {
    throw wrongType(what, 'an iterable', items)
  }
  return [...items]
}

/** Opens or creates a graph. */
export function openGraph<T extends GraphTypes>(store: StoreCore, name: string, schema?: GraphSchema): Graph<T> {
  checkGraphName(name)
  const checked = schema === undefined ? undefined : new CheckedGraphSchema(name, schema)
  return new GraphHandle(store, name, checked) as unknown as Graph<T>
}

/** The names of a store's graphs. */
export function listGraphs(store: StoreCore): string[] {
  return store.call(() => native.graphs(store.handle))
}

/** Drops a graph with all it holds; tells whether there was one. */
export async function dropGraph(store: StoreCore, name: string, options?: WriteOptions): Promise<boolean> {
  checkGraphName(name)
  const level = writeLevel('dropGraph', options, store.level)
  const dropped = store.call(() => native.dropGraph(store.handle, name))
  await store.durable(level)
  return dropped
}

function checkGraphName(name: unknown): void {
  checkName('name', name)
  if (name === '') throw outOfRange('name', 'not empty', name)
}
