/** zvec, once with codes of a byte and once with floats alone: both are its own ways, and are promised against apart. */

import { existsSync } from 'node:fs'
import { attributeNames } from '../filters.mjs'
import { searchAtOnce } from './several.mjs'

const documentation = 'https://zvec.org/en/docs/db/concepts/vector-index/hnsw-index/'
const batch = 1_000
const field = 'vector'

function settingsOf(name, code) {
  const common = {
    levels: ['os', 'full'],
    memory: 'none to set: its graph is in memory, its files are mapped',
    durability: 'as it comes: its log is written to the kernel; its package for Node has no call that flushes it',
    documentation,
  }
  const others = (m) =>
    `HNSW of m ${m} and efConstruction 200, ${code}; an inverted index for each attribute; built by optimizeSync() with as many threads as are measured`
  return [
    {
      ...common,
      name: `${name}-m-16`,
      index: { m: 16, efConstruction: 200 },
      other: others(16),
      reason: 'what the other graphs are built with, and the fastest to build',
    },
    {
      ...common,
      name: `${name}-m-32`,
      index: { m: 32, efConstruction: 200 },
      other: others(32),
      reason: 'between that and its default of m 50 and efConstruction 500, for higher recall',
    },
  ]
}

/** @returns {import('./index.mjs').VectorAdapter} */
function adapterOf(name, quantize, code) {
  return {
    engine: `zvec-${name}`,
    packageName: '@zvec/zvec',
    node: 24,
    settings: settingsOf(name, code),
    can: ['searchWhere', 'searchByTwo', 'upsert', 'remove'],
    lacks: { budget: 'which has no budget' },

    load: () => import('@zvec/zvec'),

    async open({ default: zvec }, folder, options) {
      const { threads } = options
      zvec.ZVecInitialize({ queryThreads: threads, optimizeThreads: threads, logLevel: zvec.ZVecLogLevel.ERROR })
      const collection = existsSync(folder)
        ? zvec.ZVecOpen(folder)
        : zvec.ZVecCreateAndOpen(folder, schemaOf(zvec, options, quantize))
      return operations(zvec, collection, options)
    },
  }
}

export const bytes = adapterOf('int8', 'INT8', 'quantizeType INT8')
export const floats = adapterOf('fp32', 'UNDEFINED', 'not quantized')

function schemaOf(zvec, { dimensions, metric, setting }, quantize) {
  const number = { dataType: zvec.ZVecDataType.INT32, indexParams: { indexType: zvec.ZVecIndexType.INVERT } }
  return new zvec.ZVecCollectionSchema({
    name: 'bench',
    vectors: {
      name: field,
      dataType: zvec.ZVecDataType.VECTOR_FP32,
      dimension: dimensions,
      indexParams: {
        indexType: zvec.ZVecIndexType.HNSW,
        metricType: metric === 'cosine' ? zvec.ZVecMetricType.COSINE : zvec.ZVecMetricType.L2,
        quantizeType: zvec.ZVecQuantizeType[quantize],
        ...setting.index,
      },
    },
    fields: attributeNames.map((name) => ({ ...number, name })),
  })
}

function operations(zvec, collection, { threads }) {
  const query = (vector, topk, ef, filter) => ({
    fieldName: field,
    vector,
    topk,
    outputFields: [],
    params: { indexType: zvec.ZVecIndexType.HNSW, ef },
    ...(filter === undefined ? {} : { filter: `${filter.name} = ${filter.bucket}` }),
  })
  const keysOf = (documents) => documents.map(({ id }) => Number(id))
  const documentOf = ({ key, vector, attributes }) => ({
    id: String(key),
    vectors: { [field]: vector },
    fields: attributes,
  })
  const check = (statuses) => {
    const failed = [statuses].flat().find(({ ok }) => !ok)
    if (failed !== undefined) throw new Error(`zvec: ${failed.message}`)
  }
  return {
    insert(entries) {
      let some = []
      const send = () => {
        if (some.length > 0) check(collection.insertSync(some))
        some = []
      }
      for (const entry of entries) {
        some.push(documentOf(entry))
        if (some.length === batch) send()
      }
      send()
    },
    settle() {
      collection.optimizeSync({ concurrency: threads })
    },
    search: (vector, k, width) => keysOf(collection.querySync(query(vector, k, width))),
    searchWhere: (vector, k, width, filter) => keysOf(collection.querySync(query(vector, k, width, filter))),
    searchByTwo: (vectors, k, width) =>
      searchAtOnce(vectors, async (vector) => keysOf(await collection.query(query(vector, k, width)))),
    upsert: (entry) => check(collection.upsertSync(documentOf(entry))),
    persist() {},
    remove(keys) {
      for (let from = 0; from < keys.length; from += batch)
        check(collection.deleteSync(keys.slice(from, from + batch).map(String)))
    },
    close: () => collection.closeSync(),
  }
}
