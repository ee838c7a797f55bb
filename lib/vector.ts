/**
 * Vectors with attributes, and the search for the nearest of them, in the store's own commits, transactions and
 * snapshots.
 */
import type { VectorInput } from './codec-types.js'
import { takeEach } from './entries.js'
import { outOfRange, SledStoreError, wrongType } from './errors.js'
import type { Properties } from './graph-value.js'
import { modeOf, type StoreCore } from './internal/lifecycle.js'
import { native } from './internal/native.js'
import { isKeyCodec, key as keyCodecs } from './key-codec.js'
import {
  checkCount,
  checkFunction,
  checkNames,
  checkSignal,
  levelOf,
  throwIfAborted,
  writeLevel,
  type WriteOptions,
} from './options.js'
import { ReaderCore, type Snapshot } from './snapshot.js'
import { runTransaction, type Transaction } from './transaction.js'
import { ValueWriter } from './value-writer.js'
import {
  DIMENSIONS_MAX,
  writeClear,
  writeCountQuestion,
  writeDelete,
  writeGet,
  writeHas,
  writePut,
  type CheckedOptions,
} from './vector-buffer.js'
import { checkFilter, VectorCore } from './vector-core.js'
import { elementNames } from './vector-element.js'
import type { AttributeType, VectorElement, VectorOptions, VectorOutput, VectorsInfo } from './vector-options.js'
import type {
  AsyncVectorReader,
  AttributeFilter,
  UpsertManyOptions,
  SearchPlan,
  StoredVector,
  VectorEntry,
  VectorMatch,
  VectorReader,
  VectorSearch,
  VectorTransaction,
} from './vector-types.js'

/**
 * Vectors under keys, with attributes, read as a {@link Namespace} is. `number[]` and `Float64Array` are
 * stored as f32.
 *
 * @example
 * ```ts
 * const words = store.vectors<{ pos: string }>('words', { dimensions: 3, metric: 'cosine' })
 * await words.upsert('whale', [0.1, 0.9, 0.2], { pos: 'noun' })
 * await words.upsert('swim', [0.2, 0.8, 0.3], { pos: 'verb' })
 * words.search({ vector: [0.1, 0.8, 0.2], k: 1, where: { pos: 'noun' } }) // [{ id: 'whale', distance: …, attributes: … }]
 * ```
 */
export interface Vectors<
  A extends object = Properties,
  K = string,
  E extends VectorElement = 'f32',
> extends AsyncVectorReader<A, K, E> {
  /** Stores a vector with its attributes, and replaces what was there. */
  upsert(key: K, vector: VectorInput | VectorOutput<E>, attributes?: A, options?: WriteOptions): Promise<void>
  /** Removes a vector; one that is missing is no error. */
  delete(key: K, options?: WriteOptions): Promise<void>
  /**
   * Removes the vectors whose attributes match, in one commit; gives how many. It is made again when the index was changed
   * meanwhile.
   *
   * @example
   * ```ts
   * await photos.deleteWhere({ year: { lt: 1990 } })
   * ```
   */
  deleteWhere(where: AttributeFilter<A>, options?: WriteOptions): Promise<number>
  /** Removes every vector. */
  clear(options?: WriteOptions): Promise<void>
  /**
   * Stores many vectors, in commits of half a megabyte; gives how many. When it fails, those of earlier commits stay.
   *
   * @example
   * ```ts
   * await words.upsertMany([['whale', vector, { pos: 'noun' }], ['swim', other]])
   * ```
   */
  upsertMany(
    entries: Iterable<VectorEntry<A, K, E>> | AsyncIterable<VectorEntry<A, K, E>>,
    options?: UpsertManyOptions,
  ): Promise<number>
  /**
   * Takes all changes into the graph that searches among many vectors go through, and leads its links away from
   * what was removed. That happens by itself, within a second for a few changes; this waits until it is done and durable.
   */
  compact(): Promise<void>
  /**
   * Checks every row of the index; what is broken, in a sentence each, and nothing for a sound index. A graph that is
   * broken is not used from then on, and is built anew.
   */
  verify(): Promise<string[]>
  /**
   * The index inside a transaction.
   *
   * @example
   * ```ts
   * await store.transaction((tx) => {
   *   tx.put(articles, 'whale', text)
   *   words.in(tx).upsert('whale', vector)
   * })
   * ```
   */
  in(transaction: Transaction): VectorTransaction<A, K, E>
  /** The index as it was when a snapshot was made. */
  at(snapshot: Snapshot): AsyncVectorReader<A, K, E>
}

