/** A traversal is planned as the same question is that is written by hand. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { fill, graph, store } from './people.js'

beforeAll(async () => {
  await fill()
  await graph.createKeys()
  await graph.createIndex({ label: 'Person', property: 'age' })
})
afterAll(() => store.close())

const person = graph.match('p', 'Person')
const ann = graph.match('p', 'Person', { name: 'Ann' })

it.each([
  ['a node by its key', ann, 'MATCH (p:Person) WHERE p.name = $p0 RETURN p'],
  [
    'a hop, ordered and limited',
    ann
      .out('KNOWS', 'q')
      .where('q', { age: { gt: 25 } })
      .select({ name: 'q.name' })
      .orderBy('name')
      .limit(5),
    'MATCH (p:Person)-[:KNOWS]->(q) WHERE p.name = $p0 AND q.age > $p1 RETURN q.name AS name ORDER BY name LIMIT $limit',
  ],
  [
    'distinct ends',
    person.out('LIVES_IN', 'c').select({ city: 'c.name' }).distinct(),
    'MATCH (p:Person)-[:LIVES_IN]->(c) RETURN DISTINCT c.name AS city',
  ],
  [
    'a range',
    person.where('p', { age: { gte: 20, lt: 40 } }),
    'MATCH (p:Person) WHERE p.age >= $p0 AND p.age < $p1 RETURN p',
  ],
  [
    'an optional pattern',
    ann.optional((p) => p.out('LIVES_IN', 'c').where('c', { name: 'Rome' })).select({ city: 'c.name' }),
    'MATCH (p:Person) WHERE p.name = $p0 OPTIONAL MATCH (p)-[:LIVES_IN]->(c) WHERE c.name = $p1 RETURN c.name AS city',
  ],
  [
    'what is asked behind it',
    person.optional((p) => p.out('LIVES_IN', 'c')).where('c', { name: null }),
    'MATCH (p:Person) OPTIONAL MATCH (p)-[:LIVES_IN]->(c) WITH * WHERE c.name IS NULL RETURN p, c',
  ],
  [
    'alternatives',
    person
      .anyOf(
        (any) => any.where('p', { age: 30 }),
        (any) => any.where('p', { name: 'Ann' }),
      )
      .not((p) => p.where('p', { age: 20 })),
    'MATCH (p:Person) WHERE (p.age = $p0 OR p.name = $p1) AND NOT p.age = $p2 RETURN p',
  ],
  [
    'a path of several edges',
    ann.path('out', 'KNOWS', 'q', { min: 1, max: 3, as: 'way' }).select({ n: { length: 'way' } }),
    'MATCH (p:Person)-[way:KNOWS*1..3]->(q) WHERE p.name = $p0 RETURN size(way) AS n',
  ],
  [
    'a shortest path',
    ann
      .shortestPath('out', 'KNOWS', 'q', { label: 'Person', max: 8, as: 'way' })
      .where('q', { name: 'Dee' })
      .select({ n: { length: 'way' } }),
    'MATCH (p:Person), (q:Person), way = shortestPath((p)-[:KNOWS*1..8]->(q)) WHERE p.name = $p0 AND q.name = $p1 RETURN length(way) AS n',
  ],
  [
    'a triangle',
    person
      .out('KNOWS', 'q')
      .out('KNOWS', 'r')
      .in('KNOWS', 'p')
      .select({ n: { count: '*' } }),
    'MATCH (p:Person)-[:KNOWS]->(q)-[:KNOWS]->(r)<-[:KNOWS]-(p) RETURN count(*) AS n',
  ],
  [
    'neighbors that must not be there',
    person.out('KNOWS', 'q').notExists('p', { type: 'LIVES_IN' }).exists('q', { type: 'KNOWS', to: 'p' }),
    `MATCH (p:Person)-[:KNOWS]->(q) WHERE NOT EXISTS { MATCH (p)-[:LIVES_IN]->(next) }
     AND EXISTS { MATCH (q)-[:KNOWS]->(p) } RETURN p, q`,
  ],
  ['an id', person.whereId('p', 1), 'MATCH (p:Person) WHERE id(p) = $p0 RETURN p'],
  [
    'groups that are kept by what was counted',
    person
      .out('KNOWS', 'q')
      .select({ name: 'p.name', n: { count: 'q' } })
      .having({ n: { gt: 1 } })
      .orderBy('n', 'desc'),
    'MATCH (p:Person)-[:KNOWS]->(q) WITH p.name AS name, count(q) AS n WHERE n > $p0 RETURN name, n ORDER BY n DESC',
  ],
])('%s', (_, built, byHand) => {
  const { parameters } = built.toCypher()
  const plan = graph.querySync(`EXPLAIN ${byHand}`, parameters).planText()
  // But for its backticks, to the letter: operators, what they do and how many rows are expected.
  expect(built.explain().replaceAll('`', '')).toBe(plan)
  expect(built.toArray()).toEqual(graph.querySync(byHand, parameters).toArray())
})

it('finds nodes by their indexes', () => {
  expect(ann.explain()).toContain('NodeUniqueIndexSeek')
  expect(person.where('p', { age: 30 }).explain()).toContain('NodeIndexSeek')
})
