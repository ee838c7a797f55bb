/**
 * A store behind the interface of abstract-level 3, for everything that is made for it.
 *
 * @packageDocumentation
 */
import { fileURLToPath } from 'node:url'
import { AbstractLevel, type AbstractDatabaseOptions } from 'abstract-level'
import { SledStore, type Scan, type Snapshot, type WriteOptions } from 'sledstore'
import { levelError, notOpen } from './abstract-level/errors.js'
import { FormattedRows, type Data, type Format, type Rows } from './abstract-level/formats.js'
import { EntryIterator, KeyIterator, ValueIterator, type IteratorOptions } from './abstract-level/iterator.js'
import {
  batchOptions,
  checkConstructorOptions,
  checkIteratorOptions,
  checkOpenOptions,
  checkReadOptions,
  storeOptions,
  writeOptions,
} from './abstract-level/options.js'
import { rangeOf, type Bounds } from './abstract-level/range.js'
import { innerSnapshot, LevelSnapshot } from './abstract-level/snapshot.js'
import type { DatabaseOptions, OpenOptions, SledLevel as Level, SledLevelClass } from './abstract-level/types.js'

export type {
  ChainedBatch,
  DatabaseOptions,
  LevelIteratorOptions,
  LevelWriteOptions,
  OpenOptions,
  SledLevelClass,
} from './abstract-level/types.js'

/** Keys that one batch of a `clear` with a limit removes. */
const CLEARED_AT_ONCE = 1_000

const manifest = {
  encodings: { utf8: true, buffer: true, view: true },
  has: true,
  seek: true,
  getSync: true,
  implicitSnapshots: true,
  explicitSnapshots: true,
  signals: { iterators: true },
}

/** What abstract-level passes to a read: the caller's options, with formats in place of encodings. */
interface ReadOptions {
  readonly keyEncoding: Format
  readonly valueEncoding?: Format
  readonly snapshot?: unknown
}

interface ClearOptions extends Bounds {
  readonly keyEncoding: Format
  readonly reverse: boolean
  readonly limit: number
  readonly snapshot?: unknown
}

type Operation = { readonly key: Data; readonly sync?: unknown } & (
  | { readonly type: 'put'; readonly value: Data }
  | { readonly type: 'del' }
)

/** Methods with an underscore are what abstract-level calls, with checked arguments, while the database is open. */
class SledLevelCore extends AbstractLevel<Data> {
  readonly location: string
  readonly #given: SledStore | undefined
  readonly #namespace: string
  #store: SledStore | undefined
  #formatted: FormattedRows | undefined

  constructor(location: string | URL | SledStore, options: DatabaseOptions<string, string> = {}) {
    checkConstructorOptions(location instanceof SledStore, options)
    const { namespace = 'level', ...forward } = options
    const place = placeOf(location)
    super(
      location instanceof SledStore
        ? { ...manifest, permanence: place !== 'memory' }
        : { ...manifest, createIfMissing: true, errorIfExists: true },
      forward as AbstractDatabaseOptions<string, string>,
    )
    this.location = place
    this.#given = location instanceof SledStore ? location : undefined
    this.#namespace = namespace
  }

