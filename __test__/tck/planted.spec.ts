/** A scenario fails when its engine answers anything but what is expected, and passes when it answers that. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Node, Path, Relationship, Temporal, fakeEngine, readFeature, runScenario, type Answer } from './modules.js'

const query = 'When executing query:\n"""\nQ\n"""'

/** What fails in a scenario of these steps; undefined when nothing does. */
async function failureOf(steps: string, answers: Record<string, Answer>): Promise<string | undefined> {
  const [scenario] = readFeature(`Feature: planted\nScenario: one\n${steps}\n`, 'planted.feature')
  const engine = fakeEngine(answers)
  const failure = await runScenario(scenario!, engine, 'no graphs')
  expect(engine.graphs.every(({ isDropped }) => isDropped)).toBe(true)
  return failure
}

const answering = (columns: unknown, ...rows: unknown[]) => ({ Q: () => ({ columns, rows }) })

const people = `Given any graph
${query}
Then the result should be, in any order:
| name | age |
| 'a'  | 1   |
| 'b'  | 2.5 |
And no side effects`

describe('rows in any order', () => {
  it('pass in any order', async () => {
    expect(await failureOf(people, answering(['name', 'age'], ['a', 1n], ['b', 2.5]))).toBeUndefined()
    expect(await failureOf(people, answering(['name', 'age'], ['b', 2.5], ['a', 1n]))).toBeUndefined()
  })

  it.each<[string, Record<string, Answer>]>([
    ['a wrong row', answering(['name', 'age'], ['a', 1n], ['b', 2.6])],
    ['a missing row', answering(['name', 'age'], ['a', 1n])],
    ['a surplus row', answering(['name', 'age'], ['a', 1n], ['b', 2.5], ['c', 3n])],
    ['a row twice instead of another', answering(['name', 'age'], ['a', 1n], ['a', 1n])],
    ['no rows', answering(['name', 'age'])],
    ['a wrong column', answering(['name', 'years'], ['a', 1n], ['b', 2.5])],
    ['columns in another order', answering(['age', 'name'], [1n, 'a'], [2.5, 'b'])],
    ['a missing column', answering(['name'], ['a'], ['b'])],
    ['a surplus column', answering(['name', 'age', 'x'], ['a', 1n, 1n], ['b', 2.5, 1n])],
    ['a float for an integer', answering(['name', 'age'], ['a', 1], ['b', 2.5])],
    ['a row that is too short', answering(['name', 'age'], ['a', 1n], ['b'])],
    ['no columns at all', answering(undefined, ['a', 1n], ['b', 2.5])],
    ['nothing that is known', {}],
  ])('fail with %s', async (_, answers) => {
    expect(await failureOf(people, answers)).toBeTypeOf('string')
  })
})

describe('rows in order', () => {
  const steps = `Given an empty graph\n${query}\nThen the result should be, in order:\n| n |\n| 1 |\n| 2 |`
  it('pass', async () => {
    expect(await failureOf(steps, answering(['n'], [1n], [2n]))).toBeUndefined()
  })

  it.each<[string, unknown[][]]>([
    ['another order', [[2n], [1n]]],
    ['a missing row', [[1n]]],
    ['a surplus row', [[1n], [2n], [3n]]],
  ])('fail with %s', async (_, rows) => {
    expect(await failureOf(steps, answering(['n'], ...rows))).toBeTypeOf('string')
  })
})

describe('elements of lists', () => {
  const steps = (how: string) =>
    `Given any graph\n${query}\nThen the result should be${how}\n| l |\n| [1, 2] |\n| [3] |`
  const ignoring = '(ignoring element order for lists):'
  const [swapped, moved] = [answering(['l'], [[2n, 1n]], [[3n]]), answering(['l'], [[3n]], [[2n, 1n]])]
  it('have an order unless it is ignored', async () => {
    expect(await failureOf(steps(', in any order:'), swapped)).toBeTypeOf('string')
    expect(await failureOf(steps(` ${ignoring}`), swapped)).toBeUndefined()
    expect(await failureOf(steps(` ${ignoring}`), moved)).toBeUndefined()
    expect(await failureOf(steps(`, in order ${ignoring}`), swapped)).toBeUndefined()
    expect(await failureOf(steps(`, in order ${ignoring}`), moved)).toBeTypeOf('string')
    expect(await failureOf(steps(` ${ignoring}`), answering(['l'], [[2n, 2n]], [[3n]]))).toBeTypeOf('string')
  })
})

it('graph elements and temporal values are compared by what they hold', async () => {
  const steps = `Given any graph
${query}
Then the result should be, in any order:
| n           | p               | d            |
| (:A {p: 1}) | <()<-[:T]-(:B)> | '2015-07-21' |`
  const row = (start: number, end: number) => [
    new Node(5, ['A'], { p: 1n }),
    new Path([new Node(1), new Node(2, ['B'])], [new Relationship(1, start, end, 'T')]),
    new Temporal('2015-07-21'),
  ]
  expect(await failureOf(steps, answering(['n', 'p', 'd'], row(2, 1)))).toBeUndefined()
  expect(await failureOf(steps, answering(['n', 'p', 'd'], row(1, 2)))).toBeTypeOf('string')
})

