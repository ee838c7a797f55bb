import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Duration, LocalDate, Point, SledStore, SledStoreError, ZonedDateTime } from '../../lib/index.js'

const store = SledStore.memory()
afterAll(() => store.close())

const schema = {
  nodes: {
    Person: {
      key: 'email',
      properties: { email: 'string', age: 'integer?', born: 'localdate?', home: 'point?', weight: 'float?' },
    },
    City: { properties: { name: 'string', seen: 'datetime?', tags: 'string[]?' } },
  },
  edges: {
    KNOWS: { from: 'Person', to: 'Person', properties: { since: 'integer', lasted: 'duration?' } },
    LIVES_IN: { from: 'Person', to: 'City' },
  },
} as const
const people = store.graph('people', schema)

const failed = async (run: () => unknown): Promise<SledStoreError> => {
  try {
    await run()
  } catch (error) {
    if (error instanceof SledStoreError) return error
    throw error
  }
  throw new Error('it did not fail')
}
const count = (): number => store.graph('people').querySync<{ n: number }>('MATCH (n) RETURN count(n) AS n').single().n

beforeAll(async () => {
  await people.query("CREATE (:Person {email: 'ann'})-[:KNOWS {since: 1}]->(:Person {email: 'bob'})")
})

describe('statements over a graph with a schema', () => {
  it('are refused where they name what it does not have, whoever runs them', async () => {
    const text = 'MATCH (p:Person)\nWHERE p.emial = $x\nRETURN p'
    const parameters = { x: 'ann' }
    const ways: (() => unknown)[] = [
      () => people.querySync(text, parameters),
      () => people.query(text, parameters),
      () => people.stream(text, parameters).toArray(),
      () => store.transaction((tx) => people.in(tx).querySync(text, parameters)),
      () => {
        using snapshot = store.snapshot()
        return people.at(snapshot).querySync(text, parameters)
      },
    ]
    for (const way of ways) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, so that a failure names its way
      const error = await failed(way)
      expect(error.code).toBe('SCHEMA_INVALID')
      expect(error.query).toMatchObject({ phase: 'compile time', detail: 'NotInSchema', line: 2, column: 9 })
      expect(error.message).toContain('`email`')
      expect(error.message).toContain('^^^^^')
    }
    const untyped = store.graph('people')
    expect(untyped.querySync(text, parameters).rows).toEqual([])
    expect((await failed(() => people.querySync(text, parameters))).code, 'a plan that is kept').toBe('SCHEMA_INVALID')
  })

  it('are refused as commands', async () => {
    const error = await failed(async () => people.query('CREATE INDEX FOR (c:City) ON (c.nam)'))
    expect([error.code, error.query?.column]).toEqual(['SCHEMA_INVALID', 33])
    await people.query('CREATE INDEX towns FOR (c:City) ON (c.name)')
    expect(people.describe().indexes.map(({ name }) => name)).toEqual(['towns'])
  })

  it.each([
    ['a value of another kind', 'CREATE (:Person {email: 7})'],
    ['a float for an integer', "MATCH (p:Person {email: 'ann'}) SET p.age = 1.5"],
    ['an integer for a float', "MATCH (p:Person {email: 'ann'}) SET p.weight = 1"],
    ['a date for a point', "MATCH (p:Person {email: 'ann'}) SET p.home = date()"],
    ['a list with something else in it', "CREATE (:City {name: 'x', tags: ['a', 1]})"],
    ['a missing property', 'CREATE (:Person {age: 3})'],
    ['a property that is taken away', "MATCH (p:Person {email: 'ann'}) REMOVE p.email"],
    ['a property of a parameter', 'CREATE (p:Person $map)'],
    ['a property that another label has', "MATCH (p:Person {email: 'ann'}) SET p += $map"],
    ['a node without its label', "MATCH (p:Person {email: 'ann'}) REMOVE p:Person"],
    ['an edge from elsewhere', "CREATE (:City {name: 'x'})-[:LIVES_IN]->(:City {name: 'y'})"],
    ['an edge to elsewhere', "MATCH (p:Person {email: 'ann'}) MERGE (p)-[:LIVES_IN]->(p)"],
    ['an edge without its property', "MATCH (p:Person {email: 'ann'}) CREATE (p)-[:KNOWS]->(p)"],
  ])('write nothing with %s', async (_, text) => {
    const before = count()
    const error = await failed(async () => people.query(text, { map: { email: 'new', name: 'x' } }))
    expect([error.code, error.query?.phase]).toEqual(['SCHEMA_INVALID', 'runtime'])
    expect(count()).toBe(before)
    const [ann] = people.querySync("MATCH (p:Person {email: 'ann'}) RETURN properties(p) AS all").rows
    expect(ann).toEqual({ all: { email: 'ann' } })
  })

  it('write what fits, in steps too', () => {
    people.querySync(
      `CREATE (p:Person) SET p.email = 'cy', p.age = 3, p.born = date('2001-02-03'), p.weight = 2.0
       CREATE (p)-[:LIVES_IN]->(c:City {name: 'Oslo', seen: datetime(), tags: ['a']})
       CREATE (p)-[:KNOWS {since: 2, lasted: duration('P1D')}]->(p)`,
    )
    const { born } = people
      .querySync<{ born: LocalDate }>("MATCH (p:Person {email: 'cy'}) RETURN p.born AS born")
      .single()
    expect(born.toString()).toBe('2001-02-03')
    people.querySync("MATCH (p:Person {email: 'cy'}) DETACH DELETE p")
    expect(people.querySync("MATCH (p:Person {email: 'cy'}) RETURN p").rows).toEqual([])
  })
})

