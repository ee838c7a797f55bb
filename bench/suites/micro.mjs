/**
 * What the way from JavaScript into the engine costs (N7): the same calls on the same store by the engine alone, by the
 * addon's raw functions, and by the library. Each runs in a process of its own, in turn; the best round counts, since
 * whatever else runs on the machine can only add.
 */

import { execFile } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { nodePath } from '../harness/nodes.mjs'
import { UsageError } from '../harness/options.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const child = fileURLToPath(new URL('../micro/child.mjs', import.meta.url))
const run = promisify(execFile)

const hotRows = 1_000
/** A young generation so large that nothing is collected while allocations are counted. */
const heap = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64']
/** Of one round: a few milliseconds, so that among many rounds some run undisturbed. */
const calls = 20_000

/** Each with what it may cost above the engine, in microseconds (N7). */
const budgets = {
  get: { title: `get one of ${hotRows} rows in memory`, budget: 0.15 },
  'get-missing': { title: 'get a key that is not there', budget: 0.1 },
  scan: { title: 'a row of a scan of everything', budget: 0.12 },
}

/**
 * @param {{ rows: number, rounds: number, home: string, say: (text: string) => void }} options
 * @returns {Promise<object[]>} the mean of each call and place, what crossing adds, and bytes allocated a call
 */
export async function measureMicro({ rows, rounds, home, say }) {
  say('building the engine alone')
  const engine = await buildEngine()
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home, { recursive: true })
  const folder = join(home, 'store')
  const found = { engine: [], raw: [], lib: [] }
  try {
    say('loading')
    await measure({ task: 'load', folder, rows })
    for (let round = 1; round <= rounds; round++) {
      say(`round ${round} of ${rounds}`)
      const { stdout } = await run(engine, [folder, String(hotRows), String(calls)])
      found.engine.push(JSON.parse(stdout))
      for (const task of ['raw', 'lib']) found[task].push(await measure({ task, folder, rows, hotRows, calls }))
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
  return recordsOf(found, { rows, rounds })
}

/** The example of the engine's crate, in the profile of the addon; gives its path. */
async function buildEngine() {
  const wanted = ['build', '--locked', '--release', '--package', 'sledstore-engine', '--example', 'micro_bench']
  try {
    const { stdout } = await run('cargo', [...wanted, '--message-format=json'], { cwd: root, maxBuffer: 1 << 26 })
    const built = stdout.split('\n').filter((line) => line.includes('"executable":"'))
    return JSON.parse(built.at(-1)).executable
  } catch (error) {
    throw new UsageError(
      `the engine alone cannot be built: ${error.stderr ?? error.message}\n"cargo ${wanted.join(' ')}" says more`,
    )
  }
}

async function measure(job) {
  const { stdout } = await run(nodePath(24), [...heap, child, JSON.stringify(job)])
  return JSON.parse(stdout.trim().split('\n').at(-1))
}

/** Nanoseconds of all rounds to records in microseconds. */
function recordsOf(found, { rows, rounds }) {
  const records = []
  const add = (workload, engine, metric, value, unit, spread, params) =>
    records.push({
      suite: 'micro',
      workload,
      engine,
      metric,
      value,
      unit,
      spread,
      rounds,
      rows,
      durability: 'os',
      params,
    })
  for (const [workload, params] of Object.entries(budgets)) {
    const bests = {}
    for (const [place, all] of Object.entries(found)) {
      const times = all.map((figures) => figures[workload])
      bests[place] = Math.min(...times)
      const spread = (Math.max(...times) - bests[place]) / bests[place]
      add(workload, place, 'mean', bests[place] / 1000, 'us', spread, params)
    }
    for (const place of ['raw', 'lib']) {
      add(workload, place, 'crossing', (bests[place] - bests.engine) / 1000, 'us', 0, params)
      const allocated = found[place].map((figures) => figures[`${workload}-allocated`])
      add(workload, place, 'allocated', Math.min(...allocated), 'bytes', 0, params)
    }
  }
  return records
}
