/** The programs of crate/proof: builds them, and reads the outcomes they print. */

import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

/** How cargo builds them: of few cycles most would be compiling, so those run what `cargo test` has compiled already. */
const settings = {
  small: { folder: 'debug', parameters: ['--workspace', '--features', 'sledstore-engine/invariants'] },
  full: { folder: 'fast', parameters: ['--profile', 'fast', '--package', 'sledstore-proof'] },
}

/**
 * Builds them; gives the folder that holds them.
 *
 * @param {{ root: string, run: Function, scale: 'small' | 'full' }} context what a harness's `prepare` is given
 * @param {{ features?: string[], bin?: string, env?: Record<string, string> }} [one] one program and what it takes to build
 */
export async function buildBinaries({ root, run, scale }, { features = [], bin, env = {} } = {}) {
  const { folder, parameters } = settings[scale]
  const more = features.flatMap((feature) => ['--features', feature])
  const programs = bin === undefined ? ['--bins'] : ['--bin', bin]
  await run('cargo', ['build', '--locked', ...parameters, ...more, ...programs], { cwd: root, env, minutesMax: 15 })
  return join(resolve(root, process.env.CARGO_TARGET_DIR || 'target'), folder)
}

/**
 * Runs a program that prints one JSON line a cycle, and hands each to `hear`. Gives the seed behind the last one. A program
 * that dies before its end has aborted in the cycle after those it told of.
 *
 * @param {string[]} command
 * @param {{ seed: number, cycles: number, signal: AbortSignal, hear: (outcome: any) => void }} asked
 */
export async function outcomesOf([program, ...parameters], { seed, cycles, signal, hear }) {
  const child = spawn(program, parameters, { stdio: ['ignore', 'pipe', 'pipe'] })
  // Not by the option of spawn, which would let it end without those it has started.
  const stop = () => child.kill('SIGTERM')
  signal.addEventListener('abort', stop, { once: true })
  let words = ''
  child.stderr.on('data', (chunk) => (words = `${words}${chunk}`.slice(-2_000)))
  const closed = new Promise((done) => child.on('close', (code, by) => done({ code, by })))
  const failed = new Promise((_, fail) => child.on('error', fail))
  let next = seed
  for await (const line of createInterface({ input: child.stdout })) {
    const outcome = JSON.parse(line)
    hear(outcome)
    next = outcome.seed + 1
  }
  const { code, by } = await Promise.race([closed, failed])
  signal.removeEventListener('abort', stop)
  if (signal.aborted || (code === 0 && next === seed + cycles)) return next
  if (code === 3) throw new Error(`${program} cannot go on: ${words}`)
  const note = `${program} ended with ${by ?? code} after ${next - seed} of ${cycles} cycles: ${words}`
  hear({ seed: next, cycles: 1, lost: 0, wrong: 0, aborted: 1, hung: 0, note })
  return next + 1
}
