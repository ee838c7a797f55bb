/**
 * Iterators over entries, keys and values.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { AbstractIterator, AbstractKeyIterator, AbstractValueIterator } from 'abstract-level'
import type { Range, Scan, Snapshot } from 'sledstore'
import { aborted, levelError } from './errors.js'
import type { Data, Format, Rows } from './formats.js'
import { isWithin, narrowed, rangeOf, type Bounds } from './range.js'

/** Rows that are read before other work of the process has its turn. */
const ROWS_A_TURN = 1_000
/** Bytes that one `nextv` gives at most, unless told otherwise. */
const BYTES_A_TURN = 1 << 20

/** What abstract-level hands to the makers of iterators. */
export interface IteratorOptions extends Bounds {
  readonly keyEncoding: Format
  readonly valueEncoding: Format
  readonly snapshot?: unknown
  readonly reverse: boolean
  readonly signal?: AbortSignal | null
  readonly highWaterMarkBytes?: number
  readonly highWaterMark?: number
}

/** A row as abstract-level takes it; what was not asked for is undefined. */
type Entry = [key: Data | undefined, value: Data | undefined]
type ScanRange = Range<Data> & { readonly reverse: boolean; readonly limit: number }

/** How rows are read, and what one weighs. */
interface Shape<T> {
  open(snapshot: Snapshot, rows: Rows, range: ScanRange): Scan<T>
  bytes(row: T): number
}

const entries: Shape<Entry> = {
  open: (snapshot, rows, range) => snapshot.scan(rows, range),
  bytes: ([key, value]) => key!.length + value!.length,
}
const keys: Shape<Data> = {
  open: (snapshot, rows, range) => snapshot.keys(rows, range),
  bytes: (key) => key.length,
}
const values: Shape<Data> = {
  open: (snapshot, rows, range) => snapshot.values(rows, range),
  bytes: (value) => value.length,
}

/** Rows of a range at one moment, from any key of it on. */
class Cursor<T> {
  readonly #rows: Rows
  readonly #snapshot: Snapshot
  readonly #ownsSnapshot: boolean
  readonly #shape: Shape<T>
  readonly #range: Range<Data>
  readonly #reverse: boolean
  readonly #signal: AbortSignal | undefined
  readonly #bytesMax: number
  /** What is still to be read; undefined when a `seek` left the range. */
  #ahead: Range<Data> | undefined
  #scan: Scan<T> | undefined
  #rowsThisTurn = 0

  constructor(shape: Shape<T>, rows: Rows, source: Source, options: IteratorOptions) {
    this.#rows = rows
    this.#ownsSnapshot = typeof source === 'function'
    this.#snapshot = typeof source === 'function' ? source() : source
    this.#shape = shape
    this.#range = this.#ahead = rangeOf(options)
    this.#reverse = options.reverse
    this.#signal = options.signal ?? undefined
    this.#bytesMax = options.highWaterMarkBytes ?? options.highWaterMark ?? BYTES_A_TURN
  }

  /** The next row; at most `limit` are read in all. */
  next(limit: number): T | undefined | Promise<T | undefined> {
    if (this.#rowsThisTurn < ROWS_A_TURN && this.#signal === undefined) return this.#read(limit)
    return this.#wait().then(() => this.#read(limit))
  }

  /** Up to `size` rows; none at the end of the range. */
  async page(size: number, limit: number): Promise<T[]> {
    await this.#wait()
    const page: T[] = []
    let bytes = 0
    do {
      const row = this.#read(limit)
      if (row === undefined) break
      page.push(row)
      bytes += this.#shape.bytes(row)
    } while (page.length < size && bytes < this.#bytesMax)
    return page
  }

  seek(target: Data): void {
    this.#scan?.close()
    this.#scan = undefined
    this.#ahead = isWithin(this.#range, target) ? narrowed(this.#range, target, this.#reverse) : undefined
  }

  close(): void {
    this.#scan?.close()
    if (this.#ownsSnapshot) this.#snapshot.close()
  }

  #read(limit: number): T | undefined {
    try {
      if (this.#scan === undefined) {
        if (this.#ahead === undefined) return undefined
        const range = { ...this.#ahead, reverse: this.#reverse, limit }
        this.#scan = this.#shape.open(this.#snapshot, this.#rows, range)
      }
      this.#rowsThisTurn++
      return this.#scan.next().value
    } catch (error) {
      throw levelError(error)
    }
  }

  /**
   * Rows come without waiting, so a long loop over them would keep out everything else: now and then it waits for what
   * else there is to do. The signal may come while it does, or right after the call.
   */
  async #wait(): Promise<void> {
    if (this.#rowsThisTurn >= ROWS_A_TURN) {
      this.#rowsThisTurn = 0
      await nextTurn()
    } else if (this.#signal !== undefined) {
      await undefined
    }
    if (this.#signal?.aborted === true) throw aborted(this.#signal)
  }
}

/** An explicit snapshot, or what makes one for the iterator alone. */
type Source = Snapshot | (() => Snapshot)

/** What the three kinds of iterators of abstract-level have in common; its typings leave out how they are extended. */
interface CommonIterator {
  readonly count: number
  readonly limit: number
}
type IteratorClass = new (level: object, options: object) => CommonIterator

function over<T>(
  base: unknown,
  shape: Shape<T>,
): new (level: object, rows: Rows, source: Source, options: IteratorOptions) => CommonIterator {
  return class extends (base as IteratorClass) {
    readonly #cursor: Cursor<T>

    constructor(level: object, rows: Rows, source: Source, options: IteratorOptions) {
      super(level, options)
      this.#cursor = new Cursor(shape, rows, source, options)
    }

    /** A row that is there is given without a promise around it, which would be made once a row for nothing. */
    _next(): T | undefined | Promise<T | undefined> {
      return this.#cursor.next(this.limit - this.count)
    }

    _nextv(size: number): Promise<T[]> {
      return this.#cursor.page(size, this.limit - this.count)
    }

    _seek(target: Data): void {
      this.#cursor.seek(target)
    }

    async _close(): Promise<void> {
      this.#cursor.close()
    }
  }
}

export const EntryIterator = over(AbstractIterator, entries)
export const KeyIterator = over(AbstractKeyIterator, keys)
export const ValueIterator = over(AbstractValueIterator, values)
