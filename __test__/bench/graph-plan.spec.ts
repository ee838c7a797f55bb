/** What the graph suite would run, what it is told by the command line, and what it keeps of a run. */

import { describe, expect, it } from 'vitest'
import { graphAdapters, graphSizes, graphWorkloads, quickGraphSize, social, type GraphSize } from './graph-modules.js'
import { benchModule, type BenchRecord, type Run } from './modules.js'

interface Planned {
  readonly workload: { readonly name: string; readonly durability?: string }
  readonly round: number
  readonly variant: {
    readonly id: string
    readonly adapter: { readonly engine: string }
    readonly setting: { name: string }
  }
}
interface Stage {
  readonly store: string
  readonly runs: Planned[]
}

const { planOf, aboutRun, runKey } = await benchModule<{
  planOf(wanted: object): Stage[]
  aboutRun(run: Planned, suite: object): Run
  runKey(about: object, suite: object): string
}>('harness/plan.mjs')
const { graphSuite } = await benchModule<{ graphSuite: { units: Record<string, string> } }>('graph/suite.mjs')
const { summarize } = await benchModule<{
  summarize(runs: object[], suite: object): { records: BenchRecord[] }
}>('harness/summary.mjs')
const { lacking } = await benchModule<{
  lacking(
    adapters: object[],
    workloads: object[],
    sizes: object[],
  ): { engine: string; reason: string; workloads: string[] }[]
}>('graph/lacking.mjs')
const { betterPeerTable } = await benchModule<{ betterPeerTable(records: BenchRecord[]): string }>('graph/table.mjs')
const { readOptions, UsageError } = await benchModule<{
  readOptions(words: string[]): { json: string; sizes: GraphSize[] }
  UsageError: new () => Error
}>('harness/options.mjs')

const plan = (sizes: readonly object[], done?: Set<string>): Stage[] =>
  planOf({ sizes, seed: 1, adapters: graphAdapters, workloads: graphWorkloads, done, suite: graphSuite })
const runsOf = (stages: Stage[]): Planned[] => stages.flatMap(({ runs }) => runs)
const read = (line: string): GraphSize[] => readOptions(line.split(' ')).sizes
const about = (changes: object): object => ({
  ...aboutRun(runsOf(plan([quickGraphSize]))[0]!, graphSuite),
  version: '1.0.0',
  node: '24.0.0',
  ...changes,
})

describe('the plan of the graph suite', () => {
  it('loads before it asks, and lets another engine begin each round', () => {
    const stages = plan([quickGraphSize])
    expect(stages.map(({ store }) => store)).toEqual(['empty', 'loaded'])
    const firsts = runsOf(stages).filter(({ workload }) => workload.name === 'read-call')
    expect(new Set([0, 3, 6].map((at) => firsts[at]!.variant.id)).size).toBe(3)
  })

  it('has what is promised, and every peer in every question it can answer', () => {
    const promised =
      'load read-query read-call hops-1-query hops-2-query hops-3-query neighbors-call hops-2-call hops-3-call ' +
      'shortest-path-query shortest-path-call group-by top-in-degree two-paths triangles page-rank commit-edge-os ' +
      'commit-edge-durable open'
    expect(graphWorkloads.map(({ name }) => name).sort()).toEqual(promised.split(' ').sort())
    for (const { name } of graphWorkloads) {
      const engines = new Set(
        runsOf(plan([quickGraphSize]))
          .filter(({ workload }) => workload.name === name)
          .map(({ variant }) => variant.adapter.engine),
      )
      for (const peer of name === 'page-rank' ? ['grafeo'] : ['grafeo', 'ladybug'])
        expect(engines, name).toContain(peer)
    }
  })

  it('syncs durable commits by every engine, and nothing else by a setting that is for them', () => {
    for (const { workload, variant } of runsOf(plan([quickGraphSize])).filter(
      (run) => run.variant.adapter.engine === 'grafeo',
    ))
      expect(variant.setting.name, workload.name).toBe(
        workload.name === 'commit-edge-durable' ? 'checkpoint' : 'default',
      )
  })

  it('leaves out what a result holds already, and tells graphs of one size apart', () => {
    const all = runsOf(plan([quickGraphSize]))
    const keys = all.map((run) => runKey(aboutRun(run, graphSuite), graphSuite))
    expect(new Set(keys).size).toBe(all.length)
    expect(runsOf(plan([quickGraphSize], new Set(keys.slice(1)))).length).toBe(1)
    expect(runsOf(plan([{ ...quickGraphSize, graph: 'other' }], new Set(keys))).length).toBe(all.length)
  })
})

