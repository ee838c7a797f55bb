/**
 * RocksDB 6.17 by the npm package "rocksdb", for its WriteBatch: rocksdb-js writes several rows only by transactions.
 * Its prebuilt addon runs under Node 20 and aborts at open under Node 22 and 24.
 */

const common = {
  durability: 'sync: false, write-ahead log on: written to the kernel',
  other: 'Snappy, as its binding offers no other compression',
  documentation: 'https://github.com/Level/leveldown#options-1',
}

const settings = [
  {
    ...common,
    name: 'small-buffer',
    memory: 'block cache 64 MiB, write buffer 32 MiB (2 of them while one is flushed)',
    reason: 'its caches and buffers stay within 128 MiB',
    options: { cacheSize: 64 << 20, writeBufferSize: 32 << 20 },
  },
  {
    ...common,
    name: 'large-buffer',
    memory: 'block cache 64 MiB, write buffer 64 MiB (2 of them while one is flushed)',
    reason: "RocksDB's own default write buffer, for fewer flushes; may go above the budget, in its favor",
    options: { cacheSize: 64 << 20, writeBufferSize: 64 << 20 },
  },
]

const busy = ['rocksdb.num-running-flushes', 'rocksdb.num-running-compactions']

export const adapter = {
  engine: 'rocksdb',
  packageName: 'rocksdb',
  node: 20,
  settings,
  can: ['writeAsync', 'writeAtomic', 'load'],

  load: async () => (await import('rocksdb')).default,

  async open(rocksdb, folder, { setting }) {
    const db = rocksdb(folder)
    const call = (method, ...parameters) =>
      new Promise((resolve, reject) => {
        db[method](...parameters, (error) => (error ? reject(error) : resolve()))
      })
    await call('open', { createIfMissing: true, compression: true, ...setting.options })
    const write = (keys, values) => {
      const batch = db.batch()
      for (let index = 0; index < keys.length; index++) batch.put(keys[index], values[index])
      return new Promise((resolve, reject) => {
        batch.write({ sync: false }, (error) => (error ? reject(error) : resolve()))
      })
    }
    return {
      writeAsync: write,
      writeAtomic: write,
      load: write,
      isIdle: () => busy.every((property) => Number(db.getProperty(property)) === 0),
      close: () => call('close'),
    }
  },
}
