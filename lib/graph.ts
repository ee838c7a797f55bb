/**
 * The property graph: nodes with labels and properties, typed directed edges with properties, in the store's own
 * commits, transactions and snapshots.
 */
import { outOfRange, SledStoreError, wrongType } from './errors.js'
import { Changes, checkName, isDirection, Mode, namesOf, Question, type EdgeTest, type NodeTest } from './graph-buffer.js'
import type {
  AnyGraph,
  EdgeFilter,
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
import { readAnswer } from './graph-value.js'
import type { StoreCore } from './internal/lifecycle.js'
import { native } from './internal/native.js'
import { checkBoolean, checkCount, checkNames, writeLevel, type WriteOptions } from './options.js'
import { ReaderCore, type Snapshot } from './snapshot.js'
import type { Transaction } from './transaction.js'

const IDS_MIN = 16
const IDS_MAX = 4_096

/** Ids that the addon has set aside, so that what is added has its id at once. */
class Ids {
  readonly #reserve: (count: number) => number
  #next = 0
  #end = 0
  #size = IDS_MIN

  constructor(reserve: (count: number) => number) {
    this.#reserve = reserve
  }

  take(): number {
    if (this.#next === this.#end) {
      this.#next = this.#reserve(this.#size)
      this.#end = this.#next + this.#size
      this.#size = Math.min(4 * this.#size, IDS_MAX)
    }
    return this.#next++
  }
}

/** A graph as this environment has it open. */
class GraphCore {
  readonly store: StoreCore
  readonly name: string
  readonly handle: number
  readonly nodes: Ids
  readonly edges: Ids

  constructor(store: StoreCore, name: string) {
    this.store = store
    this.name = name
    this.handle = store.call(() => native.graph(store.handle, name))
    this.nodes = new Ids(count => store.call(() => native.reserveGraphIds(this.handle, false, count)))
    this.edges = new Ids(count => store.call(() => native.reserveGraphIds(this.handle, true, count)))
  }

  ask(question: Question, reader: number): unknown {
    try {
      const length = this.store.call(() => native.askGraph(this.handle, reader, question.bytes))
      const answer = Buffer.allocUnsafe(length)
      this.store.check(native.take(answer))
      return readAnswer(answer)
    } finally {
      question.release()
    }
  }

  async askAsync(question: Question, reader: number): Promise<unknown> {
    try {
      // The addon copies the question before the call returns.
      const job = this.store.job<Buffer>(() => native.askGraphAsync(this.handle, reader, question.bytes))
      return readAnswer(await job)
    } finally {
      question.release()
    }
  }

  /** `mode` as in `crate/node/src/hot.rs`. */
  change(changes: Changes, mode: number): void {
    this.store.call(() => native.changeGraph(this.handle, changes.bytes, mode))
  }
}

type NodeRow = [id: number, labels: string[], properties: object]
type EdgeRow = [id: number, type: string, source: number, target: number, properties: object]
type PathRow = [nodes: NodeRow[], edges: EdgeRow[]]

function nodeOf<N>(row: NodeRow): N {
  return { id: row[0], labels: row[1], properties: row[2] } as N
}

function edgeOf<E>(row: EdgeRow): E {
  return { id: row[0], type: row[1], source: row[2], target: row[3], properties: row[4] } as E
}

function neighborsOf<T extends GraphTypes, L extends LabelOf<T>>(answer: unknown): Neighbor<T, L>[] {
  const rows = answer as (NodeRow | EdgeRow)[]
  const neighbors: Neighbor<T, L>[] = []
  for (let at = 0; at < rows.length; at += 2) {
    neighbors.push({ edge: edgeOf(rows[at] as EdgeRow), node: nodeOf(rows[at + 1] as NodeRow) })
  }
  return neighbors
}

function pathOf<T extends GraphTypes>(answer: unknown): Path<T> | undefined {
  if (answer === null) return undefined
  const [nodes, edges] = answer as PathRow
  return { nodes: nodes.map(row => nodeOf(row)), edges: edges.map(row => edgeOf(row)) }
}

function reachedOf(answer: unknown): Reached[] {
  const numbers = answer as number[]
  const reached: Reached[] = []
  for (let at = 0; at < numbers.length; at += 2) {
    reached.push({ id: numbers[at] as number, depth: numbers[at + 1] as number })
  }
  return reached
}

const nodeFilterNames = ['label', 'where'] as const
const findNames = [...nodeFilterNames, 'limit'] as const
const edgeFilterNames = ['direction', 'type'] as const
const neighborNames = [...edgeFilterNames, ...findNames] as const
const pathNames = [...edgeFilterNames, 'maxDepth'] as const
const expandNames = [...pathNames, 'limit'] as const

function checkId(what: string, id: unknown): number {
  return checkCount(what, id, 0)
}

function checkOptional(what: string, value: unknown): number | undefined {
  return value === undefined || value === Infinity ? undefined : checkCount(what, value, 0)
}

function nodeTest({ label, where }: { readonly label?: unknown; readonly where?: unknown }): NodeTest {
  if (label === undefined) return { label: undefined, where }
  checkName('label', label)
  return { label, where }
}

function edgeTest({ direction = 'out', type }: { readonly direction?: unknown; readonly type?: unknown }): EdgeTest {
  if (!isDirection(direction)) throw outOfRange('direction', 'out, in or both', direction)
  return { direction, types: namesOf('type', type) }
}

function findQuestion(options: FindOptions<GraphTypes, never>): Question {
  checkNames('find', options, findNames)
  return new Question().find(nodeTest(options), checkOptional('limit', options.limit), true)
}

function neighborQuestion(id: number, filter: NeighborFilter<GraphTypes, never>, whole: boolean): Question {
  checkNames('neighbors', filter, neighborNames)
  const limit = checkOptional('limit', filter.limit)
  return new Question().neighbors(checkId('id', id), edgeTest(filter), nodeTest(filter), limit, whole)
}

function pathQuestion(from: number, to: unknown, options: PathOptions<GraphTypes>): Question {
  checkNames('path', options, pathNames)
  const maxDepth = checkOptional('maxDepth', options.maxDepth)
  let end: number | NodeTest
  if (typeof to === 'object' && to !== null) {
    checkNames('the end of path', to, nodeFilterNames)
    end = nodeTest(to)
  } else {
    end = checkId('to', to)
  }
  return new Question().path(checkId('from', from), end, edgeTest(options), maxDepth)
}

function expandQuestion(from: number, options: ExpandOptions<GraphTypes>): Question {
  checkNames('expand', options, expandNames)
  const maxDepth = checkOptional('maxDepth', options.maxDepth)
  return new Question().expand(checkId('from', from), edgeTest(options), maxDepth, checkOptional('limit', options.limit))
}

/** Reads a graph: as it is now, as a snapshot has it, or as a transaction sees it. Each answer is of one moment. */
export class GraphReader<T extends GraphTypes = AnyGraph> {
  /** @internal */
  protected readonly core: GraphCore
  readonly #reader: ReaderCore | undefined

  /** @internal */
  protected constructor(core: GraphCore, reader: ReaderCore | undefined) {
    this.core = core
    this.#reader = reader
  }

  /** The name of the graph. */
  get name(): string {
    return this.core.name
  }

  /** A node; `undefined` when there is none. */
  node<L extends LabelOf<T> = LabelOf<T>>(id: number): GraphNode<T, L> | undefined {
    const row = this.#ask(() => new Question().node(checkId('id', id))) as NodeRow | null
    return row === null ? undefined : nodeOf(row)
  }

  /** An edge; `undefined` when there is none. */
  edge<K extends TypeOf<T> = TypeOf<T>>(id: number): GraphEdge<T, K> | undefined {
    const row = this.#ask(() => new Question().edge(checkId('id', id))) as EdgeRow | null
    return row === null ? undefined : edgeOf(row)
  }

  /**
   * The nodes with a label and properties, in the order of their ids. An index over one of the properties is used when
   * there is one; else every node with the label is looked at.
   *
   * @example
   * ```ts
   * graph.find({ label: 'Person', where: { name: 'Ann' } })
   * ```
   */
  find<L extends LabelOf<T> = LabelOf<T>>(options: FindOptions<T, L> = {}): GraphNode<T, L>[] {
    return (this.#ask(() => findQuestion(options as FindOptions<GraphTypes, never>)) as NodeRow[]).map(row => nodeOf(row))
  }

  /** The first node that `find` would give. */
  findOne<L extends LabelOf<T> = LabelOf<T>>(filter: NodeFilter<T, L>): GraphNode<T, L> | undefined {
    return this.find({ ...filter, limit: 1 })[0]
  }

  /**
   * The edges of a node and the nodes at their other ends, one answer an edge, ordered by direction, type and neighbor.
   * A node that does not exist has none.
   *
   * @example
   * ```ts
   * for (const { node, edge } of graph.neighbors(ann, { type: 'KNOWS', where: { city: 'Rome' } })) …
   * ```
   */
  neighbors<L extends LabelOf<T> = LabelOf<T>>(id: number, filter: NeighborFilter<T, L> = {}): Neighbor<T, L>[] {
    return neighborsOf(this.#ask(() => neighborQuestion(id, filter as NeighborFilter<GraphTypes, never>, true)))
  }

  /** The ids of what `neighbors` gives, which is faster: neither properties nor edges are read. */
  neighborIds<L extends LabelOf<T> = LabelOf<T>>(id: number, filter: NeighborFilter<T, L> = {}): number[] {
    const question = (): Question => neighborQuestion(id, filter as NeighborFilter<GraphTypes, never>, false)
    // Node, edge and direction of each.
    return (this.#ask(question) as number[]).filter((_, at) => at % 3 === 0)
  }

  /**
   * A path with the fewest edges to a node, or to the nearest one that fits a filter; `undefined` when there is none.
   *
   * @example
   * ```ts
   * graph.path(whale, entity, { type: 'hypernym' })?.nodes.map(node => node.properties.words)
   * ```
   */
  path(from: number, to: number | NodeFilter<T>, options: PathOptions<T> = {}): Path<T> | undefined {
    return pathOf(this.#ask(() => pathQuestion(from, to, options as PathOptions<GraphTypes>)))
  }

  /** The nodes around a node, nearest first, each once and without itself. */
  expand(from: number, options: ExpandOptions<T> = {}): Reached[] {
    return reachedOf(this.#ask(() => expandQuestion(from, options as ExpandOptions<GraphTypes>)))
  }

  /** How many nodes there are, or how many with a label; it walks them. */
  countNodes(label?: LabelOf<T>): number {
    return this.#ask(() => {
      if (label !== undefined) checkName('label', label)
      return new Question().countNodes(label)
    }) as number
  }

  /** How many edges there are; it walks them. */
  countEdges(): number {
    return this.#ask(() => new Question().countEdges()) as number
  }

  /** The indexes there are. */
  indexes(): Required<Omit<GraphIndex<T>, 'label'>>[] & GraphIndex<T>[] {
    const rows = this.#ask(() => new Question().indexes()) as (string | boolean | null)[]
    const indexes = []
    for (let at = 0; at < rows.length; at += 3) {
      const label = rows[at] as LabelOf<T> | null
      const index = { property: rows[at + 1] as string, unique: rows[at + 2] as boolean }
      indexes.push(label === null ? index : { label, ...index })
    }
    return indexes
  }

  #ask(question: () => Question): unknown {
    this.#reader?.checkUsable()
    return this.core.ask(question(), this.#reader?.reader ?? 0)
  }
}

/** Adds a node to changes; gives its id. */
function addNode(core: GraphCore, changes: Changes, node: NewNode<GraphTypes, never> = {}): number {
  checkNames('addNode', node, ['labels', 'properties'])
  const labels = namesOf('labels', node.labels)
  const id = core.nodes.take()
  changes.addNode(id, labels, node.properties)
  return id
}

/** Adds an edge to changes; gives its id. */
function addEdge(core: GraphCore, changes: Changes, edge: NewEdge<GraphTypes, never>): number {
  checkNames('addEdge', edge, ['type', 'source', 'target', 'properties'])
  const { type, properties } = edge as { type: unknown; properties?: unknown }
  checkName('type', type)
  const source = checkId('source', edge.source)
  const target = checkId('target', edge.target)
  const id = core.edges.take()
  changes.addEdge(id, type, source, target, properties)
  return id
}

function updateNode(changes: Changes, id: number, update: NodeUpdate<GraphTypes, never>): void {
  checkNames('updateNode', update, ['properties', 'replace', 'addLabels', 'removeLabels'])
  const { properties } = update as { properties?: unknown }
  const mode = modeOf(update.replace, properties)
  const [add, remove] = [namesOf('addLabels', update.addLabels), namesOf('removeLabels', update.removeLabels)]
  changes.updateNode(checkId('id', id), mode, properties, add, remove)
}

function updateEdge(changes: Changes, id: number, update: EdgeUpdate<GraphTypes, never>): void {
  checkNames('updateEdge', update, ['properties', 'replace'])
  const { properties } = update as { properties?: unknown }
  changes.updateEdge(checkId('id', id), modeOf(update.replace, properties), properties)
}

function modeOf(replace: unknown, properties: unknown): number {
  const replaces = checkBoolean('replace', replace, false)
  if (properties === undefined && !replaces) return Mode.Leave
  if (properties === undefined) throw wrongType('properties', 'given when replace is true', properties)
  return replaces ? Mode.Replace : Mode.Merge
}

/** Changes of a graph that take effect together. Each has checked its arguments when it returns. */
export interface GraphWriter<T extends GraphTypes = AnyGraph> {
  /** Adds a node; gives its id. */
  addNode<L extends LabelOf<T>>(node?: NewNode<T, L>): number
  /** Adds an edge; gives its id. Edges may be parallel, and may end where they start. */
  addEdge<K extends TypeOf<T>>(edge: NewEdge<T, K>): number
  /** Changes properties and labels of a node. */
  updateNode<L extends LabelOf<T>>(id: number, update: NodeUpdate<T, L>): void
  /** Changes properties of an edge. */
  updateEdge<K extends TypeOf<T>>(id: number, update: EdgeUpdate<T, K>): void
  /** Removes a node and every edge at it. */
  removeNode(id: number): void
  /** Removes an edge. */
  removeEdge(id: number): void
}

/** What `graph.batch` hands to its function; it ends with it. */
class GraphBatch implements GraphWriter<GraphTypes> {
  readonly #core: GraphCore
  #changes: Changes | undefined = new Changes()

  constructor(core: GraphCore) {
    this.#core = core
  }

  addNode(node?: NewNode<GraphTypes, never>): number {
    return addNode(this.#core, this.#use(), node)
  }

  addEdge(edge: NewEdge<GraphTypes, never>): number {
    return addEdge(this.#core, this.#use(), edge)
  }

  updateNode(id: number, update: NodeUpdate<GraphTypes, never>): void {
    updateNode(this.#use(), id, update)
  }

  updateEdge(id: number, update: EdgeUpdate<GraphTypes, never>): void {
    updateEdge(this.#use(), id, update)
  }

  removeNode(id: number): void {
    this.#use().removeNode(checkId('id', id))
  }

  removeEdge(id: number): void {
    this.#use().removeEdge(checkId('id', id))
  }

  commit(mode: number): void {
    const changes = this.#use()
    if (changes.length > 0) this.#core.change(changes, mode)
  }

  end(): void {
    this.#changes?.release()
    this.#changes = undefined
  }

  #use(): Changes {
    this.#core.store.checkOpen()
    if (this.#changes !== undefined) return this.#changes
    throw new SledStoreError('ENDED', 'the batch has ended; use it only inside the function given to graph.batch')
  }
}

/** A graph inside a transaction: reads see its own changes, which take effect when the transaction commits. */
export class GraphTransaction<T extends GraphTypes = AnyGraph> extends GraphReader<T> implements GraphWriter<T> {
  readonly #transaction: ReaderCore

  /** @internal */
  constructor(core: GraphCore, transaction: ReaderCore) {
    super(core, transaction)
    this.#transaction = transaction
  }

  /**
   * Adds a node; gives its id.
   *
   * @throws SledStoreError `UNIQUE_VIOLATION`
   */
  addNode<L extends LabelOf<T>>(node?: NewNode<T, L>): number {
    return this.#change(changes => addNode(this.core, changes, node as NewNode<GraphTypes, never>))
  }

  /**
   * Adds an edge; gives its id.
   *
   * @throws SledStoreError `NOT_FOUND` when a node at one of its ends is missing
   */
  addEdge<K extends TypeOf<T>>(edge: NewEdge<T, K>): number {
    return this.#change(changes => addEdge(this.core, changes, edge as unknown as NewEdge<GraphTypes, never>))
  }

  /**
   * Changes properties and labels of a node.
   *
   * @throws SledStoreError `NOT_FOUND`, `UNIQUE_VIOLATION`
   */
  updateNode<L extends LabelOf<T>>(id: number, update: NodeUpdate<T, L>): void {
    this.#change(changes => updateNode(changes, id, update as NodeUpdate<GraphTypes, never>))
  }

  /**
   * Changes properties of an edge.
   *
   * @throws SledStoreError `NOT_FOUND`
   */
  updateEdge<K extends TypeOf<T>>(id: number, update: EdgeUpdate<T, K>): void {
    this.#change(changes => updateEdge(changes, id, update as EdgeUpdate<GraphTypes, never>))
  }

  /**
   * Removes a node and every edge at it.
   *
   * @throws SledStoreError `NOT_FOUND`
   */
  removeNode(id: number): void {
    this.#change(changes => changes.removeNode(checkId('id', id)))
  }

  /**
   * Removes an edge.
   *
   * @throws SledStoreError `NOT_FOUND`
   */
  removeEdge(id: number): void {
    this.#change(changes => changes.removeEdge(checkId('id', id)))
  }

  #change<R>(write: (changes: Changes) => R): R {
    this.#transaction.checkUsable()
    const changes = new Changes()
    try {
      const result = write(changes)
      this.core.change(changes, this.#transaction.reader)
      return result
    } finally {
      changes.release()
    }
  }
}

/** A graph as a snapshot has it. */
class GraphSnapshot<T extends GraphTypes> extends GraphReader<T> {
  constructor(core: GraphCore, snapshot: ReaderCore) {
    super(core, snapshot)
  }
}

/**
 * A graph of a store. Reads are synchronous and see the newest state; changes are visible to them at once, and their
 * promises resolve when they are durable. A change that fails leaves nothing behind.
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
export class Graph<T extends GraphTypes = AnyGraph> extends GraphReader<T> {
  /** @internal */
  constructor(store: StoreCore, name: string) {
    super(new GraphCore(store, name), undefined)
  }

  /**
   * Adds a node; gives its id.
   *
   * @throws SledStoreError `UNIQUE_VIOLATION`
   */
  addNode<L extends LabelOf<T>>(node?: NewNode<T, L>, options?: WriteOptions): Promise<number> {
    return this.#change('addNode', changes => addNode(this.core, changes, node as NewNode<GraphTypes, never>), options)
  }

  /**
   * Adds an edge; gives its id. Edges may be parallel, and may end where they start.
   *
   * @throws SledStoreError `NOT_FOUND` when a node at one of its ends is missing
   */
  addEdge<K extends TypeOf<T>>(edge: NewEdge<T, K>, options?: WriteOptions): Promise<number> {
    return this.#change('addEdge', changes => addEdge(this.core, changes, edge as unknown as NewEdge<GraphTypes, never>), options)
  }

  /**
   * Changes properties and labels of a node.
   *
   * @example
   * ```ts
   * await graph.updateNode(ann, { properties: { age: 41, email: null }, addLabels: 'Admin' })
   * ```
   * @throws SledStoreError `NOT_FOUND`, `UNIQUE_VIOLATION`
   */
  updateNode<L extends LabelOf<T>>(id: number, update: NodeUpdate<T, L>, options?: WriteOptions): Promise<void> {
    const change = (changes: Changes): void => updateNode(changes, id, update as NodeUpdate<GraphTypes, never>)
    return this.#change('updateNode', change, options)
  }

  /**
   * Changes properties of an edge.
   *
   * @throws SledStoreError `NOT_FOUND`
   */
  updateEdge<K extends TypeOf<T>>(id: number, update: EdgeUpdate<T, K>, options?: WriteOptions): Promise<void> {
    const change = (changes: Changes): void => updateEdge(changes, id, update as EdgeUpdate<GraphTypes, never>)
    return this.#change('updateEdge', change, options)
  }

  /**
   * Removes a node and every edge at it.
   *
   * @throws SledStoreError `NOT_FOUND`
   */
  removeNode(id: number, options?: WriteOptions): Promise<void> {
    return this.#change('removeNode', changes => changes.removeNode(checkId('id', id)), options)
  }

  /**
   * Removes an edge.
   *
   * @throws SledStoreError `NOT_FOUND`
   */
  removeEdge(id: number, options?: WriteOptions): Promise<void> {
    return this.#change('removeEdge', changes => changes.removeEdge(checkId('id', id)), options)
  }

  /**
   * Makes many changes visible and durable together; gives what the function gives. What it adds has its id at once,
   * but is not seen by reads before the end. It is much faster than single calls.
   *
   * @example
   * ```ts
   * await graph.batch(batch => {
   *   const ann = batch.addNode({ labels: 'Person', properties: { name: 'Ann' } })
   *   batch.addEdge({ type: 'KNOWS', source: ann, target: bob })
   * })
   * ```
   * @throws SledStoreError `NOT_FOUND`, `UNIQUE_VIOLATION`, `TOO_LARGE` above half the memory budget
   */
  async batch<R>(fill: (batch: GraphWriter<T>) => R, options?: WriteOptions): Promise<R> {
    if (typeof fill !== 'function') throw wrongType('fill', 'a function that makes changes in the batch it is given', fill)
    const level = writeLevel('batch', options, this.core.store.level)
    this.core.store.checkOpen()
    const batch = new GraphBatch(this.core)
    let result: R
    try {
      result = fill(batch as unknown as GraphWriter<T>)
      if (typeof (result as { then?: unknown } | undefined)?.then === 'function') {
        throw new TypeError('the function given to graph.batch must not be async; prepare its data before')
      }
      batch.commit(modeAt(level))
    } finally {
      batch.end()
    }
    await this.core.store.durable(level)
    return result
  }

  /**
   * Creates an index over a property of the nodes there are and of those to come; the same index may be asked for
   * again. With `unique`, two nodes with the label cannot have the same value. Lists, maps and NaN are not indexed.
   *
   * @throws SledStoreError `UNIQUE_VIOLATION` when two nodes share a value, `KEY_TOO_LARGE` for a value that is too long,
   * `TOO_LARGE` when the entries of all nodes are more than half the memory budget: create indexes before loading
   */
  async createIndex(index: GraphIndex<T>, options?: WriteOptions): Promise<void> {
    checkNames('createIndex', index, ['label', 'property', 'unique'])
    const { label, property } = checkIndex(index)
    const unique = checkBoolean('unique', index.unique, false)
    await this.#changeAsync('createIndex', changes => changes.createIndex(label, property, unique), options)
  }

  /** Drops an index; one that does not exist is no error. */
  async dropIndex(index: Omit<GraphIndex<T>, 'unique'>, options?: WriteOptions): Promise<void> {
    checkNames('dropIndex', index, ['label', 'property'])
    const { label, property } = checkIndex(index)
    await this.#changeAsync('dropIndex', changes => changes.dropIndex(label, property), options)
  }

  /**
   * The graph inside a transaction.
   *
   * @example
   * ```ts
   * await store.transaction(tx => {
   *   const people = graph.in(tx)
   *   if (people.findOne({ label: 'Person', where: { name: 'Ann' } }) === undefined) {
   *     tx.put(log, 'ann', people.addNode({ labels: 'Person', properties: { name: 'Ann' } }))
   *   }
   * })
   * ```
   */
  in(transaction: Transaction): GraphTransaction<T> {
    const reader: unknown = transaction
    if (!(reader instanceof ReaderCore) || !('commit' in reader)) {
      throw wrongType('transaction', 'what store.transaction gives to its function', transaction)
    }
    return new GraphTransaction(this.core, reader)
  }

  /** The graph as it was when a snapshot was made. */
  at(snapshot: Snapshot): GraphReader<T> {
    const reader: unknown = snapshot
    if (!(reader instanceof ReaderCore) || 'commit' in reader) {
      throw wrongType('snapshot', 'what store.snapshot gives', snapshot)
    }
    return new GraphSnapshot(this.core, reader)
  }

  /** As `find`, on another thread. */
  async findAsync<L extends LabelOf<T> = LabelOf<T>>(options: FindOptions<T, L> = {}): Promise<GraphNode<T, L>[]> {
    const rows = await this.core.askAsync(findQuestion(options as FindOptions<GraphTypes, never>), 0)
    return (rows as NodeRow[]).map(row => nodeOf(row))
  }

  /** As `neighbors`, on another thread. */
  async neighborsAsync<L extends LabelOf<T> = LabelOf<T>>(
    id: number,
    filter: NeighborFilter<T, L> = {},
  ): Promise<Neighbor<T, L>[]> {
    return neighborsOf(await this.core.askAsync(neighborQuestion(id, filter as NeighborFilter<GraphTypes, never>, true), 0))
  }

  /** As `path`, on another thread. */
  async pathAsync(from: number, to: number | NodeFilter<T>, options: PathOptions<T> = {}): Promise<Path<T> | undefined> {
    return pathOf(await this.core.askAsync(pathQuestion(from, to, options as PathOptions<GraphTypes>), 0))
  }

  /** As `expand`, on another thread. */
  async expandAsync(from: number, options: ExpandOptions<T> = {}): Promise<Reached[]> {
    return reachedOf(await this.core.askAsync(expandQuestion(from, options as ExpandOptions<GraphTypes>), 0))
  }

  /** Walks the whole graph and names each row that contradicts another; a sound graph has none. */
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
      this.core.change(changes, modeAt(level))
    } finally {
      changes.release()
    }
    await store.durable(level)
    return result
  }

  async #changeAsync(where: string, write: (changes: Changes) => void, options: WriteOptions | undefined): Promise<void> {
    const { store, handle } = this.core
    const level = writeLevel(where, options, store.level)
    const changes = new Changes()
    try {
      write(changes)
      // The addon copies the changes before the call returns.
      await store.job<void>(() => native.changeGraphAsync(handle, changes.bytes, level))
    } finally {
      changes.release()
    }
  }
}

/** Applied and visible; durability is waited for apart, unless nobody asks for it. */
function modeAt(level: number): number {
  return level === 0 ? -1 : 0
}

function checkIndex(index: { readonly label?: unknown; readonly property: unknown }): {
  label: string | undefined
  property: string
} {
  const { label, property } = index
  checkName('property', property)
  if (label === undefined) return { label, property }
  checkName('label', label)
  return { label, property }
}

/** Opens or creates a graph. */
export function openGraph<T extends GraphTypes>(store: StoreCore, name: string): Graph<T> {
  checkGraphName(name)
  return new Graph<T>(store, name)
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

export type { EdgeFilter }
