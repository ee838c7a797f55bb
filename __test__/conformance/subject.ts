import type { SledStore } from '../../lib/store.js'

/** The part of a store that the suite uses; scans of a reference may be arrays. */
export type Subject = Pick<SledStore, 'namespace' | 'batch' | 'batchSync' | 'transaction' | 'snapshot' | 'close'>

/** One behavior: runs against a fresh store and throws where it is not kept. */
export interface Case {
  readonly name: string
  readonly run: (store: Subject) => Promise<void>
}
