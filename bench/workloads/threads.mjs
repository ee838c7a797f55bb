/** Reads by one worker thread and by two at once, each with the same store open. */

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

const readsEach = 200_000
const worker = new URL('../harness/reader.mjs', import.meta.url)

/** Rows a second that some threads read together, from the moment that all are ready. */
async function readWith(threads, job) {
  const workers = Array.from({ length: threads }, (_, number) => {
    return new Worker(worker, { workerData: { job, reads: readsEach, number }, execArgv: [] })
  })
  try {
    await Promise.all(workers.map((one) => once(one, 'message')))
    const done = workers.map((one) => once(one, 'message'))
    const started = performance.now()
    for (const one of workers) one.postMessage('go')
    await Promise.all(done)
    return (threads * readsEach * 1000) / (performance.now() - started)
  } finally {
    const gone = workers.map((one) => once(one, 'exit'))
    for (const one of workers) one.postMessage('close')
    await Promise.all(gone)
  }
}

export const threaded = [
  {
    name: 'get-threads-2',
    title: 'random get of a string by two worker threads; scaling is against one',
    metric: 'throughput',
    needs: ['get', 'threads'],
    store: 'string',
    opens: true,
    async run({ job }) {
      const one = await readWith(1, job)
      const two = await readWith(2, job)
      return { throughput: two, throughput_one: one, scaling: two / one, mean: 1e6 / two }
    },
  },
]
