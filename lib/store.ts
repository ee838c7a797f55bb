/**
 * The store: opening and closing it, its namespaces, and what concerns all of them.
 */
import { fileURLToPath } from 'node:url'
import { runBatch, type Batch } from './batch.js'
import { loadSorted, type BulkLoadOptions } from './bulk-load.js'
import { codec, isValueCodec } from './codec.js'
import type { Codec } from './codec-types.js'
import { outOfRange, SledStoreError, wrongType } from './errors.js'
import { dropGraph, listGraphs, openGraph, type Graph } from './graph.js'
import type { AnyGraph, GraphTypes } from './graph-types.js'
import type { Properties } from './graph-value.js'
import { closable, modeOf, StoreCore, type StoreStatus } from './internal/lifecycle.js'
import type { CheckedNamespaceOptions } from './internal/namespace-core.js'
import { cold, job, native } from './internal/native.js'
import { isKeyCodec, key as keyCodecs } from './key-codec.js'
import { UntypedNamespace } from './namespace.js'
import { checkNamespaceName, isReserved } from './namespace-name.js'
import type { Namespace, NamespaceOptions } from './namespace-types.js'
import {
  checkBoolean,
  checkFunction,
  checkNames,
  checkSignal,
  checkStoreOptions,
  throwIfAborted,
  writeLevel,
  type StoreOptions,
  type WorkOptions,
  type WriteOptions,
} from './options.js'
import { isSchema, type InferInput, type InferOutput, type Schema } from './schema.js'
import { openSnapshot, type Snapshot } from './snapshot.js'
import { dropVectors, listVectors, openVectors, type Vectors } from './vector.js'
import type { VectorOptions, VectorsInfo } from './vector-types.js'
import { runTransaction, runTransactionSync, type Transaction, type TransactionOptions } from './transaction.js'

/** A namespace of the catalogue. */
export interface NamespaceInfo {
  readonly name: string
  /** Names of the codecs it was created with. */
  readonly key: string
  readonly value: string
  /** Rows and bytes as of the last checkpoint. */
  readonly rows: number
  readonly bytes: number
}

/** How far `compact` or `verify` is, in blocks. */
export interface BlockProgress {
  readonly done: number
  readonly total: number
}

/** One broken invariant that `verify` found. */
export interface Finding {
  /** Its number in ARCHITECTURE.md, such as `E14`. */
  readonly invariant: string
  /** Where: a block, a file and offset, a row. */
  readonly place: string
  /** What is wrong there. */
  readonly what: string
  /** `damage` may give wrong answers: restore a backup. `waste` is space that nothing uses. */
  readonly severity: 'damage' | 'waste'
}

/** What `verify` saw. */
export interface VerifyReport {
  readonly blocks: number
  readonly rows: number
  readonly bytes: number
  readonly journalRecords: number
  /** What is wrong; empty for a sound store. */
  readonly findings: readonly Finding[]
}

/** Measurements of an open store. */
export interface Stats {
  /** Bytes by consumer: in all within the budget, large batches aside. */
  readonly memory: Readonly<{
    budget: number
    activeMemtable: number
    frozenMemtables: number
    retainedMemtables: number
    blockCache: number
    sled: number
    journalBuffer: number
    total: number
  }>
  /** Who holds old versions, and for how long. */
  readonly readers: Readonly<{
    snapshots: number
    transactions: number
    oldestSnapshotSeconds: number
    oldestTransactionSeconds: number
  }>
  /** Positions, and counts since the store was opened. */
  readonly counts: Readonly<{
    visibleSeq: number
    durableSeq: number
    appliedSeq: number
    cacheHits: number
    cacheMisses: number
    backendReads: number
    commits: number
    conflicts: number
    checkpoints: number
    blocksWritten: number
    blockBytesWritten: number
    stalls: number
    stallMicros: number
  }>
  /**
   * Bytes on disk: in all, of sled's file, of the journal, and what of sled's file is live. `isGrowingWithoutReclaim` is
   * the alarm for a file that has outgrown what it ever held.
   */
  readonly disk: Readonly<{
    total: number
    sled: number
    journal: number
    live?: number
    isGrowingWithoutReclaim: boolean
  }>
  /** What opening had to mend. */
  readonly recovery: Readonly<{
    records: number
    cutBytes: number
    cutFile?: string
    fellBack: boolean
    milliseconds: number
  }>
}

