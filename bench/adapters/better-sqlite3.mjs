/**
 * better-sqlite3: SQLite with one table of keys and values. Everything in it is synchronous; objects are JSON text, which
 * is its own way of keeping them.
 */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

const common = {
  memory: 'cache_size: the budget',
  documentation: 'https://github.com/WiseLibs/better-sqlite3/blob/master/docs/performance.md',
}

const settings = [
  {
    ...common,
    name: 'clustered',
    levels: ['os', 'full'],
    table: 'WITHOUT ROWID',
    durability: 'WAL, synchronous = OFF: written to the kernel; for durable commits synchronous = FULL',
    other: 'a table WITHOUT ROWID; else as it comes',
    reason: 'rows lie in the tree of their keys, which is documented as best for small rows',
  },
  {
    ...common,
    name: 'rowid',
    levels: ['os', 'full'],
    table: '',
    durability: 'as above',
    other: 'a plain table, whose keys have an index',
    reason: 'documented as better for large rows',
    documentation: 'https://www.sqlite.org/withoutrowid.html',
  },
]

const codecs = {
  string: { encode: (value) => value, decode: (stored) => stored },
  binary: { encode: (value) => value, decode: (stored) => stored },
  object: { encode: JSON.stringify, decode: JSON.parse },
}

export const adapter = {
  engine: 'better-sqlite3',
  packageName: 'better-sqlite3',
  node: 24,
  settings,
  can: ['get', 'put', 'getMany', 'writeAsync', 'writeAtomic', 'remove', 'load', 'scan', 'commit', 'threads'],

  load: async () => (await import('better-sqlite3')).default,

  async open(Database, folder, { setting, memoryBytes, durability, kind }) {
    mkdirSync(folder, { recursive: true })
    const db = new Database(join(folder, 'bench.sqlite'))
    db.pragma('journal_mode = WAL')
    db.pragma(`synchronous = ${durability === 'full' ? 'FULL' : 'OFF'}`)
    db.pragma(`cache_size = -${memoryBytes >> 10}`)
    db.exec(`CREATE TABLE IF NOT EXISTS bench (name TEXT PRIMARY KEY NOT NULL, value NOT NULL) ${setting.table}`)
    return operations(db, codecs[kind])
  },
}

function operations(db, { encode, decode }) {
  const one = db.prepare('SELECT value FROM bench WHERE name = ?').pluck()
  const insert = db.prepare('INSERT INTO bench VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value')
  const erase = db.prepare('DELETE FROM bench WHERE name = ?')
  const names = db.prepare('SELECT name FROM bench ORDER BY name').pluck()
  const ranges = {
    all: db.prepare('SELECT name, value FROM bench ORDER BY name').raw(),
    reverse: db.prepare('SELECT name, value FROM bench ORDER BY name DESC').raw(),
    some: db.prepare('SELECT name, value FROM bench WHERE name >= ? ORDER BY name LIMIT ?').raw(),
  }
  const get = (name) => {
    const stored = one.get(name)
    return stored === undefined ? undefined : decode(stored)
  }
  const write = db.transaction((keys, values) => {
    for (let index = 0; index < keys.length; index++) insert.run(keys[index], encode(values[index]))
  })
  const removeAll = db.transaction((keys) => {
    for (const name of keys) erase.run(name)
  })
  const put = (name, value) => {
    insert.run(name, encode(value))
  }
  return {
    get,
    put,
    getMany: db.transaction((keys) => keys.map(get)),
    // It has no commits at once: they come one after the other.
    commit: put,
    writeAsync: write,
    writeAtomic: write,
    load: write,
    remove: removeAll,
    scan(visit, { from, limit, reverse = false } = {}) {
      const rows =
        limit === undefined ? ranges[reverse ? 'reverse' : 'all'].iterate() : ranges.some.all(from ?? '', limit)
      for (const [name, stored] of rows) visit(name, decode(stored))
    },
    scanKeys(visit) {
      for (const name of names.iterate()) visit(name)
    },
    isIdle: () => true,
    close: () => {
      db.close()
    },
  }
}
