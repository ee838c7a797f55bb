// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.
import { EventEmitter } from 'node:events'
import { Durability, SledStore, StoreOptions } from '../../index.js'

/** Where an adapter keeps its rows: the folder of a store, or a store that is open. */
type Source = string | URL | SledStore
/** What the adapters of caches have in common. */
interface RowsOptions extends StoreOptions {
  /** Name of the namespace that holds the rows. */
  readonly name?: string
  /** Level of its writes. Default: `os`, for what is cached can be had again. */
  readonly durability?: Durability
}
/** How {@link KeyvSled} keeps what it is given; options of the store only with a folder. */
type KeyvSledOptions = RowsOptions
/** A row as Keyv hands it over; `ttl` in milliseconds. */
interface KeyvRow {
  readonly key: string
  readonly value: unknown
  readonly ttl?: number | undefined
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
declare class KeyvSled extends EventEmitter {
  #private
  /**
   * Keyv 5 gives an iterator to adapters of dialects that it knows, and to no other: this one iterates as that of another
   * embedded store.
   */
  readonly opts: Record<string, unknown>
  /** Set by Keyv 5, which puts it in front of keys itself; `clear` goes by it. Keyv 6 keeps it to itself. */
  namespace?: string | undefined
  /**
   * @param source the folder of a store, which is opened when it is first used and closed by `disconnect`; or an open store
   */
  constructor(source: Source, options?: KeyvSledOptions)
  get<Value>(key: string): Promise<Value | undefined>
  /** All of one moment. */
  getMany<Value>(keys: string[]): Promise<(Value | undefined)[]>
  has(key: string): Promise<boolean>
  /** `ttl` in milliseconds. */
  set(key: string, value: unknown, ttl?: number): Promise<boolean>
  /** All or none. */
  setMany(rows: KeyvRow[]): Promise<boolean[]>
  /** Tells whether it was there. */
  delete(key: string): Promise<boolean>
  /** Removes the rows of the namespace, or all when there is none. */
  clear(): Promise<void>
  /** Keys and values, as they are at the call. */
  iterator<Value>(namespace?: string): AsyncGenerator<[string, Value], void>
  /** Closes the store that was opened for the folder. */
  disconnect(): Promise<void>
}
export { KeyvRow, KeyvSled, KeyvSledOptions }