describe('what is not there yet', () => {
  it('is named with its reason, engine by engine, and never run', () => {
    const skipped = lacking(graphAdapters, graphWorkloads, [quickGraphSize])
    const runs = runsOf(plan([quickGraphSize])).map(
      ({ workload, variant }) => `${variant.adapter.engine} ${workload.name}`,
    )
    for (const { engine, reason, workloads } of skipped) {
      expect(reason, engine).toBeTypeOf('string')
      for (const name of workloads) expect(runs).not.toContain(`${engine} ${name}`)
    }
    const all = skipped.flatMap(({ engine, workloads }) => workloads.map((name) => `${engine} ${name}`))
    expect(new Set([...runs, ...all]).size).toBe(graphAdapters.length * graphWorkloads.length)
  })

  it('is not said of what was not asked for', () => {
    expect(lacking(graphAdapters, graphWorkloads, [{ ...quickGraphSize, workloads: ['load'] }])).toEqual([])
    expect(lacking(graphAdapters, graphWorkloads, [{ ...quickGraphSize, engines: ['grafeo'] }])).toEqual([])
  })
})

describe('the command line of the graph suite', () => {
  it('measures all graphs, the small one alone when it must be quick, or one of another size', () => {
    expect(read('graph')).toEqual(graphSizes)
    expect(graphSizes.map(({ nodes, edges }) => [nodes, edges]).slice(0, 2)).toEqual([
      [10_000, 50_000],
      [100_000, 500_000],
    ])
    expect(read('graph --quick').map(({ nodes, edges, rounds }) => [nodes, edges, rounds])).toEqual([
      [10_000, 50_000, 3],
    ])
    expect(read('graph --rows 2_000 --rounds 1 --memory-mib 64')).toMatchObject([
      { ...social(2_000), rounds: 1, memoryBytes: 64 << 20 },
    ])
    expect(read('graph --sizes wordnet,social-10k').map(({ name }) => name)).toEqual(['social-10k', 'wordnet'])
    expect(read('graph --quick --engines grafeo --workloads open,load')).toMatchObject([
      { engines: ['grafeo'], workloads: ['open', 'load'] },
    ])
    expect(readOptions(['graph']).json.replaceAll('\\', '/')).toMatch(/\/bench\/data\/graph\.json$/)
  })

  it('refuses what is of another suite', () => {
    for (const line of [
      'graph --engines lmdb',
      'graph --workloads scan-10',
      'graph --sizes million',
      'graph --value-bytes 5',
    ])
      expect(() => read(line), line).toThrow(UsageError)
    expect(() => read('kv --engines grafeo')).toThrow(UsageError)
  })
})

describe('a record of the graph suite', () => {
  const metrics = { p50: 0.004, p99: 0.01, memory_peak: 1e6, disk: 2e6 }

  it('has its times in milliseconds, and says of which graph it is', () => {
    const { records } = summarize(
      [1, 2, 3].map((round) => about({ round, metrics })),
      graphSuite,
    )
    expect(records.map(({ metric, unit }) => [metric, unit])).toEqual([
      ['p50', 'ms'],
      ['p99', 'ms'],
      ['memory_peak', 'bytes'],
      ['disk', 'bytes'],
    ])
    expect(records[0]).toMatchObject({
      suite: 'graph',
      value: 0.004,
      rounds: 3,
      rows: 60_000,
      params: { graph: 'social', nodes: 10_000, edges: 50_000, seed: 1, version: '1.0.0' },
    })
  })

  it('is compared with the better peer, and with what is to be reached', () => {
    const runs = [
      ['sledstore', 0.2],
      ['grafeo', 0.4],
      ['ladybug', 0.8],
    ].map(([engine, p50]) => about({ workload: 'neighbors-call', engine, package: engine, metrics: { p50 } }))
    const table = betterPeerTable(summarize(runs, graphSuite).records)
    expect(table).toMatch(/neighbors-call +p50 +0\.20 ms ±0% +grafeo +0\.40 ms ±0% +0\.50 \+ +≤ 1/)
  })

  it('without SledStore has no ratio', () => {
    const runs = [about({ workload: 'triangles', engine: 'grafeo', metrics: { p50: 5 } })]
    expect(betterPeerTable(summarize(runs, graphSuite).records)).toMatch(
      /triangles +p50 +– +grafeo +5\.00 ms ±0% +≤ 1\.2/,
    )
  })
})
