/**
 * classic-level: LevelDB behind abstract-level. It reads single rows synchronously; every write and scan is answered by a
 * promise, and is awaited.
 */

import { otherThreadsSeconds } from '../harness/figures.mjs'

const common = {
  other: 'Snappy and a bloom filter, which it sets itself',
  documentation: 'https://github.com/Level/classic-level#new-classiclevellocation-options',
}
const within = {
  memory: 'block cache ½ of the budget, write buffer ¼ (2 of them while one is flushed)',
  parts: { cache: 1 / 2, writeBuffer: 1 / 4 },
}

const settings = [
  {
    ...common,
    ...within,
    name: 'small-buffer',
    levels: ['os'],
    durability: 'sync: false: written to the kernel',
    reason: 'its cache and buffers stay within the budget',
  },
  {
    ...common,
    name: 'large-buffer',
    levels: ['os'],
    memory: 'block cache ½ of the budget, write buffer ½ (2 of them while one is flushed)',
    parts: { cache: 1 / 2, writeBuffer: 1 / 2 },
    durability: 'sync: false: written to the kernel',
    reason: 'fewer flushes; may go above the budget, in its favor',
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
    reason: 'with UV_THREADPOOL_SIZE=64 all commits at once reach LevelDB, and share one fsync',
  },
]

const encodings = { string: 'utf8', binary: 'buffer', object: 'json' }
const pageRows = 1000

export const adapter = {
  engine: 'classic-level',
  packageName: 'classic-level',
  node: 24,
  settings,
  can: ['get', 'put', 'getMany', 'writeAsync', 'writeAtomic', 'remove', 'load', 'scan', 'commit', 'threads'],

  load: () => import('classic-level'),

  async open({ ClassicLevel }, folder, { setting, memoryBytes, kind, threads = false }) {
    const db = new ClassicLevel(folder, {
      valueEncoding: encodings[kind],
      cacheSize: memoryBytes * setting.parts.cache,
      writeBufferSize: memoryBytes * setting.parts.writeBuffer,
      multithreading: threads,
    })
    await db.open()
    return operations(db)
  },
}

function operations(db) {
  const write = (keys, values) =>
    db.batch(keys.map((name, index) => ({ type: 'put', key: name, value: values[index] })))
  const pages = async (iterator, visit) => {
    for (;;) {
      const page = await iterator.nextv(pageRows)
      if (page.length === 0) break
      for (const row of page) visit(row)
    }
    await iterator.close()
  }
  return {
    get: (name) => db.getSync(name),
    put: (name, value) => db.put(name, value),
    getMany: (names) => db.getMany(names),
    commit: (name, value) => db.put(name, value, { sync: true }),
    writeAsync: (keys, values) => Promise.all(keys.map((name, index) => db.put(name, values[index]))),
    writeAtomic: write,
    load: write,
    remove: (keys) => db.batch(keys.map((name) => ({ type: 'del', key: name }))),
    async scan(visit, { from, limit, reverse = false } = {}) {
      const range = { reverse, ...(from === undefined ? {} : { gte: from }), ...(limit === undefined ? {} : { limit }) }
      const each = ([name, value]) => visit(name, value)
      if (limit === undefined) await pages(db.iterator(range), each)
      else (await db.iterator(range).all()).forEach(each)
    },
    scanKeys: (visit) => pages(db.keys(), visit),
    isIdle: quietProcess(),
    close: () => db.close(),
  }
}

/** LevelDB does not tell whether it compacts; it is taken to rest when no other thread has used the processor for a while. */
function quietProcess() {
  const windowMilliseconds = 50
  let began = performance.now()
  let used = otherThreadsSeconds()
  let isQuiet = false
  return () => {
    const passed = performance.now() - began
    if (passed < windowMilliseconds) return isQuiet
    const share = ((otherThreadsSeconds() - used) * 1000) / passed
    began = performance.now()
    used = otherThreadsSeconds()
    isQuiet = share < 0.05
    return isQuiet
  }
}
