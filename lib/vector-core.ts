/**
 * A vector index as one environment has it open: its questions, its changes, and what the addon's answers become.
 */
import { outOfRange, SledStoreError, wrongType } from './errors.js'
import { readAnswer } from './graph-value.js'
import type { StoreCore } from './internal/lifecycle.js'
import { native } from './internal/native.js'
import type { KeyCodecCore } from './key-codec.js'
import { checkCount, checkNames } from './options.js'
import type { ValueWriter } from './value-writer.js'
import {
  checkVector,
  encodeKeys,
  withBuffer,
  writeDelete,
  writeEncodedDelete,
  writeExplain,
  writeMany,
  writeSearch,
  writeWalk,
  type After,
  type CheckedOptions,
  type CheckedSearch,
  type VectorShape,
} from './vector-buffer.js'
import { componentBytes, readComponents } from './vector-element.js'
import type { Metric, VectorElement } from './vector-options.js'
import type { Diversity, SearchPlan, StoredVector, VectorMatch, VectorSearch } from './vector-types.js'

const K_DEFAULT = 10
const K_MAX = 0xffff_ffff
const FETCH_PER_NEIGHBOR = 4
/** Distance f64, key length u16, attributes length u32. */
const MATCH_HEADER_BYTES = 14

/** How many vectors a function is asked about at first, and how many more each time they were too few. */
const ASKED_MIN = 64
const ASKED_GROWTH = 8
const ASKED_MAX = 1 << 16

type Match = VectorMatch<object, unknown, VectorElement>
type Accept = (attributes: object | undefined, id: unknown) => unknown

/** What the addon found, with the place behind which more may follow. */
interface Page {
  readonly matches: readonly Match[]
  readonly last: After | undefined
}

/** A search with everything checked. */
export interface Wanted {
  readonly search: CheckedSearch
  readonly k: number
  readonly accept: Accept | undefined
  readonly withAttributes: boolean
  readonly atLeast: number
}

const searchNames = [
  'vector',
  'k',
  'atLeast',
  'where',
  'keys',
  'maxDistance',
  'exact',
  'ef',
  'include',
  'mmr',
  'model',
] as const

/** A vector index as this environment has it open. */
export class VectorCore implements VectorShape {
  readonly store: StoreCore
  readonly name: string
  readonly handle: number
  readonly dimensions: number
  readonly metric: Metric
  readonly element: VectorElement
  readonly key: KeyCodecCore<unknown, unknown>
  readonly cacheResults: boolean
  readonly #bytes: number
  #model: string | undefined

  constructor(store: StoreCore, name: string, { key, cacheResults, ...options }: CheckedOptions) {
    this.store = store
    this.name = name
    this.dimensions = options.dimensions
    this.metric = options.metric
    this.element = options.element
    this.key = key
    this.cacheResults = cacheResults
    this.#bytes = componentBytes(options)
    this.#model = options.model
    this.handle = store.call(() => native.vectors(store.handle, { name, ...options }, key.name))
  }

  /** What makes the vectors, as the index was created with it. */
  get model(): string | undefined {
    const { store, name } = this
    this.#model ??= store.call(() => native.vectorIndexes(store.handle)).find((index) => index.name === name)?.model
    return this.#model
  }

  ask(reader: number, write: (writer: ValueWriter) => void): Buffer {
    return withBuffer(write, (question) => {
      const length = this.store.call(() => native.askVectors(this.handle, reader, question))
      const answer = Buffer.allocUnsafe(length)
      this.store.check(native.take(answer))
      return answer
    })
  }

  async askAsync(reader: number, write: (writer: ValueWriter) => void): Promise<Buffer> {
    // The addon copies the question before the call returns.
    return withBuffer(write, (question) =>
      this.store.job<Buffer>(() => native.askVectorsAsync(this.handle, reader, question)),
    )
  }

  /** Applies one commit's changes, or records one change in a transaction; `mode` as in `crate/node/src/hot.rs`. */
  change(mode: number, write: (writer: ValueWriter) => void): number {
    return withBuffer(write, (changes) => this.changeWith(mode, changes))
  }

  changeWith(mode: number, changes: Uint8Array): number {
    return this.store.call(() => native.changeVectors(this.handle, changes, mode))
  }

