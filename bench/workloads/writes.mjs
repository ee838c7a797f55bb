/** Workloads that write. Each is timed to the last answer, and to the end of the background work that it caused. */

import { makeOrder, makePermutation } from '../harness/data.mjs'
import { timeEach, timeEachOf } from '../harness/timing.mjs'
import { batchRows, rates, writesMax } from './rates.mjs'

const groupRows = 1000
const overwrites = 3
const overwritesMax = 3 * writesMax

/** Loads into an empty store, in groups that are made between two of them, off the clock. */
function loads(name, title, order) {
  return {
    name,
    title,
    metric: 'throughput',
    needs: ['load'],
    store: 'empty',
    writes: true,
    quick: name === 'load-random',
    large: true,
    make: ({ keys, rows }) => order(keys, rows),
    async run({ store, values, rows, idle }, names) {
      const makeGroup = (group) => {
        const from = group * groupRows
        const chosen = names(from, Math.min(groupRows, rows - from))
        return [chosen, chosen.map((_, index) => values.at(from + index))]
      }
      const load = ([group, texts]) => store.load(group, texts)
      const { valueBytes } = values
      return rates({ rows, valueBytes }, () => timeEachOf(Math.ceil(rows / groupRows), makeGroup, load), idle)
    },
  }
}

const loadSequential = loads(
  'load-sequential',
  'load in key order, by the way each engine loads best',
  (keys, rows) => {
    const sorted = keys.slice(0, rows).sort()
    return (from, count) => sorted.slice(from, from + count)
  },
)

const loadRandom = loads('load-random', 'load in random order, by the way each engine loads best', (keys) => {
  return (from, count) => keys.slice(from, count)
})

/** Rows that are written one after the other, each answered before the next. */
function puts(name, title, { overwrite, quick }) {
  return {
    name,
    title,
    metric: 'throughput',
    needs: ['put'],
    store: overwrite ? 'string' : 'empty',
    writes: true,
    quick,
    large: true,
    make({ keys, rows, seed }) {
      const count = Math.min(rows, writesMax)
      return overwrite ? keys.of(makeOrder(count, rows, seed + 1)) : keys.slice(0, count)
    },
    async run({ store, values, idle }, names) {
      const { valueBytes } = values
      const step = (index) => store.put(names[index], values.at(index + 1))
      return rates({ rows: names.length, valueBytes }, () => timeEach(names.length, step), idle)
    },
  }
}

const putSingle = puts('put-single', 'put new rows in random order, one after the other', { overwrite: false })
const putOverwrite = puts('put-overwrite', 'overwrite random rows, one after the other', {
  overwrite: true,
  quick: true,
})

/** Batches one after the other; latencies are those of a whole batch. */
function batches(name, title, operation, { overwrite, quick }) {
  return {
    name,
    title,
    metric: 'throughput',
    needs: [operation],
    store: overwrite ? 'string' : 'empty',
    writes: true,
    quick,
    large: true,
    make({ keys, rows, seed }) {
      if (!overwrite) return keys.slice(0, Math.min(rows, writesMax))
      const count = Math.min(overwrites * rows, overwritesMax)
      const order = new Uint32Array(count)
      for (let from = 0; from < count; from += rows)
        order.set(makePermutation(rows, seed + 20 + from / rows).subarray(0, count - from), from)
      return keys.of(order)
    },
    async run({ store, values, idle }, names) {
      const { valueBytes } = values
      const group = new Array(batchRows)
      const texts = new Array(batchRows)
      const count = Math.floor(names.length / batchRows)
      const step = (batch) => {
        for (let index = 0; index < batchRows; index++) {
          const write = batch * batchRows + index
          group[index] = names[write]
          texts[index] = values.at(write + 1)
        }
        return store[operation](group, texts)
      }
      return rates({ rows: count * batchRows, valueBytes }, () => timeEach(count, step), idle)
    },
  }
}

const batchAsync = batches('batch-async-100', 'put 100 new rows in one turn of the event loop', 'writeAsync', {
  overwrite: false,
  quick: true,
})
const batchAtomic = batches('batch-atomic-100', 'put 100 new rows in one atomic batch', 'writeAtomic', {
  overwrite: false,
})
const batchOverwrite = batches(
  'batch-overwrite',
  'overwrite every row three times in random order, 100 in an atomic batch',
  'writeAtomic',
  { overwrite: true },
)

const deleteHalf = {
  name: 'delete-half',
  title: 'remove every second row in random order, 100 at a time; then scan what is left',
  metric: 'throughput',
  needs: ['remove', 'scan'],
  store: 'string',
  writes: true,
  make({ keys, rows, seed }) {
    const names = keys.of(makePermutation(rows, seed + 6).subarray(0, rows >> 1))
    const count = Math.ceil(names.length / batchRows)
    return Array.from({ length: count }, (_, group) => names.slice(group * batchRows, (group + 1) * batchRows))
  },
  async run({ store, rows, idle }, groups) {
    const removed = rows >> 1
    const removing = () => timeEach(groups.length, (group) => store.remove(groups[group]))
    const figures = await rates({ rows: removed }, removing, idle)
    let count = 0
    const started = performance.now()
    await store.scan(() => {
      count++
    })
    const passed = performance.now() - started
    if (count !== rows - removed) throw new Error(`${count} rows are left of ${rows - removed}`)
    return { ...figures, scan_after: (passed * 1000) / count }
  },
}

export const writes = [
  loadSequential,
  loadRandom,
  putSingle,
  putOverwrite,
  batchAsync,
  batchAtomic,
  batchOverwrite,
  deleteHalf,
]
