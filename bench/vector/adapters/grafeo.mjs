/** Grafeo: nodes with a vector and the attributes, and a vector index on them. Its searches are promises. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { attributeNames } from '../filters.mjs'
import { searchAtOnce } from './several.mjs'

const label = 'Row'
const property = 'vector'
const batch = 10_000

const setting = (name, index, reason) => ({
  name,
  levels: ['os', 'full'],
  index,
  memory: 'none to set: it keeps all in memory',
  durability: 'walCheckpoint() once all is there, and after single upserts',
  other: `HNSW of m ${index.m} and efConstruction ${index.efConstruction}, vectors not quantized; attributes are set one by one; an upsert deletes the node and makes another`,
  reason,
  documentation: 'https://grafeo.dev/user-guide/vector-search/',
})

/** @type {import('./index.mjs').VectorAdapter} */
export const adapter = {
  engine: 'grafeo',
  packageName: '@grafeo-db/js-linux-x64-gnu',
  node: 24,
  settings: [
    setting('m-16', { m: 16, efConstruction: 200 }, 'what the other graphs are built with'),
    setting('m-32', { m: 32, efConstruction: 200 }, 'for higher recall'),
  ],
  can: ['searchWhere', 'searchByTwo', 'upsert', 'remove'],
  lacks: { budget: 'which has no budget' },
  form: (vector) => Array.from(vector),

  // Node imports no addons.
  load: async () => createRequire(import.meta.url)('@grafeo-db/js-linux-x64-gnu'),

  async open({ GrafeoDB }, folder, options) {
    mkdirSync(folder, { recursive: true })
    const path = join(folder, 'bench.grafeo')
    const db = existsSync(path) ? GrafeoDB.open(path) : GrafeoDB.create(path)
    return operations(db, join(folder, 'keys.json'), options)
  },
}

function operations(db, keysPath, { dimensions, metric, setting: { index } }) {
  /** Of each node its key; Grafeo gives nodes their numbers itself. */
  const keys = new Map(existsSync(keysPath) ? JSON.parse(readFileSync(keysPath, 'utf8')) : [])
  const nodes = new Map(Array.from(keys, ([node, key]) => [key, node]))
  const isNew = keys.size === 0
  const keysOf = (found) => found.map(([node]) => keys.get(node))
  const known = (ids, entries) =>
    ids.forEach((node, at) => {
      keys.set(node, entries[at].key)
      nodes.set(entries[at].key, node)
    })
  const add = async (entries) => {
    // The only one of its calls whose vectors its index finds.
    const vectors = entries.map(({ vector }) => Array.from(vector))
    const ids = await db.batchCreateNodes(label, property, vectors)
    known(ids, entries)
    entries.forEach(({ attributes }, at) => {
      for (const name of attributeNames) db.setNodeProperty(ids[at], name, attributes[name])
    })
  }
  const search = async (vector, k, width, filter) => {
    const wanted = filter === undefined ? undefined : { [filter.name]: filter.bucket }
    return keysOf(await db.vectorSearch(label, property, vector, k, width, wanted))
  }
  return {
    async insert(entries) {
      let some = []
      for (const entry of entries) {
        some.push(entry)
        if (some.length < batch) continue
        await add(some)
        some = []
      }
      if (some.length > 0) await add(some)
    },
    async settle() {
      if (isNew) {
        const { m, efConstruction } = index
        const named = metric === 'cosine' ? 'cosine' : 'euclidean'
        await db.createVectorIndex(label, property, dimensions, named, m, efConstruction)
      }
      db.walCheckpoint()
      writeFileSync(keysPath, JSON.stringify([...keys]))
    },
    search,
    searchWhere: search,
    searchByTwo: (vectors, k, width) => searchAtOnce(vectors, (vector) => search(vector, k, width)),
    async upsert(entry) {
      const node = nodes.get(entry.key)
      if (node !== undefined) db.deleteNode(node)
      await add([entry])
    },
    persist: () => db.walCheckpoint(),
    remove: (some) => some.forEach((key) => db.deleteNode(nodes.get(key))),
    close: () => db.close(),
  }
}
