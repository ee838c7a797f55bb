import type { SledStore } from '../../lib/index.js'

/** The part of a store that the cases of namespaces use; scans of a reference may be arrays. */
export type Subject = Pick<SledStore, 'namespace' | 'batch' | 'batchSync' | 'transaction' | 'snapshot' | 'close'>

/** One behavior: runs against a fresh store, with a folder of its own, and throws where it is not kept. */
export interface Case<Store = Subject> {
  readonly name: string
  readonly run: (store: Store, folder: string) => Promise<void>
}

/** A behavior that the reference does not have. */
export type StoreCase = Case<SledStore>
