/** The kit is read whole, its ids stay, and every scenario that is not listed passes. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { freshFolders } from '../helpers/folder.js'
import { skip } from '../helpers/tools.js'
import { Skipped, fakeEngine, kitFolder, problemsOf, readFailing, readFeature, readKit, runKit } from './modules.js'
import { runScenario, summarize, type FakeGraph } from './modules.js'

const fresh = freshFolders()
const absent = `there is no ${kitFolder}`

describe('ids', () => {
  it('name the feature, the scenario and the example', () => {
    const feature = `Feature: F
Scenario: one
Given any graph
Scenario Outline: each <n>
Given <n>
Examples:
| n |
| any graph |
| an empty graph |
Examples: more
| n |
| no graph |
Scenario: one
Given any graph`
    const scenarios = readFeature(feature, 'clauses/call/Call1.feature')
    expect(scenarios.map(({ id }) => id)).toEqual([
      'clauses/call/Call1: one',
      'clauses/call/Call1: each <n> #1',
      'clauses/call/Call1: each <n> #2',
      'clauses/call/Call1: each <n> #3',
      'clauses/call/Call1: one #2',
    ])
    expect(scenarios[3]).toMatchObject({ folder: 'clauses/call', steps: [{ text: 'no graph' }] })
  })

  it('are the same whichever part of the kit is read', () => {
    const folder = fresh()
    const part = join(folder, 'features', 'clauses', 'call')
    mkdirSync(part, { recursive: true })
    writeFileSync(join(part, 'Call1.feature'), 'Feature: F\nScenario: one\nGiven any graph\n')
    const kit = { scenarios: [{ id: 'clauses/call/Call1: one' }], graphs: join(folder, 'graphs') }
    for (const place of [folder, join(folder, 'features'), part, join(part, 'Call1.feature')])
      expect(readKit(place), place).toMatchObject(kit)
  })
})

it('a folder that is missing is no kit, and one without features an error', () => {
  const folder = fresh()
  expect(readKit(folder)).toBeUndefined()
  mkdirSync(folder)
  expect(() => readKit(folder)).toThrow('no scenario')
  writeFileSync(join(folder, 'broken.feature'), 'Scenario of no feature')
  expect(() => readKit(folder)).toThrow('broken.feature')
})

it('a named graph is made by the queries of its scripts', async () => {
  const graphs = fresh()
  mkdirSync(join(graphs, 'tree'), { recursive: true })
  writeFileSync(join(graphs, 'tree', 'tree.json'), '{ "name": "tree", "scripts": ["nodes", "edges"] }')
  writeFileSync(join(graphs, 'tree', 'nodes.cypher'), 'ONE;\nTWO;\n')
  writeFileSync(join(graphs, 'tree', 'edges.cypher'), 'EDGES')
  const steps = [
    { text: 'the tree graph' },
    { text: 'executing query:', docString: 'Q' },
    { text: 'the result should be empty' },
    { text: 'no side effects' },
  ]
  const done: string[] = []
  const note = (name: string) => [name, (graph: FakeGraph) => void (done.push(name), graph.addNode())] as const
  const answers = { ...Object.fromEntries(['ONE', 'TWO', 'EDGES'].map(note)), Q: () => undefined }
  const scenario = { id: 'one', folder: '.', feature: 'one.feature', steps }
  expect(await runScenario(scenario, fakeEngine(answers), graphs)).toBeUndefined()
  expect(done).toEqual(['ONE', 'TWO', 'EDGES'])
})

describe('the kit', () => {
  it('is read whole', (context) => {
    const { scenarios } = readKit(kitFolder) ?? skip(context, absent)
    expect(new Set(scenarios.map(({ id }) => id)).size).toBe(scenarios.length)
    const counted = new Map<string, number>()
    for (const { feature } of scenarios) counted.set(feature, (counted.get(feature) ?? 0) + 1)
    for (const [feature, count] of counted)
      expect(count, feature).toBe(countLines(readFileSync(join(kitFolder, 'features', feature), 'utf8')))
  })

  it('passes but for what is listed', { timeout: 900_000 }, async (context) => {
    const kit = readKit(kitFolder) ?? skip(context, absent)
    const outcomes = await runKit(kit).catch((error: Error) => {
      if (error instanceof Skipped) skip(context, error.message)
      throw error
    })
    expect(problemsOf(outcomes, readFailing(), { whole: true }).join('\n')).toBe('')
  })
})

/** Scenarios of a feature, counted by its lines alone: each scenario, and each row of examples below a heading. */
function countLines(text: string): number {
  let count = 0
  let [isText, isExamples, isHeading] = [false, false, false]
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line.startsWith('"""')) isText = !isText
    if (isText) continue
    if (line.startsWith('Examples:')) [isExamples, isHeading] = [true, true]
    else if (line.startsWith('Scenario:')) [isExamples, count] = [false, count + 1]
    else if (line.startsWith('Scenario Outline:')) isExamples = false
    else if (isExamples && line.startsWith('|')) [isHeading, count] = [false, count + (isHeading ? 0 : 1)]
  }
  return count
}

describe('the list of scenarios that may fail', () => {
  it('is empty, and stays so', () => {
    expect(readFailing()).toEqual([])
  })

  const folder = 'clauses/call'
  const [passing, failing] = [
    { id: 'a', folder, failure: undefined },
    { id: 'b', folder, failure: 'why' },
  ]

  it('is sorted and names none twice', () => {
    const listed = readFailing()
    expect(listed).toEqual([...new Set(listed)].sort())
  })

  it('excuses what is on it and nothing else', () => {
    expect(problemsOf([passing, failing], ['b'], { whole: true })).toEqual([])
    expect(problemsOf([passing, failing], [], { whole: true })).toEqual(['b\n  why'])
  })

  it('holds nothing that passes, and nothing that is no scenario', () => {
    expect(problemsOf([passing, failing], ['a', 'b'], { whole: true })).toEqual([
      'a\n  passes: remove it from failing.json',
    ])
    expect(problemsOf([passing], ['b'], { whole: true })).toHaveLength(1)
    expect(problemsOf([passing], ['b'], { whole: false })).toEqual([])
  })

  it('does not change the sums', () => {
    expect(summarize([passing, failing])).toEqual({
      passed: 1,
      failed: 1,
      total: 2,
      folders: { 'clauses/call': { passed: 1, failed: 1 } },
      failing: ['b'],
    })
  })
})
