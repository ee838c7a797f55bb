/**
 * RocksDB 11 by the native half of rocksdb-js, with the least JavaScript around it: keys and values go through the two
 * shared buffers that its own wrapper uses, and are decoded with the fastest decoder of Node.
 */

import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'

const settings = [
  {
    name: 'two-buffers',
    memory: 'block cache 64 MiB, 2 write buffers of 32 MiB',
    durability: 'write-ahead log on, no sync: written to the kernel',
    other:
      'LZ4, 2 background threads, memtables not kept after their flush; no bloom filter, for the binding has no option for one',
    reason:
      'its caches and buffers stay within 128 MiB; writes go on into the second buffer while the first is flushed',
    documentation: 'https://github.com/HarperFast/rocksdb-js#usage',
    cacheBytes: 64 << 20,
    options: { writeBufferSize: 32 << 20, maxWriteBufferNumber: 2 },
  },
  {
    name: 'one-buffer',
    memory: 'block cache 64 MiB, write buffer 64 MiB (2 of them while one is flushed)',
    durability: 'write-ahead log on, no sync: written to the kernel',
    other: 'as above',
    reason: "RocksDB's own default write buffer, for fewer flushes; may go above the budget, in its favor",
    documentation: 'https://github.com/facebook/rocksdb/wiki/Setup-Options-and-Basic-Tuning',
    cacheBytes: 64 << 20,
    options: { writeBufferSize: 64 << 20, maxWriteBufferNumber: 2 },
  },
]

const busy = [
  'rocksdb.num-running-flushes',
  'rocksdb.num-running-compactions',
  'rocksdb.mem-table-flush-pending',
  'rocksdb.compaction-pending',
]

/** The iterator's flag for "with values", and its answer for "a row is in the buffers". */
const withValues = 8
const oneRow = 1

/** The native side keeps bare pointers into these: they must live as long as the process. */
const keyBuffer = Buffer.allocUnsafeSlow(4096)
const valueBuffer = Buffer.allocUnsafeSlow(64 << 10)
const iteratorState = new Uint32Array(2)

export const adapter = {
  engine: 'rocksdb',
  packageName: '@harperfast/rocksdb-js-linux-x64-glibc',
  node: 24,
  settings,
  can: ['get', 'putSync', 'writeAsync', 'writeAtomic', 'load', 'scan'],

  load: () => createRequire(import.meta.url)('@harperfast/rocksdb-js-linux-x64-glibc'),

  async open(native, folder, { setting }) {
    native.config({ blockCacheSize: setting.cacheBytes })
    mkdirSync(folder, { recursive: true })
    const db = new native.Database()
    db.open(folder, {
      name: 'default',
      mode: 'optimistic',
      parallelismThreads: 2,
      maxWriteBufferSizeToMaintain: 0,
      ...setting.options,
    })
    db.setDefaultKeyBuffer(keyBuffer)
    db.setDefaultValueBuffer(valueBuffer)
    db.setIteratorState(Buffer.from(iteratorState.buffer))
    return operations(native, db)
  },
}

function operations(native, db) {
  // Buffers to write from carry the bounds of what they hold.
  const key = Object.assign(Buffer.allocUnsafeSlow(4096), { start: 0, end: 0 })
  const value = Object.assign(Buffer.allocUnsafeSlow(64 << 10), { start: 0, end: 0 })
  const put = (target, name, text) => {
    key.end = key.latin1Write(name, 0)
    value.end = value.latin1Write(text, 0)
    target.putSync(key, value, undefined)
  }
  // A transaction is its one way of writing several rows together.
  const together = (keys, values) => {
    const transaction = new native.Transaction(db, { disableSnapshot: true })
    for (let index = 0; index < keys.length; index++) put(transaction, keys[index], values[index])
    return transaction
  }
  const writeAsync = (keys, values) =>
    new Promise((resolve, reject) => {
      together(keys, values).commit(resolve, reject)
    })
  return {
    get(name) {
      const length = db.getSync(keyBuffer.latin1Write(name, 0), 0, undefined)
      return length === undefined ? undefined : valueBuffer.latin1Slice(0, length)
    },
    putSync: (name, text) => put(db, name, text),
    writeAsync,
    writeAtomic: writeAsync,
    // Faster than a transaction of them.
    load(keys, values) {
      for (let index = 0; index < keys.length; index++) put(db, keys[index], values[index])
    },
    scan(visit) {
      const iterator = new native.Iterator(db, withValues, 0, 0, 0)
      while (iterator.next() === oneRow)
        visit(keyBuffer.latin1Slice(0, iteratorState[0]), valueBuffer.latin1Slice(0, iteratorState[1]))
    },
    isIdle: () => busy.every((property) => !db.getDBIntProperty(property)),
    close: () => db.close(),
  }
}
