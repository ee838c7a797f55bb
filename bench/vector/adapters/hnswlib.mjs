/** hnswlib-node. Its vectors and queries are arrays; its index is one file, read and written as a whole. */

import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { attributesOfRow } from '../filters.mjs'
import { wholeFile, writeDurably } from './files.mjs'

const setting = (m, reason) => ({
  name: `m-${m}`,
  levels: ['os'],
  index: { m, efConstruction: 200 },
  memory: 'none to set: all is in memory',
  durability: 'writeIndexSync() once all is there, then fsync by the bench',
  other: `M ${m}, efConstruction 200, allowReplaceDeleted; a filter is a function that is asked for each label; one thread builds, for it has no call with more`,
  reason,
  documentation: 'https://github.com/nmslib/hnswlib/blob/master/ALGO_PARAMS.md',
})

/** @type {import('./index.mjs').VectorAdapter} */
export const adapter = {
  engine: 'hnswlib',
  packageName: 'hnswlib-node',
  node: 24,
  settings: [
    setting(16, 'its default M and efConstruction'),
    setting(32, 'documented as better for high dimensions and high recall'),
  ],
  can: ['searchWhere', 'remove'],
  lacks: {
    searchByTwo: 'whose searches are synchronous calls: another thread would need an index of its own',
    upsert: wholeFile,
    budget: 'which has no budget',
  },
  form: (vector) => Array.from(vector),

  load: async () => (await import('hnswlib-node')).default,

  async open({ HierarchicalNSW }, folder, { dimensions, metric, capacity, setting: { index }, attributes, rows }) {
    mkdirSync(folder, { recursive: true })
    const path = join(folder, 'index.hnsw')
    const graph = new HierarchicalNSW(metric, dimensions)
    if (existsSync(path)) graph.readIndexSync(path, true)
    else graph.initIndex({ maxElements: capacity, ...index, randomSeed: 100, allowReplaceDeleted: true })
    const search = (vector, k, width, filter) => {
      graph.setEf(Math.max(width, k))
      return graph.searchKnn(vector, k, filter).neighbors
    }
    return {
      insert(entries) {
        for (const { key, vector } of entries) graph.addPoint(Array.from(vector), key, true)
      },
      settle: () => writeDurably(path, (file) => graph.writeIndexSync(file)),
      search,
      searchWhere: (vector, k, width, { column, bucket }) =>
        search(vector, k, width, (key) => attributes[(key % rows) * attributesOfRow + column] === bucket),
      remove: (keys) => keys.forEach((key) => graph.markDelete(key)),
      close() {},
    }
  },
}
