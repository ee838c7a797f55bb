/** Runs a plan of the vector suite: makes the sets, loads the stores, starts a process a run, and hands over what each measured. */

import { execFile } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { aboutRun } from '../harness/plan.mjs'
import { attempt, runChild } from '../harness/process.mjs'
import { prepareSet } from './sets.mjs'
import { vectorSuite } from './suite.mjs'

const child = fileURLToPath(new URL('child.mjs', import.meta.url))
const runTimeoutMilliseconds = 40 * 60_000
const floatBytes = 4
/** SledStore takes no less. */
const budgetMin = 24 << 20

/**
 * @param {object} work
 * @param {ReturnType<typeof import('../harness/plan.mjs').planOf>} work.stages
 * @param {string} work.home folder for all stores; emptied. The sets are beside it, and kept
 * @param {AbortSignal} work.signal ends it after or in the middle of a run
 * @param {(text: string, left: number) => void} work.say with the number of runs that are left
 * @param {(run: object) => void} work.onRun
 * @param {(failure: object) => void} work.onFailure
 * @param {(adapter: object, job: import('./task.mjs').VectorJob, options: object) => Promise<object>} [work.start] runs a
 *   job in a process of its own
 */
export async function runVectorPlan({ stages, home, signal, say, onRun, onFailure, start = startChild }) {
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home, { recursive: true })
  let left = stages.reduce((sum, { runs }) => sum + runs.length, 0)
  try {
    for (const stage of stages) {
      const { size } = stage
      const seed = stage.runs[0].seed
      const about = { say: (text) => say(text, left), signal }
      const path = await prepareSet(join(dirname(home), 'vector-sets'), { ...size, seed }, about)
      const place = { home, signal, path, start }
      const stores = await loadStores(stage, { ...place, onFailure, say: (text) => say(text, left) })
      for (const run of stage.runs) {
        left--
        const prepared = stores.get(run.variant.id)
        if (stage.store === 'loaded' && prepared === undefined) continue
        say(`${size.name}, round ${run.round}: ${run.workload.name}, ${run.variant.id}`, left + 1)
        await report(run, prepared, { ...place, onRun, onFailure })
      }
      rmSync(join(home, 'loaded'), { recursive: true, force: true })
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

/** Measures a run, and hands it over. */
async function report(run, prepared, { onRun, onFailure, ...place }) {
  const about = aboutRun(run, vectorSuite)
  const began = performance.now()
  const { answer, error } = await attempt(place.signal, () => measure(run, prepared, place))
  if (error !== undefined) return onFailure({ ...about, error })
  const seconds = Math.round((performance.now() - began) / 100) / 10
  const { metrics, points, version, node } = answer
  return onRun({ ...about, version, node, seconds, metrics, points })
}

const jobOf = ({ variant, size, seed }, path) => {
  const { set, rows, queries, memoryBytes } = size
  return { engine: variant.adapter.engine, setting: variant.setting.name, path, set, rows, queries, seed, memoryBytes }
}

/** Loads a store under each setting of each engine; gives the folders of those that could be loaded. */
async function loadStores({ size, store, runs }, { home, signal, path, start, say, onFailure }) {
  const folders = new Map()
  if (store === 'empty') return folders
  mkdirSync(join(home, 'loaded'))
  for (const run of new Map(runs.map((one) => [one.variant.id, one])).values()) {
    const { adapter, setting, id } = run.variant
    say(`${size.name}: loading ${id}`)
    const folder = join(home, 'loaded', id)
    const job = { ...jobOf(run, path), task: 'load', folder, threads: 2, durability: 'os' }
    const { error } = await attempt(signal, () => start(adapter, job, { setting, signal }))
    if (error === undefined) folders.set(id, folder)
    else onFailure({ ...aboutRun(run, vectorSuite), workload: 'loaded store', error })
  }
  return folders
}

async function measure(run, prepared, { home, signal, path, start }) {
  const { variant, workload, size } = run
  const own = join(home, 'run')
  const folder = workload.writes ? own : prepared
  rmSync(own, { recursive: true, force: true })
  if (workload.writes && workload.store === 'loaded')
    await promisify(execFile)('cp', ['-r', '--sparse=always', prepared, own], { signal })
  // What was written before must not be written while the clock runs.
  if (workload.writes) await promisify(execFile)('sync', ['-f', home], { signal })
  const { memory, threads, oneCore, durability = 'os' } = workload
  const budget =
    memory === undefined
      ? {}
      : { memoryBytes: Math.max(budgetMin, Math.ceil(memory * size.rows * size.dimensions * floatBytes)) }
  const job = { ...jobOf(run, path), ...budget, task: 'measure', folder, workload: workload.name, threads, durability }
  return start(variant.adapter, job, { setting: variant.setting, oneCore, signal })
}

function startChild({ node, env }, job, { oneCore, signal }) {
  return runChild(child, job, { node, env: env?.(job.threads), timeout: runTimeoutMilliseconds, oneCore, signal })
}