class VectorReaderCore implements VectorReader<object, unknown, VectorElement> {
  protected readonly core: VectorCore
  protected readonly source: ReaderCore | undefined

  constructor(core: VectorCore, source?: ReaderCore) {
    this.core = core
    this.source = source
  }

  get name() {
    return this.core.name
  }

  get dimensions() {
    return this.core.dimensions
  }

  get metric() {
    return this.core.metric
  }

  get element() {
    return this.core.element
  }

  get model() {
    return this.core.model
  }

  get(key: unknown): StoredVector<object, VectorElement> | undefined {
    return this.core.readStored(this.core.ask(this.use(), (writer) => writeGet(key, this.core, writer)))
  }

  has(key: unknown): boolean {
    return this.core.ask(this.use(), (writer) => writeHas(key, this.core, writer))[0] === 1
  }

  count(): number {
    return Number(this.core.ask(this.use(), writeCountQuestion).readBigUInt64LE())
  }

  search(search: VectorSearch<object, unknown, VectorElement>): VectorMatch<object, unknown, VectorElement>[] {
    const reader = this.use()
    return this.core.search(reader, this.core.checkSearch('search', search))
  }

  searchMany(
    searches: readonly VectorSearch<object, unknown, VectorElement>[],
  ): VectorMatch<object, unknown, VectorElement>[][] {
    if (!Array.isArray(searches)) throw wrongType('searches', 'an array of searches', searches)
    const wanted = searches.map((search: VectorSearch<object, unknown, VectorElement>) => {
      const checked = this.core.checkSearch('searchMany', search)
      if (checked.accept === undefined) return checked
      throw wrongType('where', 'conditions on attributes, for several searches at once', search.where)
    })
    return wanted.length === 0 ? [] : this.core.searchMany(this.use(), wanted)
  }

  entries(options: { where?: object } = {}): IterableIterator<[unknown, StoredVector<object, VectorElement>]> {
    checkNames('entries', options, ['where'])
    return this.core.entries(this.use(), checkFilter(options.where))
  }

  explain(search: VectorSearch<object, unknown, VectorElement>): SearchPlan {
    return this.core.explain(this.use(), this.core.checkSearch('explain', search))
  }

  similarTo(
    key: unknown,
    options: Omit<VectorSearch<object, unknown, VectorElement>, 'vector' | 'atLeast' | 'mmr' | 'model'> = {},
  ): VectorMatch<object, unknown, VectorElement>[] {
    checkNames('similarTo', options, ['k', 'where', 'keys', 'maxDistance', 'exact', 'ef', 'include'])
    const stored = this.get(key)
    if (stored === undefined) {
      throw new SledStoreError('NOT_FOUND', `there is no vector under ${String(key)} in vector index "${this.name}"`)
    }
    const checked = this.core.checkSearch('similarTo', { ...options, vector: stored.vector })
    const found = this.core.search(this.use(), { ...checked, k: checked.k + 1 })
    // Keys may be of any type, so they are compared as they are stored.
    const own = this.core.encoded(key)
    return found.filter(({ id }) => this.core.encoded(id) !== own).slice(0, checked.k)
  }

  /** The addon's number of what is read from; refuses what has ended. */
  protected use(): number {
    if (this.source === undefined) return 0
    this.source.checkUsable()
    return this.source.reader
  }
}

class AsyncVectorReaderCore extends VectorReaderCore implements AsyncVectorReader<object, unknown, VectorElement> {
  async getAsync(key: unknown): Promise<StoredVector<object, VectorElement> | undefined> {
    const reader = this.use()
    return this.core.readStored(await this.core.askAsync(reader, (writer) => writeGet(key, this.core, writer)))
  }

  async countAsync(): Promise<number> {
    return Number((await this.core.askAsync(this.use(), writeCountQuestion)).readBigUInt64LE())
  }

  async searchAsync(
    search: VectorSearch<object, unknown, VectorElement>,
  ): Promise<VectorMatch<object, unknown, VectorElement>[]> {
    const reader = this.use()
    return this.core.searchAsync(reader, this.core.checkSearch('searchAsync', search))
  }
}

class VectorTransactionCore extends VectorReaderCore implements VectorTransaction<object, unknown, VectorElement> {
  upsert(key: unknown, vector: unknown, attributes?: object): void {
    this.core.change(this.use(), (writer) => writePut(key, vector, attributes, this.core, writer))
  }

