/** SledStore by its public API. */

import { skewedReads } from './skewed-reads.mjs'

const common = {
  levels: ['os', 'full'],
  durability: "durability 'os'; for durable commits 'full'",
}

const settings = [
  {
    ...common,
    name: 'default',
    memory: 'memoryBudget: the budget',
    other: 'all else as it comes: LZ4, block and memtable size from the budget',
    reason: 'one budget for memtables, caches, sled and buffers together',
    documentation: 'docs/reference/options.md',
    keptPart: 0,
  },
  {
    ...common,
    name: 'kept-values',
    only: skewedReads,
    memory: 'memoryBudget: ⅞ of the budget; cacheValues: ⅛',
    other: 'as above',
    reason: 'for reads that meet the same keys again',
    documentation: 'docs/guide/caching.md',
    keptPart: 1 / 8,
  },
]

export const adapter = {
  engine: 'sledstore',
  packageName: 'sledstore',
  node: 24,
  settings,
  can: ['get', 'put', 'getMany', 'writeAsync', 'writeAtomic', 'remove', 'load', 'scan', 'commit', 'threads'],

  load: () => import('sledstore'),

  async open({ SledStore, key, codec }, folder, { setting, memoryBytes, durability, kind }) {
    const cacheValues = memoryBytes * setting.keptPart
    const store = await SledStore.open(folder, { memoryBudget: memoryBytes - cacheValues, durability })
    const codecs = { string: codec.utf8, binary: codec.bytes, object: codec.msgpack }
    const rows = store.namespace('bench', { key: key.string, value: codecs[kind](), cacheValues })
    const fill = (keys, values) => (batch) => {
      for (let index = 0; index < keys.length; index++) batch.put(rows, keys[index], values[index])
    }
    return {
      get: (name) => rows.get(name),
      put: (name, value) => rows.putSync(name, value),
      getMany: (names) => rows.getMany(names),
      commit: (name, value) => rows.put(name, value),
      writeAsync: (keys, values) => Promise.all(keys.map((name, index) => rows.put(name, values[index]))),
      writeAtomic: (keys, values) => store.batch(fill(keys, values)),
      load: (keys, values) => store.batchSync(fill(keys, values)),
      remove(keys) {
        store.batchSync((batch) => {
          for (const name of keys) batch.delete(rows, name)
        })
      },
      scan(visit, { from, limit, reverse = false } = {}) {
        const range = {
          reverse,
          ...(from === undefined ? {} : { gte: from }),
          ...(limit === undefined ? {} : { limit }),
        }
        for (const [name, value] of rows.scan(range)) visit(name, value)
      },
      scanKeys(visit) {
        for (const name of rows.keys()) visit(name)
      },
      /** Whether background work is done: everything frozen has reached the blocks. */
      isIdle: () => store.stats().memory.frozenMemtables === 0,
      close: () => store.close(),
    }
  },
}
