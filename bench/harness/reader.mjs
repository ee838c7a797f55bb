/** A worker thread that opens the store, warms up, and reads random rows when it is told to. */

import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import { adapters } from '../adapters/index.mjs'
import { Keys, makeOrder, makeValues } from './data.mjs'
import { openJob } from './job.mjs'

const { job, reads, number } = workerData
const adapter = adapters.find(({ packageName }) => packageName === job.packageName)
const keys = new Keys(job.rows, job.seed)
const values = makeValues(job.valueBytes, job)
const store = await openJob(adapter, await adapter.load(), { ...job, threads: true })

function read(pass) {
  const names = keys.of(makeOrder(reads, job.rows, job.seed + 70 + 2 * number + pass))
  return () => {
    let weight = 0
    for (const name of names) weight += values.weigh(store.get(name))
    if (weight !== names.length * values.weight) throw new Error(`${names.length} values read weigh ${weight}`)
  }
}

read(0)()
const counted = read(1)
parentPort.postMessage('ready')
await once(parentPort, 'message')
counted()
parentPort.postMessage('done')
await once(parentPort, 'message')
await store.close()
parentPort.close()
