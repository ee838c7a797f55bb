/**
 * Results whose rows are read while they are computed.
 */
import { SledStoreError } from './errors.js'
import type { GraphCore } from './graph-core.js'
import {
  asyncOptionNames,
  readPart,
  request,
  singleOf,
  type AsyncQueryOptions,
  type QueryParameters,
  type QuerySummary,
  type ResultPart,
} from './graph-query.js'
import { closable } from './internal/lifecycle.js'
import { native, releaseWith } from './internal/native.js'
import { checkNames, checkSignal, throwIfAborted } from './options.js'
import type { QueryValue } from './query-value.js'

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

/** Apart, so that a listener holds no more than the number. */
const stopOf = (handle: number) => (): void => {
  native.release(handle)
}

/** The parts of a result; it must not hold the stream, which is collected when nobody reads it. */
class Parts<Row extends object> {
  readonly handle: number
  readonly #core: GraphCore
  readonly #exact: boolean
  readonly #signal: AbortSignal | undefined
  readonly #stop: () => void
  #first: Promise<ResultPart<Row> | undefined> | undefined
  #columns: readonly string[] = []
  #closed = false
  summary: QuerySummary | undefined

  constructor(core: GraphCore, handle: number, exact: boolean, signal: AbortSignal | undefined) {
    this.#core = core
    this.handle = handle
    this.#exact = exact
    this.#signal = signal
    this.#stop = stopOf(handle)
    signal?.addEventListener('abort', this.#stop, { once: true })
  }

  first(): Promise<ResultPart<Row> | undefined> {
    return (this.#first ??= this.next())
  }

  async columns(): Promise<readonly string[]> {
    await this.first()
    return this.#columns
  }

  async next(): Promise<ResultPart<Row> | undefined> {
    if (this.#closed) return undefined
    try {
      throwIfAborted(this.#signal)
      const bytes = await this.#core.store.job<Buffer | undefined>(() => native.streamPart(this.handle))
      if (this.#closed) return undefined
      if (bytes === undefined) throw new SledStoreError('INTERNAL', 'a result ended before its last part')
      const part = readPart<Row>(bytes, this.#columns, this.#exact)
      this.#columns = part.columns
      if (part.summary !== undefined) {
        this.summary = part.summary
        this.close()
      }
      return part
    } catch (error) {
      if (this.#closed) return undefined
      this.close()
      throwIfAborted(this.#signal)
      this.#core.store.checkOpen()
      throw error
    }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#signal?.removeEventListener('abort', this.#stop)
    native.release(this.handle)
  }
}

async function* rowsOf<Row extends object>(parts: Parts<Row>): AsyncGenerator<Row, undefined, unknown> {
  for (let part = await parts.first(); part !== undefined; part = await parts.next()) {
    for (const row of part.rows) yield row
    if (part.summary !== undefined) return undefined
  }
  return undefined
}

class StreamCore<Row extends object> {
  readonly #parts: Parts<Row>
  readonly #rows: AsyncGenerator<Row, undefined, unknown>

  constructor(parts: Parts<Row>) {
    this.#parts = parts
    this.#rows = rowsOf(parts)
    releaseWith(this, parts.handle)
  }

  async columns(): Promise<readonly string[]> {
    await this.#parts.first()
    // Behind the wait, so that the stream is held by it.
    return this.#parts.columns()
  }

  get summary(): QuerySummary | undefined {
    return this.#parts.summary
  }

  async next(): Promise<IteratorResult<Row, undefined>> {
    const next = await this.#rows.next()
    // Behind the wait, so that the stream is held by it.
    if (next.done === true) this.close()
    return next
  }

  return(): Promise<IteratorResult<Row, undefined>> {
    this.close()
    return this.#rows.return(undefined)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async toArray(): Promise<Row[]> {
    const rows: Row[] = []
    for (let next = await this.next(); next.done !== true; next = await this.next()) rows.push(next.value)
    return rows
  }

  async first(): Promise<Row | undefined> {
    const { value } = await this.next()
    this.close()
    return value
  }

  async single(): Promise<Row> {
    const rows: Row[] = []
    for (let next = await this.next(); next.done !== true && rows.push(next.value) < 2;) next = await this.next()
    this.close()
    return singleOf(rows)
  }

  close(): void {
    this.#parts.close()
  }
}
closable(StreamCore.prototype)

/** Starts a statement whose rows are read while it runs. */
export function openStream<Row extends object>(
  core: GraphCore,
  reader: number,
  text: string,
  parameters: QueryParameters | undefined,
  options: AsyncQueryOptions = {},
): QueryStream<Row> {
  checkNames('the options of stream', options, asyncOptionNames)
  const { signal, integers } = options
  checkSignal(signal)
  throwIfAborted(signal)
  const bytes = request(core, text, parameters, options)
  const handle = core.store.call(() => native.streamGraph(core.handle, reader, bytes, core.store.level))
  return new StreamCore<Row>(new Parts(core, handle, integers === 'bigint', signal)) as unknown as QueryStream<Row>
}
