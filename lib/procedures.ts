/**
 * Procedures that queries call: their registration, their arguments, and the rows they give.
 */
import type { Encoded } from './encoded.js'
import { describe, rangeError, typeError, wrongType } from './errors.js'
import { writeText, writeValue, type PropertyValue } from './graph-value.js'
import type { StoreCore } from './internal/lifecycle.js'
import { keepThrown, native, procedures, type ProcedureCall } from './internal/native.js'
import { checkNames } from './options.js'
import { QueryNode, QueryRelationship, ValueReader, type QueryValue } from './query-value.js'
import type { QueryTyped } from './typed-value.js'
import { ValueWriter } from './value-writer.js'

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
export type ProcedureRow = readonly ProcedureValue[] | { readonly [column: string]: ProcedureValue }

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

/** Bytes behind which an answer goes, though more rows were wanted. */
const ANSWER_BYTES = 64 << 10

const Status = { More: 0, Done: 1, Failed: 2 } as const

/** Registers a procedure. */
export function registerProcedure<Arguments extends readonly QueryValue[]>(
  core: StoreCore,
  signature: string,
  body: ProcedureBody<Arguments>,
  options: ProcedureOptions = {},
): void {
  if (typeof signature !== 'string') throw wrongType('signature', 'a string', signature)
  if (typeof body !== 'function') throw wrongType('body', 'a function', body)
  checkNames('the options of registerProcedure', options, ['description', 'integers'])
  const { description = '', integers = 'auto' } = options
  if (typeof description !== 'string') throw wrongType('description', 'a string', description)
  const { name, number, columns } = core.call(() => native.registerProcedure(core.handle, signature, description))
  const begin = (request: Buffer): ProcedureCall => {
    const values = new ValueReader(request, 0, integers === 'bigint').value() as unknown as Arguments
    return callOf(columns, body(...values))
  }
  procedures.set(number, (request) => attempt(() => begin(request)))
  core.procedures.set(name, number)
}

/** Removes a procedure; tells whether there was one. */
export function removeProcedure(core: StoreCore, name: string): boolean {
  if (typeof name !== 'string') throw wrongType('name', 'a string', name)
  const removed = core.call(() => native.removeProcedure(core.handle, name))
  const number = core.procedures.get(name)
  if (removed && number !== undefined) {
    core.procedures.delete(name)
    procedures.delete(number)
  }
  return removed
}

/** A call, or one that has failed. */
function attempt(begin: () => ProcedureCall): ProcedureCall {
  try {
    return begin()
  } catch (error) {
    return { more: () => failure(error), end: () => {}, isDone: true }
  }
}

function callOf(columns: readonly string[], given: unknown): ProcedureCall {
  if (columns.length === 0 && given === undefined) return new Call(columns, [][Symbol.iterator]())
  const iterable = given as Iterable<unknown> | null | undefined
  if (typeof iterable !== 'object' || iterable === null || typeof iterable[Symbol.iterator] !== 'function') {
    const hint = given instanceof Promise ? '; it cannot be async, for the query waits for it' : ''
    throw typeError(`a procedure must give an iterable of rows, but has given ${describe(given)}${hint}`)
  }
  return new Call(columns, iterable[Symbol.iterator]())
}

/** The rows of a call, a few at a time. */
class Call implements ProcedureCall {
  readonly #columns: readonly string[]
  readonly #rows: Iterator<unknown>
  isDone = false

  constructor(columns: readonly string[], rows: Iterator<unknown>) {
    this.#columns = columns
    this.#rows = rows
  }

  more(wanted: number): Uint8Array {
    const writer = new ValueWriter({ bytes: 256 })
    writer.position = 5
    let count = 0
    try {
      while (count < wanted && writer.position < ANSWER_BYTES) {
        const next = this.#rows.next()
        if (next.done === true) {
          this.isDone = true
          break
        }
        this.#write(next.value, writer)
        count++
      }
    } catch (error) {
      this.end()
      return failure(error)
    }
    return head(writer, this.isDone ? Status.Done : Status.More, count)
  }

  /** The query wants no more. */
  end(): void {
    if (this.isDone) return
    this.isDone = true
    try {
      this.#rows.return?.()
    } catch {
      // The query has what it wanted, or another error.
    }
  }

  #write(row: unknown, writer: ValueWriter): void {
    const columns = this.#columns
    if (typeof row !== 'object' || row === null) {
      throw wrongType('a row of a procedure', 'an array or an object', row)
    }
    if (Array.isArray(row) && row.length !== columns.length) {
      throw rangeError(`a row has ${row.length} values, and the procedure ${columns.length} columns`)
    }
    for (const [at, column] of columns.entries()) {
      const named = row as Record<string, unknown>
      const value = Array.isArray(row) ? (row as unknown[])[at] : Object.hasOwn(row, column) ? named[column] : null
      writeValue(column, plain(value), writer, 0)
    }
  }
}

/** Ids in the place of nodes and relationships, and null in that of nothing. */
function plain(value: unknown): unknown {
  if (value === undefined) return null
  if (value instanceof QueryNode || value instanceof QueryRelationship) return value.id
  return Array.isArray(value) ? value.map((item) => plain(item)) : value
}

function failure(error: unknown): Uint8Array {
  const writer = new ValueWriter({ bytes: 256 })
  writer.position = 5
  try {
    const message = String(error instanceof Error ? error.message : describe(error))
    writeText('message', message.replaceAll(/\p{Surrogate}/gu, '\uFFFD'), writer)
  } catch {
    // What was thrown does not tell of itself; it is the cause all the same.
    writer.position = 5
    writer.writeByte(0xa0)
  }
  return head(writer, Status.Failed, keepThrown(error))
}

function head(writer: ValueWriter, status: number, number: number): Uint8Array {
  writer.buffer[0] = status
  writer.buffer.writeUInt32BE(number, 1)
  return writer.buffer.subarray(0, writer.position)
}
