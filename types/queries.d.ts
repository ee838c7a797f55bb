// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.
import type { Encoded, QueryTyped } from './temporal.js'
import type { PropertyValue } from './graph-types.js'
import type { Snapshot, Transaction } from './namespaces.js'

/** What a query gives. */
export type QueryValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Float32Array
  | QueryNode
  | QueryRelationship
  | QueryPath
  | QueryTyped
  | QueryValue[]
  | {
      [name: string]: QueryValue
    }
/** A node in a result. */
export declare class QueryNode {
  readonly id: number
  readonly labels: readonly string[]
  readonly properties: Readonly<Record<string, QueryValue>>
  constructor(id: number, labels: readonly string[], properties: Readonly<Record<string, QueryValue>>)
}
/** A relationship in a result. */
export declare class QueryRelationship {
  readonly id: number
  readonly type: string
  readonly source: number
  readonly target: number
  readonly properties: Readonly<Record<string, QueryValue>>
  constructor(
    id: number,
    type: string,
    source: number,
    target: number,
    properties: Readonly<Record<string, QueryValue>>,
  )
}
/** A path in a result: its nodes, and the relationships between each and the next, whichever way they lead. */
export declare class QueryPath {
  readonly nodes: readonly QueryNode[]
  readonly relationships: readonly QueryRelationship[]
  constructor(nodes: readonly QueryNode[], relationships: readonly QueryRelationship[])
}
/**
 * Marks a whole number as a float in a parameter, where 5 alone is an integer.
 *
 * @example
 * ```ts
 * graph.querySync('RETURN $half / 2 AS half', { half: float(5) }).first() // { half: 2.5 }
 * ```
 */
export declare function float(value: number): Encoded
/** Parameters by name. */
export interface QueryParameters {
  readonly [name: string]: PropertyValue | undefined
}
/** What a statement may take, and how its integers come. */
export interface QueryOptions {
  /** Milliseconds; then it ends with `ABORTED`. Default: as long as it takes. */
  readonly timeout?: number
  /** Bytes it keeps, of its result, too, unless that is streamed; then it ends with `TOO_LARGE`. Default: no limit. */
  readonly memoryLimit?: number
  /** `bigint`: each integer is one, as floats are numbers. Else those are that a number cannot hold. Default: `auto`. */
  readonly integers?: 'auto' | 'bigint'
  /** The folder, or folders, whose files `LOAD CSV` may read. Default: none. */
  readonly allowFiles?: string | URL | readonly (string | URL)[]
}
/** What a statement that runs away from the JavaScript thread may take. */
export interface AsyncQueryOptions extends QueryOptions {
  /** Ends it with `ABORTED`; what it changed is taken back, unless it was committed before. */
  readonly signal?: AbortSignal
}
/** A step of a plan: those nested in it follow it, one deeper. Rows and time are of a `PROFILE`. */
export interface QueryStep {
  readonly depth: number
  readonly operator: string
  readonly details: string
  readonly expectedRows: number
  readonly rows: number | undefined
  readonly milliseconds: number | undefined
}
declare const counterNames: readonly [
  'nodesCreated',
  'nodesDeleted',
  'relationshipsCreated',
  'relationshipsDeleted',
  'propertiesSet',
  'propertiesRemoved',
  'labelsAdded',
  'labelsRemoved',
]
/** How much a statement changed. */
export type QueryCounters = Readonly<Record<(typeof counterNames)[number], number>>
/** What a statement did, besides its rows. */
export interface QuerySummary {
  readonly counters: QueryCounters
  /** Of `EXPLAIN` and `PROFILE`. */
  readonly plan: readonly QueryStep[] | undefined
}
/** What a statement gave and did. */
export declare class QueryResult<Row extends object = Record<string, QueryValue>> {
  readonly columns: readonly string[]
  readonly rows: readonly Row[]
  readonly counters: QueryCounters
  /** Of `EXPLAIN` and `PROFILE`. */
  readonly plan: readonly QueryStep[] | undefined
  constructor(columns: readonly string[], rows: readonly Row[], summary: QuerySummary)
  toArray(): Row[]
  first(): Row | undefined
  /** The only row. */
  single(): Row
  [Symbol.iterator](): IterableIterator<Row>
  /** The plan as text. */
  planText(): string
}
/**
 * Rows of a statement that come while it runs, in the order it gives them. A thread computes them, a little ahead of the
 * reader and no further, so that a result of any length takes little memory. It is read once; leaving the loop, `close`,
 * the signal and the end of the store end the thread.
 */
