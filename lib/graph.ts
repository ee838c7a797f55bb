/**
 * The property graph: nodes with labels and properties, typed directed edges with properties, in the store's own
 * commits, transactions and snapshots.
 */
import { outOfRange, wrongType } from './errors.js'
import { Changes, checkName, Question } from './graph-buffer.js'
import { GraphCore, neighborsOf, nodeOf, pathOf, reachedOf, type NodeRow } from './graph-core.js'
import {
  checkId,
  expandQuestion,
  findQuestion,
  GraphSnapshotCore,
  neighborQuestion,
  pathQuestion,
  type GraphSnapshot,
} from './graph-reader.js'
import type {
  AnyGraph,
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
  NewNode,
  NodeFilter,
  NodeUpdate,
  Path,
  PathOptions,
  Reached,
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
import { native } from './internal/native.js'
import {
  checkBoolean,
  checkFunction,
  checkNames,
  checkSignal,
  levelOf,
  writeLevel,
  type WorkOptions,
  type WriteOptions,
} from './options.js'
import { ReaderCore, type Snapshot } from './snapshot.js'
import type { Transaction } from './transaction.js'
import { isWellFormed } from './utf8.js'

/** How the creation of an index is answered, followed and ended. */
export interface CreateIndexOptions extends WriteOptions, WorkOptions<{ readonly nodes: number }> {}

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

/** {@link Graph} without its types. */
class GraphHandle extends GraphSnapshotCore {
  constructor(store: StoreCore, name: string) {
    super(new GraphCore(store, name))
  }

  addNode(node?: NewNode, options?: WriteOptions): Promise<number> {
    return this.#change('addNode', (changes) => addNode(this.core, changes, node), options)
  }

  addEdge(edge: NewEdge, options?: WriteOptions): Promise<number> {
    return this.#change('addEdge', (changes) => addEdge(this.core, changes, edge), options)
  }

  updateNode(id: number, update: NodeUpdate, options?: WriteOptions): Promise<void> {
    return this.#change('updateNode', (changes) => updateNode(changes, id, update), options)
  }

  updateEdge(id: number, update: EdgeUpdate, options?: WriteOptions): Promise<void> {
    return this.#change('updateEdge', (changes) => updateEdge(changes, id, update), options)
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
        throw new TypeError('the function given to graph.batch must not be async; prepare its data before')
      }
      batch.commit(modeOf(level))
    } finally {
      batch.end()
    }
    await store.durable(level)
    return result
  }

  async createIndex(index: GraphIndex, options: CreateIndexOptions = {}): Promise<void> {
    checkNames('createIndex', index, ['label', 'property', 'unique'])
    const { label, property } = checkIndex(index)
    const unique = checkBoolean('unique', index.unique, false)
    checkNames('the options of createIndex', options, ['durability', 'onProgress', 'signal'])
    const { onProgress, signal } = options
    checkFunction('onProgress', onProgress)
    checkSignal(signal)
    const { store, handle } = this.core
    const level = levelOf(options.durability, store.level)
    await store.longJob<void>(
      () => native.createGraphIndex(handle, label, property, unique, level),
      (nodes) => onProgress?.({ nodes }),
      signal,
    )
  }

  async dropIndex(index: Omit<GraphIndex, 'unique'>, options?: WriteOptions): Promise<void> {
    checkNames('dropIndex', index, ['label', 'property'])
    const { label, property } = checkIndex(index)
    const { store, handle } = this.core
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

  at(snapshot: Snapshot): GraphSnapshotCore {
    const reader: unknown = snapshot
    if (!(reader instanceof ReaderCore) || 'commit' in reader) {
      throw wrongType('snapshot', 'what store.snapshot gives', snapshot)
    }
    return new GraphSnapshotCore(this.core, reader)
  }

  async findAsync(options: FindOptions = {}): Promise<GraphNode[]> {
    const rows = (await this.core.askAsync(findQuestion(options), 0)) as NodeRow[]
    return rows.map((row) => nodeOf(row))
  }

  async neighborsAsync(id: number, filter: NeighborFilter = {}): Promise<Neighbor[]> {
    return neighborsOf(await this.core.askAsync(neighborQuestion(id, filter, true), 0))
  }

  async pathAsync(from: number, to: number | NodeFilter, options: PathOptions = {}): Promise<Path | undefined> {
    return pathOf(await this.core.askAsync(pathQuestion(from, to, options), 0))
  }

  async expandAsync(from: number, options: ExpandOptions = {}): Promise<Reached[]> {
    return reachedOf(await this.core.askAsync(expandQuestion(from, options), 0))
  }

  async verify(): Promise<string[]> {
    return (await this.core.askAsync(new Question().verify(), 0)) as string[]
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

function checkIndex(index: { readonly label?: unknown; readonly property: unknown }): {
  label: string | undefined
  property: string
} {
  const { label, property } = index
  checkText('property', property)
  if (label === undefined) return { label, property }
  checkText('label', label)
  return { label, property }
}

function checkText(what: string, name: unknown): asserts name is string {
  checkName(what, name)
  if (!isWellFormed(name)) throw new TypeError(`${what} must be well-formed text, but has a lone surrogate`)
}

/** Opens or creates a graph. */
export function openGraph<T extends GraphTypes>(store: StoreCore, name: string): Graph<T> {
  checkGraphName(name)
  return new GraphHandle(store, name) as unknown as Graph<T>
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