describe('the ends of an edge', () => {
  it('have a label of the schema, in calls as well', async () => {
    const [ann, rome] = await store.transaction((tx) => {
      const graph = people.in(tx)
      const person = graph.addNode({ labels: 'Person', properties: { email: 'fay' } })
      const city = graph.addNode({ labels: 'City', properties: { name: 'Rome' } })
      graph.addEdge({ type: 'LIVES_IN', source: person, target: city })
      return [person, city] as const
    })
    const edges = (): number => people.describe().edges
    const before = edges()
    for (const [source, target] of [
      [rome, ann],
      [ann, ann],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const error = await failed(async () => people.addEdge({ type: 'LIVES_IN', source, target }))
      expect(error.code).toBe('SCHEMA_INVALID')
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect((await failed(async () => people.mergeEdge({ type: 'LIVES_IN', source, target }))).code).toBe(
        'SCHEMA_INVALID',
      )
    }
    const missing = await failed(async () => people.addEdge({ type: 'LIVES_IN', source: ann, target: 999_999 }))
    expect(missing.code).toBe('NOT_FOUND')
    expect(edges()).toBe(before)
  })
})

describe('kinds of dates, times, durations and points', () => {
  it('take their own class and nothing else', async () => {
    const place = new Point({ x: 1, y: 2 })
    const born = new LocalDate(2001, 2, 3)
    const dan = await people.addNode({ labels: 'Person', properties: { email: 'dan', born, home: place, weight: 3 } })
    expect(people.node<'Person'>(dan)?.properties).toEqual({ email: 'dan', born, home: place, weight: 3 })
    const wrong = { email: 'eve', born: new Date() as unknown as LocalDate }
    expect((await failed(async () => people.addNode({ labels: 'Person', properties: wrong }))).code).toBe(
      'SCHEMA_INVALID',
    )
    const seen = ZonedDateTime.parse('2024-05-06T07:08:09.000000001+02:00')
    await people.addNode({ labels: 'City', properties: { name: 'Rome', seen } })
    await people.addEdge({
      type: 'KNOWS',
      source: dan,
      target: dan,
      properties: { since: 1, lasted: new Duration({ days: 1 }) },
    })
  })
})
