/**
 * The store: opening and closing it, its namespaces, and what concerns all of them.
 */
import { fileURLToPath } from 'node:url'
import { runBatch, type Batch } from './batch.js'
import { loadSorted, type BulkLoadOptions } from './bulk-load.js'
import { codec, isValueCodec } from './codec.js'
import type { Codec } from './codec-types.js'
import { outOfRange, SledStoreError, typeError, wrongType } from './errors.js'
import { dropGraph, listGraphs, openGraph, type Graph } from './graph.js'
import type { AnyGraph, GraphTypes } from './graph-types.js'
import type { GraphSchema, SchemaTypes } from './graph-schema.js'
import type { Properties } from './graph-value.js'
import { warnOfFolder } from './internal/insecure-folder.js'
import { closable, modeOf, StoreCore, type StoreStatus } from './internal/lifecycle.js'
import type { CheckedNamespaceOptions } from './internal/namespace-core.js'
import { cold, job, longJob, native, type Progress, viewsOf } from './internal/native.js'
import { checkPermission } from './internal/permission.js'
import { isKeyCodec, key as keyCodecs } from './key-codec.js'
import { UntypedNamespace } from './namespace.js'
import { checkNamespaceName, isReserved } from './namespace-name.js'
import type { Namespace, NamespaceOptions } from './namespace-types.js'
import {
  checkBoolean,
  checkCount,
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
import {
  checkPublishOptions,
  checkSnapshotFileOptions,
  type PublishOptions,
  type SnapshotFileOptions,
} from './published.js'
import { registerProcedure, removeProcedure, type ProcedureBody, type ProcedureOptions } from './procedures.js'
import type { QueryValue } from './query-value.js'
import { REPAIR, repair } from './repair.js'
import { isSchema, type InferInput, type InferOutput, type Schema } from './schema.js'
import type { NamespaceInfo, Published, Stats, VerifyReport, WorkProgress } from './report-types.js'
import { openSnapshot, type Snapshot } from './snapshot.js'
import { dropVectors, listVectors, openVectors, type Vectors } from './vector.js'
import type { VectorElement, VectorOptions, VectorsInfo } from './vector-options.js'
import { runTransaction, runTransactionSync, type Transaction, type TransactionOptions } from './transaction.js'

const namespaceOptionNames = [
  'key',
  'value',
  'schema',
  'validateOnRead',
  'cacheValues',
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
    // The subpath `sledstore/repair` is an entry of its own, over the one addon of the process.
    Object.defineProperty(this, REPAIR, {
      value: async (from: string | URL, to: string | URL, options?: WorkOptions<WorkProgress>) =>
        repair(checkPath('from', from, 'damaged store'), checkPath('to', to, 'new folder'), options),
    })
  }

  private constructor(core: StoreCore) {
    if (!(core instanceof StoreCore)) {
      throw typeError('a store is not made with new; use await SledStore.open(path), or SledStore.memory()')
    }
    this.#core = core
  }

  /**
   * Opens the store in a folder; creates both when they are missing. Worker threads that open the same folder share
   * one store, which closes with the last of them.
   *
   * @throws SledStoreError `LOCKED` when another process has it open, `NOT_A_STORE`, `FORMAT_TOO_NEW`,
   * `OPTIONS_MISMATCH`, `CORRUPTION`, `PERMISSION_DENIED`, `INSECURE_FOLDER`, `DISK_FULL`
   */
  static async open(path: string | URL, options?: StoreOptions): Promise<SledStore> {
    const folder = checkPath('path', path, 'folder')
    const checked = checkStoreOptions('SledStore.open', options)
    checkPermission(folder)
    const handle = await job<number>(() => native.open(folder, checked))
    if (checked.allowInsecureFolder && cold(() => native.isInInsecureFolder(handle))) warnOfFolder(folder)
    return new SledStore(new StoreCore(handle, folder, checked.durability, checked.memoryBudget))
  }

  /** Opens a store that lives in memory and ends with `close`; for tests. */
  static memory(options?: StoreOptions): SledStore {
    const checked = checkStoreOptions('SledStore.memory', options)
    const handle = cold(() => native.openMemory(checked))
    return new SledStore(new StoreCore(handle, 'memory', checked.durability, checked.memoryBudget))
  }

  /**
   * Opens a file that `publish` or `backup` has written: all that reads works, and every write is `READ_ONLY`. Any number
   * of processes may read one file.
   *
   * @throws SledStoreError `NOT_A_STORE`, `FORMAT_TOO_NEW`, `CORRUPTION`
   */
  static async openSnapshot(file: string | URL, options?: SnapshotFileOptions): Promise<SledStore> {
    const path = checkPath('file', file, 'file')
    const checked = checkSnapshotFileOptions('SledStore.openSnapshot', options)
    checkPermission(path, ['read'])
    const handle = await job<number>(() => native.openSnapshot(path, checked))
    const views = checked.views ? viewsOf(handle) : undefined
    return new SledStore(new StoreCore(handle, path, checked.durability, checked.memoryBudget, views))
  }

  /**
   * Makes a store in a new or empty folder from such a file, which is checked as a whole first. A failure leaves
   * nothing.
   *
   * @throws SledStoreError `EXISTS`, `NOT_A_STORE`, `CORRUPTION`, `DISK_FULL`
   */
  static async restore(file: string | URL, path: string | URL, options?: WorkOptions<WorkProgress>): Promise<void> {
    const [from, to] = [checkPath('file', file, 'file'), checkPath('path', path, 'folder')]
    const checked = checkStoreOptions('SledStore.restore', {})
    checkPermission(from, ['read'])
    checkPermission(to)
    const start = (): number => native.restore(from, to, checked)
    return followed('SledStore.restore', options, (progress, signal) => longJob<void>(start, progress, signal))
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
   * A property graph, created when there is none of that name. Its labels and types can be told to the compiler; with a
   * schema, what is written and asked is checked, too.
   *
   * @example
   * ```ts
   * const people = store.graph<{ nodes: { Person: { name: string } }; edges: { KNOWS: object } }>('people')
   * const same = store.graph('people', { nodes: { Person: { properties: { name: 'string' } } }, edges: { KNOWS: {} } })
   * ```
   */
  graph<const S extends GraphSchema>(name: string, schema: S): Graph<SchemaTypes<S>>
  graph<T extends GraphTypes = AnyGraph>(name: string): Graph<T>
  graph<T extends GraphTypes>(name: string, schema?: GraphSchema): Graph<T> {
    return openGraph(this.#core, name, schema)
  }

  /** The names of the graphs. */
  graphs(): string[] {
    return listGraphs(this.#core)
  }

  /** Removes a graph and all it holds, at once; tells whether there was one. */
  dropGraph(name: string, options?: WriteOptions): Promise<boolean> {
    return dropGraph(this.#core, name, options)
  }

  /** Registers a procedure, which queries over this store's graphs may `CALL` in this thread. */
  registerProcedure<Arguments extends readonly QueryValue[]>(
    signature: string,
    body: ProcedureBody<Arguments>,
    options?: ProcedureOptions,
  ): void {
    registerProcedure(this.#core, signature, body, options)
  }

  /** Takes a procedure back; tells whether there was one. */
  removeProcedure(name: string): boolean {
    return removeProcedure(this.#core, name)
  }

  /**
   * Vectors with attributes, created when there are none of that name, and opened with the options of the creation.
   *
   * @example
   * ```ts
   * const words = store.vectors<{ pos: string }>('words', { dimensions: 100, metric: 'cosine' })
   * const faces = store.vectors<object, number>('faces', { dimensions: 512, metric: 'l2', key: key.number })
   * const marks = store.vectors('marks', { dimensions: 256, metric: 'hamming', element: 'binary' })
   * ```
   * @throws SledStoreError `NAMESPACE_MISMATCH`
   */
  vectors<A extends object = Properties, K = string, E extends VectorElement = 'f32'>(
    name: string,
    options: VectorOptions<K, E, A>,
  ): Vectors<A, K, E> {
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
  async compact(options?: WorkOptions<WorkProgress>): Promise<void> {
    return this.#endable('compact', () => native.compact(this.#core.handle), options)
  }

  /** Walks everything and names each broken invariant and its place. */
  async verify(options?: WorkOptions<WorkProgress>): Promise<VerifyReport> {
    return parse(await this.#endable('verify', () => native.verify(this.#core.handle), options))
  }

  /**
   * Writes the store as it is now to a file for `openSnapshot`, while writers go on. It takes its name when it is
   * complete; a file of that name is replaced, and goes on being read by whoever has it open.
   */
  async publish(file: string | URL, options?: PublishOptions): Promise<Published> {
    const path = checkPath('file', file, 'file')
    const [compression, others] = checkPublishOptions(options)
    checkPermission(path, ['write'])
    return parse(await this.#longWork('publish', () => native.publish(this.#core.handle, path, compression), others))
  }

  /**
   * As `publish`, to a new file, which is read back and checked.
   *
   * @throws SledStoreError `EXISTS`
   */
  async backup(file: string | URL, options?: WorkOptions<WorkProgress>): Promise<Published> {
    const path = checkPath('file', file, 'file')
    checkPermission(path)
    return parse(await this.#longWork('backup', () => native.backup(this.#core.handle, path), options))
  }

  #longWork<T>(where: string, start: () => number, options?: WorkOptions<WorkProgress>): Promise<T> {
    return followed(where, options, (progress, signal) => this.#core.longJob<T>(start, progress, signal))
  }

  /** Long work that leaves nothing to be seen: done before it heard of its signal, it is ended all the same. */
  async #endable<T>(where: string, start: () => number, options?: WorkOptions<WorkProgress>): Promise<T> {
    const answer = await this.#longWork<T>(where, start, options)
    throwIfAborted(options?.signal)
    return answer
  }

  /** Measurements. */
  stats(): Stats {
    const measured = this.#core.call(() => native.stats(this.#core.handle))
    return { ...measured, values: { ...this.#core.valueReads } }
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

/** A path or a file URL as the addon takes it. */
function checkPath(name: string, path: unknown, what: string): string {
  const checked = path instanceof URL ? fileURLToPath(path) : path
  if (typeof checked !== 'string') throw wrongType(name, 'a string or a file URL', path)
  if (checked === '') throw outOfRange(name, `the name of a ${what}`, path)
  return checked
}

/** Runs long work with its caller's options. */
async function followed<T>(
  where: string,
  options: WorkOptions<WorkProgress> = {},
  work: (progress: Progress, signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  checkNames(where, options, ['onProgress', 'signal'])
  const { onProgress, signal } = options
  checkFunction('onProgress', onProgress)
  checkSignal(signal)
  return work((done, total) => onProgress?.({ done, total }), signal)
}

function parse<T>(json: Buffer): T {
  return JSON.parse(json.toString()) as T
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
  return {
    key,
    value,
    schema,
    validateOnRead: checkBoolean('validateOnRead', validateOnRead, false),
    cacheValues: checkCount('cacheValues', options.cacheValues ?? 0, 0),
  }
}
