/**
 * The rows of an adapter: a namespace of a store that the adapter opens itself, or that it is given.
 */
import { codec, key, SledStore, type Durability, type Namespace, type PutOptions, type StoreOptions } from 'sledstore'

/** Where an adapter keeps its rows: the folder of a store, or a store that is open. */
export type Source = string | URL | SledStore

/** What the adapters of caches have in common. */
export interface RowsOptions extends StoreOptions {
  /** Name of the namespace that holds the rows. */
  readonly name?: string
  /** Level of its writes. Default: `os`, for what is cached can be had again. */
  readonly durability?: Durability
}

const ownNames = ['name', 'durability']
const storeNames = [
  'createIfMissing',
  'errorIfExists',
  'insecureFolder',
  'memoryBudget',
  'profile',
  'compression',
  'tuning',
]

/** Refuses options that mean nothing here; `hint` says where they may belong. */
export function checkNames(where: string, options: object, known: readonly string[], hint = ''): void {
  for (const name of Object.keys(options)) {
    if (!known.includes(name))
      throw new TypeError(`${where} has no option "${name}"${hint}; known are ${known.join(', ')}`)
  }
}

/** The namespace, opened when it is first used. */
export class Rows {
  readonly durability: Durability
  readonly #source: Source
  readonly #name: string
  readonly #storeOptions: StoreOptions
  /** The store, if it was opened here. */
  #own: Promise<SledStore> | undefined

  constructor(where: string, source: Source, options: RowsOptions, hint: string) {
    const isPath = typeof source === 'string' || source instanceof URL
    if (!isPath && !(source instanceof SledStore)) {
      throw new TypeError(`${where} takes a folder, or what SledStore.open() gave`)
    }
    const why = isPath ? hint : ' for a store that is open'
    checkNames(where, options, isPath ? [...ownNames, ...storeNames] : ownNames, why)
    const { name = 'cache', durability = 'os', ...storeOptions } = options
    this.durability = durability
    this.#source = source
    this.#name = name
    this.#storeOptions = { ...storeOptions, durability }
  }

  /** The rows by key. */
  async open(): Promise<Namespace<string, unknown, string>> {
    return (await this.store()).namespace(this.#name, { key: key.string, value: codec.msgpack() })
  }

  /** The store. */
  async store(): Promise<SledStore> {
    if (this.#source instanceof SledStore) return this.#source
    return (this.#own ??= SledStore.open(this.#source, this.#storeOptions).catch((error: unknown) => {
      this.#own = undefined // the next call may find what was missing
      throw error
    }))
  }

  /** Writes several rows at once. */
  async putAll(rows: Iterable<readonly [key: string, value: unknown, ttl: PutOptions['ttl']]>): Promise<void> {
    const store = await this.store()
    const namespace = await this.open()
    await store.batch(
      (batch) => {
        for (const [rowKey, value, ttl] of rows) batch.put(namespace, rowKey, value, ttl === undefined ? {} : { ttl })
      },
      { durability: this.durability },
    )
  }

  /** Writes a row, for `ttl` milliseconds if that is given. */
  async put(rowKey: string, value: unknown, ttl: PutOptions['ttl']): Promise<void> {
    const { durability } = this
    await (await this.open()).put(rowKey, value, ttl === undefined ? { durability } : { durability, ttl })
  }

  /** Removes a row; tells whether it was there. */
  async remove(rowKey: string): Promise<boolean> {
    const namespace = await this.open()
    if (!namespace.has(rowKey)) return false
    await namespace.delete(rowKey, { durability: this.durability })
    return true
  }

  /** Removes the rows whose keys begin with a text. */
  async clear(prefix: string | undefined): Promise<void> {
    const { durability } = this
    await (await this.open()).clear(prefix === undefined || prefix === '' ? {} : { prefix }, { durability })
  }

  /** Closes the store, if it was opened here. */
  async close(): Promise<void> {
    await (await this.#own)?.close()
  }
}