  /** The answers of several searches in one crossing, at one moment. */
  searchMany(reader: number, wanted: readonly Wanted[]): Match[][] {
    const questions = wanted.map(
      ({ search, k }) =>
        (writer: ValueWriter) =>
          writeSearch(search, Math.min(k, K_MAX), undefined, writer),
    )
    const answer = this.ask(reader, (writer) => writeMany(questions, writer))
    const found: Match[][] = []
    let at = 0
    for (const { search, atLeast } of wanted) {
      const end = at + 4 + answer.readUInt32LE(at)
      found.push(enough(this.#readPage(answer.subarray(at + 4, end), search).matches, atLeast))
      at = end
    }
    return found
  }

  /** Every vector that matches, by key, as they are at one moment. */
  *entries(reader: number, filter: object | undefined): Generator<[unknown, StoredVector<object, VectorElement>]> {
    const at = reader === 0 ? this.store.call(() => native.snapshot(this.store.handle)) : reader
    let behind: Uint8Array | undefined
    try {
      for (;;) {
        const page = this.ask(at, (writer) => writeWalk(behind, filter, false, writer))
        if (page.length === 0) return
        for (let start = 0; start < page.length;) {
          const keyStart = start + 6 + this.#bytes
          const keyEnd = keyStart + page.readUInt16LE(start)
          const end = keyEnd + page.readUInt32LE(start + 2)
          behind = page.subarray(keyStart, keyEnd)
          const vector = readComponents(page, start + 6, keyStart, this.element)
          yield [this.key.decode(page, keyStart, keyEnd), { vector, attributes: readAttributes(page, keyEnd, end) }]
          start = end
        }
      }
    } finally {
      if (at !== reader) native.release(at)
    }
  }

  /** Deletes the vectors that match, in a transaction; gives how many. */
  deleteWhere(transaction: number, filter: object): number {
    let deleted = 0
    let behind: Uint8Array | undefined
    for (;;) {
      const page = this.ask(transaction, (writer) => writeWalk(behind, filter, true, writer))
      if (page.length === 0) return deleted
      for (let start = 0; start < page.length; deleted++) {
        const end = start + 2 + page.readUInt16LE(start)
        const key = page.subarray(start, end)
        this.change(transaction, (writer) => writeEncodedDelete(key, writer))
        behind = key.subarray(2)
        start = end
      }
    }
  }

  /** A key as it is stored, to be compared with others. */
  encoded(key: unknown): string {
    return withBuffer(
      (writer) => writeDelete(key, this, writer),
      (bytes) => Buffer.from(bytes).toString('latin1'),
    )
  }

  compact(): Promise<void> {
    return this.store.job<void>(() => native.compactVectors(this.handle))
  }

  async verify(): Promise<string[]> {
    const findings = await this.store.job<Buffer>(() => native.verifyVectors(this.handle))
    return findings.length === 0 ? [] : findings.toString().split('\0')
  }

  readStored(answer: Buffer): StoredVector<object, VectorElement> | undefined {
    if (answer.length === 0) return undefined
    const end = this.#bytes
    return {
      vector: readComponents(answer, 0, end, this.element),
      attributes: readAttributes(answer, end, answer.length),
    }
  }

  /** Checks a search, in the name of what was called with it. */
  checkSearch(
    called: string,
    given: VectorSearch<object, unknown, VectorElement>,
    names: readonly string[] = searchNames,
  ): Wanted {
    if (typeof given !== 'object' || given === null || !('vector' in given)) {
      throw wrongType(`what ${called} takes`, 'an object with a vector', given)
    }
    checkNames(called, given, names)
    const {
      vector,
      k = K_DEFAULT,
      atLeast = 0,
      where,
      keys,
      maxDistance,
      exact = false,
      ef,
      include = ['attributes'],
      mmr,
    } = given
    if (given.model !== undefined) this.#checkModel(given.model)
    if (maxDistance !== undefined) {
      if (typeof maxDistance !== 'number') throw wrongType('maxDistance', 'a number', maxDistance)
      if (Number.isNaN(maxDistance)) throw outOfRange('maxDistance', 'a number', maxDistance)
    }
    if (typeof exact !== 'boolean') throw wrongType('exact', 'a boolean', exact)
    if (!Array.isArray(include)) throw wrongType('include', 'an array', include)
    for (const what of include as unknown[])
      if (what !== 'attributes' && what !== 'vector') throw outOfRange('include', 'made of attributes and vector', what)
    const accept = typeof where === 'function' ? (where as Accept) : undefined
    if (accept !== undefined && mmr !== undefined) {
      throw wrongType('where', 'conditions on attributes, for a search with mmr', where)
    }
    const count = k === Infinity && maxDistance !== undefined ? K_MAX : checkCount('k', k, 1)
    const withAttributes = include.includes('attributes')
    const search: CheckedSearch = {
      // A copy, for a search may make several passes, and the caller's function may change it meanwhile.
      vector: checkVector('vector', vector, this).slice(),
      filter: accept === undefined ? checkFilter(where) : undefined,
      keys: keys === undefined ? undefined : encodeKeys(keys, this),
      maxDistance,
      exact,
      ef: ef === undefined ? undefined : Math.min(checkCount('ef', ef, 1), K_MAX),
      withAttributes: withAttributes || accept !== undefined,
      withVectors: include.includes('vector'),
      diversity: mmr === undefined ? undefined : checkDiversity(mmr, count),
      cached: this.cacheResults && accept === undefined,
    }
    return { search, k: count, accept, withAttributes, atLeast: checkCount('atLeast', atLeast, 0) }
  }

  #checkModel(model: unknown): void {
    if (typeof model !== 'string') throw wrongType('model', 'a string', model)
    if (model === this.model) return
    const own = this.model === undefined ? 'no named model' : `model "${this.model}"`
    throw new SledStoreError(
      'NAMESPACE_MISMATCH',
      `vector index "${this.name}" holds vectors of ${own}, and the query is of "${model}"; make it with the same model`,
    )
  }

  explain(reader: number, { search, k, accept }: Wanted): SearchPlan {
    const ask = (at: number, count: number) =>
      readPlan(this.ask(at, (writer) => writeExplain(search, Math.min(count, K_MAX), writer)))
    if (accept === undefined) return ask(reader, k)
    return this.#atOneMoment(reader, (at) => {
      const passes = new Passes(k, accept, false)
      const plan = ask(at, passes.wanted)
      this.#searchOn(at, search, passes)
      return { ...(passes.count > 1 ? readPlan(Buffer.alloc(PLAN_BYTES)) : plan), tested: passes.asked }
    })
  }

  #searchOn(reader: number, search: CheckedSearch, passes: Passes): Match[] {
    while (!passes.finished) passes.take(this.#page(reader, search, passes.wanted, passes.after))
    return passes.found
  }

  #page(reader: number, search: CheckedSearch, count: number, after: After | undefined): Page {
    return this.#readPage(
      this.ask(reader, (writer) => writeSearch(search, Math.min(count, K_MAX), after, writer)),
      search,
    )
  }

  search(reader: number, { search, k, accept, withAttributes, atLeast }: Wanted): Match[] {
    const found =
      accept === undefined
        ? this.#page(reader, search, k, undefined).matches
        : this.#atOneMoment(reader, (at) => this.#searchOn(at, search, new Passes(k, accept, withAttributes)))
    return enough(found, atLeast)
  }

  async searchAsync(reader: number, { search, k, accept, withAttributes, atLeast }: Wanted): Promise<Match[]> {
    const ask = async (at: number, count: number, after: After | undefined): Promise<Page> =>
      this.#readPage(
        await this.askAsync(at, (writer) => writeSearch(search, Math.min(count, K_MAX), after, writer)),
        search,
      )
    if (accept === undefined) return enough((await ask(reader, k, undefined)).matches, atLeast)
    const passes = new Passes(k, accept, withAttributes)
    const at = reader === 0 ? this.store.call(() => native.snapshot(this.store.handle)) : reader
    try {
      while (!passes.finished) passes.take(await ask(at, passes.wanted, passes.after))
      return enough(passes.found, atLeast)
    } finally {
      if (at !== reader) native.release(at)
    }
  }

  #atOneMoment<T>(reader: number, use: (reader: number) => T): T {
    if (reader !== 0) return use(reader)
    const snapshot = this.store.call(() => native.snapshot(this.store.handle))
    try {
      return use(snapshot)
    } finally {
      native.release(snapshot)
    }
  }

  #readPage(answer: Buffer, { withVectors }: CheckedSearch): Page {
    const vectorBytes = withVectors ? this.#bytes : 0
    const matches: Match[] = []
    let last: After | undefined
    for (let at = 0; at < answer.length;) {
      const distance = answer.readDoubleLE(at)
      const keyStart = at + MATCH_HEADER_BYTES
      const keyEnd = keyStart + answer.readUInt16LE(at + 8)
      const end = keyEnd + answer.readUInt32LE(at + 10)
      const id = this.key.decode(answer, keyStart, keyEnd)
      const match = { id, distance, attributes: readAttributes(answer, keyEnd, end) }
      at = end + vectorBytes
      matches.push(withVectors ? { ...match, vector: readComponents(answer, end, at, this.element) } : match)
      last = { distance, key: answer.subarray(keyStart, keyEnd) }
    }
    return { matches, last }
  }
}

