// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.
import { Durability, SledStore, StoreOptions } from '../../index.js'
import { Driver } from 'unstorage'

/** What the adapters of caches have in common. */
interface RowsOptions extends StoreOptions {
  /** Name of the namespace that holds the rows. */
  readonly name?: string
  /** Level of its writes. Default: `os`, for what is cached can be had again. */
  readonly durability?: Durability
}
/** Where the driver keeps items, and how. */
interface SledDriverOptions extends RowsOptions {
  /** The folder of a store, which is opened when it is first used and closed by `dispose`. */
  readonly path?: string | URL
  /** A store that is open, instead. */
  readonly store?: SledStore
  /** Seconds that items live which are set without a `ttl` of their own. Default: they stay. */
  readonly ttl?: number
}
/**
 * A driver that keeps items in a store.
 *
 * @example
 * ```ts
 * const storage = createStorage({ driver: sledDriver({ path: './cache', ttl: 3_600 }) })
 * await storage.setItem('user:ann', { age: 34 }, { ttl: 60 }) // in seconds
 * await storage.dispose()
 * ```
 */
declare function sledDriver(options: SledDriverOptions): Driver<SledDriverOptions, Promise<SledStore>>
export { SledDriverOptions, sledDriver as default, sledDriver }
