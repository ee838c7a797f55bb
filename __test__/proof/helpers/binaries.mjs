/** The programs of crate/proof: builds them, and reads the outcomes they print. */

import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

/** Builds them; gives the folder that holds them. */
export async function buildBinaries({ root, run }) {
  await run('cargo', ['build', '--locked', '--profile', 'fast', '-p', 'sledstore-proof'], { cwd: root })
  return join(resolve(root, process.env.CARGO_TARGET_DIR || 'target'), 'fast')
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
