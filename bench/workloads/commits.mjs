/** Commits that survive a power cut, each answered when it is on the disk. */

import { makeOrder } from '../harness/data.mjs'
import { timeEach } from '../harness/timing.mjs'
import { rates } from './rates.mjs'

function commits(together, count) {
  return {
    name: `commit-durable-${together}`,
    title: `overwrite one row durably, ${together === 1 ? 'one after the other' : `${together} at once`}`,
    metric: 'throughput',
    needs: ['commit'],
    store: 'string',
    writes: true,
    durability: 'full',
    make: ({ keys, rows, seed }) => keys.of(makeOrder(Math.min(rows, count), rows, seed + 9)),
    async run({ store, values, idle }, names) {
      const commit = (index) => store.commit(names[index], values.at(index + 1))
      const group = (at) => Promise.all(Array.from({ length: together }, (_, index) => commit(at * together + index)))
      const groups = Math.floor(names.length / together)
      const measure = () => timeEach(groups, together === 1 ? commit : group)
      return rates({ rows: groups * together, valueBytes: values.valueBytes }, measure, idle)
    },
  }
}

export const durable = [commits(1, 1_000), commits(64, 12_800)]