export interface QueryStream<Row extends object = Record<string, QueryValue>> extends AsyncIterableIterator<
  Row,
  undefined
> {
  /** The names of the columns in their order, when the first rows are there. */
  columns(): Promise<readonly string[]>
  /** What it did, and its plan, behind the last row; `undefined` until then. */
  readonly summary: QuerySummary | undefined
  /** The rows that were not read yet. */
  toArray(): Promise<Row[]>
  /** The next row, and closes. */
  first(): Promise<Row | undefined>
  /** The only row, and closes. */
  single(): Promise<Row>
  return(): Promise<IteratorResult<Row, undefined>>
  [Symbol.asyncIterator](): this
  /** Ends it; what was not read is lost. */
  close(): void
  [Symbol.dispose](): void
  [Symbol.asyncDispose](): Promise<void>
}
/** Parameters and options; parameters that must be there cannot be left out. */
type Given<P, O> = Partial<P> extends P ? [parameters?: P, options?: O] : [parameters: P, options?: O]
/**
 * A statement of openCypher whose plan is kept as long as this is, and made anew when indexes, procedures or the size of
 * the graph have changed. It takes the options that `query` takes.
 *
 * @example
 * ```ts
 * const byEmail = graph.prepare<{ name: string }, { email: string }>('MATCH (p:Person {email: $email}) RETURN p.name AS name')
 * byEmail.firstSync({ email: 'ann@example.org' })?.name
 * ```
 */
export interface PreparedQuery<
  Row extends object = Record<string, QueryValue>,
  P extends QueryParameters = QueryParameters,
> {
  readonly text: string
  run(...given: Given<P, AsyncQueryOptions>): Promise<QueryResult<Row>>
  runSync(...given: Given<P, QueryOptions>): QueryResult<Row>
  /** The first row; `undefined` when there is none. */
  first(...given: Given<P, AsyncQueryOptions>): Promise<Row | undefined>
  firstSync(...given: Given<P, QueryOptions>): Row | undefined
  /** The only row; a `RangeError` when there are others, or none. */
  single(...given: Given<P, AsyncQueryOptions>): Promise<Row>
  singleSync(...given: Given<P, QueryOptions>): Row
  /** Not in a transaction. */
  stream(...given: Given<P, AsyncQueryOptions>): QueryStream<Row>
  /** How it is answered, as text. */
  explain(): string
  /** The statement inside a transaction. */
  in(transaction: Transaction): PreparedQuery<Row, P>
  /** The statement at a snapshot. */
  at(snapshot: Snapshot): PreparedQuery<Row, P>
}
/** What a procedure gives in a column. A node or relationship is told by itself or by its id. */
export type ProcedureValue =
  | PropertyValue
  | Encoded
  | QueryTyped
  | QueryNode
  | QueryRelationship
  | undefined
  | readonly ProcedureValue[]
/** A row of a procedure: values in the order of the columns, or by their names. */
export type ProcedureRow =
  | readonly ProcedureValue[]
  | {
      readonly [column: string]: ProcedureValue
    }
/**
 * What a procedure does: takes the arguments of a call, and gives rows, which are asked for a few at a time while the query
 * runs. One without columns may give nothing; none is async.
 *
 * @example
 * ```ts
 * store.registerProcedure('text.words(text :: STRING) :: (word :: STRING)', function* (text: string) {
 *   for (const word of text.split(' ')) yield [word]
 * })
 * graph.querySync('MATCH (n:Note) CALL text.words(n.text) YIELD word RETURN word, count(*)')
 * ```
 */
export type ProcedureBody<Arguments extends readonly QueryValue[]> = (
  ...values: Arguments
) => Iterable<ProcedureRow> | undefined | void
/** How a procedure is shown, and how its integers come. */
export interface ProcedureOptions {
  /** What it does, in a sentence; `CALL db.procedures()` gives it. */
  readonly description?: string
  /** `bigint`: each integer among the arguments is one. Else those are that a number cannot hold. */
  readonly integers?: 'auto' | 'bigint'
}
export {}
