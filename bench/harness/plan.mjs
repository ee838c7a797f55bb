/** Runs every workload with every engine, round by round, each in a process of its own. */

import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { nodePath } from './nodes.mjs'

const child = fileURLToPath(new URL('../child.mjs', import.meta.url))
const runTimeout = 30 * 60_000

/** One engine by one package under one setting. */
export function variantsOf(adapters, engines) {
  return adapters
    .filter(({ engine }) => engines.includes(engine))
    .flatMap((adapter) =>
      adapter.settings.map((setting) => ({
        adapter,
        setting,
        id: `${adapter.packageName.split('/').at(-1)}-${setting.name}`,
      })),
    )
}

const canRun = ({ adapter }, workload) => workload.needs.every((operation) => adapter.can.includes(operation))

/**
 * @param {object} plan
 * @param {ReturnType<typeof variantsOf>} plan.variants
 * @param {import('../workloads/index.mjs').Workload[]} plan.workloads
 * @param {{ rows: number, rounds: number, seed: number, valueBytes: number, memoryBytes: number }} plan.sizes
 * @param {string} plan.home folder for all data; emptied
 * @param {(text: string) => void} plan.say
 */
export async function runPlan({ variants, workloads, sizes, home, say }) {
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home, { recursive: true })
  const usable = await prepareAll(variants, workloads, sizes, home, say)
  const results = workloads.map((workload) => ({
    workload,
    variants: usable
      .filter((variant) => canRun(variant, workload))
      .map((variant) => ({ variant, about: aboutOf(variant, workload, sizes), rounds: [] })),
  }))
  for (let round = 0; round < sizes.rounds; round++) {
    for (const { workload, variants: participants } of results) {
      say(`round ${round + 1} of ${sizes.rounds}: ${workload.name}`)
      for (let turn = 0; turn < participants.length; turn++) {
        // Another engine begins each round.
        const participant = participants[(turn + round) % participants.length]
        participant.rounds.push(await measure(participant.variant, workload, sizes, home))
      }
    }
  }
  rmSync(home, { recursive: true, force: true })
  return results
}

function aboutOf({ adapter, setting, version, node }, workload, { rows, valueBytes, memoryBytes, seed }) {
  const params = { package: adapter.packageName, version, node, setting: setting.name, seed, valueBytes, memoryBytes }
  return { suite: 'kv', workload: workload.name, engine: adapter.engine, rows, durability: 'os', params }
}

/** Loads a store for each variant; one whose addon does not run here is named and left out. */
async function prepareAll(variants, workloads, sizes, home, say) {
  const usable = []
  for (const variant of variants) {
    if (!workloads.some((workload) => canRun(variant, workload))) continue
    say(`preparing ${variant.id}`)
    try {
      const { version, node } = await run(variant, { ...sizes, folder: join(home, variant.id) })
      usable.push({ ...variant, version, node })
    } catch (error) {
      if (variant.adapter.engine === 'sledstore') throw error
      const cause = /^\w*Error.*$/m.exec(error.stderr ?? '')?.[0] ?? error.signal ?? error.message
      console.error(`bench: ${variant.id} does not run here and is left out: ${cause}`)
    }
  }
  return usable
}

async function measure(variant, workload, sizes, home) {
  const prepared = join(home, variant.id)
  const own = join(home, 'run')
  const folder = workload.writes ? own : prepared
  if (workload.writes) {
    rmSync(own, { recursive: true, force: true })
    if (workload.starts === 'loaded') await copy(prepared, own)
    else mkdirSync(own)
  }
  const { metrics } = await run(variant, { ...sizes, folder, workload: workload.name })
  return metrics
}

/** Copies a folder; holes stay holes where cp can do that, for a map file has far more of them than data. */
async function copy(from, to) {
  if (process.platform === 'linux') await promisify(execFile)('cp', ['-r', '--sparse=always', from, to])
  else cpSync(from, to, { recursive: true })
}

async function run({ adapter, setting }, details) {
  const job = { packageName: adapter.packageName, setting: setting.name, ...details }
  const parameters = ['--expose-gc', child, JSON.stringify(job)]
  const { stdout } = await promisify(execFile)(nodePath(adapter.node), parameters, {
    timeout: runTimeout,
    maxBuffer: 1 << 24,
  })
  return JSON.parse(stdout.trim().split('\n').at(-1))
}
