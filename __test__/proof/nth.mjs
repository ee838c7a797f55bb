/**
 * Every system call of every operation fails once, with each error it may have, in a process of Rust and in one of Node with
 * the built addon; then disks that are full, and limits of files' sizes, open files and memory.
 */

import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildBinaries } from './helpers/binaries.mjs'
import { cycleOf, total } from './nth/cycles.mjs'
import { NodeSupervisor } from './nth/node-supervisor.mjs'
import { Server } from './nth/server.mjs'

export const title = 'a system call that fails, at any place of any operation, loses nothing and ends no process'
export const unit = 'failed calls'
export const small = 150
export const full = total

/** More cycles of a series than were counted when `calls.json` was made; without an end something else is wrong. */
const placesMax = 1_000

export async function prepare({ root, run, skip, scale }) {
  if (process.platform !== 'linux') skip('the shim is one for Linux')
  const binaries = await buildBinaries({ root, run, scale })
  const scratch = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'sledstore-proof-nth-'))
  const close = []
  const small = join(scratch, 'small')
  mkdirSync(small)
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', small], { codes: [0, 1, 32] })
  if (mounted.code === 0) close.push(() => run('umount', [small]))
  const shim = join(scratch, 'nth.so')
  const source = join(root, 'crate/proof/shim/nth.c')
  await run('cc', ['-std=gnu11', '-Wall', '-Wextra', '-Werror', '-O2', '-shared', '-fPIC', '-o', shim, source])
  close.push(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }))
  return {
    program: join(binaries, 'nth'),
    shim,
    scratch,
    small: mounted.code === 0 ? small : undefined,
    async close() {
      for (const step of close) await step()
    },
  }
}

export async function run({ seed, cycles, prepared, signal, report }) {
  const supervisors = { rust: new Server(prepared), node: new NodeSupervisor(prepared) }
  try {
    for (let at = seed; at < seed + cycles && !signal.aborted; at++) {
      const cycle = cycleOf(at)
      const said = await outcomeOf(supervisors[cycle.by], cycle, prepared)
      if (!signal.aborted) report({ seed: at, cycles: 1, ...said })
    }
  } finally {
    for (const supervisor of Object.values(supervisors)) supervisor.end()
  }
}

/** The last place of a series is one behind those that were counted: it goes on until a run passes untouched. */
async function outcomeOf(supervisor, cycle, { small }) {
  if (cycle.kind === 'space' && small === undefined) return { ...nothing, counts: { 'without a small disk': 1 } }
  const sum = { ...nothing, counts: { [cycle.by]: 1 } }
  for (let at = cycle.at; ; at++) {
    const outcome = await supervisor.run({ ...cycle, at })
    for (const kind of Object.keys(nothing)) sum[kind] += outcome[kind]
    if (outcome.outOfMemory) sum.counts['ended by refused memory'] = 1
    const found = Object.keys(nothing).some((kind) => outcome[kind] > 0)
    if (found) sum.note = `${wordsOf({ ...cycle, at })}: ${outcome.notes.join('; ')}`
    const name = cycle.error === 'limit' ? 'limits' : outcome.failed > 0 ? 'calls that failed' : 'untouched runs'
    sum.counts[name] = (sum.counts[name] ?? 0) + 1
    if (found || !cycle.isLast || outcome.failed === 0) return sum
    if (at > cycle.at + placesMax) throw new Error(`${wordsOf(cycle)}: no run passes untouched`)
  }
}

const nothing = { lost: 0, wrong: 0, aborted: 0, hung: 0 }

function wordsOf({ operation, kind, error, at, mode }) {
  return `${operation} ${kind} ${error} ${at} ${mode}`
}
