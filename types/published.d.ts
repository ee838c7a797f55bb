// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.
import type { StoreOptions, WorkOptions } from './options.js'
import type { WorkProgress } from './reports.js'

/** How a published file is opened; only what caches take of the budget counts. */
export interface SnapshotFileOptions extends Pick<StoreOptions, 'memoryBudget' | 'profile'> {
  /**
   * Whether `get` of `codec.bytes()` gives large values where they lie in the mapped file, without a copy. It can for values
   * above 4 KiB in a file that was published with `compression: 'none'`; the others are copied. Default: `false`.
   */
  readonly views?: boolean
}
/** How a store is published. */
export interface PublishOptions extends WorkOptions<WorkProgress> {
  /** Compression of the file; `none` lets large values lie in one piece. Default: that of the store. */
  readonly compression?: 'lz4' | 'deflate' | 'none'
}
export {}
