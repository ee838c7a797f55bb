/**
 * Scans: rows of a range in key order, fetched by the page and decoded one by one.
 */
import { closable } from './internal/lifecycle.js'
import { END_KEY_AT, FAILED, forget, keys, native, release, releaseWith, state, StateWord } from './internal/native.js'
import { KEY_BYTES_MAX, keyTooLarge, type KeyCodec } from './key-codec.js'
import type { NamespaceCore } from './namespace.js'
import { checkBoolean, checkCount, checkNames } from './options.js'

/** Which keys of a namespace are meant. The bounds of a `prefix` may be narrowed by the others. */
export interface Range<K, P = never> {
  /** Keys above this one. */
  readonly gt?: K
  /** This key and those above it. */
  readonly gte?: K
  /** Keys below this one. */
  readonly lt?: K
  /** This key and those below it. */
  readonly lte?: K
  /** Keys that begin with this text or these bytes, or tuples that begin with these parts. */
  readonly prefix?: P
}

/** Which keys, in which order, and how many. */
export interface ScanOptions<K, P = never> extends Range<K, P> {
  /** From the last key to the first. */
  readonly reverse?: boolean
  /** At most this many rows. */
  readonly limit?: number
}

/**
 * The rows of a range at one moment, as an iterator. `break` and errors in a `for` loop close it, and so does closing
 * the store; left unfinished elsewhere, call `close`.
 */
export interface Scan<T> extends IteratorObject<T, undefined, unknown> {
  next(): IteratorResult<T, undefined>
  [Symbol.iterator](): Scan<T>
  /** Moves forward to a key: the next row is the first at or after it. A key behind the position changes nothing. */
  seek(key: unknown): void
  /** Ends the scan. */
  close(): void
}

/** A scan that reads away from the JavaScript thread. */
export interface AsyncScan<T> extends AsyncIterableIterator<T, undefined, unknown> {
  next(): Promise<IteratorResult<T, undefined>>
  [Symbol.asyncIterator](): AsyncScan<T>
  /** Ends the scan. */
  close(): void
}

/** What a scan makes of each row. */
export type RowShape = 'entry' | 'key' | 'value'

const Flag = { StartExcluded: 1, EndIncluded: 2, NoEnd: 4, Reverse: 8, NoValues: 16 } as const

const rangeNames = ['gt', 'gte', 'lt', 'lte', 'prefix'] as const satisfies readonly (keyof Range<unknown>)[]
const scanNames = [...rangeNames, 'reverse', 'limit'] as const satisfies readonly (keyof ScanOptions<unknown>)[]

/** A range as {@link encodeRange} and {@link encodeScan} left it in the key buffer. */
export const encoded = { startLength: 0, endLength: 0, flags: 0, limit: -1 }

const NO_BOUND = -1
/** Where a second bound of the same side is put to be compared with the first. */
const OTHER_AT = END_KEY_AT / 2

/** Writes the bounds of a range into the key buffer and describes them in {@link encoded}. */
export function encodeRange<K, P>(codec: KeyCodec<K, P>, where: string, range: Range<K, P> | undefined): void {
  if (range !== undefined) checkNames(where, range, rangeNames)
  encodeBounds(codec, where, range ?? {})
  encoded.limit = -1
}

/** As {@link encodeRange}, with order and limit. */
export function encodeScan<K, P>(codec: KeyCodec<K, P>, where: string, options: ScanOptions<K, P> | undefined): void {
  if (options === undefined) {
    encodeBounds(codec, where, {})
    encoded.limit = -1
    return
  }
  checkNames(where, options, scanNames)
  const { reverse, limit } = options
  encodeBounds(codec, where, options)
  if (checkBoolean('reverse', reverse, false)) encoded.flags |= Flag.Reverse
  encoded.limit = limit === undefined || limit === Infinity ? -1 : checkCount('limit', limit, 0)
}

function encodeBounds<K, P>(codec: KeyCodec<K, P>, where: string, range: Range<K, P>): void {
  const { gt, gte, lt, lte, prefix } = range
  if (gt !== undefined && gte !== undefined) throw new TypeError(`${where} takes gt or gte, not both`)
  if (lt !== undefined && lte !== undefined) throw new TypeError(`${where} takes lt or lte, not both`)
  let flags = 0
  let startLength = 0
  let endLength = NO_BOUND
  if (prefix !== undefined) {
    startLength = checked(codec.encodePrefix(prefix, keys, 0))
    const end = codec.encodePrefixEnd(prefix, keys, END_KEY_AT)
    // An exclusive end is one byte longer than the prefix at most.
    if (end !== -1) endLength = end - END_KEY_AT
  }
  const low = gt ?? gte
  if (low !== undefined) {
    const length = checked(codec.encode(low, keys, OTHER_AT) - OTHER_AT)
    if (keys.compare(keys, 0, startLength, OTHER_AT, OTHER_AT + length) >= 0) {
      keys.copyWithin(0, OTHER_AT, OTHER_AT + length)
      startLength = length
      if (gt !== undefined) flags |= Flag.StartExcluded
    }
  }
  const high = lt ?? lte
  if (high !== undefined) {
    const at = END_KEY_AT + OTHER_AT
    const length = checked(codec.encode(high, keys, at) - at)
    if (endLength === NO_BOUND || keys.compare(keys, END_KEY_AT, END_KEY_AT + endLength, at, at + length) < 0) {
      keys.copyWithin(END_KEY_AT, at, at + length)
      endLength = length
      if (lte !== undefined) flags |= Flag.EndIncluded
    }
  }
  encoded.startLength = startLength
  encoded.endLength = endLength === NO_BOUND ? 0 : endLength
  encoded.flags = endLength === NO_BOUND ? flags | Flag.NoEnd : flags
}

