// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.

/**
 * When a write is answered: `full` after fdatasync (survives a power cut), `os` when the kernel has it (survives a
 * killed process), `none` at once (written within 100 ms and at exit).
 */
export type Durability = 'full' | 'os' | 'none'
/** A named memory budget: 24, 48, 128 and 1,024 MiB. */
export type Profile = 'embedded' | 'mobile' | 'desktop' | 'server'
/** How a store is opened. */
export interface StoreOptions {
  /** Create the store when the folder holds none. Default: true. */
  readonly createIfMissing?: boolean
  /** Refuse a store that exists already. Default: false. */
  readonly errorIfExists?: boolean
  /** `warn` opens a folder that every user may write to. */
  readonly insecureFolder?: 'refuse' | 'warn'
  /** Level of writes that name none. Default: `full`. */
  readonly durability?: Durability
  /** Bytes for memtables, caches and buffers together; at least 24 MiB. Default: that of the profile. */
  readonly memoryBudget?: number
  /** A named memory budget, instead of a number. Default: `desktop`. */
  readonly profile?: Profile
  /** Compression of the blocks, chosen when the store is created. Default: what an existing store has; else `lz4`. */
  readonly compression?: 'lz4' | 'deflate' | 'none'
  /** Sizes that tests and measurements make small. */
  readonly tuning?: {
    readonly memtableBytes?: number
    readonly blockBytes?: number
  }
}
/** How a write is answered. */
export interface WriteOptions {
  /** Level of this write. Default: that of the store. */
  readonly durability?: Durability
}
/** How long work is followed and ended. */
export interface WorkOptions<P> {
  /** Called at the beginning, at the end and now and then between. */
  readonly onProgress?: (progress: P) => void
  /** Ends the work at once; it rejects with `ABORTED`. */
  readonly signal?: AbortSignal
}
export {}
