/** Workloads that read a store which was closed after its load, and has been read once to warm its caches. */

import { makeOrder } from '../harness/data.mjs'
import { timeAll, timeEach } from '../harness/timing.mjs'

const readsMin = 50_000
const readsMax = 200_000

/** Reads by `read(index)`: one pass to warm up, one for the mean, one for the percentiles. */
function gets(count, read) {
  timeAll(count, read)
  const total = timeAll(count, read)
  const { p50, p99, p999 } = timeEach(count, read)
  return { throughput: (count * 1e6) / total, mean: total / count, p50, p99, p999 }
}

const readsOf = (rows) => Math.min(Math.max(rows, readsMin), readsMax)

export const getString = {
  name: 'get-string',
  title: 'random get of a string, uniform',
  metric: 'throughput',
  needs: ['get'],
  starts: 'loaded',
  quick: true,
  async run({ store, keys, values, rows, seed }) {
    const order = makeOrder(readsOf(rows), rows, seed + 3)
    let read = 0
    let characters = 0
    const metrics = gets(order.length, (index) => {
      characters += store.get(keys[order[index]]).length
      read++
    })
    if (characters !== read * values.valueBytes) throw new Error(`got ${characters} characters in ${read} values`)
    return metrics
  },
}

export const getMissing = {
  name: 'get-missing',
  title: 'random get of a key that is not there',
  metric: 'throughput',
  needs: ['get'],
  starts: 'loaded',
  quick: true,
  async run({ store, missing, rows, seed }) {
    const order = makeOrder(readsOf(rows), missing.length, seed + 4)
    let found = 0
    const metrics = gets(order.length, (index) => {
      if (store.get(missing[order[index]]) !== undefined) found++
    })
    if (found > 0) throw new Error(`${found} missing keys were found`)
    return metrics
  },
}

export const scanFull = {
  name: 'scan-full',
  title: 'scan of every key and value as strings',
  metric: 'throughput',
  needs: ['scan'],
  starts: 'loaded',
  quick: true,
  async run({ store, values, rows }) {
    let count = 0
    let characters = 0
    const visit = (key, value) => {
      count++
      characters += key.length + value.length
    }
    store.scan(visit)
    if (count !== rows || characters !== rows * (16 + values.valueBytes)) throw new Error(`the scan gave ${count} rows`)
    const passes = 3
    const total = timeAll(passes, () => store.scan(visit))
    return { throughput: (passes * rows * 1e6) / total, mean: total / (passes * rows) }
  },
}
