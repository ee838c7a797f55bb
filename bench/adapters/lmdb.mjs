/** lmdb-js. Its cache is the kernel's page cache, so it takes no memory setting; pages it maps count as resident. */

import { skewedReads } from './skewed-reads.mjs'

const common = {
  memory: 'none to set: the map is the page cache',
  documentation: 'https://github.com/kriszyp/lmdb-js#lmdb-flags',
}

const settings = [
  {
    ...common,
    name: 'write',
    levels: ['os'],
    durability: 'noSync: written to the kernel, no fsync',
    other: 'noMemInit, mapSize 4 × the data; noSync turns overlappingSync off; default keys, shared structures',
    reason: 'the default way of writing pages',
    options: { noSync: true, overlappingSync: false },
  },
  {
    ...common,
    name: 'writemap',
    levels: ['os'],
    durability: 'noSync: written to the kernel through the map, no fsync',
    other: 'as above, with useWritemap',
    reason: 'documented as fewer system calls together with noSync',
    options: { noSync: true, overlappingSync: false, useWritemap: true },
  },
  {
    ...common,
    name: 'cache',
    levels: ['os'],
    only: skewedReads,
    durability: 'noSync: written to the kernel, no fsync',
    other:
      'as of "write", with cache: { clearKeptInterval: 100 }, as documented for long synchronous work: decoded values are kept',
    reason: 'for reads that meet the same keys again',
    documentation: 'https://github.com/kriszyp/lmdb-js#caching',
    options: { noSync: true, overlappingSync: false, cache: { clearKeptInterval: 100 } },
  },
  {
    ...common,
    name: 'overlapping',
    levels: ['full'],
    durability: 'overlappingSync, the default; a commit is answered by db.flushed',
    other: 'as above, without useWritemap',
    reason: 'its default: commits go on while earlier ones are flushed',
    options: { overlappingSync: true },
    flushed: true,
  },
  {
    ...common,
    name: 'plain-sync',
    levels: ['full'],
    durability: 'overlappingSync off: a commit is answered when it is flushed',
    other: 'as above',
    reason: "LMDB's own way, one flush a commit",
    options: { overlappingSync: false },
  },
]

const encodings = { string: 'string', binary: 'binary', object: 'msgpack' }

export const adapter = {
  engine: 'lmdb',
  packageName: 'lmdb',
  node: 24,
  settings,
  can: ['get', 'put', 'getMany', 'writeAsync', 'writeAtomic', 'remove', 'load', 'scan', 'commit', 'threads'],

  load: () => import('lmdb'),

  async open({ open }, folder, { setting, dataBytes, kind }) {
    const db = open({
      path: folder,
      encoding: encodings[kind],
      noMemInit: true,
      mapSize: Math.max(4 * dataBytes, 64 << 20), // large from the start, for growing the map holds everything up
      ...(kind === 'object' ? { sharedStructuresKey: Symbol.for('structures') } : {}),
      ...setting.options,
    })
    return operations(db, setting)
  },
}

function operations(db, setting) {
  const write = (keys, values) => {
    for (let index = 0; index < keys.length; index++) db.putSync(keys[index], values[index])
  }
  return {
    get: (name) => db.get(name),
    put(name, value) {
      db.putSync(name, value)
    },
    // Its own getMany fetches ahead on other threads, which costs more than it saves while the pages are in memory.
    getMany: (names) => names.map((name) => db.get(name)),
    async commit(name, value) {
      await db.put(name, value)
      if (setting.flushed) await db.flushed
    },
    // The puts of one turn of the event loop are one transaction and share one promise.
    writeAsync(keys, values) {
      let last
      for (let index = 0; index < keys.length; index++) last = db.put(keys[index], values[index])
      return last
    },
    writeAtomic: (keys, values) => db.transaction(() => write(keys, values)),
    load(keys, values) {
      db.transactionSync(() => write(keys, values))
    },
    remove(keys) {
      db.transactionSync(() => {
        for (const name of keys) db.removeSync(name)
      })
    },
    scan(visit, { from, limit, reverse = false } = {}) {
      for (const { key, value } of db.getRange({ start: from, limit, reverse })) visit(key, value)
    },
    scanKeys(visit) {
      for (const key of db.getKeys()) visit(key)
    },
    isIdle: () => true,
    close: () => db.close(),
  }
}
