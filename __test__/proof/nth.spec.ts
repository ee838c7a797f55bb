/** The order of the failed calls leaves none out, and a system that lies to Node is found. */

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mkdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { freshFolders } from '../helpers/folder.js'
import { needsTool, skip } from '../helpers/tools.js'

const fresh = freshFolders()
const load = (name: string) => import(new URL(`nth/${name}.mjs`, import.meta.url).href)

interface Cycle {
  readonly by: string
  readonly operation: string
  readonly kind: string
  readonly error: string
  readonly mode: string
  readonly at: number
  readonly isLast: boolean
}

interface Supervisor {
  run(cycle: Cycle): Promise<{ lost: number; wrong: number; failed: number; notes: string[] }>
}

it('every cycle has a seed, wherever a run begins', async () => {
  const { cycleOf, total } = (await load('cycles')) as { cycleOf: (seed: number) => Cycle; total: number }
  for (const first of [0, 123_000, 999_999_000]) {
    const series = new Map<string, number[]>()
    for (let seed = first; seed < first + total; seed++) {
      const { by, operation, kind, error, mode, at } = cycleOf(seed)
      const name = `${by} ${operation} ${kind} ${error} ${mode}`
      series.set(name, [...(series.get(name) ?? []), at])
    }
    for (const [name, places] of series) {
      const inOrder = [...places].sort((a, b) => a - b)
      expect(inOrder, name).toEqual(inOrder.map((_, at) => at + 1))
    }
  }
})

it('each operation meets an end of each of its series', async () => {
  const { cycleOf, total } = (await load('cycles')) as { cycleOf: (seed: number) => Cycle; total: number }
  const cycles = Array.from({ length: total }, (_, seed) => cycleOf(seed))
  const names = (some: Cycle[]) =>
    new Set(some.map((cycle) => [cycle.by, cycle.operation, cycle.kind, cycle.error, cycle.mode].join(' ')))
  const ofCalls = cycles.filter(({ error }) => error !== 'limit')
  expect(names(ofCalls.filter(({ isLast }) => isLast))).toEqual(names(ofCalls))
})

it('writes of Node that never happen lose what was acknowledged', async (context) => {
  if (process.platform !== 'linux') skip(context, 'the shim is one for Linux')
  needsTool(context, 'cc')
  const scratch = fresh()
  mkdirSync(scratch)
  const shim = join(scratch, 'nth.so')
  const source = fileURLToPath(new URL('../../crate/proof/shim/nth.c', import.meta.url))
  execFileSync('cc', ['-std=gnu11', '-O2', '-shared', '-fPIC', '-o', shim, source])
  const { NodeSupervisor } = (await load('node-supervisor')) as { NodeSupervisor: new (given: object) => Supervisor }
  const supervisor = new NodeSupervisor({ shim, scratch })
  const cycle = { by: 'node', operation: 'node-commit', kind: 'write', at: 1, mode: 'on', isLast: false }
  const sound = await supervisor.run({ ...cycle, error: 'none', at: 0, mode: 'once' })
  expect(sound).toMatchObject({ lost: 0, wrong: 0, failed: 0 })
  const lied = await supervisor.run({ ...cycle, error: 'LIE' })
  expect(lied.failed).toBeGreaterThan(0)
  expect(lied.lost + lied.wrong).toBeGreaterThan(0)
})
