/**
 * A store as a driver of unstorage, and so under Nitro and Nuxt.
 *
 * @packageDocumentation
 */
import type { SledStore } from 'sledstore'
import type { Driver } from 'unstorage'
import { checkNames, Rows, type RowsOptions } from './shared/rows.js'

/** Where the driver keeps items, and how. */
export interface SledDriverOptions extends RowsOptions {
  /** The folder of a store, which is opened when it is first used and closed by `dispose`. */
  readonly path?: string | URL
  /** A store that is open, instead. */
  readonly store?: SledStore
  /** Seconds that items live which are set without a `ttl` of their own. Default: they stay. */
  readonly ttl?: number
}

type CallOptions = Readonly<Record<string, unknown>> | undefined

const NAME = 'sledstore'

/** Seconds, as unstorage has them, in milliseconds. */
function milliseconds(ttl: unknown): number | undefined {
  if (ttl === undefined) return undefined
  if (typeof ttl !== 'number') throw new TypeError('ttl must be a number of seconds')
  if (!(ttl > 0) || ttl > Number.MAX_SAFE_INTEGER / 1_000) {
    throw new RangeError(`ttl must be a number of seconds above 0, not ${ttl}`)
  }
  return Math.ceil(ttl * 1_000)
}

function checkCall(where: string, options: CallOptions, known: readonly string[]): void {
  if (options !== undefined) checkNames(`${where} of the driver`, options, known)
}

/** A call's own time to live comes first. */
function ttlOf(options: CallOptions, inherited: number | undefined): number | undefined {
  return milliseconds(options?.['ttl']) ?? inherited
}

/**
 * A driver that keeps items in a store.
 *
 * @example
 * ```ts
 * const storage = createStorage({ driver: sledDriver({ path: './cache', ttl: 3_600 }) })
 * await storage.setItem('user:ann', { age: 34 }, { ttl: 60 }) // in seconds
 * await storage.dispose()
 * ```
 */
export function sledDriver(options: SledDriverOptions): Driver<SledDriverOptions, Promise<SledStore>> {
  if (typeof options !== 'object' || options === null) throw new TypeError('sledDriver takes an object of options')
  const { path, store, ttl, ...rest } = options
  if ((path === undefined) === (store === undefined)) throw new TypeError('sledDriver takes either path or store')
  const inherited = milliseconds(ttl)
  const hint = ' (path, store and ttl are its other options)'
  const rows = new Rows('sledDriver', (path ?? store)!, { name: 'unstorage', ...rest }, hint)
  // unstorage calls these without their object.
  const read = async (key: string, call: CallOptions): Promise<unknown> => {
    checkCall('a read', call, ['nativeOnly'])
    return (await (await rows.open()).getAsync(key)) ?? null
  }
  const write = async (key: string, value: unknown, call: CallOptions): Promise<void> => {
    checkCall('setItem', call, ['ttl'])
    await rows.put(key, value, ttlOf(call, inherited))
  }
  return {
    name: NAME,
    flags: { ttl: true },
    options,
    getInstance: () => rows.store(),
    async hasItem(key, call) {
      checkCall('hasItem', call, [])
      return (await rows.open()).has(key)
    },
    getItem: async (key, call) => (await read(key, call)) as string | null,
    getItemRaw: read,
    async getItems(items, call) {
      for (const item of [{ options: call }, ...items]) checkCall('getItems', item.options, [])
      const values = await (await rows.open()).getManyAsync(items.map((item) => item.key))
      return items.map(({ key }, at) => ({ key, value: (values[at] ?? null) as string | null }))
    },
    setItem: write,
    setItemRaw: write,
    async setItems(items, call) {
      for (const item of [{ options: call }, ...items]) checkCall('setItems', item.options, ['ttl'])
      await rows.putAll(
        items.map(({ key, value, options: own }) => [key, value, ttlOf({ ...call, ...own }, inherited)]),
      )
    },
    async removeItem(key, call) {
      checkCall('removeItem', call, ['removeMeta', 'removeMata'])
      await rows.remove(key)
    },
    async getKeys(base, call) {
      checkCall('getKeys', call, ['maxDepth']) // which unstorage goes by itself
      const found: string[] = []
      for await (const key of (await rows.open()).keysAsync(base ? { prefix: base } : {})) found.push(key)
      return found
    },
    async clear(base, call) {
      checkCall('clear', call, [])
      await rows.clear(base)
    },
    dispose: () => rows.close(),
  }
}

/** Nitro and Nuxt take a driver by the path of its module. */
// oxlint-disable-next-line import/no-default-export -- that is what they import
export default sledDriver