const namespaceOptionNames = [
  'key',
  'value',
  'schema',
  'validateOnRead',
] as const satisfies readonly (keyof NamespaceOptions<unknown, unknown>)[]

/** Gives other modules of this package the insides of a store. */
let insideOf: (store: SledStore) => StoreCore

/**
 * An embedded store in a folder, or in memory.
 *
 * @example
 * ```ts
 * const store = await SledStore.open('./data')
 * const users = store.namespace('users', { key: key.string, value: codec.json<User>() })
 * await users.put('ann', { name: 'Ann' })
 * await store.close()
 * ```
 */
export class SledStore {
  readonly #core: StoreCore
  #listening = false
  readonly #listeners = new Set<(error: SledStoreError) => void>()
  /** What ended all writing, for listeners that come later. */
  #failure: SledStoreError | undefined

  static {
    insideOf = (store) => store.#core
  }

  private constructor(core: StoreCore) {
    if (!(core instanceof StoreCore)) {
      throw new TypeError('a store is not made with new; use await SledStore.open(path), or SledStore.memory()')
    }
    this.#core = core
  }

  /**
   * Opens the store in a folder; creates both when they are missing. Worker threads that open the same folder share
   * one store, which closes with the last of them.
   *
   * @throws SledStoreError `LOCKED` when another process has it open, `NOT_A_STORE`, `FORMAT_TOO_NEW`,
   * `OPTIONS_MISMATCH`, `CORRUPTION`, `PERMISSION_DENIED`, `DISK_FULL`
   */
  static async open(path: string | URL, options?: StoreOptions): Promise<SledStore> {
    const folder = path instanceof URL ? fileURLToPath(path) : path
    if (typeof folder !== 'string') throw wrongType('path', 'a string or a file URL', path)
    if (folder === '') throw outOfRange('path', 'the name of a folder', path)
    const checked = checkStoreOptions('SledStore.open', options)
    const handle = await job<number>(() => native.open(folder, checked))
    return new SledStore(new StoreCore(handle, folder, checked.durability, checked.memoryBudget))
  }

  /** Opens a store that lives in memory and ends with `close`; for tests. */
  static memory(options?: StoreOptions): SledStore {
    const checked = checkStoreOptions('SledStore.memory', options)
    const handle = cold(() => native.openMemory(checked))
    return new SledStore(new StoreCore(handle, 'memory', checked.durability, checked.memoryBudget))
  }

  /** `open`, `poisoned` after a failure that ended all writing, `closing` or `closed`. */
  get status(): StoreStatus {
    return this.#core.status
  }

  /** The folder as it was given; `memory` for a store without one. */
  get path(): string {
    return this.#core.place
  }

  /**
   * A namespace, created when there is none of that name. The codecs must be those it was created with.
   *
   * @throws SledStoreError `NAMESPACE_MISMATCH`
   */
  namespace<K = string, V = unknown, P = string, I = V>(
    name: string,
    options?: NamespaceOptions<K, V, P, I>,
  ): Namespace<K, V, P, I>
  namespace<S extends Schema, K = string, P = string>(
    name: string,
    options: Omit<NamespaceOptions<K, unknown, P>, 'value' | 'schema'> & {
      readonly value?: Codec<unknown>
      readonly schema: S
    },
  ): Namespace<K, InferOutput<S>, P, InferInput<S>>
  namespace(
    name: string,
    options: NamespaceOptions<unknown, unknown, unknown> = {},
  ): Namespace<unknown, unknown, unknown> {
    checkNamespaceName('name', name)
    const checked = checkNamespaceOptions(options)
    const core = this.#core
    const handle = core.call(() => native.namespace(core.handle, name, checked.key.name, checked.value.name))
    return new UntypedNamespace(
      core,
      name,
      handle,
      cold(() => native.namespaceId(handle)),
      checked,
    )
  }

  /** Every namespace, by name. */
  namespaces(): NamespaceInfo[] {
    return this.#core.call(() => native.namespaces(this.#core.handle)).filter(({ name }) => !isReserved(name))
  }

