/**
 * Statements of openCypher: their requests to the addon, and their results.
 */
import { wrongType } from './errors.js'
import type { GraphCore } from './graph-core.js'
import { writeCount, writeProperties, writeText, type PropertyValue, type Encoded } from './graph-value.js'
import { native } from './internal/native.js'
import { checkCount, checkNames, checkSignal } from './options.js'
import { put, ValueReader, type QueryTyped, type QueryValue } from './query-value.js'
import { ValueWriter } from './value-writer.js'

/** Parameters by name. */
export interface QueryParameters {
  readonly [name: string]: PropertyValue | Encoded | QueryTyped | undefined
}

/** What a statement may take, and how its integers come. */
export interface QueryOptions {
  /** Milliseconds; then it ends with `ABORTED`. */
  readonly timeout?: number
  /** Bytes of the rows it keeps; then it ends with `TOO_LARGE`. */
  readonly memoryLimit?: number
  /** `bigint`: each integer is one, as floats are numbers. Else those are that a number cannot hold. */
  readonly integers?: 'auto' | 'bigint'
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

const counterNames = [
  'nodesCreated',
  'nodesDeleted',
  'relationshipsCreated',
  'relationshipsDeleted',
  'propertiesSet',
  'propertiesRemoved',
  'labelsAdded',
  'labelsRemoved',
] as const

/** What a statement gave and did. */
export class QueryResult<Row extends object = Record<string, QueryValue>> {
  readonly columns: readonly string[]
  readonly rows: readonly Row[]
  readonly counters: Readonly<Record<(typeof counterNames)[number], number>>
  /** Of `EXPLAIN` and `PROFILE`. */
  readonly plan: readonly QueryStep[] | undefined

  constructor(
    columns: readonly string[],
    rows: readonly Row[],
    counters: Readonly<Record<(typeof counterNames)[number], number>>,
    plan: readonly QueryStep[] | undefined,
  ) {
    this.columns = columns
    this.rows = rows
    this.counters = counters
    this.plan = plan
  }

  toArray(): Row[] {
    return [...this.rows]
  }

  first(): Row | undefined {
    return this.rows[0]
  }

  /** The only row. */
  single(): Row {
    const [row] = this.rows
    if (row === undefined || this.rows.length > 1) {
      throw new RangeError(`the query gave ${this.rows.length} rows where one was expected`)
    }
    return row
  }

  [Symbol.iterator](): IterableIterator<Row> {
    return this.rows[Symbol.iterator]()
  }

  /** The plan as text. */
  planText(): string {
    const line = ({ depth, operator, details, expectedRows, rows, milliseconds }: QueryStep): string =>
      `${'  '.repeat(depth)}${operator} ${details} (about ${Math.round(expectedRows)} rows)` +
      (rows === undefined ? '' : `: ${rows} rows, ${milliseconds!.toFixed(3)} ms`)
    return (this.plan ?? []).map((step) => line(step)).join('\n')
  }
}

const optionNames = ['integers', 'memoryLimit', 'timeout'] as const

function request(text: unknown, parameters: unknown, { timeout, memoryLimit }: QueryOptions): Uint8Array {
  if (typeof text !== 'string') throw wrongType('text', 'a string', text)
  const writer = new ValueWriter({ bytes: 256 + text.length })
  writer.position = 0
  writeText('text', text, writer)
  writeProperties('parameters', parameters ?? {}, writer, 'left out')
  for (const [name, limit] of [
    ['timeout', timeout],
    ['memoryLimit', memoryLimit],
  ] as const) {
    if (limit === undefined) writer.writeByte(0xc0)
    else writeCount(Math.min(checkCount(name, limit, 0), 0xffff_ffff), writer)
  }
  return writer.buffer.subarray(0, writer.position)
}

/** Runs a statement now. */
export function querySync<Row extends object>(
  core: GraphCore,
  reader: number,
  text: string,
  parameters: QueryParameters | undefined,
  options: QueryOptions = {},
): QueryResult<Row> {
  checkNames('the options of querySync', options, optionNames)
  const bytes = request(text, parameters, options)
  const length = core.store.call(() => native.queryGraph(core.handle, reader, bytes, core.store.level))
  const answer = Buffer.allocUnsafe(length)
  core.store.check(native.take(answer))
  return readResult(answer, options.integers === 'bigint')
}

/** Runs a statement away from the JavaScript thread. */
export async function queryAsync<Row extends object>(
  core: GraphCore,
  text: string,
  parameters: QueryParameters | undefined,
  options: QueryOptions & { readonly signal?: AbortSignal } = {},
): Promise<QueryResult<Row>> {
  checkNames('the options of query', options, [...optionNames, 'signal'])
  checkSignal(options.signal)
  const bytes = request(text, parameters, options)
  const start = (): number => native.queryGraphAsync(core.handle, 0, bytes, core.store.level)
  const answer = await core.store.longJob<Buffer>(start, () => {}, options.signal)
  return readResult(answer, options.integers === 'bigint')
}

function readResult<Row extends object>(bytes: Buffer, exact: boolean): QueryResult<Row> {
  const values = new ValueReader(bytes, 0, exact)
  const rows: Row[] = []
  let columns: string[] = []
  let summary: QueryValue[] | null = null
  while (values.at < bytes.length) {
    values.at += 4
    columns = (values.value() as string[] | null) ?? columns
    const count = values.value() as number
    for (let index = 0; index < count; index++) {
      const row: Record<string, QueryValue> = {}
      for (const column of columns) put(row, column, values.value())
      rows.push(row as Row)
    }
    summary = values.value() as QueryValue[] | null
  }
  const counters = Object.fromEntries(counterNames.map((name, at) => [name, Number(summary?.[at] ?? 0)]))
  const plan = summary?.[counterNames.length] as QueryValue[][] | null | undefined
  return new QueryResult<Row>(
    columns,
    rows,
    counters as QueryResult['counters'],
    plan?.map((step) => stepOf(step)),
  )
}

function stepOf([depth, operator, details, expectedRows, rows, nanoseconds]: QueryValue[]): QueryStep {
  return {
    depth: Number(depth),
    operator: operator as string,
    details: details as string,
    expectedRows: Number(expectedRows),
    rows: rows === null ? undefined : Number(rows),
    milliseconds: nanoseconds === null ? undefined : Number(nanoseconds) / 1e6,
  }
}
