/**
 * Questions to a graph, at the newest state, in a snapshot or inside a transaction.
 */
import { outOfRange } from './errors.js'
import { checkName, isDirection, namesOf, Question, type EdgeTest, type NodeTest } from './graph-buffer.js'
import {
  edgeOf,
  neighborsOf,
  nodeOf,
  pathOf,
  reachedOf,
  type EdgeRow,
  type GraphCore,
  type NodeRow,
} from './graph-core.js'
import type {
  AnyGraph,
  ExpandOptions,
  FindOptions,
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
  TypeOf,
} from './graph-types.js'
import {
  queryAsync,
  querySync,
  type AsyncQueryOptions,
  type QueryOptions,
  type QueryParameters,
  type QueryResult,
} from './graph-query.js'
import { openStream, type QueryStream } from './query-stream.js'
import type { QueryValue } from './query-value.js'
import { checkCount, checkNames } from './options.js'
import type { ReaderCore } from './snapshot.js'

const nodeFilterNames = ['label', 'where'] as const
const findNames = [...nodeFilterNames, 'limit'] as const
const edgeFilterNames = ['direction', 'type'] as const
const neighborNames = [...edgeFilterNames, ...findNames] as const
const pathNames = [...edgeFilterNames, 'maxDepth'] as const
const expandNames = [...pathNames, 'limit'] as const

/** An id of a node or an edge. */
export function checkId(what: string, id: unknown): number {
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

/** The question of `find`. */
export function findQuestion(options: FindOptions): Question {
  checkNames('find', options, findNames)
  return new Question().find(nodeTest(options), checkOptional('limit', options.limit), true)
}

/** The question of `neighbors`. */
export function neighborQuestion(id: number, filter: NeighborFilter, whole: boolean): Question {
  checkNames('neighbors', filter, neighborNames)
  const limit = checkOptional('limit', filter.limit)
  return new Question().neighbors(checkId('id', id), edgeTest(filter), nodeTest(filter), limit, whole)
}

/** The question of `path`. */
export function pathQuestion(from: number, to: unknown, options: PathOptions): Question {
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

/** The question of `expand`. */
export function expandQuestion(from: number, options: ExpandOptions): Question {
  checkNames('expand', options, expandNames)
  const maxDepth = checkOptional('maxDepth', options.maxDepth)
  return new Question().expand(
    checkId('from', from),
    edgeTest(options),
    maxDepth,
    checkOptional('limit', options.limit),
  )
}

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

/** {@link GraphReader} without its types. */
export class GraphReaderCore {
  protected readonly core: GraphCore
  readonly #reader: ReaderCore | undefined

  /** Who reads, as the addon knows it; 0 for the newest state. */
  protected get reader(): number {
    this.#reader?.checkUsable()
    return this.#reader?.reader ?? 0
  }

  constructor(core: GraphCore, reader?: ReaderCore) {
    this.core = core
    this.#reader = reader
  }

  get name(): string {
    return this.core.name
  }

  node(id: number): GraphNode | undefined {
    const row = this.#ask(() => new Question().node(checkId('id', id))) as NodeRow | null
    return row === null ? undefined : nodeOf(row)
  }

  edge(id: number): GraphEdge | undefined {
    const row = this.#ask(() => new Question().edge(checkId('id', id))) as EdgeRow | null
    return row === null ? undefined : edgeOf(row)
  }

  find(options: FindOptions = {}): GraphNode[] {
    return (this.#ask(() => findQuestion(options)) as NodeRow[]).map((row) => nodeOf(row))
  }

  findOne(filter: NodeFilter): GraphNode | undefined {
    return this.find({ ...filter, limit: 1 })[0]
  }

  neighbors(id: number, filter: NeighborFilter = {}): Neighbor[] {
    return neighborsOf(this.#ask(() => neighborQuestion(id, filter, true)))
  }

  neighborIds(id: number, filter: NeighborFilter = {}): number[] {
    // Node, edge and direction of each.
    return (this.#ask(() => neighborQuestion(id, filter, false)) as number[]).filter((_, at) => at % 3 === 0)
  }

  path(from: number, to: number | NodeFilter, options: PathOptions = {}): Path | undefined {
    return pathOf(this.#ask(() => pathQuestion(from, to, options)))
  }

  expand(from: number, options: ExpandOptions = {}): Reached[] {
    return reachedOf(this.#ask(() => expandQuestion(from, options)))
  }

  countNodes(label?: string): number {
    return this.#ask(() => {
      if (label !== undefined) checkName('label', label)
      return new Question().countNodes(label)
    }) as number
  }

  countEdges(): number {
    return this.#ask(() => new Question().countEdges()) as number
  }

  indexes(): GraphIndex[] {
    const rows = this.#ask(() => new Question().indexes()) as (string | boolean | null)[]
    const indexes: GraphIndex[] = []
    for (let at = 0; at < rows.length; at += 3) {
      const index = { property: rows[at + 1] as string, unique: rows[at + 2] as boolean }
      const label = rows[at] as string | null
      indexes.push(label === null ? index : { label, ...index })
    }
    return indexes
  }

  querySync(text: string, parameters?: QueryParameters, options?: QueryOptions): QueryResult {
    return querySync(this.core, this.reader, text, parameters, options)
  }

  async query(text: string, parameters?: QueryParameters, options?: AsyncQueryOptions): Promise<QueryResult> {
    return queryAsync(this.core, this.reader, text, parameters, options)
  }

  #ask(question: () => Question): unknown {
    const { reader } = this
    return this.core.ask(question(), reader)
  }
}

/** {@link GraphSnapshot} without its types. */
export class GraphSnapshotCore extends GraphReaderCore {
  stream(
    text: string,
    parameters?: QueryParameters,
    options?: AsyncQueryOptions,
  ): QueryStream<Record<string, QueryValue>> {
    return openStream(this.core, this.reader, text, parameters, options)
  }
}
