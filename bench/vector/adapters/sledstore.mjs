/** SledStore by its public API. */

import { searchAtOnce } from './several.mjs'

/** @type {import('./index.mjs').VectorSetting[]} */
const settings = [
  {
    name: 'default',
    levels: ['os', 'full'],
    memory: 'memoryBudget: the budget',
    durability: "durability 'os', then compact() and flush(); for single upserts 'full', all at once",
    other:
      'all else as it comes; the width is ef, and keys alone are asked for; two threads: searchAsync, four at once',
    reason: 'what one gets without choosing',
    documentation: 'docs/guide/vectors.md',
  },
]

/** @type {import('./index.mjs').VectorAdapter} */
export const adapter = {
  engine: 'sledstore',
  packageName: 'sledstore',
  node: 24,
  settings,
  can: ['searchWhere', 'searchByTwo', 'upsert', 'remove', 'budget'],

  load: () => import('sledstore'),

  async open({ SledStore, key }, folder, { dimensions, metric, memoryBytes, durability }) {
    const store = await SledStore.open(folder, { memoryBudget: memoryBytes, durability })
    return operations(store, store.vectors('bench', { dimensions, metric, key: key.number }))
  },
}

/** Keys alone, as of the others. */
const include = []

function operations(store, vectors) {
  const keysOf = (matches) => matches.map(({ id }) => id)
  const writes = []
  return {
    insert: (entries) =>
      vectors.upsertMany(
        (function* each() {
          for (const { key, vector, attributes } of entries) yield [key, vector, attributes]
        })(),
      ),
    async settle() {
      await vectors.compact()
      await store.flush()
    },
    search: (vector, k, ef) => keysOf(vectors.search({ vector, k, ef, include })),
    searchWhere: (vector, k, ef, { name, bucket }) =>
      keysOf(vectors.search({ vector, k, ef, include, where: { [name]: bucket } })),
    searchByTwo: (all, k, ef) =>
      searchAtOnce(all, async (vector) => keysOf(await vectors.searchAsync({ vector, k, ef, include }))),
    upsert({ key, vector, attributes }) {
      writes.push(vectors.upsert(key, vector, attributes))
    },
    persist: () => Promise.all(writes.splice(0)),
    remove: (keys) =>
      store.transaction((transaction) => {
        const changed = vectors.in(transaction)
        for (const key of keys) changed.delete(key)
      }),
    close: () => store.close(),
  }
}
