/**
 * Worker threads that share one store: each takes jobs from a queue until it is empty, and every job is done once.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { SledStore } from 'sledstore'
import { openQueue } from './queue.mjs'

const folder = await mkdtemp(join(tmpdir(), 'worker-pool-'))

const store = await SledStore.open(folder)
const { waiting, results } = openQueue(store)
const jobs = Array.from({ length: 100 }, (_, number) => number + 1)
await store.batch((batch) => {
  for (const number of jobs) batch.put(waiting, number, { number })
})

/** Runs one thread to its end; gives how many jobs it did. */
function runWorker() {
  const worker = new Worker(new URL('worker.mjs', import.meta.url), { workerData: folder })
  return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
}
const counts = await Promise.all([runWorker(), runWorker(), runWorker()])

const squares = [...results.scan()]
const right = squares.length === jobs.length && squares.every(([number, { square }]) => square === number * number)
console.log(`${counts.length} workers did ${counts.reduce((sum, count) => sum + count)} jobs`)
console.log(`${waiting.count()} waiting, ${squares.length} results, ${right ? 'all right' : 'some wrong'}`)
await store.close()
await rm(folder, { recursive: true })
