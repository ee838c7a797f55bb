/** lmdb-js. Its cache is the kernel's page cache, so it takes no memory setting; pages it maps count as resident. */

const settings = [
  {
    name: 'write',
    memory: 'none to set: the map is the page cache',
    durability: 'noSync: written to the kernel, no fsync',
    other: 'noMemInit; mapSize 4 × the data; noSync turns overlappingSync off; string values, default keys',
    reason: 'the default way of writing pages',
    documentation: 'https://github.com/kriszyp/lmdb-js#lmdb-flags',
    options: {},
  },
  {
    name: 'writemap',
    memory: 'none to set: the map is the page cache',
    durability: 'noSync: written to the kernel through the map, no fsync',
    other: 'noMemInit, mapSize 4 × the data, useWritemap',
    reason: 'documented as fewer system calls together with noSync',
    documentation: 'https://github.com/kriszyp/lmdb-js#lmdb-flags',
    options: { useWritemap: true },
  },
]

export const adapter = {
  engine: 'lmdb',
  packageName: 'lmdb',
  node: 24,
  settings,
  can: ['get', 'putSync', 'writeAsync', 'writeAtomic', 'load', 'scan'],

  load: () => import('lmdb'),

  async open({ open }, folder, { setting, dataBytes }) {
    const mapSize = Math.max(4 * dataBytes, 64 << 20)
    const db = open({
      path: folder,
      encoding: 'string',
      noSync: true,
      overlappingSync: false,
      noMemInit: true,
      mapSize, // large enough from the start, for growing the map holds everything up
      ...setting.options,
    })
    const write = (keys, values) => {
      for (let index = 0; index < keys.length; index++) db.putSync(keys[index], values[index])
    }
    return {
      get: (name) => db.get(name),
      putSync: (name, value) => db.putSync(name, value),
      // The puts of one turn of the event loop are one transaction and share one promise.
      writeAsync(keys, values) {
        let last
        for (let index = 0; index < keys.length; index++) last = db.put(keys[index], values[index])
        return last
      },
      writeAtomic: (keys, values) => db.transaction(() => write(keys, values)),
      load: (keys, values) => db.transactionSync(() => write(keys, values)),
      scan(visit) {
        for (const { key, value } of db.getRange()) visit(key, value)
      },
      isIdle: () => true,
      close: () => db.close(),
    }
  },
}
