/**
 * RocksDB 6.17 by the npm package "rocksdb", for its WriteBatch and its durable commits: rocksdb-js writes several rows
 * only by transactions, and has no option to sync. Its prebuilt addon runs under Node 20 and aborts at open under Node 22
 * and 24.
 */

const small = { cache: 1 / 2, writeBuffer: 1 / 4 }
const large = { cache: 1 / 2, writeBuffer: 1 / 2 }

const common = {
  other: 'Snappy, as its binding offers no other compression',
  documentation: 'https://github.com/Level/leveldown#options-1',
}
const within = {
  memory: 'block cache ½ of the budget, write buffer ¼ (2 of them while one is flushed)',
  parts: small,
}

const settings = [
  {
    ...common,
    ...within,
    name: 'small-buffer',
    levels: ['os'],
    durability: 'sync: false, write-ahead log on: written to the kernel',
    reason: 'its caches and buffers stay within the budget',
  },
  {
    ...common,
    name: 'large-buffer',
    levels: ['os'],
    memory: 'block cache ½ of the budget, write buffer ½ (2 of them while one is flushed)',
    parts: large,
    durability: 'sync: false, write-ahead log on: written to the kernel',
    reason: "RocksDB's own default write buffer, for fewer flushes; may go above the budget, in its favor",
  },
  {
    ...common,
    ...within,
    name: 'sync-4-threads',
    levels: ['full'],
    durability: 'sync: true',
    reason: "Node's own 4 threads make the calls, and what waits together is synced together",
  },
  {
    ...common,
    ...within,
    name: 'sync-64-threads',
    levels: ['full'],
    durability: 'sync: true',
    env: { UV_THREADPOOL_SIZE: '64' },
    reason: 'with UV_THREADPOOL_SIZE=64 all commits at once reach RocksDB, and share one fsync',
  },
]

const busy = ['rocksdb.num-running-flushes', 'rocksdb.num-running-compactions']

export const adapter = {
  engine: 'rocksdb',
  packageName: 'rocksdb',
  node: 20,
  settings,
  can: ['writeAsync', 'writeAtomic', 'load', 'commit'],
  /** Its reads are there to check it, and cross to another thread each: rocksdb-js stands for RocksDB's reads. */
  checks: ['get', 'scan', 'remove'],

  load: async () => (await import('rocksdb')).default,

  async open(rocksdb, folder, { setting, memoryBytes }) {
    const db = rocksdb(folder)
    await call(db, 'open', {
      createIfMissing: true,
      compression: true,
      cacheSize: memoryBytes * setting.parts.cache,
      writeBufferSize: memoryBytes * setting.parts.writeBuffer,
    })
    return operations(db)
  },
}

function call(object, method, ...parameters) {
  return new Promise((resolve, reject) => {
    object[method](...parameters, (error, ...answers) => (error ? reject(error) : resolve(answers)))
  })
}

function operations(db) {
  const write = (keys, values, sync = false) => {
    const batch = db.batch()
    for (let index = 0; index < keys.length; index++) batch.put(keys[index], values[index])
    return call(batch, 'write', { sync })
  }
  return {
    async get(name) {
      try {
        return (await call(db, 'get', name, { asBuffer: false }))[0]
      } catch (error) {
        if (/NotFound/.test(error.message)) return undefined
        throw error
      }
    },
    commit: (name, value) => write([name], [value], true),
    writeAsync: write,
    writeAtomic: (keys, values) => write(keys, values),
    load: (keys, values) => write(keys, values),
    async remove(keys) {
      const batch = db.batch()
      for (const name of keys) batch.del(name)
      await call(batch, 'write', {})
    },
    async scan(visit, { from, limit = -1, reverse = false } = {}) {
      const range = { limit, reverse, keyAsBuffer: false, valueAsBuffer: false }
      const iterator = db.iterator(from === undefined ? range : { ...range, gte: from })
      for (;;) {
        const [name, value] = await call(iterator, 'next')
        if (name === undefined) break
        visit(name, value)
      }
      await call(iterator, 'end')
    },
    isIdle: () => busy.every((property) => Number(db.getProperty(property)) === 0),
    close: () => call(db, 'close'),
  }
}
