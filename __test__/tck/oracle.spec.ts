/** Each scenario of the kit passes when its engine answers what it expects, and fails when that engine errs in one thing. */

import { expect, it } from 'vitest'
import { skip } from '../helpers/tools.js'
import { Node, Relationship, fakeEngine, kitFolder, readKit, readStep, runScenario } from './modules.js'
import type { Answer, Engine, FakeGraph, Kit, Scenario } from './modules.js'

interface Expected {
  columns: string[]
  rows: unknown[][]
  effects: Record<string, number>
  error: { kind: string; phase: string; detail: string } | undefined
}

type Choice = (expected: Expected) => boolean
type Change = (expected: Expected) => unknown

/** More than any scenario removes. */
const stock = 50

/** A graph holds things that an answer can remove; labels and properties are on a node that stays. */
function fill(graph: FakeGraph): void {
  const names = Array.from({ length: stock }, (_, at) => `old${at}`)
  const holder = graph.addNode(names, Object.fromEntries(names.map((name) => [name, 1n])))
  for (let at = 0; at < stock; at++) graph.addRelationship(holder, graph.addNode(), 'T')
}

/** Does to a graph what side effects count. */
function affect(graph: FakeGraph, effects: Record<string, number>): void {
  const [holder] = graph.nodes
  const times = (name: string, act: (at: number) => void) => {
    for (let at = 0; at < (effects[name] ?? 0); at++) act(at)
  }
  times('-nodes', () => graph.nodes.pop())
  times('-relationships', () => graph.relationships.pop())
  times('-labels', () => holder!.labels.shift())
  times('-properties', (at) => delete holder!.properties[`old${at}`])
  times('+nodes', (at) => graph.nodes.push(new Node(`new${at}`)))
  times('+relationships', (at) => {
    graph.relationships.push(new Relationship(`new${at}`, holder!.id, holder!.id, 'T'))
  })
  times('+labels', (at) => holder!.labels.push(`new${at}`))
  times('+properties', (at) => (holder!.properties[`new${at}`] = 1n))
}

/** What each query of a scenario is expected to do, in the order in which they are executed. */
function expectations({ steps }: Scenario): Expected[] {
  const expected: Expected[] = []
  for (const raw of steps) {
    const step = readStep(raw) as { is: string } & Partial<Expected> & Expected['error']
    if (step.is === 'query') expected.push({ columns: [], rows: [], effects: {}, error: undefined })
    const last = expected.at(-1)
    if (last === undefined) continue
    if (step.is === 'result') Object.assign(last, { columns: [...step.columns!], rows: step.rows })
    if (step.is === 'effects') last.effects = step.effects ?? {}
    if (step.is === 'error') last.error = step as Expected['error']
  }
  return expected
}

/** An engine that answers what is expected, but for what `change` does to it. */
function oracle(scenario: Scenario, change: Change): Engine {
  const expected = expectations(scenario)
  change(expected[0]!)
  let next = 0
  const answer: Answer = (graph) => {
    const { columns, rows, effects, error } = expected[next++]!
    affect(graph, effects)
    if (error === undefined) return { columns, rows }
    const phase = error.phase === 'any time' ? 'runtime' : error.phase
    throw Object.assign(new Error('expected'), { code: 'QUERY', ...error, phase })
  }
  const queries = scenario.steps.filter(({ text }) => /^executing (?:control )?query:$/.test(text))
  const answers = new Proxy(Object.fromEntries(queries.map(({ docString }) => [docString, answer])), {
    get: (known, text: string) => (Object.hasOwn(known, text) ? known[text] : () => undefined), // what comes beforehand
  })
  const { graph, ...engine } = fakeEngine(answers)
  const filled = async () => {
    const made = await graph()
    fill(made)
    return made
  }
  return { ...engine, graph: filled }
}

async function failures(kit: Kit, change: Change, of: Choice = () => true) {
  const failed: string[] = []
  let ran = 0
  for (const scenario of kit.scenarios) {
    if (!of(expectations(scenario)[0]!)) continue
    ran++
    const failure = await runScenario(scenario, oracle(scenario, change), kit.graphs)
    if (failure !== undefined) failed.push(`${scenario.id}: ${failure}`)
  }
  return { failed, ran }
}

const hasRows = ({ rows, columns }: Expected) => rows.length > 0 && columns.length > 0
const hasPhase = ({ error }: Expected) => error !== undefined && error.phase !== 'any time'
const otherPhase = (phase: string) => (phase === 'runtime' ? 'compile time' : 'runtime')
const more = (effects: Record<string, number>, name: string) => (effects[name] = (effects[name] ?? 0) + 1)
const hasError = ({ error }: Expected) => error !== undefined

it('passes', async (context) => {
  const kit = readKit(kitFolder) ?? skip(context, `there is no ${kitFolder}`)
  const { failed } = await failures(kit, () => {})
  expect(failed).toEqual([])
})

it.for<[string, Change, Choice]>([
  ['a surplus row', ({ columns, rows }) => rows.push(columns.map(() => 'planted')), (one) => !hasError(one)],
  ['a missing row', ({ rows }) => rows.pop(), ({ rows }) => rows.length > 0],
  ['a wrong value', ({ rows }) => (rows[0]![0] = 'planted'), hasRows],
  ['a wrong column', ({ columns }) => (columns[0] += ' '), ({ columns }) => columns.length > 0],
  ['a surplus node', ({ effects }) => more(effects, '+nodes'), () => true],
  ['a lost property', ({ effects }) => more(effects, '-properties'), () => true],
  ['another kind', ({ error }) => (error!.kind += 'X'), hasError],
  ['another phase', ({ error }) => (error!.phase = otherPhase(error!.phase)), hasPhase],
  ['another detail', ({ error }) => (error!.detail += 'X'), ({ error }) => error !== undefined && error.detail !== '*'],
  ['no error', (expected) => (expected.error = undefined), hasError],
])('fails with %s', async ([, change, of], context) => {
  const kit = readKit(kitFolder) ?? skip(context, `there is no ${kitFolder}`)
  const { failed, ran } = await failures(kit, change, of)
  expect(ran).toBeGreaterThan(100)
  expect(failed.length).toBe(ran)
})
