/**
 * One program in a process of its own, with a store or without one: the same keys, values and loops, and for a value
 * read the same work of decoding. Takes the job as JSON in its argument, prints the process's memory as JSON.
 */

import { setTimeout as pause } from 'node:timers/promises'
import { anonymousBytes, peakBytes } from '../harness/figures.mjs'

/** How long memory is given to settle: SledStore looks once a second for what it can give back. */
const settleMilliseconds = 2_500
const batchRows = 100
const passes = 3

const job = JSON.parse(process.argv[2])

const keyOf = (number) => `user-${String((number * 7919) % job.rows).padStart(8, '0')}`
const valueOf = (number) => ({ name: `name ${number}`, text: 'x'.repeat(60), number })

/** What stands in for the store: it encodes and decodes, and keeps nothing. */
function withoutStore() {
  const text = JSON.stringify(valueOf(1))
  const encode = (value) => Buffer.from(JSON.stringify(value))
  return {
    put: async (_key, value) => void encode(value),
    batch: async (rows) => rows.forEach(([, value]) => encode(value)),
    get: () => JSON.parse(text),
    *scan() {
      for (let number = 0; number < job.rows; number++) yield [keyOf(number), JSON.parse(text)]
    },
    close: async () => {},
  }
}

async function withStore() {
  const { SledStore, key } = await import('sledstore')
  const store = await SledStore.open(job.folder, { profile: job.profile })
  const users = store.namespace('users', { key: key.string })
  return {
    put: (name, value) => users.put(name, value, { durability: 'os' }),
    batch: (rows) => store.batch((batch) => rows.forEach(([name, value]) => batch.put(users, name, value))),
    get: (name) => users.get(name),
    scan: () => users.scan(),
    close: () => store.close(),
  }
}

const steps = {
  async put(store) {
    for (let number = 0; number < job.rows; number++) await store.put(keyOf(number), valueOf(number))
  },
  async batch(store) {
    for (let first = 0; first < job.rows; first += batchRows) {
      await store.batch(Array.from({ length: batchRows }, (_, at) => [keyOf(first + at), valueOf(first + at)]))
    }
  },
  async read(store) {
    let found = 0
    for (let number = 0; number < passes * job.rows; number++) {
      if (store.get(keyOf(number)) !== undefined) found++
    }
    for (const [, value] of store.scan()) if (value !== undefined) found++
    if (found !== (passes + 1) * job.rows) throw new Error(`${found} rows were read`)
  },
}

const store = await (job.engine === 'node' ? withoutStore() : withStore())
for (const name of job.steps) await steps[name](store)
const peak = peakBytes()
await pause(settleMilliseconds)
const settled = process.memoryUsage().rss
const anonymous = anonymousBytes()
await store.close()
console.log(JSON.stringify({ memory_peak: peak, memory_settled: settled, memory_anonymous: anonymous }))
