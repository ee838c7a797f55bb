/**
 * One run in a process of its own: one engine, one setting, one workload. Takes the job as JSON in its argument and
 * prints what it measured as JSON.
 */

import { createRequire } from 'node:module'
import { setTimeout as pause } from 'node:timers/promises'
import { adapters } from './adapters/index.mjs'
import { makeKeys, makeValues } from './harness/data.mjs'
import { cpuSeconds, diskBytes, forgetPeak, peakBytes, residentBytes, writtenBytes } from './harness/figures.mjs'
import { workloads } from './workloads/index.mjs'

/** How long memory is given to settle after the last work. */
const settleMilliseconds = 250
const idleMillisecondsMax = 120_000

const job = JSON.parse(process.argv[2])
const adapter = adapters.find(({ packageName }) => packageName === job.packageName)
const setting = adapter.settings.find(({ name }) => name === job.setting)
const result = job.workload === undefined ? await prepare() : await measure()
console.log(JSON.stringify({ ...result, node: process.versions.node, version: packageVersion() }))

/** Loads the rows into the folder the other runs start from. */
async function prepare() {
  const { keys, values } = makeData()
  const store = await openStore(await adapter.load())
  const groupRows = 1000
  for (let from = 0; from < job.rows; from += groupRows) {
    const names = keys.slice(from, from + groupRows)
    await store.load(
      names,
      names.map((_, index) => values.at(from + index)),
    )
  }
  await idle(store)
  await store.close()
  return { disk: diskBytes(job.folder) }
}

async function measure() {
  const workload = workloads.find(({ name }) => name === job.workload)
  const data = makeData()
  const own = residentBytes()
  forgetPeak()
  const native = await adapter.load()
  let store
  const open = async () => (store = await openStore(native))
  if (!workload.opens) await open()
  const before = { cpu: cpuSeconds(), written: writtenBytes() }
  const context = { ...data, store, open, rows: job.rows, seed: job.seed, idle: () => idle(store) }
  const metrics = await workload.run(context)
  const cpu = cpuSeconds() - before.cpu
  await pause(settleMilliseconds)
  const settled = residentBytes() - own
  const peak = peakBytes() - own
  await store.close()
  const written = before.written === undefined ? undefined : writtenBytes() - before.written
  const memory = { memory_peak: peak, memory_settled: settled }
  return { metrics: { ...metrics, ...memory, cpu, written, disk: diskBytes(job.folder) } }
}

function makeData() {
  const { rows, seed, valueBytes } = job
  const keys = makeKeys(rows, { seed })
  const missing = job.workload === 'get-missing' ? makeKeys(Math.min(rows, 200_000), { from: rows, seed }) : []
  return { keys, missing, values: makeValues(valueBytes, { seed }) }
}

async function openStore(native) {
  const dataBytes = job.rows * (16 + job.valueBytes)
  return adapter.open(native, job.folder, { setting, memoryBytes: job.memoryBytes, dataBytes })
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
  const require = createRequire(import.meta.url)
  try {
    return require(`${adapter.packageName}/package.json`).version
  } catch {
    return undefined // a package may not export its package.json
  }
}
