/** The adapter to abstract-level beside classic-level, LevelDB behind the same interface: the same calls, in turn. */

import { execFile } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { medianAndSpread } from '../harness/summary.mjs'

const child = fileURLToPath(new URL('level-child.mjs', import.meta.url))
const engines = ['sledstore', 'classic-level']
const metrics = ['mean', 'processor']

/**
 * @param {{ rows: number, rounds: number, memoryBytes: number, home: string, say: (text: string) => void }} options
 * @returns {Promise<object[]>} a record for each workload, engine and metric: microseconds a row or call
 */
export async function measureLevel({ rows, rounds, memoryBytes, home, say }) {
  const found = new Map()
  for (let round = 0; round < rounds; round++) {
    for (const engine of round % 2 === 0 ? engines : engines.toReversed()) {
      say(`round ${round + 1} of ${rounds}: ${engine}`)
      const answer = await run({ engine, rows, memoryBytes, folder: join(home, 'store') }, home)
      for (const [workload, figures] of Object.entries(answer)) {
        const key = JSON.stringify({ workload, engine })
        found.set(key, [...(found.get(key) ?? []), figures])
      }
    }
  }
  return [...found].flatMap(([key, figures]) =>
    metrics.map((metric) => {
      const { median, spread } = medianAndSpread(figures.map((one) => one[metric]))
      return { suite: 'level', ...JSON.parse(key), metric, value: median, unit: 'us', spread, rounds, rows }
    }),
  )
}

async function run(job, home) {
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home, { recursive: true })
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [child, JSON.stringify(job)], {
      timeout: 20 * 60_000,
    })
    return JSON.parse(stdout.trim().split('\n').at(-1))
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}
