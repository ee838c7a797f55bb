/** Sends letters from the queue, in the folder it is told, until no job is left; `die` ends it in the middle of the third. */

import { SledStore } from 'sledstore'
import { JobQueue } from './job-queue.mjs'

const [folder, wish] = process.argv.slice(2)
const store = await SledStore.open(folder)
const letters = new JobQueue(store, 'letters', { leaseMs: 300, triesMax: 3, pauseMs: 20 })
const sent = store.namespace('sent')
let begun = 0

await letters.work(
  ({ payload: { to } }) => {
    begun++
    if (wish === 'die' && begun === 3) process.kill(process.pid, 'SIGKILL')
    if (to === 'nobody') throw new Error('there is no such address')
    // Runs in the transaction that ends the job: it counts once, however often the job was begun.
    return (tx) => tx.put(sent, to, (tx.get(sent, to) ?? 0) + 1)
  },
  { idleMs: 20, drain: true },
)
await store.close()
