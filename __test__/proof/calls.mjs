/** Calls that no program means to make, of the addon and of the package, in a process that may die of them. */
import { spawn } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const title = 'a process makes 180 hostile calls, and its other store is whole'
export const unit = 'processes'
export const small = 12
export const full = 3_000

const program = fileURLToPath(new URL('calls/program.mjs', import.meta.url))
/** A process answers within a second on a quiet machine. */
const DEADLINE_MS = 150_000
const AT_ONCE = 2
const OUTPUT_MAX = 2_000

export async function run({ folder, seed, cycles, signal, report, plant }) {
  for (let at = 0; at < cycles; at += AT_ONCE) {
    if (signal?.aborted) return
    const seeds = Array.from({ length: Math.min(AT_ONCE, cycles - at) }, (_, next) => seed + at + next)
    const reports = await Promise.all(seeds.map((one) => runProcess(folder, one, signal, plant)))
    for (const one of reports) if (one !== undefined) report(one)
  }
}

/** One process, judged by what it says and by how it ended; nothing for one that was stopped from outside. */
async function runProcess(folder, seed, signal, plant) {
  const place = join(folder, `calls-${seed}`)
  mkdirSync(place, { recursive: true })
  const { code, signal: killedBy, output, isLate } = await child(place, seed, signal, plant)
  if (signal?.aborted) return undefined
  const report = { seed, cycles: 1, lost: 0, wrong: 0, aborted: 0, hung: 0 }
  const said = parse(output)
  if (isLate) return { ...report, hung: 1, note: `no answer within ${DEADLINE_MS} ms: ${output.slice(0, OUTPUT_MAX)}` }
  if (code !== 0 || said === undefined)
    return { ...report, aborted: 1, note: `ended with ${killedBy ?? code}: ${output.slice(0, OUTPUT_MAX)}` }
  const notes = [...said.found, ...said.hung.map((what) => `${what} did not answer`)]
  if (notes.length === 0) rmSync(place, { recursive: true, force: true })
  return {
    ...report,
    wrong: said.wrong,
    hung: said.hung.length,
    ...(notes.length > 0 ? { note: notes.join('\n') } : {}),
  }
}

function parse(output) {
  try {
    return JSON.parse(output.trim().split('\n').at(-1))
  } catch {
    return undefined
  }
}

function child(place, seed, signal, plant) {
  const flags = ['--expose-gc', '--no-warnings', program, place, String(seed), ...(plant === undefined ? [] : [plant])]
  const options = { stdio: ['ignore', 'pipe', 'pipe'], ...(signal === undefined ? {} : { signal }) }
  return new Promise((resolve) => {
    const running = spawn(process.execPath, flags, options)
    let output = ''
    let isLate = false
    for (const stream of [running.stdout, running.stderr]) stream.on('data', (chunk) => (output += String(chunk)))
    const deadline = setTimeout(() => {
      isLate = true
      running.kill('SIGKILL')
    }, DEADLINE_MS)
    running.on('error', (error) => (output += error.message))
    running.on('close', (code, killedBy) => {
      clearTimeout(deadline)
      resolve({ code, signal: killedBy, output, isLate })
    })
  })
}