function checked(length: number): number {
  if (length > KEY_BYTES_MAX) throw keyTooLarge(length)
  return length
}

/** Copies of the bounds that {@link encoded} describes, for calls that outlive the key buffer's content. */
export function boundCopies(): [start: Buffer, end: Buffer] {
  return [
    Buffer.from(keys.subarray(0, encoded.startLength)),
    Buffer.from(keys.subarray(END_KEY_AT, END_KEY_AT + encoded.endLength)),
  ]
}

const FIRST_PAGE_ROWS = 32
const FIRST_PAGE_BYTES = 8 << 10
const PAGE_ROWS = 1_000
const PAGE_BYTES = 64 << 10
const POOLED_PAGES = 4

/** Pages that no scan uses, by size. */
const pool: Record<number, Buffer[]> = { [FIRST_PAGE_BYTES]: [], [PAGE_BYTES]: [] }

function takePage(bytes: number): Buffer {
  return pool[bytes]?.pop() ?? Buffer.allocUnsafeSlow(bytes)
}

function givePage(page: Buffer): void {
  const pages = pool[page.length]
  if (pages !== undefined && pages.length < POOLED_PAGES) pages.push(page)
}

/** Row header in a page: key length (u16) and value length (u32), little-endian. */
const ROW_HEADER_BYTES = 6

/** Decodes the rows of one page after the other. */
class Rows {
  page: Buffer | undefined
  /** Rows of the page that were not read yet. */
  left = 0
  keyStart = 0
  valueStart = 0
  end = 0

  set(page: Buffer, rows: number): void {
    this.page = page
    this.left = rows
    this.end = 0
  }

  step(): void {
    const page = this.page!
    const at = this.end
    this.left--
    this.keyStart = at + ROW_HEADER_BYTES
    this.valueStart = this.keyStart + (page[at]! | (page[at + 1]! << 8))
    this.end = this.valueStart + (page[at + 2]! | (page[at + 3]! << 8) | (page[at + 4]! << 16) | (page[at + 5]! << 24))
  }
}

/** Turns the current row into what the scan yields. */
function shaped(namespace: NamespaceCore, shape: RowShape, rows: Rows): unknown {
  const page = rows.page!
  if (shape === 'value') return namespace.decode(page, rows.valueStart, rows.end)
  const key = namespace.key.decode(page, rows.keyStart, rows.valueStart)
  return shape === 'key' ? key : [key, namespace.decode(page, rows.valueStart, rows.end)]
}

/** `Iterator.prototype`, so that the runtime's iterator helpers work on scans. */
const iteratorPrototype: object = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object
const IteratorBase = class {} as abstract new () => object
Object.setPrototypeOf(IteratorBase.prototype as object, iteratorPrototype)

const ended: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined })

/** Who reads: a namespace's newest state, a snapshot or a transaction. */
export interface Source {
  /** The addon's handle; 0 for the newest state. */
  readonly reader: number
  /** Refuses a source that has ended. */
  checkUsable(): void
}

class SyncScan extends IteratorBase {
  readonly #namespace: NamespaceCore
  readonly #source: Source
  readonly #shape: RowShape
  readonly #reverse: boolean
  readonly #rows = new Rows()
  /** The addon's scan, while it has more rows than the page. */
  #handle = 0
  /** Bytes the next page must have, when its first row did not fit. */
  #needed = 0
  #done = false

