/** Ten letters, one of them to nobody, and a worker that is killed while it has one in its hands. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SledStore } from 'sledstore'
import { JobQueue } from './job-queue.mjs'

const folder = await mkdtemp(join(tmpdir(), 'job-queue-'))

async function withQueue(use) {
  const store = await SledStore.open(folder)
  try {
    return await use(new JobQueue(store, 'letters'), store)
  } finally {
    await store.close()
  }
}

/** Runs a worker to its end; gives the signal that killed it, if one did. */
async function runWorker(...words) {
  const worker = fileURLToPath(new URL('worker.mjs', import.meta.url))
  const [, signal] = await once(spawn(process.execPath, [worker, folder, ...words], { stdio: 'inherit' }), 'exit')
  return signal
}

const people = ['nobody', 'ann', 'bob', 'cleo', 'dora', 'emil', 'fay', 'gus', 'hal', 'ida']
await withQueue((letters, store) =>
  store.batch((batch) => people.forEach((to, at) => letters.addTo(batch, { to }, { delayMs: at }))),
)

console.log(`first worker: ${await runWorker('die')}`)
await withQueue((letters) => console.log(`${letters.jobs.count()} letters are left`))

console.log(`second worker: ${(await runWorker()) ?? 'done'}`)
await withQueue((letters, store) => {
  const sent = [...store.namespace('sent').scan()]
  console.log(`${sent.length} people have a letter, ${sent.filter(([, count]) => count !== 1).length} of them several`)
  for (const [, { payload, tries, error }] of letters.dead.scan())
    console.log(`${payload.to}: ${tries} tries, ${error}`)
})
await rm(folder, { recursive: true })
