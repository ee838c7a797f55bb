/** Workloads that read and write rows by turns, as an application does. */

import { makeOrder, makeZipfianOrder, randomNumbers } from '../harness/data.mjs'
import { percentiles, timeEach } from '../harness/timing.mjs'
import { rates, writesMax } from './rates.mjs'

const draws = { uniform: makeOrder, zipfian: makeZipfianOrder }

function mixed(reads, spread) {
  return {
    name: `mixed-${reads}-${100 - reads}-${spread}`,
    title: `${reads} % get and ${100 - reads} % put of rows in the store, ${spread}`,
    metric: 'throughput',
    needs: ['get', 'put'],
    store: 'string',
    writes: true,
    quick: reads === 50 && spread === 'uniform',
    make({ keys, rows, seed }) {
      const count = Math.min(rows, writesMax)
      const random = randomNumbers(seed + 8)
      const isRead = Uint8Array.from({ length: count }, () => Number(random() % 100 < reads))
      return { names: keys.of(draws[spread](count, rows, seed + 7)), isRead }
    },
    async run({ store, values, idle }, { names, isRead }) {
      let read = 0
      let weight = 0
      const step = (index) => {
        if (isRead[index] === 0) return store.put(names[index], values.at(index + 1))
        weight += values.weigh(store.get(names[index]))
        read++
        return undefined
      }
      let times
      const measure = async () => {
        const timing = await timeEach(names.length, step)
        times = timing.times.slice() // before they are put in order
        return timing
      }
      const figures = await rates({ rows: names.length }, measure, idle)
      if (weight !== read * values.weight) throw new Error(`${read} values read weigh ${weight}`)
      const of = (kind) => percentiles(times.filter((_, index) => isRead[index] === kind)).p99
      const written = (names.length - read) * (16 + values.valueBytes)
      return { ...figures, read_p99: of(1), write_p99: of(0), user_bytes: written }
    },
  }
}

export const mixes = [50, 95].flatMap((reads) => ['uniform', 'zipfian'].map((spread) => mixed(reads, spread)))
