/** What a process of the graph suite does: loads a store, or runs one workload on one. */

import { setTimeout as pause } from 'node:timers/promises'
import { cpuSeconds, diskBytes, forgetPeak, peakBytes, residentBytes, writtenBytes } from '../harness/figures.mjs'
import { makeGraph } from './graphs.mjs'
import { questionsOf } from './questions.mjs'

/** How long memory is given to settle: SledStore looks once a second for what it can give back. */
const settleMilliseconds = 1_250

/**
 * @typedef {object} GraphJob
 * @property {'load' | 'answer' | 'measure'} task
 * @property {string} packageName
 * @property {string} setting
 * @property {string} folder of the store
 * @property {string} files a folder for what a load reads
 * @property {string} [workload] of the tasks "answer" and "measure"
 * @property {'social' | 'wordnet'} graph
 * @property {number} nodes
 * @property {number} edges
 * @property {number} seed
 * @property {number} memoryBytes
 * @property {'os' | 'full'} durability
 */

/** Opens the store of a job, and never twice at once. */
function opener(adapter, native, job, { graph, questions }) {
  const setting = adapter.settings.find(({ name }) => name === job.setting)
  const { memoryBytes, durability } = job
  let store
  const close = async () => {
    await store?.close()
    store = undefined
  }
  const reopen = async () => {
    await close()
    store = await adapter.open(native, job.folder, { graph, questions, setting, memoryBytes, durability })
    return store
  }
  return { reopen, close }
}

/** Loads the graph into the folder the other runs start from. */
export async function load(adapter, job) {
  const graph = makeGraph(job)
  const { reopen, close } = opener(adapter, await adapter.load(), job, { graph, questions: questionsOf(graph.schema) })
  const loader = await (await reopen()).loader(job.files)
  await loader.nodes()
  await loader.edges()
  await loader.finish()
  await close()
  return {}
}

/** Runs a workload for its answer alone. */
export async function answer(adapter, job, workload) {
  const { graph, questions, made } = prepare(job, workload)
  const { reopen, close } = opener(adapter, await adapter.load(), job, { graph, questions })
  const store = workload.opens ? undefined : await reopen()
  const context = { store, reopen, graph, questions, files: job.files }
  const found = await workload.run(context, made)
  const result = { answer: found.answer ?? (await workload.check(context, made)) }
  await close()
  return result
}

/** Runs a workload, and takes its figures before its answer is looked at. */
export async function measure(adapter, job, workload) {
  const { graph, questions, made } = prepare(job, workload)
  const own = residentBytes()
  forgetPeak()
  const native = await adapter.load()
  const { reopen, close } = opener(adapter, native, job, { graph, questions })
  const store = workload.opens ? undefined : await reopen()
  const before = { cpu: cpuSeconds(), written: writtenBytes() }
  const context = { store, reopen, graph, questions, files: job.files }
  const found = await workload.run(context, made)
  const cpu = cpuSeconds() - before.cpu
  await pause(settleMilliseconds)
  const settled = residentBytes()
  const memory = { memory_peak: Math.max(peakBytes(), settled) - own, memory_settled: settled - own }
  await close()
  const written = before.written === undefined ? undefined : writtenBytes() - before.written
  const metrics = { ...found.metrics, ...memory, cpu, written, disk: diskBytes(job.folder) }
  const checked = found.answer ?? (await workload.check(context, made))
  await close()
  return { metrics, answer: checked, node: process.versions.node }
}

function prepare(job, workload) {
  const graph = makeGraph(job)
  return { graph, questions: questionsOf(graph.schema), made: workload.make?.({ graph, seed: job.seed }) }
}