/** A copy of what was found, unless it is less than was asked for. */
function enough(found: readonly Match[], atLeast: number): Match[] {
  if (found.length < atLeast) throw outOfRange('atLeast', `at most the ${found.length} that were found`, atLeast)
  return [...found]
}

/** Asks a function about the nearest, page after page, until it has accepted enough. */
class Passes {
  readonly found: Match[] = []
  wanted: number
  after: After | undefined
  finished = false
  count = 0
  asked = 0
  readonly #k: number
  readonly #accept: Accept
  readonly #withAttributes: boolean

  constructor(k: number, accept: Accept, withAttributes: boolean) {
    this.#k = k
    this.#accept = accept
    this.#withAttributes = withAttributes
    this.wanted = Math.max(k, ASKED_MIN)
  }

  take({ matches, last }: Page): void {
    this.count++
    for (const match of matches) {
      this.asked++
      const answer = this.#accept(match.attributes, match.id)
      if (typeof answer !== 'boolean') throw wrongType('what the function given as where returns', 'a boolean', answer)
      if (answer) this.found.push(this.#withAttributes ? match : { ...match, attributes: undefined })
      if (this.found.length === this.#k) break
    }
    this.finished = this.found.length === this.#k || matches.length < this.wanted
    this.wanted = Math.max(this.wanted, Math.min(this.wanted * ASKED_GROWTH, ASKED_MAX))
    this.after = last
  }
}

function readAttributes(answer: Buffer, start: number, end: number): object | undefined {
  return start === end ? undefined : (readAnswer(answer.subarray(start, end)) as object)
}

/** The way, and six numbers. */
const PLAN_BYTES = 49
const ways = ['all', 'graph', 'matches'] as const

function readPlan(answer: Buffer): SearchPlan {
  const number = (at: number) => Number(answer.readBigUInt64LE(1 + 8 * at))
  return {
    way: ways[answer[0] as number] as SearchPlan['way'],
    vectors: number(0),
    matching: number(1),
    pending: number(2),
    candidates: number(3),
    distances: number(4),
    tested: number(5),
  }
}

/** Operators of a filter, and what they take. */
const operators: Readonly<Record<string, string>> = {
  gt: 'a number, a string or a date',
  gte: 'a number, a string or a date',
  lt: 'a number, a string or a date',
  lte: 'a number, a string or a date',
  in: 'an array of single values',
  startsWith: 'a string',
}

const isSingle = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || value instanceof Date || value instanceof Uint8Array

function checkDiversity(mmr: Diversity, k: number): { lambda: number; fetch: number } {
  checkNames('mmr', mmr, ['lambda', 'fetch'])
  const { lambda = 0.5, fetch = FETCH_PER_NEIGHBOR * k } = mmr
  if (typeof lambda !== 'number') throw wrongType('lambda', 'a number', lambda)
  if (!(lambda >= 0 && lambda <= 1)) throw outOfRange('lambda', '0 to 1', lambda)
  return { lambda, fetch: Math.min(checkCount('fetch', fetch, 1), K_MAX) }
}

/** Checks conditions on attributes. */
export function checkFilter(filter: unknown, what = 'where'): object | undefined {
  if (filter === undefined) return undefined
  if (isSingle(filter) || Array.isArray(filter)) {
    throw wrongType(what, 'an object of attributes and their values, or a function', filter)
  }
  for (const [name, value] of Object.entries(filter as object)) {
    const place = `${what}.${name}`
    if (name === '$not') checkFilter(value ?? null, place)
    else if (name === '$and' || name === '$or') {
      if (!Array.isArray(value)) throw wrongType(place, 'an array of filters', value)
      value.forEach((each: unknown, at) => checkFilter(each ?? null, `${place}[${at}]`))
    } else if (isSingle(value)) checkSingle(place, value)
    else checkTests(place, value)
  }
  return filter as object
}

function checkTests(place: string, tests: unknown): void {
  if (Array.isArray(tests)) throw wrongType(place, 'a single value, or { in: [...] }', tests)
  if (Object.keys(tests as object).length === 0) throw wrongType(place, 'a single value, or an object of tests', tests)
  for (const [operator, value] of Object.entries(tests as object)) {
    const takes = Object.hasOwn(operators, operator) ? operators[operator] : undefined
    if (takes === undefined) throw outOfRange(place, `made of ${Object.keys(operators).join(', ')}`, operator)
    const at = `${place}.${operator}`
    const values: unknown[] = operator === 'in' && Array.isArray(value) ? value : [value]
    const ordered = typeof value === 'string' || (operator !== 'startsWith' && isOrdered(value))
    if (operator === 'in' ? !Array.isArray(value) || !values.every(isSingle) : !ordered)
      throw wrongType(at, takes, value)
    values.forEach((each) => checkSingle(at, each))
  }
}

const isOrdered = (value: unknown): boolean =>
  typeof value === 'number' || typeof value === 'bigint' || value instanceof Date

function checkSingle(place: string, value: unknown): void {
  if (Number.isNaN(value)) throw outOfRange(place, 'a number, for nothing equals NaN', value)
}
