/**
 * Snapshots: the store as it was at one moment.
 */
import { SledStoreError } from './errors.js'
import { closable, type StoreCore } from './internal/lifecycle.js'
import { coreOf, type Source } from './internal/namespace-core.js'
import { native, release, releaseWith } from './internal/native.js'
import type { Namespace } from './namespace-types.js'
import { countRange, type Range, type ScanOptions } from './range.js'
import { openAsyncScan, openScan, type AsyncScan, type RowShape, type Scan } from './scan.js'

/** Reads any namespace of a store at one moment, as the methods of {@link Namespace} do. */
export interface Reader {
  get<K, V, P, I>(namespace: Namespace<K, V, P, I>, key: K): V | undefined
  has<K, V, P, I>(namespace: Namespace<K, V, P, I>, key: K): boolean
  getMany<K, V, P, I>(namespace: Namespace<K, V, P, I>, keys: Iterable<K>): (V | undefined)[]
  scan<K, V, P, I>(namespace: Namespace<K, V, P, I>, options?: ScanOptions<K, P>): Scan<[key: K, value: V], K>
  keys<K, V, P, I>(namespace: Namespace<K, V, P, I>, options?: ScanOptions<K, P>): Scan<K, K>
  values<K, V, P, I>(namespace: Namespace<K, V, P, I>, options?: ScanOptions<K, P>): Scan<V, K>
  count<K, V, P, I>(namespace: Namespace<K, V, P, I>, range?: Range<K, P>): number
}

/** The store as it was when the snapshot was made. It holds old versions on disk until it is closed. */
export interface Snapshot extends Reader {
  getAsync<K, V, P, I>(namespace: Namespace<K, V, P, I>, key: K): Promise<V | undefined>
  getManyAsync<K, V, P, I>(namespace: Namespace<K, V, P, I>, keys: Iterable<K>): Promise<(V | undefined)[]>
  scanAsync<K, V, P, I>(namespace: Namespace<K, V, P, I>, options?: ScanOptions<K, P>): AsyncScan<[key: K, value: V]>
  /** Releases the snapshot. Scans opened from it go on. */
  close(): void
  [Symbol.dispose](): void
}

/** Reads through a handle of the addon. */
export abstract class ReaderCore implements Source {
  readonly reader: number
  protected readonly store: StoreCore

  constructor(store: StoreCore, reader: number) {
    this.store = store
    this.reader = reader
  }

  abstract checkUsable(): void

  get(namespace: unknown, key: unknown): unknown {
    this.checkUsable()
    return coreOf(namespace, this.store).read(key, this.reader)
  }

  has(namespace: unknown, key: unknown): boolean {
    this.checkUsable()
    return coreOf(namespace, this.store).exists(key, this.reader)
  }

  getMany(namespace: unknown, keys: Iterable<unknown>): unknown[] {
    this.checkUsable()
    return coreOf(namespace, this.store).readMany(keys, this.reader)
  }

  scan(namespace: unknown, options?: ScanOptions<unknown, unknown>): Scan<[unknown, unknown]> {
    return this.#open(namespace, 'entry', options)
  }

  keys(namespace: unknown, options?: ScanOptions<unknown, unknown>): Scan<unknown> {
    return this.#open(namespace, 'key', options)
  }

  values(namespace: unknown, options?: ScanOptions<unknown, unknown>): Scan<unknown> {
    return this.#open(namespace, 'value', options)
  }

  count(namespace: unknown, range?: Range<unknown, unknown>): number {
    this.checkUsable()
    return countRange(coreOf(namespace, this.store), range, this.reader)
  }

  #open<T>(namespace: unknown, shape: RowShape, options: ScanOptions<unknown, unknown> | undefined): Scan<T> {
    this.checkUsable()
    return openScan(coreOf(namespace, this.store), this, shape, options)
  }
}

class SnapshotCore extends ReaderCore {
  #closed = false

  constructor(store: StoreCore) {
    super(
      store,
      store.call(() => native.snapshot(store.handle)),
    )
    releaseWith(this, this.reader)
  }

  checkUsable(): void {
    this.store.checkOpen()
    if (this.#closed) throw new SledStoreError('ENDED', 'the snapshot was closed; make a new one with store.snapshot()')
  }

  async getAsync(namespace: unknown, key: unknown): Promise<unknown> {
    this.checkUsable()
    return coreOf(namespace, this.store).readAsync(key, this.reader)
  }

  async getManyAsync(namespace: unknown, keys: Iterable<unknown>): Promise<unknown[]> {
    this.checkUsable()
    return coreOf(namespace, this.store).readManyAsync(keys, this.reader)
  }

  scanAsync(namespace: unknown, options?: ScanOptions<unknown, unknown>): AsyncScan<[unknown, unknown]> {
    this.checkUsable()
    return openAsyncScan(coreOf(namespace, this.store), this, 'entry', options)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    release(this, this.reader)
  }
}
closable(SnapshotCore.prototype)

/** Pins the newest state of a store. */
export function openSnapshot(store: StoreCore): Snapshot {
  return new SnapshotCore(store) as unknown as Snapshot
}
