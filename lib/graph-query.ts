/**
 * Statements of openCypher: their requests to the addon, and their results.
 */
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { outOfRange, rangeError, wrongType } from './errors.js'
import type { GraphCore } from './graph-core.js'
import { writeListHead, writeProperties, writeText, writeValue, type PropertyValue } from './graph-value.js'
import { native } from './internal/native.js'
import { checkPermission } from './internal/permission.js'
import { checkCount, checkNames, checkSignal } from './options.js'
import { put, ValueReader, type QueryValue } from './query-value.js'
import { ValueWriter } from './value-writer.js'

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

/** How much a statement changed. */
export type QueryCounters = Readonly<Record<(typeof counterNames)[number], number>>

/** What a statement did, besides its rows. */
export interface QuerySummary {
  readonly counters: QueryCounters
  /** Of `EXPLAIN` and `PROFILE`. */
  readonly plan: readonly QueryStep[] | undefined
}

/** What a statement gave and did. */
export class QueryResult<Row extends object = Record<string, QueryValue>> {
  readonly columns: readonly string[]
  readonly rows: readonly Row[]
  readonly counters: QueryCounters
  /** Of `EXPLAIN` and `PROFILE`. */
  readonly plan: readonly QueryStep[] | undefined

  constructor(columns: readonly string[], rows: readonly Row[], summary: QuerySummary) {
    this.columns = columns
    this.rows = rows
    this.counters = summary.counters
    this.plan = summary.plan
  }

  toArray(): Row[] {
    return [...this.rows]
  }

  first(): Row | undefined {
    return this.rows[0]
  }

  /** The only row. */
  single(): Row {
    return singleOf(this.rows)
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

/** The only row. */
export function singleOf<Row>(rows: readonly Row[]): Row {
  const [row] = rows
  if (row !== undefined && rows.length === 1) return row
  const given = row === undefined ? 'no row' : 'more than one row'
  throw rangeError(`the query gave ${given} where exactly one was expected`)
}

const optionNames = ['allowFiles', 'integers', 'memoryLimit', 'timeout'] as const
/** The names of {@link AsyncQueryOptions}. */
export const asyncOptionNames = [...optionNames, 'signal'] as const

/** A statement as the addon reads it. */
export function request({ schema }: GraphCore, text: unknown, parameters: unknown, options: QueryOptions): Uint8Array {
  const { allowFiles, integers, memoryLimit, timeout } = options
  if (integers !== undefined && integers !== 'auto' && integers !== 'bigint') {
    throw outOfRange('integers', 'auto or bigint', integers)
  }
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
    else writeValue(name, checkCount(name, limit, 0) || 0, writer, 0) // without a sign before 0
  }
  if (allowFiles !== undefined) {
    const folders = foldersOf(allowFiles)
    writeListHead(folders.length, writer)
    for (const folder of folders) writeText('allowFiles', folder, writer)
  } else if (schema !== undefined) {
    writer.writeByte(0xc0)
  }
  if (schema !== undefined) writeValue('schema', schema.bytes, writer, 0)
  return writer.buffer.subarray(0, writer.position)
}

function foldersOf(allowed: unknown): string[] {
  return (Array.isArray(allowed) ? (allowed as unknown[]) : [allowed]).map((folder) => {
    if (typeof folder !== 'string' && !(folder instanceof URL)) {
      throw wrongType('allowFiles', 'the path of a folder, or several', folder)
    }
    const path = resolve(typeof folder === 'string' ? folder : fileURLToPath(folder))
    checkPermission(path, ['read'])
    return path
  })
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
  const bytes = request(core, text, parameters, options)
  const length = core.store.call(() => native.queryGraph(core.handle, reader, bytes, core.store.level))
  const answer = Buffer.allocUnsafe(length)
  core.store.check(native.take(answer))
  return readResult(answer, options.integers === 'bigint')
}

/** Runs a statement away from the JavaScript thread. */
export async function queryAsync<Row extends object>(
  core: GraphCore,
  reader: number,
  text: string,
  parameters: QueryParameters | undefined,
  options: AsyncQueryOptions = {},
): Promise<QueryResult<Row>> {
  checkNames('the options of query', options, asyncOptionNames)
  checkSignal(options.signal)
  const bytes = request(core, text, parameters, options)
  const start = (): number => native.queryGraphAsync(core.handle, reader, bytes, core.store.level)
  const answer = await core.store.longJob<Buffer>(start, () => {}, options.signal)
  return readResult(answer, options.integers === 'bigint')
}

/** A part of a result; the last one has a summary. */
export interface ResultPart<Row extends object> {
  readonly columns: readonly string[]
  readonly rows: Row[]
  readonly summary: QuerySummary | undefined
}

/** Reads a part; `columns` are those of the part before it. */
export function readPart<Row extends object>(
  bytes: Buffer,
  columns: readonly string[],
  exact: boolean,
): ResultPart<Row> {
  const values = new ValueReader(bytes, 0, exact)
  const rows: Row[] = []
  return { columns: readRows(values, columns, rows), rows, summary: readSummary(values) }
}

function readRows(values: ValueReader, before: readonly string[], rows: object[]): readonly string[] {
  const columns = (values.value() as string[] | null) ?? before
  const count = Number(values.value())
  for (let index = 0; index < count; index++) {
    const row: Record<string, QueryValue> = {}
    for (const column of columns) put(row, column, values.value())
    rows.push(row)
  }
  return columns
}

function readSummary(values: ValueReader): QuerySummary | undefined {
  const summary = values.value() as QueryValue[] | null
  if (summary === null) return undefined
  const counters = Object.fromEntries(counterNames.map((name, at) => [name, Number(summary[at])])) as QueryCounters
  const plan = summary[counterNames.length] as QueryValue[][] | null
  return { counters, plan: plan?.map((step) => stepOf(step)) }
}

function readResult<Row extends object>(bytes: Buffer, exact: boolean): QueryResult<Row> {
  const values = new ValueReader(bytes, 0, exact)
  const rows: Row[] = []
  let columns: readonly string[] = []
  let summary: QuerySummary | undefined
  while (summary === undefined) {
    values.at += 4
    columns = readRows(values, columns, rows)
    summary = readSummary(values)
  }
  return new QueryResult<Row>(columns, rows, summary)
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
