/** The bench checks each engine's answers before it measures it; an engine that answers wrong is found. */

import { describe, expect, it } from 'vitest'
import { benchModule, type BenchStore } from './modules.js'

const { verifyStore, WrongAnswer } = await benchModule<{
  verifyStore(options: object): Promise<void>
  WrongAnswer: new () => Error
}>('harness/verify.mjs')

type Rows = Map<string, unknown>
type Visit = (key: string, value: unknown) => void
interface RangeOptions {
  readonly from?: string
  readonly limit?: number
  readonly reverse?: boolean
}

const can = ['get', 'getMany', 'put', 'commit', 'writeAsync', 'writeAtomic', 'remove', 'load', 'scan']

/** A right store over a map. */
function storeOf(rows: Rows): BenchStore {
  const write = (keys: string[], values: unknown[]): void => keys.forEach((key, at) => rows.set(key, values[at]))
  const sorted = (): string[] => [...rows.keys()].sort()
  return {
    get: (key: string) => rows.get(key),
    getMany: (keys: string[]) => keys.map((key) => rows.get(key)),
    put: (key: string, value: unknown) => void rows.set(key, value),
    commit: async (key: string, value: unknown) => void rows.set(key, value),
    writeAsync: async (keys: string[], values: unknown[]) => write(keys, values),
    writeAtomic: write,
    load: write,
    remove: (keys: string[]) => keys.forEach((key) => rows.delete(key)),
    scan(visit: Visit, { from = '', limit = Infinity, reverse = false }: RangeOptions = {}) {
      const names = sorted().filter((key) => key >= from)
      for (const key of (reverse ? names.reverse() : names).slice(0, limit)) visit(key, rows.get(key))
    },
    scanKeys: (visit: (key: string) => void) => sorted().forEach(visit),
    close: () => undefined,
  }
}

/** Checks a store of which a test has changed something; each opening finds what the one before has left. */
function verify(change: (store: BenchStore, rows: Rows, opening: number) => BenchStore): Promise<void> {
  const rows: Rows = new Map()
  let openings = 0
  const open = async (): Promise<BenchStore> => change(storeOf(rows), rows, openings++)
  return verifyStore({ open, can, kind: 'string', seed: 1 })
}

describe('the check of an engine', () => {
  it('lets a right one pass', async () => {
    await verify((store) => store)
  })

  const faults: Record<string, (store: BenchStore, rows: Rows) => BenchStore> = {
    'a put that does nothing': (store) => ({ ...store, put: () => undefined }),
    'a commit that does nothing': (store) => ({ ...store, commit: async () => undefined }),
    'a batch that loses its last row': (store, rows) => ({
      ...store,
      writeAtomic: (keys: string[], values: unknown[]) =>
        keys.slice(1).forEach((key, at) => rows.set(key, values[at + 1])),
    }),
    'a remove that does nothing': (store) => ({ ...store, remove: () => undefined }),
    'a get of the wrong row': (store, rows) => ({ ...store, get: () => [...rows.values()][0] }),
    'a getMany in another order': (store, rows) => ({
      ...store,
      getMany: (keys: string[]) => keys.map((key) => rows.get(key)).reverse(),
    }),
    'a scan in the order of writing': (store, rows) => ({
      ...store,
      scan: (visit: Visit) => rows.forEach((value, key) => visit(key, value)),
    }),
    'keys that are not all': (store, rows) => ({
      ...store,
      scanKeys: (visit: (key: string) => void) => [...rows.keys()].sort().slice(1).forEach(visit),
    }),
  }
  for (const [name, change] of Object.entries(faults)) {
    it(`finds ${name}`, async () => {
      await expect(verify(change)).rejects.toThrow(WrongAnswer)
    })
  }

  it('finds rows that are gone when the store is opened again', async () => {
    const forget = (store: BenchStore, rows: Rows, opening: number): BenchStore => {
      if (opening === 1) rows.clear()
      return store
    }
    await expect(verify(forget)).rejects.toThrow(WrongAnswer)
  })
})