  get store(): SledStore {
    if (this.#store === undefined) throw notOpen()
    return this.#store
  }

  async _open(options: OpenOptions): Promise<void> {
    checkOpenOptions(options, !(this.hooks.postopen as unknown as { noop: boolean }).noop)
    try {
      const store = this.#given ?? (await SledStore.open(this.location, storeOptions(options)))
      const formatted = new FormattedRows(store, this.#namespace)
      formatted.of('utf8', 'utf8') // a namespace of another kind is an error of open
      this.#store = store
      this.#formatted = formatted
    } catch (error) {
      throw levelError(error)
    }
  }

  async _close(): Promise<void> {
    const store = this.#store
    // Forgotten first: a store whose storage has failed says so and is closed all the same.
    this.#store = this.#formatted = undefined
    if (store === this.#given) return
    try {
      await store?.close()
    } catch (error) {
      throw levelError(error)
    }
  }

  #rows(keyFormat: Format, valueFormat: Format = 'buffer'): Rows {
    if (this.#formatted === undefined) throw notOpen()
    return this.#formatted.of(keyFormat, valueFormat)
  }

  _getSync(key: Data, options: ReadOptions): Data | undefined {
    checkReadOptions('get', options)
    const rows = this.#rows(options.keyEncoding, options.valueEncoding)
    const snapshot = innerSnapshot(options.snapshot)
    try {
      return snapshot === undefined ? rows.get(key) : snapshot.get(rows, key)
    } catch (error) {
      throw levelError(error)
    }
  }

  async _get(key: Data, options: ReadOptions): Promise<Data | undefined> {
    return this._getSync(key, options)
  }

  async _getMany(keys: Data[], options: ReadOptions): Promise<(Data | undefined)[]> {
    checkReadOptions('getMany', options)
    const rows = this.#rows(options.keyEncoding, options.valueEncoding)
    return this.#atOneMoment(options.snapshot, (snapshot) => snapshot.getMany(rows, keys))
  }

  async _has(key: Data, options: ReadOptions): Promise<boolean> {
    checkReadOptions('has', options)
    const rows = this.#rows(options.keyEncoding)
    const snapshot = innerSnapshot(options.snapshot)
    try {
      return snapshot === undefined ? rows.has(key) : snapshot.has(rows, key)
    } catch (error) {
      throw levelError(error)
    }
  }

  async _hasMany(keys: Data[], options: ReadOptions): Promise<boolean[]> {
    checkReadOptions('hasMany', options)
    const rows = this.#rows(options.keyEncoding)
    return this.#atOneMoment(options.snapshot, (snapshot) => keys.map((key) => snapshot.has(rows, key)))
  }

  /** Reads from the given snapshot, or from one of its own, for other threads may write meanwhile. */
  #atOneMoment<T>(given: unknown, read: (snapshot: Snapshot) => T): T {
    const snapshot = innerSnapshot(given)
    try {
      if (snapshot !== undefined) return read(snapshot)
      const own = this.store.snapshot()
      try {
        return read(own)
      } finally {
        own.close()
      }
    } catch (error) {
      throw levelError(error)
    }
  }

  async _put(key: Data, value: Data, options: object): Promise<void> {
    const level = writeOptions('put', options)
    try {
      await this.#rows('utf8').put(key, value, level)
    } catch (error) {
      throw levelError(error)
    }
  }

  async _del(key: Data, options: object): Promise<void> {
    const level = writeOptions('del', options)
    try {
      await this.#rows('utf8').delete(key, level)
    } catch (error) {
      throw levelError(error)
    }
  }

  async _batch(operations: readonly Operation[], options: object): Promise<void> {
    const level = batchOptions(options, operations)
    const rows = this.#rows('utf8')
    try {
      await this.store.batch((batch) => {
        for (const operation of operations) {
          if (operation.type === 'put') batch.put(rows, operation.key, operation.value)
          else batch.delete(rows, operation.key)
        }
      }, level)
    } catch (error) {
      throw levelError(error)
    }
  }

  async _clear(options: ClearOptions): Promise<void> {
    const level = writeOptions('clear', options)
    const snapshot = innerSnapshot(options.snapshot)
    try {
      if (options.limit !== -1 || snapshot !== undefined) return await this.#clearSome(snapshot, options, level)
      await this.#rows('utf8').clear(rangeOf(options), level)
    } catch (error) {
      throw levelError(error)
    }
  }

  /** Removes the keys that a snapshot holds, or as many as asked for, in batches. */
  async #clearSome(snapshot: Snapshot | undefined, options: ClearOptions, level: WriteOptions): Promise<void> {
    const { reverse, limit } = options
    const rows = this.#rows('buffer')
    const range = { ...rangeOf(options), reverse, limit: limit === -1 ? Infinity : limit }
    const keys = snapshot === undefined ? rows.keys(range) : snapshot.keys(rows, range)
    try {
      while ((await this.#deleteNext(rows, keys, level)) === CLEARED_AT_ONCE);
    } finally {
      keys.close()
    }
  }

  async #deleteNext(rows: Rows, keys: Scan<Data>, level: WriteOptions): Promise<number> {
    let count = 0
    await this.store.batch((batch) => {
      while (count < CLEARED_AT_ONCE) {
        const { value } = keys.next()
        if (value === undefined) break
        batch.delete(rows, value)
        count++
      }
    }, level)
    return count
  }

  _iterator(options: IteratorOptions): object {
    return this.#read(EntryIterator, options)
  }

  _keys(options: IteratorOptions): object {
    return this.#read(KeyIterator, options)
  }

  _values(options: IteratorOptions): object {
    return this.#read(ValueIterator, options)
  }

  #read(Iterator: typeof EntryIterator | typeof KeyIterator, options: IteratorOptions): object {
    checkIteratorOptions(options)
    const { keyEncoding, valueEncoding, snapshot } = options
    const source = innerSnapshot(snapshot) ?? (() => this.store.snapshot())
    return new Iterator(this, this.#rows(keyEncoding, valueEncoding), source, options)
  }

  _snapshot(options: object): LevelSnapshot {
    return new LevelSnapshot(this.store.snapshot(), options)
  }
}

function placeOf(location: string | URL | SledStore): string {
  if (location instanceof SledStore) return location.path
  const place = location instanceof URL ? fileURLToPath(location) : location
  if (typeof place === 'string' && place !== '') return place
  throw new TypeError('location must be the name of a folder, a file URL or an open store')
}

/** An abstract-level database over a store. */
export type SledLevel<KDefault = string, VDefault = string> = Level<KDefault, VDefault>

/**
 * An abstract-level database over a store.
 *
 * @example
 * ```ts
 * const db = new SledLevel('./data', { valueEncoding: 'json' })
 * await db.put('ann', { name: 'Ann' }, { sync: true })
 * for await (const [name, user] of db.iterator({ gte: 'a' })) greet(name, user)
 * await db.close()
 * ```
 */
export const SledLevel: SledLevelClass = SledLevelCore as unknown as SledLevelClass
Object.defineProperty(SledLevel, 'name', { value: 'SledLevel' })