describe('an empty result', () => {
  const steps = `Given any graph\n${query}\nThen the result should be empty`
  it('has no rows and no columns', async () => {
    expect(await failureOf(steps, answering([]))).toBeUndefined()
    expect(await failureOf(steps, answering(['n'], [1n]))).toBeTypeOf('string')
    expect(await failureOf(steps, answering(['n']))).toBeTypeOf('string')
  })
})

describe('side effects', () => {
  const steps = `Given an empty graph
And having executed:
"""
BEFORE
"""
${query}
Then the result should be empty
And the side effects should be:
| +nodes         | 1 |
| -nodes         | 1 |
| +relationships | 1 |
| +labels        | 1 |
| +properties    | 2 |
| -properties    | 1 |`
  const before: Answer = (graph) => {
    graph.addNode(['A'], { kept: 1n, changed: 1n })
    graph.addNode(['A'])
  }
  /** Each changes what the right answer does. */
  const right: Answer = (graph) => {
    const { properties } = graph.nodes[0]!
    properties['changed'] = 2n
    graph.nodes.length = 1
    const added = new Node(9, ['A', 'B'], { own: 'x' })
    graph.nodes.push(added)
    graph.addRelationship(graph.nodes[0]!, added, 'T')
  }
  const rightAnd =
    (change: Answer): Answer =>
    (graph, parameters) => (right(graph, parameters), change(graph, parameters))

  it('pass when they are the expected ones', async () => {
    expect(await failureOf(steps, { BEFORE: before, Q: right })).toBeUndefined()
  })

  it.each<[string, Answer]>([
    ['a surplus node', (graph) => void graph.nodes.push(new Node(10))],
    ['a node that is listed twice', (graph) => void graph.nodes.push(new Node(0))],
    ['a missing node', (graph) => void graph.nodes.pop()],
    [
      'a node in another one’s place',
      (graph) => void graph.nodes.splice(0, 1, new Node(11, ['A'], graph.nodes[0]!.properties)),
    ],
    ['a missing relationship', (graph) => void graph.relationships.pop()],
    ['a surplus label', (graph) => void graph.nodes[0]!.labels.push('C')],
    ['a missing label', (graph) => void graph.nodes[1]!.labels.pop()],
    ['a surplus property', (graph) => void (graph.nodes[0]!.properties['more'] = 1n)],
    ['a missing property', (graph) => void delete graph.nodes[1]!.properties['own']],
    ['a property of a relationship', (graph) => void (graph.relationships[0]!.properties['p'] = 1n)],
    ['a property of another type', (graph) => void (graph.nodes[0]!.properties['kept'] = 1)],
  ])('fail with %s', async (_, change) => {
    expect(await failureOf(steps, { BEFORE: before, Q: rightAnd(change) })).toBeTypeOf('string')
  })

  it('fail where none are expected, and are named', async () => {
    const none = `Given any graph\n${query}\nThen the result should be empty\nAnd no side effects`
    expect(await failureOf(none, { Q: (graph) => void graph.addNode(['A']) })).toContain('+nodes 1, +labels 1')
    expect(await failureOf(none, { Q: () => undefined })).toBeUndefined()
  })
})

describe('an error', () => {
  const steps = (expected: string) => `Given any graph\n${query}\nThen a ${expected}`
  const expected = steps('TypeError should be raised at runtime: InvalidArgumentValue')
  const right = { code: 'QUERY', phase: 'runtime', kind: 'TypeError', detail: 'InvalidArgumentValue' }
  const throwing = (changes: object): Record<string, Answer> => ({
    Q() {
      throw Object.assign(new Error('planted'), right, changes)
    },
  })

  it('passes when it is the expected one', async () => {
    expect(await failureOf(expected, throwing({}))).toBeUndefined()
  })

  it.each<[string, Record<string, Answer>]>([
    ['another phase', throwing({ phase: 'compile time' })],
    ['another kind', throwing({ kind: 'ArgumentError' })],
    ['another detail', throwing({ detail: 'InvalidArgumentType' })],
    ['no phase', throwing({ phase: undefined })],
    ['no detail', throwing({ detail: undefined })],
    ['rows instead', answering(['n'], [1n])],
    ['an empty result instead', answering([])],
    [
      'side effects',
      {
        Q(graph) {
          graph.addNode()
          throw Object.assign(new Error('planted'), right)
        },
      },
    ],
    [
      'a failure of the engine itself',
      {
        Q() {
          throw new TypeError('planted')
        },
      },
    ],
  ])('fails with %s', async (_, answers) => {
    expect(await failureOf(expected, answers)).toBeTypeOf('string')
  })

  it('is of any phase or detail where that is expected', async () => {
    const any = steps('TypeError should be raised at any time: *')
    for (const phase of ['runtime', 'compile time'])
      expect(await failureOf(any, throwing({ phase, detail: 'Whatever' }))).toBeUndefined()
    expect(await failureOf(any, throwing({ kind: 'SyntaxError' }))).toBeTypeOf('string')
    expect(await failureOf(any, throwing({ phase: 'later' }))).toBeTypeOf('string')
    expect(await failureOf(any, throwing({ detail: undefined }))).toBeTypeOf('string')
  })

  it('is compared by its GQL code and message where those are expected', async () => {
    const coded = (rest = '') => `Given any graph\n${query}\nThen an error with GQL code 22N01 should be raised${rest}`
    expect(await failureOf(coded(), throwing({ gqlStatus: '22N01' }))).toBeUndefined()
    expect(await failureOf(coded(), throwing({ gqlStatus: '22N02' }))).toBeTypeOf('string')
    expect(await failureOf(coded(), throwing({}))).toBeTypeOf('string')
    const message = ' with message matching: ^plan.*'
    expect(await failureOf(coded(message), throwing({ gqlStatus: '22N01' }))).toBeUndefined()
    expect(await failureOf(coded(message), throwing({ gqlStatus: '22N01', message: 'other' }))).toBeTypeOf('string')
  })

  it('fails where a result is expected, and where something is executed beforehand', async () => {
    expect(await failureOf(people, throwing({}))).toContain('InvalidArgumentValue')
    const beforehand = people.replace(
      'When executing query',
      'And having executed:\n"""\nBEFORE\n"""\nWhen executing query',
    )
    const people2 = answering(['name', 'age'], ['a', 1n], ['b', 2.5])
    expect(await failureOf(beforehand, { ...people2, BEFORE: () => undefined })).toBeUndefined()
    expect(await failureOf(beforehand, people2)).toContain('beforehand')
  })
})

