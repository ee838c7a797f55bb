/**
 * One run in a process of its own: one engine, one setting, one workload. Takes the job as JSON in its argument and
 * prints what it measured as JSON.
 */

import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { adapters } from './adapters/index.mjs'
import { Keys, kindNames, makeKeys, makeValues } from './harness/data.mjs'
import { cpuSeconds, diskBytes, forgetPeak, peakBytes, residentBytes, writtenBytes } from './harness/figures.mjs'
import { openJob } from './harness/job.mjs'
import { killedBatches } from './harness/killed.mjs'
import { reserveTimes } from './harness/timing.mjs'
import { verifyStore } from './harness/verify.mjs'
import { workloads } from './workloads/index.mjs'

/** How long memory is given to settle: SledStore looks once a second for what it can give back. */
const settleMilliseconds = 1_250
const idleMillisecondsMax = 300_000
const groupRows = 1000
/** No workload notes more times than this. */
const timesMax = 1_000_000

/** @type {import('./harness/job.mjs').Job} */
const job = JSON.parse(process.argv[2])
const adapter = adapters.find(({ packageName }) => packageName === job.packageName)
const tasks = { verify, load, kill, measure }
console.log(JSON.stringify(await tasks[job.task]()))

/** Every operation on a small store, for each kind of value that the adapter can have. */
async function verify() {
  const native = await adapter.load()
  const can = [...adapter.can, ...(adapter.checks ?? [])]
  for (const kind of adapter.can.includes('get') ? kindNames : ['string']) {
    const details = { ...job, kind, folder: `${job.folder}-${kind}`, rows: 10_000, valueBytes: 100 }
    await verifyStore({ open: () => openJob(adapter, native, details), can, kind, seed: job.seed })
  }
  return { node: process.versions.node, version: packageVersion() }
}

/** Loads the rows into the folder the other runs start from. */
async function load() {
  const { keys, values } = makeData()
  const store = await openJob(adapter, await adapter.load(), job)
  for (let from = 0; from < job.rows; from += groupRows) {
    const names = keys.slice(from, Math.min(groupRows, job.rows - from))
    await store.load(
      names,
      names.map((_, index) => values.at(from + index)),
    )
  }
  await idle(store)
  await store.close()
  return { disk: diskBytes(job.folder) }
}

/** Overwrites rows of a loaded store and dies in the middle of it; what was answered must be there afterwards. */
async function kill() {
  const { keys, values } = makeData()
  const store = await openJob(adapter, await adapter.load(), job)
  for (const batch of killedBatches(job)) {
    await store.writeAtomic(
      keys.of(batch.rows),
      batch.values.map((number) => values.at(number)),
    )
  }
  process.kill(process.pid, 'SIGKILL')
}

async function measure() {
  const workload = workloads.find(({ name }) => name === job.workload)
  const { values, ...data } = makeData()
  const made = workload.make?.(data)
  reserveTimes(2, Math.min(job.rows, timesMax))
  const own = residentBytes()
  forgetPeak()
  const native = await adapter.load()
  let store
  const open = async () => (store = await openJob(adapter, native, job))
  if (!workload.opens) await open()
  const before = { cpu: cpuSeconds(), written: writtenBytes() }
  const context = { store, open, values, rows: job.rows, job, idle: () => idle(store) }
  const { user_bytes: userBytes, ...metrics } = await workload.run(context, made)
  const cpu = cpuSeconds() - before.cpu
  await pause(settleMilliseconds)
  const settled = residentBytes()
  // Threads bring heaps of their own, which are no engine's.
  const memory = workload.needs.includes('threads')
    ? {}
    : { memory_peak: Math.max(peakBytes(), settled) - own, memory_settled: settled - own }
  await store?.close()
  const written = before.written === undefined ? undefined : writtenBytes() - before.written
  const amplification = userBytes > 0 ? { written_per_byte: written / userBytes } : {}
  return { metrics: { ...metrics, ...memory, cpu, written, ...amplification, disk: diskBytes(job.folder) } }
}

function makeData() {
  const { rows, seed, valueBytes, kind } = job
  const missing = job.workload === 'get-missing' ? makeKeys(Math.min(rows, 200_000), { from: rows, seed }) : []
  return { keys: new Keys(rows, seed), missing, rows, seed, values: makeValues(valueBytes, { seed, kind }) }
}

/** Waits until the store says twice in a row that nothing goes on. */
async function idle(store) {
  const deadline = performance.now() + idleMillisecondsMax
  for (let quiet = 0; quiet < 2; quiet = store.isIdle() ? quiet + 1 : 0) {
    if (performance.now() > deadline) throw new Error('background work does not end')
    await pause(1)
  }
}

function packageVersion() {
  // Not by require: a package may not export its package.json.
  const path = new URL(`node_modules/${adapter.packageName}/package.json`, import.meta.url)
  return JSON.parse(readFileSync(path, 'utf8')).version
}
