/** What a process of the vector suite does: loads a store, or runs one workload on one. */

import { setTimeout as pause } from 'node:timers/promises'
import { cpuSeconds, diskBytes, forgetPeak, peakBytes, residentBytes, writtenBytes } from '../harness/figures.mjs'
import { attributesAt } from './filters.mjs'
import { readSet } from './arrays.mjs'
import { k, readTruth, shapeOf } from './sets.mjs'
import { build } from './workloads/build.mjs'

/** How long memory is given to settle: SledStore looks once a second for what it can give back. */
const settleMilliseconds = 1_250

/**
 * @typedef {object} VectorJob
 * @property {'load' | 'measure'} task
 * @property {string} engine
 * @property {string} setting
 * @property {string} folder of the store
 * @property {string} path of the set's folder
 * @property {string} [workload] of the task "measure"
 * @property {string} set
 * @property {number} rows
 * @property {number} queries
 * @property {number} seed
 * @property {number} memoryBytes
 * @property {number} threads
 * @property {'os' | 'full'} durability
 */

/** Loads every row into the folder the other runs start from. */
export async function load(adapter, job) {
  const context = contextOf(adapter, await adapter.load(), job, build[0].arrays)
  const store = await context.reopen()
  await build[0].run({ ...context, store })
  await store.close()
  return {}
}

/** Runs a workload, and takes its figures. */
export async function measure(adapter, job, workload) {
  const prepared = { set: setOf(job, workload.arrays) }
  const native = await beforeLoad(adapter, prepared)
  const context = contextOf(adapter, native, job, workload.arrays, prepared.set)
  const store = workload.opens ? undefined : await context.reopen()
  const before = { cpu: cpuSeconds(), written: writtenBytes() }
  const { metrics, points } = await workload.run({ ...context, store })
  const cpu = cpuSeconds() - before.cpu
  await pause(settleMilliseconds)
  const settled = residentBytes()
  const memory = {
    memory_peak: Math.max(peakBytes(), settled) - prepared.own,
    memory_settled: settled - prepared.own,
  }
  await context.close()
  const written = before.written === undefined ? undefined : writtenBytes() - before.written
  const all = { ...metrics, ...memory, cpu, written, disk: diskBytes(job.folder) }
  return { metrics: all, points, node: process.versions.node }
}

/** What the bench itself holds does not count as an engine's memory. */
async function beforeLoad(adapter, prepared) {
  prepared.own = residentBytes()
  forgetPeak()
  return adapter.load()
}

function setOf({ path }, arrays) {
  return { ...readSet(path, arrays), truth: readTruth(path) }
}

function contextOf(adapter, native, job, arrays, set = setOf(job, arrays)) {
  const shape = shapeOf(job)
  const { dimensions, rows } = shape
  const setting = adapter.settings.find(({ name }) => name === job.setting)
  const vectorOf = (row) => set.rows.subarray(row * dimensions, (row + 1) * dimensions)
  const form = adapter.form ?? ((vector) => vector)
  const queries = Array.from({ length: set.queries === undefined ? 0 : shape.queries }, (_, query) =>
    form(set.queries.subarray(query * dimensions, (query + 1) * dimensions)),
  )
  let open
  const close = async () => {
    await open?.close()
    open = undefined
  }
  const { memoryBytes, durability, threads } = job
  const options = { ...shape, capacity: rows, setting, memoryBytes, durability, threads, attributes: set.attributes }
  const reopen = async () => {
    await close()
    open = await adapter.open(native, job.folder, options)
    return open
  }
  const entryOf = (row, key = row) => ({ key, vector: vectorOf(row), attributes: attributesAt(set.attributes, row) })
  return { set, shape, queries, widths: setting.widths, k, entryOf, reopen, close }
}
