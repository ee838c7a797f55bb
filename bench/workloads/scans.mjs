/** Workloads that read rows in the order of their keys. */

import { makeOrder } from '../harness/data.mjs'
import { percentiles, timeAll, timeEach } from '../harness/timing.mjs'

const passesOfAll = 3
const rangedRowsMax = 1_000_000

/** Scans of the whole store: one to warm up, three that count. */
function whole(name, title, { keysOnly = false, reverse = false, quick, large }) {
  return {
    name,
    title,
    metric: 'throughput',
    needs: ['scan'],
    store: 'string',
    quick,
    large,
    async run({ store, values, rows }) {
      let count = 0
      let weight = 0
      const visit = (key, value) => {
        count++
        weight += key.length + (keysOnly ? 0 : values.weigh(value))
      }
      const scan = () => (keysOnly ? store.scanKeys(visit) : store.scan(visit, { reverse }))
      await scan()
      if (count !== rows || weight !== rows * (16 + (keysOnly ? 0 : values.weight)))
        throw new Error(`the scan gave ${count} rows that weigh ${weight}`)
      const total = await timeAll(passesOfAll, scan)
      return { throughput: (passesOfAll * rows * 1e6) / total, mean: total / (passesOfAll * rows) }
    },
  }
}

/** Scans of `limit` rows from random keys on; latencies are those of a whole scan. */
function ranges(limit, ranged) {
  return {
    name: `scan-${limit}`,
    title: `scan ${limit} rows from a random key on`,
    metric: 'throughput',
    needs: ['scan'],
    store: 'string',
    large: limit === 10,
    make({ keys, rows, seed }) {
      const count = Math.min(ranged, Math.ceil(Math.min(rangedRowsMax, 5 * rows) / limit))
      return [0, 1].map((pass) => keys.of(makeOrder(count, rows, seed + 60 + pass)))
    },
    async run({ store, values }, [warm, starts]) {
      let count = 0
      let weight = 0
      const visit = (_, value) => {
        count++
        weight += values.weigh(value)
      }
      await timeAll(warm.length, (index) => store.scan(visit, { from: warm[index], limit }))
      if (weight !== count * values.weight) throw new Error(`${count} rows weigh ${weight}`)
      count = 0
      const { total, times } = await timeEach(starts.length, (index) =>
        store.scan(visit, { from: starts[index], limit }),
      )
      if (count === 0 || count > starts.length * limit) throw new Error(`the scans gave ${count} rows`)
      return { throughput: (count * 1e6) / total, mean: total / count, ...percentiles(times) }
    },
  }
}

export const scans = [
  whole('scan-full', 'scan of every key and value', { quick: true, large: true }),
  ranges(10, 50_000),
  ranges(1000, 2_000),
  whole('scan-keys', 'scan of every key', { keysOnly: true }),
  whole('scan-reverse', 'scan of every key and value from the last to the first', { reverse: true }),
]
