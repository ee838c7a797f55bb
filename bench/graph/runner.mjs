/**
 * Runs a plan of the graph suite: loads the stores, asks the reference for the right answers, starts a process a run, and
 * hands over what each measured once its answer is the right one.
 */

import { execFile } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { aboutRun } from '../harness/plan.mjs'
import { attempt, runChild } from '../harness/process.mjs'
import { difference, kept } from './answers.mjs'
import { reference } from './reference.mjs'
import { graphSuite } from './suite.mjs'

const child = fileURLToPath(new URL('child.mjs', import.meta.url))
const runTimeoutMilliseconds = 20 * 60_000

/**
 * @param {object} work
 * @param {ReturnType<typeof import('../harness/plan.mjs').planOf>} work.stages
 * @param {string} work.home folder for all data; emptied
 * @param {AbortSignal} work.signal ends it after or in the middle of a run
 * @param {(text: string, left: number) => void} work.say with the number of runs that are left
 * @param {(run: object) => void} work.onRun
 * @param {(failure: object) => void} work.onFailure
 * @param {(adapter: object, job: import('./task.mjs').GraphJob, options: object) => Promise<object>} [work.start] runs a
 *   job in a process of its own
 */
export async function runGraphPlan({ stages, home, signal, say, onRun, onFailure, start = startChild }) {
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home, { recursive: true })
  const files = join(home, 'files')
  const begin = (adapter, setting, job) =>
    start(adapter, { ...job, packageName: adapter.packageName, setting: setting.name, files }, { setting, signal })
  const place = { home, signal, begin }
  let left = stages.reduce((sum, { runs }) => sum + runs.length, 0)
  try {
    for (const stage of stages) {
      const stores = await loadStores(stage, { ...place, onFailure, say: (text) => say(text, left) })
      const expected = new Map()
      for (const run of stage.runs) {
        left--
        const prepared = stores.get(run.variant.adapter)
        if (stage.store === 'loaded' && prepared === undefined) continue
        say(`${stage.size.name}, round ${run.round}: ${run.workload.name}, ${run.variant.id}`, left + 1)
        if (!expected.has(run.workload))
          expected.set(run.workload, await attempt(signal, () => rightAnswer(run, place)))
        await report(run, prepared, expected.get(run.workload), { ...place, onRun, onFailure })
      }
      rmSync(join(home, 'loaded'), { recursive: true, force: true })
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

/** Measures a run, and hands it over; a wrong answer is a failure of it. */
async function report(run, prepared, right, { onRun, onFailure, ...place }) {
  const about = aboutRun(run, graphSuite)
  const began = performance.now()
  const found = right.error === undefined ? await attempt(place.signal, () => measure(run, prepared, place)) : right
  const seconds = Math.round((performance.now() - began) / 100) / 10
  const error = found.error ?? difference(right.answer, found.answer.answer)
  if (error !== undefined) return onFailure({ ...about, error })
  const { metrics, answer, version, node } = found.answer
  return onRun({ ...about, version, node, seconds, metrics, answer: kept(answer) })
}

const sizeOf = ({ graph, nodes, edges, memoryBytes }) => ({ graph, nodes, edges, memoryBytes })

/** Loads a store for each engine of a stage; gives the folders of those that could be loaded. */
async function loadStores({ size, store, runs }, { home, signal, begin, say, onFailure }) {
  const folders = new Map()
  if (store === 'empty') return folders
  mkdirSync(join(home, 'loaded'))
  for (const run of new Map(runs.map((one) => [one.variant.adapter, one])).values()) {
    const { adapter, setting } = run.variant
    say(`${size.name}: loading ${adapter.engine}`)
    const folder = join(home, 'loaded', adapter.engine)
    const job = { task: 'load', ...sizeOf(size), seed: run.seed, folder, durability: 'os' }
    const { error } = await attempt(signal, () => begin(adapter, setting, job))
    if (error === undefined) folders.set(adapter, folder)
    else onFailure({ ...aboutRun(run, graphSuite), workload: 'loaded store', error })
  }
  return folders
}

/** What the reference answers. */
async function rightAnswer({ size, seed, workload }, { home, begin }) {
  const job = { task: 'answer', ...sizeOf(size), seed, folder: join(home, 'reference'), workload: workload.name }
  const { answer } = await begin(reference, reference.settings[0], { ...job, durability: 'os' })
  return answer
}

async function measure({ variant, workload, size, seed }, prepared, { home, signal, begin }) {
  const own = join(home, 'run')
  const folder = workload.writes ? own : prepared
  for (const used of [own, join(home, 'files')]) rmSync(used, { recursive: true, force: true })
  if (workload.writes && workload.store === 'loaded')
    await promisify(execFile)('cp', ['-r', '--sparse=always', prepared, own], { signal })
  // What was written before must not be written while the clock runs.
  if (workload.writes) await promisify(execFile)('sync', ['-f', home], { signal })
  const durability = workload.durability ?? 'os'
  const job = { task: 'measure', ...sizeOf(size), seed, folder, workload: workload.name, durability }
  return begin(variant.adapter, variant.setting, job)
}

function startChild({ node }, job, { setting, signal }) {
  return runChild(child, job, { node, env: setting.env, timeout: runTimeoutMilliseconds, signal })
}