  /** Starts at the range in {@link encoded}. */
  constructor(namespace: NamespaceCore, source: Source, shape: RowShape) {
    super()
    this.#namespace = namespace
    this.#source = source
    this.#shape = shape
    const { startLength, endLength, limit } = encoded
    const flags = shape === 'key' ? encoded.flags | Flag.NoValues : encoded.flags
    this.#reverse = (flags & Flag.Reverse) !== 0
    const page = takePage(FIRST_PAGE_BYTES)
    const rows = native.scan(
      namespace.handle,
      source.reader,
      startLength,
      endLength,
      flags,
      limit,
      page,
      FIRST_PAGE_ROWS,
    )
    if (rows === FAILED) {
      givePage(page)
      throw namespace.failure()
    }
    this.#took(page, rows)
    if (this.#handle !== 0) releaseWith(this, this.#handle)
  }

  next(): IteratorResult<unknown, undefined> {
    if (this.#done) return ended
    try {
      this.#source.checkUsable()
      if (this.#rows.left === 0 && !this.#turn()) return ended
      this.#rows.step()
      return { done: false, value: shaped(this.#namespace, this.#shape, this.#rows) }
    } catch (error) {
      this.close()
      throw error
    }
  }

  return(): IteratorResult<unknown, undefined> {
    this.close()
    return ended
  }

  throw(error: unknown): never {
    this.close()
    throw error
  }

  seek(key: unknown): void {
    const length = checked(this.#namespace.key.encode(key, keys, 0))
    const rows = this.#rows
    while (rows.left > 0) {
      const before = rows.end
      rows.step()
      const order = rows.page!.compare(keys, 0, length, rows.keyStart, rows.valueStart)
      if (this.#reverse ? order <= 0 : order >= 0) {
        rows.end = before
        rows.left++
        return
      }
    }
    if (this.#handle !== 0) this.#namespace.check(native.seek(this.#handle, length))
  }

  close(): void {
    if (this.#handle !== 0) release(this, this.#handle)
    this.#handle = 0
    this.#finish()
  }

  /** Fetches the next page; false at the end. */
  #turn(): boolean {
    while (this.#rows.left === 0) {
      if (this.#handle === 0) {
        this.#finish()
        return false
      }
      const page = this.#nextPage()
      const rows = native.scanNext(this.#handle, page, PAGE_ROWS)
      if (rows === FAILED) throw this.#namespace.failure()
      this.#took(page, rows)
    }
    return true
  }

  #nextPage(): Buffer {
    const page = this.#rows.page!
    if (page.length >= Math.max(PAGE_BYTES, this.#needed)) return page
    givePage(page)
    return this.#needed > PAGE_BYTES ? Buffer.allocUnsafeSlow(this.#needed) : takePage(PAGE_BYTES)
  }

  #took(page: Buffer, rows: number): void {
    this.#rows.set(page, rows)
    const handle = state[StateWord.Scan]!
    this.#needed = state[StateWord.Length]!
    if (handle === 0 && this.#handle !== 0) forget(this)
    this.#handle = handle
  }

  #finish(): void {
    if (this.#done) return
    this.#done = true
    this.#rows.left = 0
    if (this.#rows.page !== undefined) givePage(this.#rows.page)
    this.#rows.page = undefined
  }
}
closable(SyncScan.prototype)

/** Opens a scan over the range in {@link encoded}. */
export function openScan<T>(namespace: NamespaceCore, source: Source, shape: RowShape): Scan<T> {
  return new SyncScan(namespace, source, shape) as unknown as Scan<T>
}

/** Bytes before the rows of a page that a job answers with: rows (u32, little-endian), end (u8). */
const PAGE_HEADER_BYTES = 5

class PagedScan {
  readonly #rows: AsyncGenerator<unknown, undefined, unknown>
  readonly #hold: { handle: number }

  constructor(namespace: NamespaceCore, source: Source, shape: RowShape) {
    const [start, end] = boundCopies()
    const { limit } = encoded
    const flags = shape === 'key' ? encoded.flags | Flag.NoValues : encoded.flags
    const handle = namespace.store.call(() =>
      native.beginScan(namespace.handle, source.reader, start, end, flags, limit),
    )
    this.#hold = { handle }
    this.#rows = pagedRows(namespace, source, shape, this.#hold)
    releaseWith(this, handle)
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    return this.#rows.next()
  }

  return(): Promise<IteratorResult<unknown, undefined>> {
    this.close()
    return this.#rows.return(undefined)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  close(): void {
    if (this.#hold.handle !== 0) release(this, this.#hold.handle)
    this.#hold.handle = 0
  }
}
closable(PagedScan.prototype)

/** Must not hold the scan itself, or it could never be collected while it waits. */
async function* pagedRows(
  namespace: NamespaceCore,
  source: Source,
  shape: RowShape,
  hold: { handle: number },
): AsyncGenerator<unknown, undefined, unknown> {
  const rows = new Rows()
  while (hold.handle !== 0) {
    const { handle } = hold
    const answer = await namespace.store.job<Buffer>(() => native.scanPageAsync(handle, PAGE_ROWS, PAGE_BYTES))
    const finished = answer[PAGE_HEADER_BYTES - 1] === 1
    if (finished) {
      hold.handle = 0
      native.release(handle)
    }
    rows.set(answer.subarray(PAGE_HEADER_BYTES), answer.readUInt32LE(0))
    while (rows.left > 0) {
      source.checkUsable()
      if (!finished && hold.handle === 0) return undefined
      rows.step()
      yield shaped(namespace, shape, rows)
    }
  }
  return undefined
}

/** Opens a scan over the range in {@link encoded} that reads away from the JavaScript thread. */
export function openAsyncScan<T>(namespace: NamespaceCore, source: Source, shape: RowShape): AsyncScan<T> {
  return new PagedScan(namespace, source, shape) as unknown as AsyncScan<T>
}
