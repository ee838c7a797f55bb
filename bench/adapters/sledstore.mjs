/** SledStore by its public API. */

const settings = [
  {
    name: 'default',
    memory: 'memoryBudget 128 MiB',
    durability: "durability 'os'",
    other: 'all else as it comes: LZ4, block and memtable size from the budget',
    reason: 'one budget for memtables, caches, sled and buffers together',
    documentation: 'docs/reference/options.md',
  },
]

export const adapter = {
  engine: 'sledstore',
  packageName: 'sledstore',
  node: 24,
  settings,
  can: ['get', 'putSync', 'writeAsync', 'writeAtomic', 'load', 'scan'],

  load: () => import('sledstore'),

  async open({ SledStore, key, codec }, folder, { memoryBytes }) {
    const store = await SledStore.open(folder, { memoryBudget: memoryBytes, durability: 'os' })
    const rows = store.namespace('bench', { key: key.string, value: codec.utf8() })
    const fill = (keys, values) => (batch) => {
      for (let index = 0; index < keys.length; index++) batch.put(rows, keys[index], values[index])
    }
    return {
      get: (name) => rows.get(name),
      putSync: (name, value) => rows.putSync(name, value),
      writeAsync: (keys, values) => Promise.all(keys.map((name, index) => rows.put(name, values[index]))),
      writeAtomic: (keys, values) => store.batch(fill(keys, values)),
      load: (keys, values) => store.batchSync(fill(keys, values)),
      scan(visit) {
        for (const [name, value] of rows.scan()) visit(name, value)
      },
      /** Whether background work is done: everything frozen has reached the blocks. */
      isIdle: () => store.stats().memory.frozenMemtables === 0,
      figures: () => store.stats(),
      close: () => store.close(),
    }
  },
}
