/** Damaged files: the right data or an error that names the place, and a repair that copies all that is intact. */

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { buildBinaries } from './helpers/binaries.mjs'

export const title =
  'a file of a store is damaged in one place: right data or a named place, and repair copies the rest'
export const unit = 'files'
export const small = 40
export const full = 20_000

/** Cycles of one process; those of a thousand seeds share their stores, so this divides it. */
const CYCLES_A_PROCESS = 500
/** A damaged file may not keep anybody longer. */
const DEADLINE_SECONDS = 120

/** Builds the program that damages and looks. */
export async function prepare(context) {
  return { program: join(await buildBinaries(context), 'rot') }
}

/** Stores in memory where the system has a folder for that: nothing here is about the disk. */
function workFolder(folder) {
  return mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : folder, 'sledstore-rot-'))
}

/** Runs cycles in one process until it ends, and says how far it came and why it ended. */
function perform({ program, folder, seed, cycles, options, signal, report }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [folder, String(seed), String(cycles), ...options], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const state = { next: seed, hung: false }
    const end = () => child.kill('SIGKILL')
    let deadline
    const wait = () => {
      clearTimeout(deadline)
      deadline = setTimeout(() => {
        state.hung = true
        end()
      }, DEADLINE_SECONDS * 1_000)
    }
    wait()
    signal.addEventListener('abort', end, { once: true })
    createInterface({ input: child.stdout }).on('line', (line) => {
      const outcome = JSON.parse(line)
      report(outcome)
      state.next = outcome.seed + 1
      wait()
    })
    child.on('error', reject)
    child.on('close', (code, killer) => {
      clearTimeout(deadline)
      signal.removeEventListener('abort', end)
      resolve({ ...state, code, killer })
    })
  })
}

/** Runs the cycles of one process, and goes on behind one that ended it. */
async function performAll({ seed, cycles, signal, report, ...rest }) {
  const end = seed + cycles
  for (let next = seed; next < end && !signal.aborted;) {
    const folder = workFolder(rest.folder)
    try {
      const ended = await perform({ ...rest, folder, seed: next, cycles: end - next, signal, report })
      if (signal.aborted || ended.next === end) return
      const how = ended.hung ? { hung: 1, aborted: 0 } : { hung: 0, aborted: 1 }
      const note = ended.hung ? 'no answer' : `the process ended with ${ended.killer ?? ended.code}`
      report({ seed: ended.next, cycles: 1, lost: 0, wrong: 0, ...how, note })
      next = ended.next + 1
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** Passes on what comes in any order in the order of the seeds, so that a run that is ended can be gone on with. */
function inOrder(seed, report) {
  const waiting = new Map()
  return (outcome) => {
    waiting.set(outcome.seed, outcome)
    for (let next = waiting.get(seed); next !== undefined; next = waiting.get(seed)) {
      waiting.delete(seed++)
      report(next)
    }
  }
}

export async function run({ folder, seed, cycles, prepared, signal, report, options = [] }) {
  const parts = []
  for (let from = seed; from < seed + cycles;) {
    const to = Math.min(seed + cycles, (Math.floor(from / CYCLES_A_PROCESS) + 1) * CYCLES_A_PROCESS)
    parts.push({ seed: from, cycles: to - from })
    from = to
  }
  const ordered = inOrder(seed, report)
  // Most of a cycle is waiting for threads of the store to end.
  const lanes = Array.from({ length: 2 * availableParallelism() }, async () => {
    for (let part = parts.shift(); part !== undefined && !signal.aborted; part = parts.shift())
      await performAll({ ...part, program: prepared.program, folder, options, signal, report: ordered })
  })
  await Promise.all(lanes)
}
