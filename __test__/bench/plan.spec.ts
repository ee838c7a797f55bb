/** What the bench would run: interleaved, by the engines and settings that can, and no more than is left. */

import { describe, expect, it } from 'vitest'
import { benchModule } from './modules.js'

interface Planned {
  readonly workload: { readonly name: string; readonly store: string; readonly durability?: string }
  readonly round: number
  readonly variant: { readonly id: string; readonly setting: { readonly levels: string[] } }
}
interface Stage {
  readonly size: { readonly name: string }
  readonly store: string
  readonly runs: Planned[]
}

const { planOf, aboutRun, runKey } = await benchModule<{
  planOf(wanted: object): Stage[]
  aboutRun(run: Planned): object
  runKey(about: object): string
}>('harness/plan.mjs')
const { adapters, engines } = await benchModule<{ adapters: object[]; engines: string[] }>('adapters/index.mjs')
const { workloads } = await benchModule<{ workloads: { name: string }[] }>('workloads/index.mjs')
const { sizes, quickSize } = await benchModule<{ sizes: object[]; quickSize: object }>('harness/sizes.mjs')

const names = workloads.map(({ name }) => name)
const size = { name: 'test', rows: 10, valueBytes: 100, memoryBytes: 1, rounds: 3, engines, workloads: names }
const plan = (changes: object = {}, done?: Set<string>): Stage[] =>
  planOf({ sizes: [{ ...size, ...changes }], seed: 1, adapters, workloads, done })
const runsOf = (stages: Stage[]): Planned[] => stages.flatMap(({ runs }) => runs)

describe('plan', () => {
  it('lets another setting begin each round, and each run once a round', () => {
    const runs = runsOf(plan({ workloads: ['get-string'] }))
    const rounds = [1, 2, 3].map((round) => runs.filter((run) => run.round === round).map(({ variant }) => variant.id))
    expect(new Set(rounds.map(([first]) => first)).size).toBe(3)
    for (const ids of rounds) expect([...ids].sort()).toEqual([...rounds[0]!].sort())
    expect(new Set(rounds[0]).size).toBe(rounds[0]!.length)
  })

  it('runs durable commits on settings that sync, and nothing else on those alone', () => {
    for (const { workload, variant } of runsOf(plan()))
      expect(variant.setting.levels, `${workload.name} ${variant.id}`).toContain(workload.durability ?? 'os')
  })

  it('keeps one kind of prepared store at a time', () => {
    const stages = plan()
    expect(stages.map(({ store }) => store)).toEqual(['empty', 'string', 'binary', 'object', 'killed'])
    for (const { store, runs } of stages)
      expect(new Set(runs.map(({ workload }) => workload.store))).toEqual(new Set([store]))
  })

  it('has every workload that is promised, and each engine in most of them', () => {
    const promised =
      'load-sequential load-random put-single put-overwrite batch-async-100 batch-atomic-100 batch-overwrite ' +
      'mixed-50-50-uniform mixed-50-50-zipfian mixed-95-5-uniform mixed-95-5-zipfian get-string get-binary get-object ' +
      'get-string-zipfian get-binary-zipfian get-object-zipfian get-missing get-many-100 scan-full scan-10 scan-1000 ' +
      'scan-keys scan-reverse delete-half commit-durable-1 commit-durable-64 open-clean open-killed get-threads-2'
    expect([...names].sort()).toEqual(promised.split(' ').sort())
    const runs = runsOf(planOf({ sizes, seed: 1, adapters, workloads }))
    for (const { name } of workloads) {
      const found = new Set(runs.filter(({ workload }) => workload.name === name).map(({ variant }) => variant.id))
      expect(found.size, name).toBeGreaterThan(engines.length)
    }
    expect(runsOf(planOf({ sizes: [quickSize], seed: 1, adapters, workloads })).length).toBeLessThan(runs.length / 10)
  })

  it('leaves out what a result holds already, and stages with nothing left', () => {
    const all = runsOf(plan({ workloads: ['get-string', 'get-binary'] }))
    const done = new Set(
      all.filter(({ workload }) => workload.name === 'get-string').map((run) => runKey(aboutRun(run))),
    )
    const stages = plan({ workloads: ['get-string', 'get-binary'] }, done)
    expect(stages.map(({ store }) => store)).toEqual(['binary'])
    expect(runsOf(stages).length).toBe(all.length - done.size)
  })
})
