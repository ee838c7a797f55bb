/** Runs a plan: makes the stores, starts a process a run, and hands over what each measured. */

import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { UsageError } from './options.mjs'
import { aboutRun } from './plan.mjs'
import { attempt, runChild } from './process.mjs'

const child = fileURLToPath(new URL('../child.mjs', import.meta.url))
const runTimeoutMilliseconds = 60 * 60_000
/** What a store, its copy and what is being rewritten in it may take, beside its rows. */
const spaceFactor = 3

/**
 * @param {object} work
 * @param {ReturnType<typeof import('./plan.mjs').planOf>} work.stages
 * @param {string} work.home folder for all data; emptied
 * @param {AbortSignal} work.signal ends it after or in the middle of a run
 * @param {(text: string, left: number) => void} work.say with the number of runs that are left
 * @param {(run: object) => void} work.onRun
 * @param {(failure: object) => void} work.onFailure
 */
export async function runPlan({ stages, home, signal, say, onRun, onFailure }) {
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home, { recursive: true })
  let left = stages.reduce((sum, { runs }) => sum + runs.length, 0)
  try {
    checkSpace(stages, home)
    const usable = await checkVariants({ stages, home, signal, onFailure, say: (text) => say(text, left) })
    for (const stage of stages) {
      const runs = stage.runs.filter(({ variant }) => usable.has(variant.id))
      left -= stage.runs.length - runs.length
      const stores = await prepareStores({ stage, runs, home, signal, onFailure, say: (text) => say(text, left) })
      for (const run of runs) {
        if (stage.store !== 'empty' && !stores.has(run.variant.id)) {
          left--
          continue
        }
        say(
          `${stage.size.name}, round ${run.round} of ${run.size.rounds}: ${run.workload.name}, ${run.variant.id}`,
          left,
        )
        const about = { ...aboutRun(run), ...usable.get(run.variant.id) }
        const began = performance.now()
        const outcome = await attempt(signal, () => measure(run, stores.get(run.variant.id), home, signal))
        const seconds = Math.round((performance.now() - began) / 100) / 10
        if (outcome.error === undefined) onRun({ ...about, seconds, metrics: outcome.answer.metrics })
        else onFailure({ ...about, error: outcome.error })
        left--
      }
      rmSync(join(home, 'prepared'), { recursive: true, force: true })
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

function checkSpace(stages, home) {
  const { bavail, bsize } = statfsSync(home)
  for (const { size, store, runs } of stages) {
    const stored = runs.filter(({ variant }) => variant.setting.levels.includes('os'))
    const stores = store === 'empty' ? 1 : new Set(stored.map(({ variant }) => variant.id)).size
    const needed = (stores + spaceFactor) * size.rows * (16 + size.valueBytes)
    if (bavail * bsize < needed)
      throw new UsageError(
        `${home} has ${gigabytes(bavail * bsize)} left, and size ${size.name} takes about ${gigabytes(needed)}; give --data a folder on a larger disk, or name fewer --engines`,
      )
  }
}

const gigabytes = (bytes) => `${(bytes / 1e9).toFixed(1)} GB`

/** Which variants run here and answer right, each with its version; others are named and left out. */
async function checkVariants({ stages, home, signal, say, onFailure }) {
  const usable = new Map()
  const seen = new Set()
  for (const { variant, workload, seed, size } of stages.flatMap(({ runs }) => runs)) {
    if (seen.has(variant.id)) continue
    seen.add(variant.id)
    say(`checking ${variant.id}`)
    const details = { ...size, seed, folder: join(home, 'check'), durability: workload.durability ?? 'os' }
    const { answer, error } = await attempt(signal, () => start('verify', variant, details, signal))
    for (const kind of ['string', 'binary', 'object'])
      rmSync(join(home, `check-${kind}`), { recursive: true, force: true })
    if (error === undefined) usable.set(variant.id, answer)
    else onFailure({ package: variant.adapter.packageName, setting: variant.setting.name, workload: 'check', error })
  }
  return usable
}

/** Loads a store for each variant of a stage; gives the folders of those that could be loaded. */
async function prepareStores({ stage, runs, home, signal, say, onFailure }) {
  const stores = new Map()
  if (stage.store === 'empty') return stores
  mkdirSync(join(home, 'prepared'), { recursive: true })
  const variants = new Map(runs.map((run) => [run.variant.id, run]))
  for (const run of variants.values()) {
    const { variant, seed } = run
    const isDurable = !variant.setting.levels.includes('os')
    // A setting that differs only in how commits are synced begins with the store of another; it works on a copy anyway.
    const twin = isDurable && [...stores].find(([id]) => variants.get(id).variant.adapter === variant.adapter)
    if (twin) {
      stores.set(variant.id, twin[1])
      continue
    }
    say(`${stage.size.name}: preparing ${variant.id}`)
    const folder = join(home, 'prepared', variant.id)
    const details = { ...stage.size, seed, folder, kind: kindOf(stage.store), durability: isDurable ? 'full' : 'os' }
    const { error } = await attempt(signal, async () => {
      await start('load', variant, details, signal)
      if (stage.store === 'killed') await killed(start('kill', variant, details, signal), signal)
    })
    if (error === undefined) stores.set(variant.id, folder)
    else onFailure({ ...aboutRun(run), workload: `${stage.store} store`, error })
  }
  return stores
}

const kindOf = (store) => (store === 'binary' || store === 'object' ? store : 'string')

/** A process that kills itself, as it should. */
async function killed(process, signal) {
  const how = await process.then(
    () => 'nothing',
    (error) => error.signal ?? error.stderr,
  )
  signal.throwIfAborted()
  if (how !== 'SIGKILL') throw new Error(`a process was to be killed, and ended by ${how}`)
}

async function measure({ variant, workload, size, seed }, prepared, home, signal) {
  const own = join(home, 'run')
  const folder = workload.writes ? own : prepared
  if (workload.writes) {
    rmSync(own, { recursive: true, force: true })
    if (workload.store === 'empty') mkdirSync(own)
    else await promisify(execFile)('cp', ['-r', '--sparse=always', prepared, own], { signal })
    // What copying left to be written must not be written while the clock runs.
    await promisify(execFile)('sync', ['-f', home], { signal })
  }
  const durability = workload.durability ?? 'os'
  const details = { ...size, seed, folder, workload: workload.name, kind: kindOf(workload.store), durability }
  return start('measure', variant, details, signal)
}

async function start(task, { adapter, setting }, details, signal) {
  const { rows, valueBytes, memoryBytes, seed, folder, workload, kind, durability } = details
  const about = { packageName: adapter.packageName, setting: setting.name }
  const job = { task, rows, valueBytes, memoryBytes, seed, folder, workload, kind, durability, ...about }
  return runChild(child, job, { node: adapter.node, env: setting.env, timeout: runTimeoutMilliseconds, signal })
}
