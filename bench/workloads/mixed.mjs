/** Workloads that read and write rows by turns, as an application does. */

import { makeOrder, makeZipfianOrder, randomNumbers } from '../harness/data.mjs'
import { percentiles, takeTimes, timeEach } from '../harness/timing.mjs'
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
      let sorted
      const times = takeTimes(names.length)
      const measure = async () => {
        const timing = await timeEach(names.length, step)
        sorted = timing.times
        times.set(sorted) // before they are put in order
        return timing
      }
      const figures = await rates({ rows: names.length }, measure, idle)
      if (weight !== read * values.weight) throw new Error(`${read} values read weigh ${weight}`)
      // Those of reads to the front, of writes to the end, of the list that is no longer needed.
      const ends = [names.length, 0]
      times.forEach((time, index) => (sorted[isRead[index] === 1 ? ends[1]++ : --ends[0]] = time))
      const [read_p99, write_p99] = [sorted.subarray(0, read), sorted.subarray(read)].map(
        (kind) => percentiles(kind).p99,
      )
      const written = (names.length - read) * (16 + values.valueBytes)
      return { ...figures, read_p99, write_p99, user_bytes: written }
    },
  }
}

export const mixes = [50, 95].flatMap((reads) => ['uniform', 'zipfian'].map((spread) => mixed(reads, spread)))
