/** EXPLAIN tells the steps of a plan, PROFILE how many rows each gave and how long it took. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { SledStore, type Graph } from '../../lib/index.js'

let store: SledStore
let graph: Graph
beforeEach(() => {
  store = SledStore.memory()
  graph = store.graph('people')
  graph.querySync('UNWIND range(1, 30) AS i CREATE (:Person {age: i})')
  graph.querySync('MATCH (a:Person), (b:Person) WHERE b.age = a.age + 1 CREATE (a)-[:KNOWS]->(b)')
})
afterEach(() => store.close())

const older = 'MATCH (p:Person) WHERE p.age > 20 RETURN p.age AS age ORDER BY age LIMIT 3'

it('counts the rows of each step and its time', async () => {
  const { plan = [], rows } = await graph.query(`PROFILE ${older}`)
  expect(rows).toEqual([{ age: 21 }, { age: 22 }, { age: 23 }])
  const counted = Object.fromEntries(plan.map((step) => [step.operator, step.rows]))
  expect(counted).toMatchObject({ LabelScan: 30, Filter: 10, TopN: 3 })
  for (const { milliseconds } of plan) {
    expect(milliseconds).toBeTypeOf('number')
    expect(milliseconds).toBeGreaterThanOrEqual(0)
  }
  expect(plan.some(({ milliseconds }) => milliseconds! > 0)).toBe(true)
})

it('tells the same steps without counts where nothing is run', () => {
  const explained = graph.querySync(`EXPLAIN ${older}`)
  const profiled = graph.querySync(`PROFILE ${older}`)
  expect(explained.rows).toEqual([])
  const steps = explained.plan!
  expect(steps.map(({ operator }) => operator)).toEqual(profiled.plan!.map(({ operator }) => operator))
  expect(steps.every(({ rows, milliseconds }) => rows === undefined && milliseconds === undefined)).toBe(true)
  expect(explained.planText()).not.toContain(' ms')
  expect(profiled.planText()).toMatch(/LabelScan .*: 30 rows, \d+\.\d{3} ms/)
})

it('shows what stands inside of an expression below its step', () => {
  const { plan = [] } = graph.querySync(
    'PROFILE MATCH (p:Person) WHERE p.age < 3 OR COUNT { (p)-->() } = 0 RETURN p.age AS age',
  )
  const at = plan.findIndex(({ operator }) => operator === 'Filter')
  expect(plan[at]).toMatchObject({ depth: 0, rows: 3 })
  expect(plan[at + 1]).toMatchObject({ depth: 1 })
  expect(plan.at(-1)).toMatchObject({ operator: 'Projection', depth: 0, rows: 3 })
})

it('counts what a union puts together, and what it gives once', () => {
  const ages = 'MATCH (p:Person) WHERE p.age < 3 RETURN p.age AS age'
  const { plan = [], rows } = graph.querySync(`PROFILE ${ages} UNION ${ages}`)
  expect(rows).toHaveLength(2)
  expect(plan[0]).toMatchObject({ operator: 'Union', depth: 0, rows: 4 })
  expect(plan.at(-1)).toMatchObject({ operator: 'Distinct', depth: 0, rows: 2 })
  expect(graph.querySync(`EXPLAIN ${ages} UNION ALL ${ages}`).plan!.map(({ depth }) => depth)).not.toContain(2)
})