  delete(key: unknown): void {
    this.core.change(this.use(), (writer) => writeDelete(key, this.core, writer))
  }

  deleteWhere(where: object): number {
    return this.core.deleteWhere(this.use(), checkWhere(where))
  }

  clear(): void {
    this.core.change(this.use(), writeClear)
  }
}

/** Conditions that are there: `undefined` for all would be a slip that empties the index. */
function checkWhere(where: unknown): object {
  const filter = checkFilter(where)
  if (filter === undefined) throw wrongType('where', 'conditions on attributes; clear removes all', where)
  return filter
}

/** Bytes of changes in one commit of `upsertMany`. */
const PAGE_BYTES = 512 << 10

class VectorsCore extends AsyncVectorReaderCore implements Vectors<object, unknown, VectorElement> {
  async upsert(key: unknown, vector: unknown, attributes?: object, options?: WriteOptions): Promise<void> {
    return this.#change('upsert', options, (writer) => writePut(key, vector, attributes, this.core, writer))
  }

  async delete(key: unknown, options?: WriteOptions): Promise<void> {
    return this.#change('delete', options, (writer) => writeDelete(key, this.core, writer))
  }

  async deleteWhere(where: object, options?: WriteOptions): Promise<number> {
    const { store } = this.core
    writeLevel('deleteWhere', options, store.level)
    const filter = checkWhere(where)
    return runTransaction(store, (transaction) => this.in(transaction).deleteWhere(filter), options)
  }

  async clear(options?: WriteOptions): Promise<void> {
    return this.#change('clear', options, writeClear)
  }

  async upsertMany(
    entries:
      | Iterable<VectorEntry<object, unknown, VectorElement>>
      | AsyncIterable<VectorEntry<object, unknown, VectorElement>>,
    options: UpsertManyOptions = {},
  ): Promise<number> {
    const loading = new Loading(this.core, options)
    await takeEach('upsertMany', entries, options.signal, (entry) => (loading.add(entry) ? loading.send() : undefined))
    return loading.finish()
  }

  async compact(): Promise<void> {
    return this.core.compact()
  }

  async verify(): Promise<string[]> {
    return this.core.verify()
  }

  in(transaction: Transaction): VectorTransaction<object, unknown, VectorElement> {
    const source: unknown = transaction
    if (!(source instanceof ReaderCore) || !('commit' in source)) {
      throw wrongType('transaction', 'what store.transaction gives to its function', transaction)
    }
    return new VectorTransactionCore(this.core, source)
  }

  at(snapshot: Snapshot): AsyncVectorReader<object, unknown, VectorElement> {
    const source: unknown = snapshot
    if (!(source instanceof ReaderCore) || 'commit' in source) {
      throw wrongType('snapshot', 'what store.snapshot gives', snapshot)
    }
    return new AsyncVectorReaderCore(this.core, source)
  }

  #change(where: string, options: WriteOptions | undefined, write: (writer: ValueWriter) => void): Promise<void> {
    const { store } = this.core
    const level = writeLevel(where, options, store.level)
    return store.durable(level, this.core.change(modeOf(level), write))
  }
}

/** Vectors on their way into the store: while one page is being made durable, the next is filled. */
class Loading {
  readonly #core: VectorCore
  readonly #options: UpsertManyOptions
  readonly #level: number
  readonly #page = new ValueWriter({ bytes: PAGE_BYTES + (PAGE_BYTES >> 2) })
  #sent: Promise<void> = Promise.resolve()
  #rows = 0

  constructor(core: VectorCore, options: UpsertManyOptions) {
    checkNames('upsertMany', options, ['durability', 'onProgress', 'signal'])
    checkFunction('onProgress', options.onProgress)
    checkSignal(options.signal)
    throwIfAborted(options.signal)
    core.store.checkOpen()
    this.#core = core
    this.#options = options
    this.#level = levelOf(options.durability, core.store.level)
  }

