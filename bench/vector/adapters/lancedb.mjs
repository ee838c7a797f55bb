/** LanceDB. All its calls are promises. */

import { attributeNames } from '../filters.mjs'
import { searchAtOnce } from './several.mjs'

const documentation = 'https://lancedb.github.io/lancedb/js/classes/Index/'
const batch = 10_000
/** The share of the found that is compared by its floats again. */
const refined = 4

const common = {
  levels: ['os', 'full'],
  memory: 'none to set for an index',
  durability: 'as it comes: each write is a new version of the table, written to the kernel',
  documentation,
}

const settings = [
  {
    ...common,
    name: 'hnsw-sq',
    index: { kind: 'hnswSq', options: { numPartitions: 1, m: 20, efConstruction: 300 }, refine: true },
    other: `HNSW_SQ of one partition with its default m 20 and ef_construction 300, refineFactor ${refined}; a B-tree of the keys, a bitmap index for each attribute`,
    reason: 'its graph, with the documented count of partitions for a table of this size',
  },
  {
    ...common,
    name: 'ivf-flat',
    index: { kind: 'ivfFlat', options: {}, refine: false },
    widths: [1, 2, 4, 8, 16, 32, 64],
    other: 'IVF_FLAT with as many partitions as it chooses; the width is nprobes; the same indexes besides',
    reason: 'documented as exact within the partitions it reads, and quick to build',
  },
]

/** @type {import('./index.mjs').VectorAdapter} */
export const adapter = {
  engine: 'lancedb',
  packageName: '@lancedb/lancedb',
  node: 24,
  settings,
  can: ['searchWhere', 'searchByTwo', 'upsert', 'remove'],
  lacks: { budget: 'which has no budget for an index' },
  env: (threads) => ({ LANCE_CPU_THREADS: String(threads) }),

  load: async () => ({ lance: await import('@lancedb/lancedb'), arrow: await import('apache-arrow') }),

  async open(native, folder, options) {
    const connection = await native.lance.connect(folder)
    const names = await connection.tableNames()
    const table = names.includes('bench') ? await connection.openTable('bench') : undefined
    return operations(native, connection, table, options)
  },
}

function operations({ lance, arrow }, connection, opened, { dimensions, metric, setting: { index } }) {
  let table = opened
  const { Field, FixedSizeList, Float32, Int32, Schema } = arrow
  const schema = new Schema([
    new Field('key', new Int32()),
    new Field('vector', new FixedSizeList(dimensions, new Field('item', new Float32()))),
    ...attributeNames.map((name) => new Field(name, new Int32())),
  ])
  const rowOf = ({ key, vector, attributes }) => ({ key, vector: Array.from(vector), ...attributes })
  const keysOf = (found) => found.map(({ key }) => key)
  const search = async (vector, k, width, filter) => {
    const query = table.vectorSearch(vector).select(['key', '_distance']).limit(k)
    if (index.refine) query.ef(Math.max(width, refined * k)).refineFactor(refined)
    else query.nprobes(width)
    if (filter !== undefined) query.where(`${filter.name} = ${filter.bucket}`)
    return keysOf(await query.toArray())
  }
  const add = async (rows) => {
    const data = lance.makeArrowTable(rows, { schema })
    if (table === undefined) table = await connection.createTable('bench', data)
    else await table.add(data)
  }
  return {
    async insert(entries) {
      let rows = []
      for (const entry of entries) {
        rows.push(rowOf(entry))
        if (rows.length < batch) continue
        await add(rows)
        rows = []
      }
      if (rows.length > 0) await add(rows)
    },
    async settle() {
      const made = await table.listIndices()
      if (made.length > 0) return void (await table.optimize())
      const config = lance.Index[index.kind]({ ...index.options, distanceType: metric })
      await table.createIndex('vector', { config })
      await table.createIndex('key', { config: lance.Index.btree() })
      for (const name of attributeNames) await table.createIndex(name, { config: lance.Index.bitmap() })
      const all = await table.listIndices()
      await table.waitForIndex(
        all.map(({ name }) => name),
        600,
      )
    },
    search,
    searchWhere: search,
    searchByTwo: (vectors, k, width) => searchAtOnce(vectors, (vector) => search(vector, k, width)),
    upsert: (entry) =>
      table
        .mergeInsert('key')
        .whenMatchedUpdateAll()
        .whenNotMatchedInsertAll()
        .execute(lance.makeArrowTable([rowOf(entry)], { schema })),
    persist() {},
    remove: (keys) => table.delete(`key in (${keys.join(', ')})`),
    close() {
      table?.close()
      connection.close()
    },
  }
}
