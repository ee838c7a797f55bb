/**
 * Scans: rows of a range in key order, fetched by the page and decoded one by one.
 */
import { closable } from './internal/lifecycle.js'
import type { NamespaceCore, Source } from './internal/namespace-core.js'
import { FAILED, forget, keys, native, release, releaseWith, state, StateWord } from './internal/native.js'
import { isPlainText, PLAIN_HEADER_BYTES } from './codec.js'
import { readAscii } from './utf8.js'
import { boundCopies, checkedLength, encoded, encodeScan, Flag, type ScanOptions } from './range.js'

/**
 * The rows of a range at one moment, as an iterator. `break` and errors in a `for` loop close it, and so does closing
 * the store; left unfinished elsewhere, call `close`.
 */
export interface Scan<T, K = unknown> extends IteratorObject<T, undefined, unknown> {
  next(): IteratorResult<T, undefined>
  [Symbol.iterator](): Scan<T, K>
  /**
   * Moves forward to a key: the next row is the first at or after it. A key behind the position changes nothing. Rows it
   * passes over do not count against the limit.
   */
  seek(key: K): void
  /** Ends the scan. */
  close(): void
  [Symbol.dispose](): void
}

/** A scan that reads away from the JavaScript thread. */
export interface AsyncScan<T> extends AsyncIterableIterator<T, undefined, unknown> {
  next(): Promise<IteratorResult<T, undefined>>
  [Symbol.asyncIterator](): AsyncScan<T>
  /** Ends the scan. */
  close(): void
  [Symbol.asyncDispose](): Promise<void>
}

/** What a scan makes of each row. */
export type RowShape = 'entry' | 'key' | 'value'

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

/** Text of rows is cut out of texts of so many bytes, so that a row costs no call; what is longer than a part of it is read by itself. */
const CUT_BYTES = 1 << 10
const CUT_PART_MAX = CUT_BYTES / 4

/** Decodes the rows of one page after the other. */
class Rows {
  page: Buffer | undefined
  /** Where its rows end. */
  bytes = 0
  /** Whether all their keys and values are ASCII. */
  isAscii = false
  /** Rows of the page that were not read yet. */
  left = 0
  keyStart = 0
  valueStart = 0
  end = 0
  #cut = ''
  #cutStart = 0

  set(page: Buffer, rows: number, bytes: number, isAscii: boolean): void {
    this.page = page
    this.left = rows
    this.bytes = bytes
    this.isAscii = isAscii
    this.end = 0
    this.#cut = ''
  }

  /** The ASCII text in `[start, end)`. A part keeps the text it was cut from alive, and no more. */
  text(start: number, end: number): string {
    if (end - start > CUT_PART_MAX) return readAscii(this.page!, start, end)
    if (start < this.#cutStart || end > this.#cutStart + this.#cut.length) {
      this.#cut = readAscii(this.page!, start, Math.min(start + CUT_BYTES, this.bytes))
      this.#cutStart = start
    }
    return this.#cut.slice(start - this.#cutStart, end - this.#cutStart)
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
  if (shape === 'value') return valueOf(namespace, rows)
  const { keyStart, valueStart } = rows
  const key =
    rows.isAscii && namespace.hasTextKeys
      ? rows.text(keyStart, valueStart)
      : namespace.key.decode(rows.page!, keyStart, valueStart)
  return shape === 'key' ? key : [key, valueOf(namespace, rows)]
}

function valueOf(namespace: NamespaceCore, rows: Rows): unknown {
  const { page, valueStart, end } = rows
  return rows.isAscii && namespace.hasTextValues && isPlainText(page!, valueStart, end)
    ? rows.text(valueStart + PLAIN_HEADER_BYTES, end)
    : namespace.decode(page!, valueStart, end)
}

/** `Iterator.prototype`, so that the runtime's iterator helpers work on scans. */
const iteratorPrototype: object = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object
const IteratorBase = class {} as abstract new () => object
Object.setPrototypeOf(IteratorBase.prototype as object, iteratorPrototype)

const ended: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined })

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
  /** Rows still to be yielded: those that `seek` passes over do not count, so the addon cannot count them. */
  #left: number
  #done = false

  /** Starts at the range in {@link encoded}. */
  constructor(namespace: NamespaceCore, source: Source, shape: RowShape) {
    super()
    this.#namespace = namespace
    this.#source = source
    this.#shape = shape
    const { startLength, endLength, limit } = encoded
    this.#left = limit
    const flags = shape === 'key' ? encoded.flags | Flag.NoValues : encoded.flags
    this.#reverse = (flags & Flag.Reverse) !== 0
    const page = takePage(FIRST_PAGE_BYTES)
    const rows = native.scan(
      namespace.handle,
      source.reader,
      startLength,
      endLength,
      flags,
      page,
      Math.min(FIRST_PAGE_ROWS, this.#left),
    )
    if (rows === FAILED) {
      givePage(page)
      throw namespace.failure()
    }
    this.#took(page, rows)
    if (this.#handle !== 0) releaseWith(this, this.#handle)
    if (this.#left === 0) this.close()
  }

  next(): IteratorResult<unknown, undefined> {
    if (this.#done) return ended
    try {
      this.#source.checkUsable()
      if (this.#rows.left === 0 && !this.#turn()) return ended
      this.#rows.step()
      const value = shaped(this.#namespace, this.#shape, this.#rows)
      if (--this.#left === 0) this.close()
      return { done: false, value }
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
    const length = checkedLength(this.#namespace.key.encode(key, keys, 0))
    if (this.#done) return
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
      const rows = native.scanNext(this.#handle, page, Math.min(PAGE_ROWS, this.#left))
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
    this.#rows.set(page, rows, state[StateWord.Bytes]!, state[StateWord.Ascii] === 1)
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

/** Opens a scan. */
export function openScan<T>(
  namespace: NamespaceCore,
  source: Source,
  shape: RowShape,
  options: ScanOptions<unknown, unknown> | undefined,
): Scan<T, never> {
  encodeScan(namespace.key, 'scan', options)
  return new SyncScan(namespace, source, shape) as unknown as Scan<T, never>
}

/** Bytes before the rows of a page that a job answers with: rows (u32, little-endian), bits (u8): 1 for the end, 2 for ASCII. */
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
    const bits = answer[PAGE_HEADER_BYTES - 1]!
    const finished = (bits & 1) === 1
    if (finished) {
      hold.handle = 0
      native.release(handle)
    }
    const page = answer.subarray(PAGE_HEADER_BYTES)
    rows.set(page, answer.readUInt32LE(0), page.length, (bits & 2) === 2)
    while (rows.left > 0) {
      source.checkUsable()
      if (!finished && hold.handle === 0) return undefined
      rows.step()
      yield shaped(namespace, shape, rows)
    }
  }
  return undefined
}

/** Opens a scan that reads away from the JavaScript thread. */
export function openAsyncScan<T>(
  namespace: NamespaceCore,
  source: Source,
  shape: RowShape,
  options: ScanOptions<unknown, unknown> | undefined,
): AsyncScan<T> {
  encodeScan(namespace.key, 'scanAsync', options)
  return new PagedScan(namespace, source, shape) as unknown as AsyncScan<T>
}
