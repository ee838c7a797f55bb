/** An engine that answers a question of the graph suite wrong is found by every workload that asks it, and is named. */

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  graphWorkloads,
  reference,
  social,
  type Answer,
  type GraphAdapter,
  type GraphStore,
  type GraphWorkload,
} from './graph-modules.js'
import { benchModule } from './modules.js'

const { difference } = await benchModule<{
  difference(expected: Answer, found: Answer): string | undefined
}>('graph/answers.mjs')
const { answer } = await benchModule<{
  answer(adapter: GraphAdapter, job: object, workload: GraphWorkload): Promise<{ answer: Answer }>
}>('graph/task.mjs')
const { runGraphPlan } = await benchModule<{ runGraphPlan(work: object): Promise<void> }>('graph/runner.mjs')
const { planOf } = await benchModule<{ planOf(wanted: object): object[] }>('harness/plan.mjs')
const { graphSuite } = await benchModule<{ graphSuite: object }>('graph/suite.mjs')

type Change = (right: GraphStore) => Partial<GraphStore>

const size = { ...social(300), name: 'test', graph: 'social', memoryBytes: 1 }
const job = { ...size, seed: 7, folder: 'store', durability: 'os', setting: 'arrays' }
const operations = [
  ...reference.can.filter((name) => name !== 'load'),
  'handlesOf',
  'keysOf',
  'counts',
  'loader',
  'close',
]

/** An engine that answers as the reference does, but for what is changed. */
function engineOf(name: string, change: Change): GraphAdapter {
  return {
    ...reference,
    engine: name,
    packageName: name,
    async open(native, folder, options) {
      const store = (await reference.open(native, folder, options)) as never as Record<
        string,
        (...all: unknown[]) => unknown
      >
      const right = Object.fromEntries(operations.map((one) => [one, (...all: unknown[]) => store[one]!(...all)]))
      return { ...right, ...change(right as never as GraphStore) } as GraphStore
    },
  }
}

const plusOne = (value: unknown): unknown => (typeof value === 'number' ? value + 1 : `${value as string}1`)

/** Faults by the operation that has them. */
const faults: Record<string, Record<string, Change>> = {
  query: {
    'loses its last row': ({ query }) => ({ query: (...all) => query(...all).slice(0, -1) }),
    'gives a row twice': ({ query }) => ({ query: (...all) => query(...all).flatMap((row) => [row, row]) }),
    'gives other values': ({ query }) => ({ query: (...all) => query(...all).map((row) => row.map(plusOne)) }),
  },
  read: { 'gives other values': ({ read }) => ({ read: (key) => read(key).map(plusOne) }) },
  neighbors: { 'loses one': ({ neighbors }) => ({ neighbors: (node) => neighbors(node).slice(1) }) },
  within: {
    'counts the node itself': ({ within }) => ({ within: (node, edges) => [node, ...within(node, edges)] }),
    'goes an edge too far': ({ within }) => ({ within: (node, edges) => within(node, edges + 1) }),
  },
  distance: {
    'is an edge longer': ({ distance }) => ({ distance: (from, to) => (distance(from, to) ?? 0) + 1 }),
    'finds no path': () => ({ distance: () => undefined }),
  },
  pageRank: { 'ends too early': ({ pageRank }) => ({ pageRank: (iterations) => pageRank(iterations - 8) }) },
  addEdge: {
    'does nothing': () => ({ addEdge: () => undefined }),
    'adds the edge the other way': ({ addEdge }) => ({ addEdge: (from, to, edge) => addEdge(to, from, edge) }),
  },
  load: { 'loses an edge': ({ counts }) => ({ counts: () => [counts()[0], counts()[1] - 1] }) },
}

const workloadNamed = (name: string): GraphWorkload => graphWorkloads.find((one) => one.name === name)!
const answerOf = async (adapter: GraphAdapter, workload: GraphWorkload): Promise<Answer> =>
  (await answer(adapter, job, workload)).answer

describe('the answers of a workload', () => {
  const right = engineOf('right', () => ({}))
  it.each(graphWorkloads.map(({ name }) => name))('of %s are found right', async (name) => {
    const expected = await answerOf(reference, workloadNamed(name))
    expect(expected.rows).toBeGreaterThan(0)
    expect(difference(expected, await answerOf(right, workloadNamed(name)))).toBeUndefined()
  })

  for (const [operation, changes] of Object.entries(faults)) {
    const asking = graphWorkloads.filter(({ needs }) => needs.includes(operation)).map(({ name }) => name)
    for (const [fault, change] of Object.entries(changes)) {
      it.each(asking)(`are found wrong when ${operation} ${fault}: %s`, async (name) => {
        const expected = await answerOf(reference, workloadNamed(name))
        expect(difference(expected, await answerOf(engineOf('wrong', change), workloadNamed(name)))).toBeDefined()
      })
    }
  }

  it('have a fault for every operation that is measured', () => {
    expect(Object.keys(faults).sort()).toEqual([...new Set(graphWorkloads.flatMap(({ needs }) => needs))].sort())
  })
})

describe('a run of the suite', () => {
  it('names the engine that answers wrong, measures the others, and does not keep what is wrong', async () => {
    const adapters = [engineOf('right', () => ({})), engineOf('wrong', faults['query']!['loses its last row']!)]
    const named = graphWorkloads.filter(({ name }) => ['read-call', 'hops-2-query', 'group-by'].includes(name))
    const sizes = [{ ...size, rounds: 2, engines: ['right', 'wrong'], workloads: named.map(({ name }) => name) }]
    const runs: { workload: string; engine: string; answer: Answer }[] = []
    const failures: { workload: string; engine: string; error: string }[] = []
    await runGraphPlan({
      stages: planOf({ sizes, seed: 1, adapters, workloads: graphWorkloads, suite: graphSuite }),
      home: join(mkdtempSync(join(tmpdir(), 'sledstore-bench-test-')), 'home'),
      signal: new AbortController().signal,
      say: () => undefined,
      onRun: (run: (typeof runs)[number]) => runs.push(run),
      onFailure: (failure: (typeof failures)[number]) => failures.push(failure),
      start: async (adapter: GraphAdapter, asked: { task: string; workload: string }) =>
        asked.task === 'load'
          ? {}
          : { ...(await answer(adapter, asked, workloadNamed(asked.workload))), metrics: { p50: 1 } },
    })
    const names = (list: { workload: string; engine: string }[]): string[] =>
      [...new Set(list.map(({ workload, engine }) => `${engine} ${workload}`))].sort()
    expect(names(runs)).toEqual(['right group-by', 'right hops-2-query', 'right read-call', 'wrong read-call'])
    expect(names(failures)).toEqual(['wrong group-by', 'wrong hops-2-query'])
    expect([runs.length, failures.length]).toEqual([8, 4])
    expect(failures[0]!.error).toMatch(/answered .* rows of hash \w+ instead of .* rows of hash \w+/)
    expect(runs[0]!.answer).toEqual({ rows: expect.any(Number), hash: expect.stringMatching(/^\w{16}$/) })
  })
})
