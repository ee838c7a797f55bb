/** Workloads that write. Each is timed to the last answer, and to the end of the background work that it caused. */

import { makeOrder } from '../harness/data.mjs'
import { timeEach, timeEachAsync } from '../harness/timing.mjs'

const groupRows = 1000
const batchRows = 100
/** Writes of one run beyond which the figures do not change. */
const writesMax = 200_000

/** Adds what is common to all: rows a second to the last answer, and until nothing goes on in the background. */
async function rates(rows, timing, idle) {
  const started = performance.now()
  await idle()
  const drained = timing.total + (performance.now() - started) * 1000
  const { total, ...latencies } = timing
  return {
    throughput: (rows * 1e6) / total,
    throughput_drained: (rows * 1e6) / drained,
    mean: total / rows,
    ...latencies,
  }
}

export const loadRandom = {
  name: 'load-random',
  title: 'load in random order, by the way each engine loads best (groups of 1,000 where it has them)',
  metric: 'throughput',
  needs: ['load'],
  starts: 'empty',
  writes: true,
  quick: true,
  async run({ store, keys, values, rows, idle }) {
    const groups = []
    for (let from = 0; from < rows; from += groupRows) {
      const names = keys.slice(from, from + groupRows)
      groups.push([names, names.map((_, index) => values.at(from + index))])
    }
    const { total } = await timeEachAsync(groups.length, (group) => store.load(...groups[group]))
    return rates(rows, { total }, idle)
  },
}

export const putSingle = {
  name: 'put-single',
  title: 'overwrite one row after the other, synchronously',
  metric: 'throughput',
  needs: ['putSync'],
  starts: 'loaded',
  writes: true,
  quick: true,
  async run({ store, keys, values, rows, seed, idle }) {
    const order = makeOrder(Math.min(rows, writesMax), rows, seed + 1)
    const timing = timeEach(order.length, (index) => store.putSync(keys[order[index]], values.at(index + 1)))
    return rates(order.length, timing, idle)
  },
}

/** Batches one after the other; latencies are those of a whole batch. */
function batches(name, title, operation, quick) {
  return {
    name,
    title,
    metric: 'throughput',
    needs: [operation],
    starts: 'loaded',
    writes: true,
    quick,
    async run({ store, keys, values, rows, seed, idle }) {
      const count = Math.floor(Math.min(rows, writesMax) / batchRows)
      const order = makeOrder(count * batchRows, rows, seed + 2)
      const names = new Array(batchRows)
      const texts = new Array(batchRows)
      const timing = await timeEachAsync(count, (batch) => {
        for (let index = 0; index < batchRows; index++) {
          const write = batch * batchRows + index
          names[index] = keys[order[write]]
          texts[index] = values.at(write + 1)
        }
        return store[operation](names, texts)
      })
      return rates(count * batchRows, timing, idle)
    },
  }
}

export const batchAsync = batches(
  'batch-async-100',
  'overwrite 100 rows in one turn of the event loop, and await them',
  'writeAsync',
  true,
)

export const batchAtomic = batches(
  'batch-atomic-100',
  'overwrite 100 rows in one atomic batch, and await it',
  'writeAtomic',
  false,
)