  /** Adds an entry; gives whether the page is full. */
  add(entry: unknown): boolean {
    if (!Array.isArray(entry) || entry.length < 2 || entry.length > 3) {
      throw wrongType('an entry of upsertMany', 'an array [key, vector] or [key, vector, attributes]', entry)
    }
    writePut(entry[0], entry[1], entry[2], this.#core, this.#page)
    this.#rows++
    return this.#page.position >= PAGE_BYTES
  }

  async send(): Promise<void> {
    await this.#sent
    const changes = this.#page.buffer.subarray(0, this.#page.position)
    const { store } = this.#core
    this.#sent = store.durable(this.#level, this.#core.changeWith(modeOf(this.#level), changes))
    // A failure is told by the next page, or by the end.
    this.#sent.catch(() => {})
    this.#page.reset()
    this.#options.onProgress?.({ rows: this.#rows })
  }

  async finish(): Promise<number> {
    if (this.#page.position > 0) await this.send()
    await this.#sent
    return this.#rows
  }
}

const metrics = ['cosine', 'dot', 'l2', 'hamming'] as const
const codings = ['scalar8', 'binary', 'product'] as const
const attributeTypes: readonly unknown[] = ['string', 'number', 'boolean', 'date', 'bytes', 'any']
/** Components that a part of a product has, where nobody says. */
const COMPONENTS_PER_PART = 4

/** Opens or creates a vector index. */
export function openVectors<A extends object, K, E extends VectorElement>(
  store: StoreCore,
  name: string,
  options: VectorOptions<K, E, A>,
): Vectors<A, K, E> {
  checkName(name)
  return new VectorsCore(new VectorCore(store, name, checkOptions(options))) as unknown as Vectors<A, K, E>
}

function checkOptions<K, E extends VectorElement>(options: VectorOptions<K, E, object>): CheckedOptions {
  const names = ['dimensions', 'metric', 'element', 'coding', 'parts', 'model', 'attributes', 'key', 'cacheResults']
  checkNames('vectors', options, names)
  const { dimensions, metric, coding = 'scalar8', parts, model, key = keyCodecs.string, cacheResults = false } = options
  const element: VectorElement = options.element ?? 'f32'
  if (checkCount('dimensions', dimensions, 1) > DIMENSIONS_MAX) {
    throw outOfRange('dimensions', `at most ${DIMENSIONS_MAX}`, dimensions)
  }
  if (!metrics.includes(metric)) throw outOfRange('metric', metrics.join(', '), metric)
  if (!elementNames.includes(element)) throw outOfRange('element', elementNames.join(', '), element)
  if (!codings.includes(coding)) throw outOfRange('coding', codings.join(', '), coding)
  if (parts !== undefined && coding !== 'product')
    throw outOfRange('parts', 'left out, but for the coding product', parts)
  if (model !== undefined && typeof model !== 'string') throw wrongType('model', 'a string', model)
  const attributes: unknown = options.attributes ?? {}
  if (typeof attributes !== 'object') throw wrongType('attributes', 'an object of names and types', attributes)
  for (const [name, type] of Object.entries(attributes as object))
    if (!attributeTypes.includes(type)) throw outOfRange(`attributes.${name}`, attributeTypes.join(', '), type)
  if (!isKeyCodec(key)) throw wrongType('key', 'a key codec such as key.string', key)
  if (typeof cacheResults !== 'boolean') throw wrongType('cacheResults', 'a boolean', cacheResults)
  const wanted =
    coding === 'product' ? checkCount('parts', parts ?? Math.ceil(dimensions / COMPONENTS_PER_PART), 1) : undefined
  const declared = Object.entries(attributes as Record<string, string>).flat()
  return { dimensions, metric, element, coding, parts: wanted, model, attributes: declared, key, cacheResults }
}

function checkName(name: unknown): void {
  if (typeof name !== 'string') throw wrongType('name', 'a string', name)
  if (name === '') throw outOfRange('name', 'not empty', name)
}

/** The vector indexes of a store. */
export function listVectors(store: StoreCore): VectorsInfo[] {
  const listed = store.call(() => native.vectorIndexes(store.handle))
  // An array of this realm, which under some test runners is not the addon's.
  return Array.from(listed, ({ attributes, ...info }) => {
    if (attributes === undefined) return info
    const pairs = attributes.flatMap((name, at) => (at % 2 === 0 ? [[name, attributes[at + 1] as AttributeType]] : []))
    return { ...info, attributes: Object.fromEntries(pairs) as Record<string, AttributeType> }
  })
}

/** Drops a vector index with all it holds; tells whether there was one. */
export async function dropVectors(store: StoreCore, name: string, options?: WriteOptions): Promise<boolean> {
  checkName(name)
  const level = writeLevel('dropVectors', options, store.level)
  const dropped = store.call(() => native.dropVectors(store.handle, name))
  await store.durable(level)
  return dropped
}
