/**
 * What a store adds to a small process: each program is run with a store and without one, in turn, and the difference
 * counts.
 */

import { execFile } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { medianAndSpread } from '../harness/summary.mjs'

const child = fileURLToPath(new URL('memory-child.mjs', import.meta.url))

/** Each begins with an empty folder, but for `read`, which begins with what `put` before it has left. */
export const programs = [
  { name: 'put', title: 'puts, each awaited, at the level os', steps: ['put'], keepsFolder: true },
  { name: 'read', title: 'opens, gets every row three times, scans all', steps: ['read'], usesFolder: true },
  { name: 'batch', title: 'batches of 100 at the level full', steps: ['batch'] },
  { name: 'batch-read', title: 'both, in one process', steps: ['batch', 'read'] },
]

const metrics = ['memory_peak', 'memory_settled', 'memory_anonymous']

/**
 * @param {{ rows: number, rounds: number, profile: string, home: string, say: (text: string) => void }} options
 * @returns {Promise<object[]>} a record for each program and metric: bytes above the process without a store
 */
export async function measureMemory({ rows, rounds, profile, home, say }) {
  const found = programs.map(() => metrics.map(() => []))
  for (let round = 0; round < rounds; round++) {
    for (const [at, program] of programs.entries()) {
      say(`round ${round + 1} of ${rounds}: ${program.name}`)
      if (!program.usesFolder) {
        rmSync(home, { recursive: true, force: true })
        mkdirSync(home, { recursive: true })
      }
      const job = { rows, profile, steps: program.steps, folder: join(home, 'store') }
      const without = await run({ ...job, engine: 'node' })
      const withStore = await run({ ...job, engine: 'sledstore' })
      metrics.forEach((metric, which) => found[at][which].push(withStore[metric] - without[metric]))
    }
  }
  rmSync(home, { recursive: true, force: true })
  return programs.flatMap(({ name }, at) =>
    metrics.map((metric, which) => {
      const { median, spread } = medianAndSpread(found[at][which])
      const params = { profile, above: 'the same program without a store' }
      return {
        suite: 'memory',
        workload: name,
        engine: 'sledstore',
        metric,
        value: median,
        unit: 'bytes',
        spread,
        rounds,
        rows,
        params,
      }
    }),
  )
}

async function run(job) {
  const { stdout } = await promisify(execFile)(process.execPath, [child, JSON.stringify(job)], { timeout: 10 * 60_000 })
  return JSON.parse(stdout.trim().split('\n').at(-1))
}
