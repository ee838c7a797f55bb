/**
 * RocksDB 11 by the native half of rocksdb-js, with the least JavaScript around it: keys and values go through the two
 * shared buffers that its own wrapper uses, and are decoded with the fastest decoder of Node; objects by msgpackr with
 * shared structures, as the wrapper does it.
 */

import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Packr } from 'msgpackr'

const common = {
  durability: 'write-ahead log on, no sync: written to the kernel',
  documentation: 'https://github.com/HarperFast/rocksdb-js#usage',
}

const settings = [
  {
    ...common,
    name: 'two-buffers',
    levels: ['os'],
    memory: 'block cache ½ of the budget, 2 write buffers of ¼',
    other:
      'LZ4, 2 background threads, memtables not kept after their flush, ranges fill the cache; no bloom filter, for the binding has no option for one',
    reason:
      'its caches and buffers stay within the budget; writes go on into the second buffer while the first is flushed',
    parts: { cache: 1 / 2, writeBuffer: 1 / 4 },
  },
  {
    ...common,
    name: 'one-buffer',
    levels: ['os'],
    memory: 'block cache ½ of the budget, write buffer ½ (2 of them while one is flushed)',
    other: 'as above',
    reason: "RocksDB's own default write buffer, for fewer flushes; may go above the budget, in its favor",
    documentation: 'https://github.com/facebook/rocksdb/wiki/Setup-Options-and-Basic-Tuning',
    parts: { cache: 1 / 2, writeBuffer: 1 / 2 },
  },
]

const busy = [
  'rocksdb.num-running-flushes',
  'rocksdb.num-running-compactions',
  'rocksdb.mem-table-flush-pending',
  'rocksdb.compaction-pending',
]

/** The iterator's flags, and its answer for "a row is in the buffers". */
const inReverse = 1
const withValues = 8
const oneRow = 1

/** Where the structures of objects are kept: behind every key of the bench. */
const structuresKey = '~structures'

/** The native side keeps bare pointers into these: they must live as long as the process. */
const keyBuffer = Buffer.allocUnsafeSlow(4096)
const valueBuffer = Buffer.allocUnsafeSlow(64 << 10)
const iteratorState = new Uint32Array(2)

export const adapter = {
  engine: 'rocksdb',
  packageName: '@harperfast/rocksdb-js-linux-x64-glibc',
  node: 24,
  settings,
  can: ['get', 'put', 'getMany', 'writeAsync', 'writeAtomic', 'remove', 'load', 'scan', 'threads'],

  load: () => createRequire(import.meta.url)('@harperfast/rocksdb-js-linux-x64-glibc'),

  async open(native, folder, { setting, memoryBytes, kind }) {
    native.config({ blockCacheSize: memoryBytes * setting.parts.cache })
    mkdirSync(folder, { recursive: true })
    const db = new native.Database()
    db.open(folder, {
      name: 'default',
      mode: 'optimistic',
      parallelismThreads: 2,
      maxWriteBufferSizeToMaintain: 0,
      writeBufferSize: memoryBytes * setting.parts.writeBuffer,
      maxWriteBufferNumber: 2,
    })
    db.setDefaultKeyBuffer(keyBuffer)
    db.setDefaultValueBuffer(valueBuffer)
    db.setIteratorState(Buffer.from(iteratorState.buffer))
    return operations(native, db, codecs[kind](db))
  },
}

/** How a value gets into a buffer that carries the bounds of what it holds, and out of the value buffer. */
const codecs = {
  string: () => {
    const target = Object.assign(Buffer.allocUnsafeSlow(64 << 10), { start: 0, end: 0 })
    return {
      encode(value) {
        target.end = target.latin1Write(value, 0)
        return target
      },
      decode: (length) => valueBuffer.latin1Slice(0, length),
    }
  },
  binary: () => ({
    encode: (value) => Object.assign(value, { start: 0, end: value.length }),
    decode: (length) => Buffer.from(valueBuffer.subarray(0, length)),
  }),
  object(db) {
    const plain = new Packr()
    const read = (length) => (length === undefined ? undefined : plain.unpack(valueBuffer.subarray(0, length)))
    const packr = new Packr({
      getStructures: () => read(db.getSync(keyBuffer.latin1Write(structuresKey, 0), 0, undefined)),
      saveStructures(structures) {
        const name = Buffer.from(structuresKey)
        const bytes = Buffer.from(plain.pack(structures))
        const bounded = (buffer) => Object.assign(buffer, { start: 0, end: buffer.length })
        db.putSync(bounded(name), bounded(bytes), undefined)
      },
    })
    return {
      encode(value) {
        const bytes = packr.pack(value)
        return Object.assign(bytes, { start: 0, end: bytes.length })
      },
      decode: (length) => packr.unpack(valueBuffer, length),
    }
  },
}

function operations(native, db, { encode, decode }) {
  const key = Object.assign(Buffer.allocUnsafeSlow(4096), { start: 0, end: 0 })
  const keyOf = (name) => {
    key.end = key.latin1Write(name, 0)
    return key
  }
  const put = (target, name, value) => {
    const bytes = encode(value)
    target.putSync(keyOf(name), bytes, undefined)
  }
  const get = (name) => {
    const length = db.getSync(keyBuffer.latin1Write(name, 0), 0, undefined)
    return length === undefined ? undefined : decode(length)
  }
  // A transaction is its one way of writing several rows together.
  const together = (keys, values) =>
    new Promise((resolve, reject) => {
      const transaction = new native.Transaction(db, { disableSnapshot: true })
      for (let index = 0; index < keys.length; index++) put(transaction, keys[index], values[index])
      transaction.commit(resolve, reject)
    })
  return {
    get,
    put: (name, value) => put(db, name, value),
    getMany: (names) => names.map(get),
    writeAsync: together,
    writeAtomic: together,
    // Faster than a transaction of them.
    load(keys, values) {
      for (let index = 0; index < keys.length; index++) put(db, keys[index], values[index])
    },
    remove(keys) {
      for (const name of keys) db.removeSync(keyOf(name), undefined)
    },
    scan(visit, { from, limit = Infinity, reverse = false } = {}) {
      const start = from === undefined ? 0 : keyBuffer.latin1Write(from, 0)
      const flags = withValues + (reverse ? inReverse : 0)
      const iterator = new native.Iterator(db, flags, start, 0, 0, rangeOptions(limit))
      let left = limit
      while (left-- > 0 && iterator.next() === oneRow)
        visit(keyBuffer.latin1Slice(0, iteratorState[0]), decode(iteratorState[1]))
      iterator.return()
    },
    scanKeys(visit) {
      const iterator = new native.Iterator(db, 0, 0, 0, 0)
      while (iterator.next() === oneRow) visit(keyBuffer.latin1Slice(0, iteratorState[0]))
      iterator.return()
    },
    isIdle: () => busy.every((property) => !db.getDBIntProperty(property)),
    close: () => db.close(),
  }
}

/** Short ranges are worth caching; a scan of everything would only push other blocks out. */
const rangeOptions = (limit) => (limit === Infinity ? undefined : { fillCache: true })
