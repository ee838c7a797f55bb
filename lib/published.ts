/** Options of published files. */
import { outOfRange } from './errors.js'
import { checkBoolean, checkNames, checkStoreOptions, type CheckedStoreOptions } from './options.js'
import type { StoreOptions, WorkOptions } from './options.js'
import type { WorkProgress } from './report-types.js'

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

/** Checks the options of `SledStore.openSnapshot` and fills in the defaults. */
export function checkSnapshotFileOptions(
  where: string,
  options: SnapshotFileOptions = {},
): CheckedStoreOptions & { views: boolean } {
  checkNames(where, options, ['memoryBudget', 'profile', 'views'] satisfies (keyof SnapshotFileOptions)[])
  const { views, ...others } = options
  return { ...checkStoreOptions(where, others), views: checkBoolean('views', views, false) }
}

/** Takes the compression from the options of `publish`, and gives the others. */
export function checkPublishOptions(
  options: PublishOptions = {},
): [compression: PublishOptions['compression'], others: WorkOptions<WorkProgress>] {
  checkNames('publish', options, ['compression', 'onProgress', 'signal'] satisfies (keyof PublishOptions)[])
  const { compression, ...others } = options
  if (compression !== undefined && compression !== 'lz4' && compression !== 'deflate' && compression !== 'none')
    throw outOfRange('compression', 'lz4, deflate or none', compression)
  return [compression, others]
}
