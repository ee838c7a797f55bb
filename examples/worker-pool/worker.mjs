/** One thread of the pool. */

import { parentPort, workerData } from 'node:worker_threads'
import { SledStore } from 'sledstore'
import { openQueue } from './queue.mjs'

// The store is open in this process already: this is a second handle of the same one.
const store = await SledStore.open(workerData)
const { waiting, results } = openQueue(store)

/** Takes the first job and keeps its result, in one step; when another thread took it meanwhile, tries the next. */
function work() {
  return store.transaction((tx) => {
    const [next] = tx.scan(waiting, { limit: 1 })
    if (next === undefined) return false
    const [number, job] = next
    tx.delete(waiting, number)
    tx.put(results, number, { square: job.number ** 2 })
    return true
  })
}

let count = 0
while (await work()) count++
await store.close()
parentPort.postMessage(count)
