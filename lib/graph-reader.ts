/**
 * Questions to a graph, at the newest state, in a snapshot or inside a transaction.
 */
import { algorithmsOf } from './algorithms.js'
import type { GraphAlgorithms } from './algorithms-types.js'
import { outOfRange } from './errors.js'
import { checkName, isDirection, namesOf, Question, type EdgeTest, type NodeTest } from './graph-buffer.js'
import {
  edgeHitsOf,
  edgeOf,
  hitsOf,
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
import { allEdges, allNodes, describeGraph } from './graph-description.js'
import type { GraphMatch } from './graph-match.js'
import { GraphMatchCore, type MatchRunner } from './graph-match-core.js'
import type { Conditions, MatchedNode, NodeProperties } from './graph-match-types.js'
import {
  queryAsync,
  querySync,
  type AsyncQueryOptions,
  type QueryOptions,
  type QueryParameters,
  type QueryResult,
} from './graph-query.js'
import type { CheckedGraphSchema } from './graph-schema.js'
import { openStream, type QueryStream } from './query-stream.js'
import type { QueryValue } from './query-value.js'
import { checkText } from './graph-index.js'
import { checkCount, checkNames } from './options.js'
import type { ReaderCore } from './snapshot.js'

const nodeFilterNames = ['label', 'where'] as const
const findNames = [...nodeFilterNames, 'limit'] as const
const edgeFilterNames = ['direction', 'type'] as const
const neighborNames = [...edgeFilterNames, ...findNames] as const
const pathNames = [...edgeFilterNames, 'maxDepth'] as const
const expandNames = [...pathNames, 'limit'] as const
const searchNames = ['limit', 'skip'] as const

/** An id of a node or an edge. */
export function checkId(what: string, id: unknown): number {
  return checkCount(what, id, 0)
}

function checkOptional(what: string, value: unknown): number | undefined {
  return value === undefined || value === Infinity ? undefined : checkCount(what, value, 0)
}

/** What questions are checked against, where there is one. */
type MaybeSchema = CheckedGraphSchema | undefined

function nodeTest(
  schema: MaybeSchema,
  { label, where }: { readonly label?: unknown; readonly where?: unknown },
): NodeTest {
  if (label !== undefined) checkName('label', label)
  schema?.checkNodeNames(label, typeof where === 'object' && where !== null ? Object.keys(where) : [])
  return { label, where }
}

function edgeTest(
  schema: MaybeSchema,
  { direction = 'out', type }: { readonly direction?: unknown; readonly type?: unknown },
): EdgeTest {
  if (!isDirection(direction)) throw outOfRange('direction', 'out, in or both', direction)
  const types = namesOf('type', type)
  schema?.checkTypes(types)
  return { direction, types }
}

/** The question of `find`. */
export function findQuestion(schema: MaybeSchema, options: FindOptions): Question {
  checkNames('find', options, findNames)
  return new Question().find(nodeTest(schema, options), checkOptional('limit', options.limit), true)
}

/** The question of `neighbors`. */
export function neighborQuestion(schema: MaybeSchema, id: number, filter: NeighborFilter, form: 0 | 1 | 2): Question {
  checkNames('neighbors', filter, neighborNames)
  const limit = checkOptional('limit', filter.limit)
  return new Question().neighbors(checkId('id', id), edgeTest(schema, filter), nodeTest(schema, filter), limit, form)
}

/** The question of `path`. */
export function pathQuestion(schema: MaybeSchema, from: number, to: unknown, options: PathOptions): Question {
  checkNames('path', options, pathNames)
  const maxDepth = checkOptional('maxDepth', options.maxDepth)
  let end: number | NodeTest
  if (typeof to === 'object' && to !== null) {
    checkNames('the end of path', to, nodeFilterNames)
    end = nodeTest(schema, to)
  } else {
    end = checkId('to', to)
  }
  return new Question().path(checkId('from', from), end, edgeTest(schema, options), maxDepth)
}

/** The question of `expand`. */
export function expandQuestion(schema: MaybeSchema, from: number, options: ExpandOptions): Question {
  checkNames('expand', options, expandNames)
  const maxDepth = checkOptional('maxDepth', options.maxDepth)
  return new Question().expand(
    checkId('from', from),
    edgeTest(schema, options),
    maxDepth,
    checkOptional('limit', options.limit),
  )
}

/** The question of `searchText`. */
export function searchQuestion(index: string, query: string, options: TextSearchOptions): Question {
  checkNames('searchText', options, searchNames)
  checkText('index', index)
  checkText('query', query)
  const skip = checkOptional('skip', options.skip)
  return new Question().search(index, query, skip, checkOptional('limit', options.limit))
}

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

/** {@link GraphSnapshot} without its types. */
export class GraphReaderCore {
  protected readonly core: GraphCore
  readonly #reader: ReaderCore | undefined
  #algorithms: GraphAlgorithms | undefined

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

  get algorithms(): GraphAlgorithms {
    return (this.#algorithms ??= algorithmsOf(this.core, () => this.reader))
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
    return (this.#ask(() => findQuestion(this.core.schema, options)) as NodeRow[]).map((row) => nodeOf(row))
  }

  findOne(filter: NodeFilter): GraphNode | undefined {
    return this.find({ ...filter, limit: 1 })[0]
  }

  neighbors(id: number, filter: NeighborFilter = {}): Neighbor[] {
    return neighborsOf(this.#ask(() => neighborQuestion(this.core.schema, id, filter, 1)))
  }

  neighborIds(id: number, filter: NeighborFilter = {}): number[] {
    return this.#ask(() => neighborQuestion(this.core.schema, id, filter, 2)) as number[]
  }

  path(from: number, to: number | NodeFilter, options: PathOptions = {}): Path | undefined {
    return pathOf(this.#ask(() => pathQuestion(this.core.schema, from, to, options)))
  }

  expand(from: number, options: ExpandOptions = {}): Reached[] {
    return reachedOf(this.#ask(() => expandQuestion(this.core.schema, from, options)))
  }

  searchText(index: string, query: string, options: TextSearchOptions = {}): TextHit[] {
    return hitsOf(
      index,
      this.#ask(() => searchQuestion(index, query, options)),
    )
  }

  searchEdgeText(index: string, query: string, options: TextSearchOptions = {}): EdgeTextHit[] {
    return edgeHitsOf(
      index,
      this.#ask(() => searchQuestion(index, query, options)),
    )
  }

  countNodes(label?: string): number {
    return this.#ask(() => {
      if (label !== undefined) {
        checkName('label', label)
        this.core.schema?.checkLabels([label])
      }
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

  describe(): GraphDescription {
    return describeGraph((question) => this.#ask(question))
  }

  nodes(): IterableIterator<GraphNode> {
    return allNodes((question) => this.#ask(question))
  }

  edges(): IterableIterator<GraphEdge> {
    return allEdges((question) => this.#ask(question))
  }

  /** The ids of the edges of a type from a node to another. */
  edgesBetween(source: number, target: number, type: string): number[] {
    const filter = { type, direction: 'out' } as const
    const found = this.#ask(() => neighborQuestion(this.core.schema, source, filter, 0)) as number[]
    return found.filter((_, at) => at % 3 === 1 && found[at - 1] === target)
  }

  match(name: string, label?: string, conditions?: object): GraphMatchCore {
    const runner: MatchRunner = {
      schema: this.core.schema,
      run: (text, parameters, options) => this.querySync(text, parameters, options),
      runAsync: (text, parameters, options) => this.query(text, parameters, options),
      stream: (text, parameters, options) => this.stream(text, parameters, options),
    }
    return GraphMatchCore.begin(runner, name, label, conditions)
  }

  querySync(text: string, parameters?: QueryParameters, options?: QueryOptions): QueryResult {
    return querySync(this.core, this.reader, text, parameters, options)
  }

  async query(text: string, parameters?: QueryParameters, options?: AsyncQueryOptions): Promise<QueryResult> {
    return queryAsync(this.core, this.reader, text, parameters, options)
  }

  stream(text: string, parameters?: QueryParameters, options?: AsyncQueryOptions): QueryStream {
    return openStream(this.core, this.reader, text, parameters, options)
  }

  #ask(question: () => Question): unknown {
    const { reader } = this
    return this.core.ask(question(), reader)
  }
}
