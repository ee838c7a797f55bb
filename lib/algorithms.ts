/**
 * Algorithms over a graph: options on their way to the addon, and columns on their way back.
 */
import type { AlgorithmProgress, AlgorithmResult, Lists, Numbers, RowOf } from './algorithms-results.js'
import type { GraphAlgorithms } from './algorithms-types.js'
import { outOfRange, typeError, wrongType } from './errors.js'
import type { GraphCore } from './graph-core.js'
import { writeProperties, type PropertyValue } from './graph-value.js'
import { native } from './internal/native.js'
import { checkFunction, checkNames, checkSignal } from './options.js'
import { ReaderCore } from './snapshot.js'
import { ValueWriter } from './value-writer.js'

/** An algorithm, as the addon's table has it. */
interface Entry {
  readonly name: string
  readonly columns: readonly string[]
  readonly arguments: readonly {
    readonly name: string
    readonly kind: 'node' | 'nodes' | 'count' | 'number' | 'seed' | 'boolean' | 'text' | 'texts' | 'choice'
    readonly required: boolean
    readonly choices: readonly string[]
  }[]
}

type Given = Record<string, unknown>
type Columns = Record<string, Numbers | Lists>

let table: readonly Entry[] | undefined

class Result implements AlgorithmResult<Columns> {
  readonly length: number
  readonly columns: Columns
  readonly summary: object

  constructor(length: number, columns: Columns, summary: object) {
    this.length = length
    this.columns = columns
    this.summary = summary
  }

  toArray(): RowOf<Columns>[] {
    return [...this]
  }

  *[Symbol.iterator](): IterableIterator<RowOf<Columns>> {
    const columns = Object.entries(this.columns)
    for (let row = 0; row < this.length; row++) {
      yield Object.fromEntries(columns.map(([name, values]) => [name, values[row]])) as RowOf<Columns>
    }
  }
}

const workNames = ['onProgress', 'signal', 'snapshot'] as const

/** The algorithms of a graph, by who reads it: 0 for the newest state. */
export function algorithmsOf(core: GraphCore, reader: () => number): GraphAlgorithms {
  table ??= JSON.parse(native.graphAlgorithms()) as Entry[]
  const methods = table.map((entry) => [entry.name, (options?: Given) => run(core, reader, entry, options)])
  return Object.freeze(Object.fromEntries(methods)) as GraphAlgorithms
}

async function run(core: GraphCore, readerOfGraph: () => number, entry: Entry, options: Given = {}): Promise<Result> {
  const bytes = encode(entry, options)
  checkSchema(core.schema, options)
  const { onProgress, signal, snapshot } = options
  checkFunction('onProgress', onProgress)
  checkSignal(signal)
  const own = readerOfGraph()
  if (own !== 0 && snapshot !== undefined) {
    throw typeError('a transaction and a snapshot are read as they are; snapshot is an option of graph.algorithms')
  }
  const reader = snapshot === undefined ? own : readerOf(snapshot)
  const start = (): number => native.runGraphAlgorithm(core.handle, reader, entry.name, bytes)
  const tell = onProgress as ((progress: AlgorithmProgress) => void) | undefined
  const progress = (done: number, total: number): void => tell?.(progressOf(done, total))
  return decode(entry, await core.store.longJob<Buffer>(start, progress, signal as AbortSignal | undefined))
}

/** Refuses labels, types and properties that the schema of a graph does not have. */
function checkSchema(schema: GraphCore['schema'], { labels, types, weight, x, y, longitude, latitude }: Given): void {
  if (schema === undefined) return
  const listed = (names: unknown[]): string[] => names.flat().filter((name) => name !== undefined) as string[]
  schema.checkLabels(listed([labels]))
  schema.checkEdgeNames(listed([types]), listed([weight]))
  schema.checkNodeNames(undefined, listed([x, y, longitude, latitude]))
}

function readerOf(snapshot: unknown): number {
  if (!(snapshot instanceof ReaderCore) || 'commit' in snapshot) {
    throw wrongType('snapshot', 'what store.snapshot gives', snapshot)
  }
  snapshot.checkUsable()
  return snapshot.reader
}

/** Steps of loading come with their number below zero. */
function progressOf(done: number, total: number): AlgorithmProgress {
  const phase = total < 0 || Object.is(total, -0) ? 'load' : 'run'
  return { phase, done, total: total === 0 ? undefined : Math.abs(total) }
}

function encode(entry: Entry, options: Given): Uint8Array {
  const names = entry.arguments.map(({ name }) => name)
  checkNames(`algorithms.${entry.name}`, options, [...names, ...workNames])
  const given: Record<string, PropertyValue> = {}
  for (const argument of entry.arguments) {
    const value = options[argument.name]
    if (value !== undefined) {
      check(argument, value)
      given[argument.name] = value as PropertyValue
    } else if (argument.required) {
      throw typeError(`algorithms.${entry.name} needs ${argument.name}`)
    }
  }
  const writer = new ValueWriter({ bytes: 256 })
  writer.position = 0
  writeProperties('options', given, writer, 'left out')
  return writer.buffer.subarray(0, writer.position)
}

function check({ name, kind, choices }: Entry['arguments'][number], value: unknown): void {
  switch (kind) {
    case 'node':
      checkWhole(name, value, 'the id of a node', 0)
      break
    case 'nodes':
      for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
        checkWhole(name, one, 'the id of a node or an array of ids', 0)
      }
      break
    case 'count':
      checkWhole(name, value, 'a whole number from zero', 0)
      break
    case 'seed':
      checkWhole(name, value, 'a whole number', Number.MIN_SAFE_INTEGER)
      break
    case 'number':
      if (typeof value !== 'number') throw wrongType(name, 'a number', value)
      break
    case 'boolean':
      if (typeof value !== 'boolean') throw wrongType(name, 'true or false', value)
      break
    case 'texts':
      for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
        if (typeof one !== 'string') throw wrongType(name, 'text or an array of texts', one)
      }
      break
    case 'text':
      if (typeof value !== 'string') throw wrongType(name, 'text', value)
      break
    default:
      if (!choices.includes(value as string)) throw outOfRange(name, choices.join(' or '), value)
  }
}

function checkWhole(name: string, value: unknown, what: string, least: number): void {
  if (typeof value !== 'number') throw wrongType(name, what, value)
  if (!Number.isSafeInteger(value) || value < least) throw outOfRange(name, what, value)
}

/** `crate/node/src/binding_algorithm.rs` documents the form. */
function decode(entry: Entry, bytes: Buffer): Result {
  const length = bytes.readUInt32LE(0)
  const header = JSON.parse(bytes.toString('utf8', 4, 4 + length)) as {
    rows: number
    summary: object
    lists: number[]
  }
  // Of a copy, which begins where arrays of floats may.
  let at = Math.ceil((4 + length) / 8) * 8
  const { buffer } = Uint8Array.prototype.slice.call(bytes, at)
  at = 0
  const take = (count: number): Numbers => {
    const numbers = new Float64Array(buffer as ArrayBuffer, at, count)
    at += 8 * count
    return numbers
  }
  const columns: Columns = {}
  for (const [place, name] of entry.columns.entries()) {
    const values = take(header.rows)
    const count = header.lists[place]!
    columns[name] = count < 0 ? values : listsOf(values, take(count))
  }
  return new Result(header.rows, columns, header.summary)
}

function listsOf(ends: Numbers, ids: Numbers): Lists {
  let start = 0
  return Array.from(ends, (end) => {
    const list = ids.subarray(start, end)
    start = end
    return list
  })
}
