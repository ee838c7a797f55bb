/**
 * A store behind Keyv, and so behind whatever takes a Keyv: cache-manager, Nest's cache, got, …
 *
 * @packageDocumentation
 */
import { EventEmitter } from 'node:events'
import { Rows, type RowsOptions, type Source } from './shared/rows.js'

/** How {@link KeyvSled} keeps what it is given; options of the store only with a folder. */
export type KeyvSledOptions = RowsOptions

/** A row as Keyv hands it over; `ttl` in milliseconds. */
export interface KeyvRow {
  readonly key: string
  readonly value: unknown
  readonly ttl?: number | undefined
}

const NAME = 'KeyvSled'
const hint = ' (namespace, ttl, serialize and the like are options of Keyv)'

/** What Keyv calls a time to live, as the store takes it; 0 when the row is gone before it is there. */
function wholeTtl(ttl: number | undefined): number | undefined {
  if (ttl === undefined || ttl === null || ttl > Number.MAX_SAFE_INTEGER) return undefined
  return Math.max(0, Math.ceil(ttl))
}

/**
 * A storage adapter for Keyv 5 and 6. Rows leave the store by themselves when their time is over.
 *
 * @example
 * ```ts
 * const cache = new Keyv({ store: new KeyvSled('./cache'), namespace: 'pages', ttl: 60_000 })
 * await cache.set('/', html)
 * await cache.disconnect() // closes the store that was opened for the folder
 * ```
 */
export class KeyvSled extends EventEmitter {
  /**
   * Keyv 5 gives an iterator to adapters of dialects that it knows, and to no other: this one iterates as that of another
   * embedded store.
   */
  readonly opts: Record<string, unknown> = { dialect: 'sqlite', url: '' }
  /** Set by Keyv 5, which puts it in front of keys itself; `clear` goes by it. Keyv 6 keeps it to itself. */
  declare namespace?: string | undefined
  readonly #rows: Rows

  /**
   * @param source the folder of a store, which is opened when it is first used and closed by `disconnect`; or an open store
   */
  constructor(source: Source, options: KeyvSledOptions = {}) {
    super()
    this.#rows = new Rows(NAME, source, { name: 'keyv', ...options }, hint)
  }

  async get<Value>(key: string): Promise<Value | undefined> {
    return this.#reading(async () => (await (await this.#rows.open()).getAsync(key)) as Value | undefined)
  }

  /** All of one moment. */
  async getMany<Value>(keys: string[]): Promise<(Value | undefined)[]> {
    return this.#reading(async () => (await (await this.#rows.open()).getManyAsync(keys)) as (Value | undefined)[])
  }

  async has(key: string): Promise<boolean> {
    return this.#reading(async () => (await this.#rows.open()).has(key))
  }

  /** `ttl` in milliseconds. */
  async set(key: string, value: unknown, ttl?: number): Promise<boolean> {
    const whole = wholeTtl(ttl)
    if (whole === 0) await this.#rows.remove(key)
    else await this.#rows.put(key, value, whole)
    return true
  }

  /** All or none. */
  async setMany(rows: KeyvRow[]): Promise<boolean[]> {
    const kept = rows.map(({ key, value, ttl }) => [key, value, wholeTtl(ttl)] as const)
    for (const [key, , ttl] of kept) if (ttl === 0) await this.#rows.remove(key)
    await this.#rows.putAll(kept.filter(([, , ttl]) => ttl !== 0))
    return rows.map(() => true)
  }

  /** Tells whether it was there. */
  async delete(key: string): Promise<boolean> {
    return this.#rows.remove(key)
  }

  /** Removes the rows of the namespace, or all when there is none. */
  async clear(): Promise<void> {
    await this.#rows.clear(this.namespace === undefined ? undefined : `${this.namespace}:`)
  }

  /** Keys and values, as they are at the call. */
  async *iterator<Value>(namespace?: string): AsyncGenerator<[string, Value], void> {
    const rows = await this.#rows.open()
    yield* rows.scanAsync(namespace === undefined ? {} : { prefix: `${namespace}:` }) as AsyncIterable<[string, Value]>
  }

  /** Closes the store that was opened for the folder. */
  async disconnect(): Promise<void> {
    await this.#rows.close()
  }

  /** Keyv 5 takes a read that failed for one that found nothing, so somebody has to tell. */
  async #reading<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read()
    } catch (error) {
      if (this.listenerCount('error') > 0) this.emit('error', error)
      throw error
    }
  }
}
