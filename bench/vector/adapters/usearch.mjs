/** usearch. The width of its searches is fixed when an index is made, so that another width is another index of the same file. */

import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { wholeFile, writeDurably } from './files.mjs'

const setting = (quantization, reason) => ({
  name: quantization,
  levels: ['os'],
  index: { quantization, connectivity: 16, expansion_add: 200 },
  memory: 'none to set: all is in memory',
  durability: 'save() once all is there, then fsync by the bench',
  other: `connectivity 16, expansion_add 200, vectors kept as ${quantization}; as many threads as are measured; a batch of queries is one call of two threads; each width is an index of its own over the same file`,
  reason,
  documentation: 'https://unum-cloud.github.io/usearch/javascript/',
})

/** @type {import('./index.mjs').VectorAdapter} */
export const adapter = {
  engine: 'usearch',
  packageName: 'usearch',
  node: 24,
  settings: [
    setting('f32', 'the vectors as they are'),
    setting('f16', 'documented as hardly less exact, in half the memory'),
  ],
  can: ['searchByTwo', 'remove'],
  lacks: {
    searchWhere: 'whose package for Node has no filter',
    upsert: wholeFile,
    budget: 'which has no budget',
  },

  load: () => import('usearch'),

  async open({ Index, MetricKind }, folder, { dimensions, metric, setting: { index: shape }, threads }) {
    mkdirSync(folder, { recursive: true })
    const path = join(folder, 'index.usearch')
    const made = (width) =>
      new Index({
        ...shape,
        dimensions,
        metric: metric === 'cosine' ? MetricKind.Cos : MetricKind.L2sq,
        expansion_search: width,
        multi: false,
      })
    let width = 64
    let index = made(width)
    if (existsSync(path)) index.load(path)
    const widen = (wanted) => {
      if (wanted === width) return
      if (!existsSync(path)) index.save(path)
      width = wanted
      index = made(width)
      index.load(path)
    }
    const keysOf = ({ keys }) => Array.from(keys, Number)
    return {
      insert(entries) {
        for (const { keys, rows } of batches(entries, dimensions)) index.add(keys, rows, threads)
      },
      settle: () => writeDurably(path, (file) => index.save(file)),
      search(vector, k, wanted) {
        widen(wanted)
        return keysOf(index.search(vector, k, 1))
      },
      searchByTwo(vectors, k, wanted) {
        widen(wanted)
        const all = new Float32Array(vectors.length * dimensions)
        vectors.forEach((vector, at) => all.set(vector, at * dimensions))
        const found = index.search(all, k, 2)
        return vectors.map((_, at) => keysOf(found.get(at)))
      },
      remove(keys) {
        index.remove(BigUint64Array.from(keys, BigInt))
      },
      close() {},
    }
  },
}

const batch = 10_000

function* batches(entries, dimensions) {
  let keys = []
  let rows = new Float32Array(batch * dimensions)
  for (const { key, vector } of entries) {
    rows.set(vector, keys.length * dimensions)
    keys.push(BigInt(key))
    if (keys.length < batch) continue
    yield { keys: BigUint64Array.from(keys), rows }
    keys = []
    rows = new Float32Array(batch * dimensions)
  }
  if (keys.length > 0) yield { keys: BigUint64Array.from(keys), rows: rows.subarray(0, keys.length * dimensions) }
}
