/** Workloads that read rows by their keys out of a store that was closed after its load. */

import { makeOrder, makeZipfianOrder } from '../harness/data.mjs'
import { percentiles, timeAll, timeEach } from '../harness/timing.mjs'
import { batchRows } from './rates.mjs'

const readsMin = 50_000
const readsMax = 200_000
const readsOf = (rows) => Math.min(Math.max(rows, readsMin), readsMax)

/**
 * Reads in three passes, each over rows drawn anew: to warm up, for the mean without a clock inside, for the percentiles.
 *
 * @param {(pass: number) => { count: number, rows: number, read: (index: number) => unknown }} passOf
 */
async function inPasses(passOf) {
  const warm = passOf(0)
  await timeAll(warm.count, warm.read)
  const plain = passOf(1)
  const total = await timeAll(plain.count, plain.read)
  const clocked = passOf(2)
  const { times } = await timeEach(clocked.count, clocked.read)
  return { throughput: (plain.rows * 1e6) / total, mean: total / plain.rows, ...percentiles(times) }
}

const passes = [0, 1, 2]
const draws = { uniform: makeOrder, zipfian: makeZipfianOrder }

function gets(kind, spread) {
  return {
    name: `get-${kind}${spread === 'zipfian' ? '-zipfian' : ''}`,
    title: `random get, ${kind === 'object' ? 'an object' : kind === 'binary' ? 'bytes' : 'a string'}, ${spread}`,
    metric: 'throughput',
    needs: ['get'],
    store: kind,
    quick: kind === 'string' && spread === 'uniform',
    large: kind === 'string' && spread === 'uniform',
    make: ({ keys, rows, seed }) => passes.map((pass) => keys.of(draws[spread](readsOf(rows), rows, seed + 30 + pass))),
    async run({ store, values }, names) {
      let read = 0
      let weight = 0
      const figures = await inPasses((pass) => ({
        count: names[pass].length,
        rows: names[pass].length,
        read(index) {
          weight += values.weigh(store.get(names[pass][index]))
          read++
        },
      }))
      if (weight !== read * values.weight) throw new Error(`${read} values read weigh ${weight}`)
      return figures
    },
  }
}

const getMissing = {
  name: 'get-missing',
  title: 'random get of a key that is not there',
  metric: 'throughput',
  needs: ['get'],
  store: 'string',
  quick: true,
  large: true,
  make: ({ missing, rows, seed }) =>
    passes.map((pass) => Array.from(makeOrder(readsOf(rows), missing.length, seed + 40 + pass), (at) => missing[at])),
  async run({ store }, names) {
    let found = 0
    const figures = await inPasses((pass) => ({
      count: names[pass].length,
      rows: names[pass].length,
      read(index) {
        if (store.get(names[pass][index]) !== undefined) found++
      },
    }))
    if (found > 0) throw new Error(`${found} missing keys were found`)
    return figures
  },
}

const getMany = {
  name: 'get-many-100',
  title: 'get 100 random rows in one call where there is one; latencies are those of a call',
  metric: 'throughput',
  needs: ['getMany'],
  store: 'string',
  make: ({ keys, rows, seed }) =>
    passes.map((pass) => {
      const names = keys.of(makeOrder(readsOf(rows), rows, seed + 50 + pass))
      return Array.from({ length: names.length / batchRows }, (_, group) =>
        names.slice(group * batchRows, (group + 1) * batchRows),
      )
    }),
  async run({ store, values }, groups) {
    let read = 0
    let weight = 0
    const weigh = (found) => {
      for (const value of found) weight += values.weigh(value)
      read += found.length
    }
    const figures = await inPasses((pass) => ({
      count: groups[pass].length,
      rows: groups[pass].length * batchRows,
      read(group) {
        const found = store.getMany(groups[pass][group])
        if (typeof found.then === 'function') return found.then(weigh)
        weigh(found)
        return undefined
      },
    }))
    if (weight !== read * values.weight) throw new Error(`${read} values read weigh ${weight}`)
    return figures
  },
}

export const reads = [
  ...['uniform', 'zipfian'].flatMap((spread) => ['string', 'binary', 'object'].map((kind) => gets(kind, spread))),
  getMissing,
  getMany,
]
