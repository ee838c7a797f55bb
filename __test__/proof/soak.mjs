/** A store in use for hours: what it holds stays bounded, no call stalls, and every answer is right. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createInterface } from 'node:readline'

export const title = 'ten seconds of churn, scans, snapshots and threads that come and go leave nothing behind'
export const unit = 'cycles'
export const small = 1
export const full = 360

const program = fileURLToPath(new URL('soak/program.mjs', import.meta.url))
const CYCLE_SECONDS = 10
/** Without a word for so long beyond a cycle's time the process hangs. */
const SILENCE_MS = 240_000
const OUTPUT_MAX = 2_000

/**
 * All cycles are of one process, whose store goes from one to the next: what grows shows only in many. A cycle's seed is
 * that of its random choices.
 */
export function run({ folder, seed, cycles, signal, report, seconds = CYCLE_SECONDS, plant }) {
  const parameters = [folder, seed, cycles, seconds, ...(plant === undefined ? [] : [plant])].map(String)
  const options = { stdio: ['ignore', 'pipe', 'pipe'], ...(signal === undefined ? {} : { signal }) }
  return new Promise((resolve) => {
    const running = spawn(process.execPath, ['--expose-gc', '--no-warnings', program, ...parameters], options)
    let [done, errors, isLate] = [0, '', false]
    const stop = () => {
      isLate = true
      running.kill('SIGKILL')
    }
    let deadline = setTimeout(stop, seconds * 1_000 + SILENCE_MS)
    const say = (counts) =>
      report({ cycles: 1, lost: 0, wrong: 0, aborted: 0, hung: 0, ...counts, seed: seed + done++ })
    createInterface({ input: running.stdout }).on('line', (line) => {
      clearTimeout(deadline)
      deadline = setTimeout(stop, seconds * 1_000 + SILENCE_MS)
      const { wrong, hung, notes } = JSON.parse(line)
      say({ wrong, hung, ...(notes.length > 0 ? { note: notes.join('\n') } : {}) })
    })
    running.stderr.on('data', (chunk) => (errors = (errors + String(chunk)).slice(-OUTPUT_MAX)))
    running.on('error', (error) => (errors += error.message))
    running.on('close', (code, killedBy) => {
      clearTimeout(deadline)
      if (signal?.aborted) return resolve()
      if (isLate) say({ hung: 1, note: `silent for ${SILENCE_MS} ms\n${errors}` })
      else if (code !== 0) say({ aborted: 1, note: `ended with ${killedBy ?? code}\n${errors}` })
      resolve()
    })
  })
}
