/**
 * Kills processes that write, open, recover, checkpoint and close. A store lives through twenty kills, so a seed is repeated
 * with those before it in the life of its store; every tenth store is written and checked by Node through the built addon.
 */

import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildBinaries, outcomesOf } from './helpers/binaries.mjs'
import { NodeKiller } from './kill/killer.mjs'

export const title = 'a process killed at any moment loses nothing that was acknowledged'
export const unit = 'kills'
export const small = 200
export const full = 10_000

const killsPerStore = 20
const isOfNode = (seed) => Math.floor(seed / killsPerStore) % 10 === 9

export async function prepare({ skip, ...context }) {
  if (process.platform === 'win32') skip('no process is killed by a signal on Windows')
  const binaries = await buildBinaries(context)
  // Memory, where there is such a folder: what is killed loses nothing of it, and a check needs no disk.
  const home = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
  const scratch = mkdtempSync(join(home, 'sledstore-proof-'))
  return { kill: join(binaries, 'kill'), scratch, close: () => rmSync(scratch, { recursive: true, force: true }) }
}

/** What a process is killed in, by share of all kills: a harness that no longer hits one of them proves nothing about it. */
const phases = ['open', 'writing', 'checkpoint', 'close']
const shareMin = 0.04
const judgedFrom = 200

export async function run({ folder, seed, cycles, prepared, signal, report: tell }) {
  const end = seed + cycles
  const killed = Object.fromEntries(phases.map((phase) => [phase, 0]))
  const report = (outcome) => {
    for (const phase of phases) killed[phase] += outcome.counts?.[`killed in ${phase}`] ?? 0
    tell(outcome)
  }
  for (let next = seed; next < end && !signal.aborted;) {
    const ofNode = isOfNode(next)
    let until = next
    while (until < end && isOfNode(until) === ofNode) until++
    next = await (ofNode ? killNode : killBinary)(next, until, { folder, prepared, signal, report })
  }
  const rare = phases.filter((phase) => killed[phase] < cycles * shareMin)
  if (cycles >= judgedFrom && !signal.aborted && rare.length > 0)
    throw new Error(`too few kills in ${rare.join(' and ')}: ${JSON.stringify(killed)}`)
}

function killBinary(seed, until, { folder, prepared, signal, report }) {
  const cycles = until - seed
  const command = [prepared.kill, 'run', folder, prepared.scratch, String(seed), String(cycles)]
  return outcomesOf(command, { seed, cycles, signal, hear: report })
}

async function killNode(first, until, { folder, prepared, signal, report }) {
  // Those before it in the life of its store make it what it is.
  for (let seed = first - (first % killsPerStore), killer; seed < until && !signal.aborted; seed++) {
    const life = Math.floor(seed / killsPerStore)
    // A disk has slow syncs, memory has none: other moments of the same work.
    const home = join(life % 40 === 9 ? folder : prepared.scratch, `node-${life}`)
    mkdirSync(home, { recursive: true })
    if (seed % killsPerStore === 0) killer = new NodeKiller(home, folder)
    const outcome = await killer.kill(seed)
    if (seed >= first) report(outcome)
    if (seed + 1 === until || seed % killsPerStore === killsPerStore - 1) rmSync(home, { recursive: true })
  }
  return until
}