  /** Gives a namespace another name; what was opened under the old one stays usable. */
  async renameNamespace(from: string, to: string, options?: WriteOptions): Promise<void> {
    checkNamespaceName('from', from)
    checkNamespaceName('to', to)
    const level = writeLevel('renameNamespace', options, this.#core.level)
    this.#core.call(() => native.renameNamespace(this.#core.handle, from, to))
    return this.#core.durable(level)
  }

  /** Removes a namespace and all it holds, at once; tells whether there was one. */
  async dropNamespace(name: string, options?: WriteOptions): Promise<boolean> {
    checkNamespaceName('name', name)
    const level = writeLevel('dropNamespace', options, this.#core.level)
    const dropped = this.#core.call(() => native.dropNamespace(this.#core.handle, name))
    await this.#core.durable(level)
    return dropped
  }

  /**
   * A property graph, created when there is none of that name. Its labels and types can be told to the compiler.
   *
   * @example
   * ```ts
   * const people = store.graph<{ nodes: { Person: { name: string } }; edges: { KNOWS: object } }>('people')
   * ```
   */
  graph<T extends GraphTypes = AnyGraph>(name: string): Graph<T> {
    return openGraph(this.#core, name)
  }

  /** The names of the graphs. */
  graphs(): string[] {
    return listGraphs(this.#core)
  }

  /** Removes a graph and all it holds, at once; tells whether there was one. */
  dropGraph(name: string, options?: WriteOptions): Promise<boolean> {
    return dropGraph(this.#core, name, options)
  }

  /**
   * Vectors with attributes, created when there are none of that name; dimensions, metric and key codec must be those of
   * the creation.
   *
   * @example
   * ```ts
   * const words = store.vectors<{ pos: string }>('words', { dimensions: 100, metric: 'cosine' })
   * const faces = store.vectors<object, number>('faces', { dimensions: 512, metric: 'l2', key: key.number })
   * ```
   * @throws SledStoreError `NAMESPACE_MISMATCH`
   */
  vectors<A extends object = Properties, K = string>(name: string, options: VectorOptions<K>): Vectors<A, K> {
    return openVectors(this.#core, name, options)
  }

  /** The vector indexes. */
  vectorIndexes(): VectorsInfo[] {
    return listVectors(this.#core)
  }

  /** Removes a vector index and all it holds, at once; tells whether there was one. */
  dropVectors(name: string, options?: WriteOptions): Promise<boolean> {
    return dropVectors(this.#core, name, options)
  }

  /** Makes several writes, to any namespaces, visible and durable together. */
  batch(fill: (batch: Batch) => void, options?: WriteOptions): Promise<void> {
    try {
      const level = writeLevel('batch', options, this.#core.level)
      return this.#core.durable(level, runBatch(this.#core, 'batch', fill, modeOf(level)))
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }

  /** Returns when it is durable. */
  batchSync(fill: (batch: Batch) => void, options?: WriteOptions): void {
    runBatch(this.#core, 'batchSync', fill, -1 - writeLevel('batchSync', options, this.#core.level))
  }

  /**
   * Runs a function whose reads and writes happen as if nobody else were there. When another write gets in the way,
   * its writes are forgotten and it is run again, so it should do nothing else that cannot be repeated.
   *
   * @throws SledStoreError `CONFLICT` after the last try
   */
  transaction<T>(run: (transaction: Transaction) => T | Promise<T>, options?: TransactionOptions): Promise<T> {
    return runTransaction(this.#core, run, options)
  }

  /** For a function that is not async. */
  transactionSync<T>(run: (transaction: Transaction) => T, options?: TransactionOptions): T {
    return runTransactionSync(this.#core, run, options)
  }

  /** The store as it is now, to be read later. */
  snapshot(): Snapshot {
    return openSnapshot(this.#core)
  }

  /**
   * Loads any number of entries whose keys ascend, in commits of a good size. They become visible as it goes, and are
   * durable at the end; a load that fails keeps what it had committed. Gives how many there were.
   *
   * @throws SledStoreError `NOT_SORTED`
   */
  bulkLoad<K, V, P, I>(
    namespace: Namespace<K, V, P, I>,
    entries: Iterable<readonly [K, I]> | AsyncIterable<readonly [K, I]>,
    options?: BulkLoadOptions,
  ): Promise<number> {
    return loadSorted(this.#core, namespace, entries, options)
  }

  /** Resolves when everything written so far is durable at level `full`. */
  flush(): Promise<void> {
    return this.#core.job(() => native.flush(this.#core.handle))
  }

  /** Rewrites what is scattered or dead, and gives its space back. */
  async compact(options?: WorkOptions<BlockProgress>): Promise<void> {
    return this.#longWork('compact', () => native.compact(this.#core.handle), options)
  }

  /** Walks everything and names each broken invariant and its place. */
  async verify(options?: WorkOptions<BlockProgress>): Promise<VerifyReport> {
    const report = await this.#longWork<Buffer>('verify', () => native.verify(this.#core.handle), options)
    return JSON.parse(report.toString()) as VerifyReport
  }

  async #longWork<T>(where: string, start: () => number, options: WorkOptions<BlockProgress> = {}): Promise<T> {
    checkNames(where, options, ['onProgress', 'signal'])
    const { onProgress, signal } = options
    checkFunction('onProgress', onProgress)
    checkSignal(signal)
    const answer = await this.#core.longJob<T>(start, (done, total) => onProgress?.({ done, total }), signal)
    // The work may have been done before it heard of the signal.
    throwIfAborted(signal)
    return answer
  }

  /** Measurements. */
  stats(): Stats {
    return this.#core.call(() => native.stats(this.#core.handle))
  }

  /** Calls `listener` once, when a failure has ended all writing. */
  on(event: 'error', listener: (error: SledStoreError) => void): this {
    this.#checkEvent(event, listener)
    this.#listeners.add(listener)
    if (this.#failure !== undefined) queueMicrotask(() => this.#tell(this.#failure!))
    else this.#listen()
    return this
  }

  /** Takes a listener back. */
  off(event: 'error', listener: (error: SledStoreError) => void): this {
    this.#checkEvent(event, listener)
    this.#listeners.delete(listener)
    return this
  }

  #checkEvent(event: unknown, listener: unknown): void {
    if (event !== 'error') throw outOfRange('event', '"error"', event)
    if (typeof listener !== 'function') throw wrongType('listener', 'a function', listener)
  }

  #listen(): void {
    if (this.#listening) return
    this.#listening = true
    this.#core
      .job<void>(() => native.watchErrors(this.#core.handle))
      .catch((error: unknown) => {
        if (!(error instanceof SledStoreError) || error.code === 'CLOSED') return
        this.#failure = error
        this.#tell(error)
      })
  }

  #tell(error: SledStoreError): void {
    for (const listener of this.#listeners) {
      this.#listeners.delete(listener)
      try {
        listener(error)
      } catch (thrown) {
        // The other listeners are told all the same.
        queueMicrotask(() => {
          throw thrown
        })
      }
    }
  }

  /**
   * Ends open transactions and scans, makes everything durable and frees the folder. Calling it again gives the same
   * promise; that of a poisoned store rejects with `STORAGE_FAILED`, when it is closed. Leaving without it loses nothing
   * that was answered.
   */
  close(): Promise<void> {
    return this.#core.close()
  }

  declare [Symbol.asyncDispose]: () => Promise<void>
}
closable(SledStore.prototype, { sync: false })

/** The insides of a store, for other modules of this package. */
export function storeCore(store: SledStore): StoreCore {
  return insideOf(store)
}

function checkNamespaceOptions(options: NamespaceOptions<unknown, unknown, unknown>): CheckedNamespaceOptions {
  checkNames('namespace', options, namespaceOptionNames)
  const { key = keyCodecs.string, value = codec.msgpack(), schema, validateOnRead } = options
  if (!isKeyCodec(key)) throw wrongType('key', 'a key codec such as key.string', key)
  if (!isValueCodec(value)) {
    const hint = typeof value === 'function' ? 'a codec; call it, as in codec.json()' : 'a codec such as codec.json()'
    throw wrongType('value', hint, value)
  }
  if (schema !== undefined && !isSchema(schema)) {
    throw wrongType('schema', 'a Standard Schema, as zod, valibot and arktype make them', schema)
  }
  return { key, value, schema, validateOnRead: checkBoolean('validateOnRead', validateOnRead, false) }
}