describe('a control query', () => {
  const steps = `Given any graph
${query}
Then the result should be empty
And the side effects should be:
| +nodes | 1 |
When executing control query:
"""
CONTROL
"""
Then the result should be, in any order:
| n |
| 1 |`
  const create: Answer = (graph) => void graph.addNode()
  const count: Answer = ({ nodes }) => ({ columns: ['n'], rows: [[BigInt(nodes.length)]] })
  it('sees what the query left', async () => {
    expect(await failureOf(steps, { Q: create, CONTROL: count })).toBeUndefined()
    expect(await failureOf(steps, { Q: create, CONTROL: () => ({ columns: ['n'], rows: [[2n]] }) })).toBeTypeOf(
      'string',
    )
    expect(await failureOf(steps, { Q: create })).toBeTypeOf('string')
  })

  it('leaves the side effects to be those of the query', async () => {
    const late = (count: number) => `${steps}\nAnd the side effects should be:\n| +nodes | ${count} |`
    expect(await failureOf(late(1), { Q: create, CONTROL: count })).toBeUndefined()
    expect(await failureOf(late(0), { Q: create, CONTROL: count })).toBeTypeOf('string')
  })
})

describe('what a query is given', () => {
  it('are parameters of their types', async () => {
    const steps = `Given any graph\nAnd parameters are:\n| i | 1 |\n| f | 1.0 |\n| m | {a: [null]} |\n${query}
Then the result should be empty`
    let given: object = {}
    expect(await failureOf(steps, { Q: (_, parameters) => void (given = { ...parameters }) })).toBeUndefined()
    expect(given).toStrictEqual({ i: 1n, f: 1, m: { a: [null] } })
  })

  it('are procedures', async () => {
    const steps = `Given any graph\nAnd there exists a procedure p(a :: INTEGER?) :: (b :: STRING?):\n| a | b |\n| 1 | 'x' |
${query}\nThen the result should be empty`
    let registered: unknown
    expect(await failureOf(steps, { Q: ({ procedures }) => void (registered = procedures) })).toBeUndefined()
    expect(registered).toMatchObject([{ signature: { name: 'p' }, rows: [[1n, 'x']] }])
  })

  it('are CSV files by their URL', async () => {
    const steps = `Given any graph\nAnd there exists a CSV file with URL as $file, with rows:\n| a | b,c |\n| 1 | "2" |
${query}\nThen the result should be empty`
    let content = ''
    const read: Answer = (_, { file }) => void (content = readFileSync(new URL(String(file)), 'utf8'))
    expect(await failureOf(steps, { Q: read })).toBeUndefined()
    expect(content).toBe('a,"b,c"\n1,"""2"""\n')
  })
})

describe('a scenario fails that', () => {
  const answers = answering([])
  it.each<[string, string]>([
    ['has an unknown step', `Given any graph\n${query}\nThen the result should be empty\nAnd all is well`],
    ['begins with a graph the kit does not have', `Given the missing graph\n${query}\nThen the result should be empty`],
    ['executes nothing', 'Given any graph'],
    ['expects something of nothing', 'Given any graph\nThen the result should be empty'],
    ['expects side effects of nothing', 'Given any graph\nThen no side effects'],
    ['expects nothing', `Given any graph\n${query}`],
    [
      'expects nothing of the first of two queries',
      `Given any graph\n${query}\n${query}\nThen the result should be empty`,
    ],
  ])('%s', async (_, steps) => {
    expect(await failureOf(steps, answers)).toBeTypeOf('string')
  })
})
