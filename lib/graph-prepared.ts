/**
 * Statements that are planned before they are run, again and again.
 */
import type { AsyncQueryOptions, QueryOptions, QueryParameters, QueryResult } from './graph-query.js'
import type { GraphReaderCore } from './graph-reader.js'
import type { QueryStream } from './query-stream.js'
import type { QueryValue } from './query-value.js'
import type { Snapshot } from './snapshot.js'
import type { Transaction } from './transaction.js'

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

/** A graph, as what makes its readers. */
interface Graph extends GraphReaderCore {
  in(transaction: Transaction): GraphReaderCore
  at(snapshot: Snapshot): GraphReaderCore
}

/** {@link PreparedQuery} without its types. */
export class PreparedCore {
  readonly #graph: Graph
  readonly #reader: GraphReaderCore
  /** What this is a view of: the plan is kept as long as that is. */
  readonly #of: PreparedCore | undefined
  readonly text: string

  constructor(graph: Graph, text: string, reader: GraphReaderCore = graph, of?: PreparedCore) {
    this.#graph = graph
    this.#reader = reader
    this.#of = of
    this.text = text
  }

  run(parameters?: QueryParameters, options?: AsyncQueryOptions): Promise<QueryResult> {
    return this.#reader.query(this.text, parameters, options)
  }

  runSync(parameters?: QueryParameters, options?: QueryOptions): QueryResult {
    return this.#reader.querySync(this.text, parameters, options)
  }

  async first(parameters?: QueryParameters, options?: AsyncQueryOptions): Promise<object | undefined> {
    return (await this.run(parameters, options)).first()
  }

  firstSync(parameters?: QueryParameters, options?: QueryOptions): object | undefined {
    return this.runSync(parameters, options).first()
  }

  async single(parameters?: QueryParameters, options?: AsyncQueryOptions): Promise<object> {
    return (await this.run(parameters, options)).single()
  }

  singleSync(parameters?: QueryParameters, options?: QueryOptions): object {
    return this.runSync(parameters, options).single()
  }

  stream(parameters?: QueryParameters, options?: AsyncQueryOptions): QueryStream {
    return this.#reader.stream(this.text, parameters, options)
  }

  explain(): string {
    return this.#reader.querySync(`EXPLAIN ${this.text}`).planText()
  }

  in(transaction: Transaction): PreparedCore {
    return new PreparedCore(this.#graph, this.text, this.#graph.in(transaction), this.#of ?? this)
  }

  at(snapshot: Snapshot): PreparedCore {
    return new PreparedCore(this.#graph, this.text, this.#graph.at(snapshot), this.#of ?? this)
  }
}
