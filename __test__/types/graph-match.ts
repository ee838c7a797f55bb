/** Compiled by `tsc`, never run: what the compiler infers of traversals and merges, and refuses. */
import type { QueryPath, QueryTyped, QueryValue, SledStore } from '../../lib/index.js'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(answer: Same<A, B>): boolean => answer

const schema = {
  nodes: {
    Person: { key: 'email', properties: { email: 'string', age: 'integer?', born: 'date?' } },
    City: { properties: { name: 'string' } },
  },
  edges: {
    KNOWS: { from: 'Person', to: 'Person', properties: { since: 'integer' } },
    LIVES_IN: { from: 'Person', to: 'City' },
  },
} as const

export async function traversals(store: SledStore): Promise<void> {
  const graph = store.graph('people', schema)
  const row = graph
    .match('p', 'Person', { email: 'a', age: { gte: 18 } })
    .out('KNOWS', 'q', { as: 'k' })
    .out('LIVES_IN', 'c')
    .select({ email: 'q.email', age: 'q.age', born: 'p.born', since: 'k.since', city: 'c.name', n: { count: '*' } })
    .first()
  same<
    {
      readonly email: string
      readonly age: number | null
      readonly born: QueryTyped | null
      readonly since: number
      readonly city: string
      readonly n: number
    },
    Readonly<NonNullable<typeof row>>
  >(true)

  const whole = await graph.match('p', 'Person').in('KNOWS', 'q').firstAsync()
  same<string | undefined, NonNullable<typeof whole>['q']['properties']['email'] | undefined>(true)
  const ways = graph.match('p', 'Person').path('both', 'KNOWS', 'q', { max: 3, as: 'way', label: 'Person' }).toArray()
  same<number, NonNullable<NonNullable<(typeof ways)[0]>['way'][0]>['properties']['since']>(true)

  // @ts-expect-error no such label
  graph.match('p', 'Dog')
  // @ts-expect-error no such property
  graph.match('p', 'Person', { name: 'x' })
  // @ts-expect-error of another type
  graph.match('p', 'Person', { age: { gt: 'x' } })
  // @ts-expect-error no such type
  graph.match('p', 'Person').out('HATES', 'q')
  // @ts-expect-error no such label at the end of the type
  graph.match('p', 'Person').out('LIVES_IN', 'c', { label: 'Person' })
  // @ts-expect-error no such part
  graph.match('p', 'Person').where('q', {})
  // @ts-expect-error no such part
  graph.match('p', 'Person').select({ a: 'q' })
  // @ts-expect-error no such property
  graph.match('p', 'Person').select({ a: 'p.name' })
  // @ts-expect-error no such property
  graph.match('p', 'Person').orderBy('p.name')
  // @ts-expect-error no such column
  graph.match('p', 'Person').select({ a: 'p.age' }).orderBy('b')
  // @ts-expect-error no such property at the other end
  graph.match('p', 'Person').exists('p', { type: 'LIVES_IN', label: 'City', where: { email: 'x' } })
}

export async function patterns(store: SledStore): Promise<void> {
  const graph = store.graph('people', schema)
  const maybe = graph
    .match('p', 'Person')
    .optional((p) => p.out('LIVES_IN', 'c', { as: 'lives' }))
    .where('c', { name: null })
  const home = maybe.first()
  same<string | undefined, NonNullable<NonNullable<typeof home>['c']>['properties']['name'] | undefined>(true)
  same<true, null extends NonNullable<typeof home>['c'] ? true : false>(true)
  same<false, null extends NonNullable<typeof home>['p'] ? true : false>(true)
  const columns = maybe
    .select({ email: 'p.email', city: 'c.name', lives: { id: 'lives' }, labels: { labels: 'p' }, n: { count: 'c' } })
    .having({ n: { gt: 1 }, city: { startsWith: 'R' } })
    .orderBy('n')
    .single()
  same<
    {
      readonly email: string
      readonly city: string | null
      readonly lives: number | null
      readonly labels: string[]
      readonly n: number
    },
    Readonly<typeof columns>
  >(true)
  const { way } = graph
    .match('p', 'Person')
    .shortestPath('out', 'KNOWS', 'q', { max: 3, as: 'way' })
    .anyOf(
      (any) => any.where('p', { age: 1 }),
      (any) => any.not((all) => all.compare('p.age', 'lt', 'q.age')),
    )
    .single()
  same<QueryPath, typeof way>(true)
  // A node that is there stays what it is, and a selection goes on.
  const closed = graph.match('p', 'Person').select({ email: 'p.email' }).out('KNOWS', 'q').in('KNOWS', 'p').single()
  same<string, typeof closed.email>(true)
  for await (const { email } of graph.match('p', 'Person').select({ email: 'p.email' }))
    same<string, typeof email>(true)
  for (const { p } of graph.match('p', 'Person')) same<string, typeof p.properties.email>(true)
}

export function refusedPatterns(store: SledStore): void {
  const graph = store.graph('people', schema)
  const maybe = graph.match('p', 'Person').optional((p) => p.out('LIVES_IN', 'c'))
  // @ts-expect-error no such property of a part that may be missing
  maybe.where('c', { email: 'x' })
  // @ts-expect-error several edges have no property of their own
  graph.match('p', 'Person').path('out', 'KNOWS', 'q', { as: 'way' }).where('way', { since: 1 })
  const hop = graph.match('p', 'Person').out('KNOWS', 'q', { as: 'k' })
  // @ts-expect-error one edge has no length
  hop.select({ n: { length: 'k' } })
  // @ts-expect-error no such column
  maybe.select({ n: { count: 'c' } }).having({ m: 1 })
  // @ts-expect-error no columns
  maybe.having({ n: 1 })
  // @ts-expect-error conditions alone
  maybe.anyOf((any) => any.out('KNOWS', 'q'))
  // @ts-expect-error no such part
  maybe.not((any) => any.where('q', {}))
  // @ts-expect-error no such property
  maybe.compare('p.age', 'lt', 'p.name')
  // @ts-expect-error no such type
  maybe.optional((p) => p.out('HATES', 'q'))
  // @ts-expect-error no such node to lead to
  maybe.exists('p', { type: 'KNOWS', to: 'z' })
  // @ts-expect-error not in a list of strings
  graph.match('p', 'Person').where('p', { email: { has: 'x' } })
}

export async function written(store: SledStore): Promise<void> {
  const graph = store.graph('people', schema)
  const merged = await graph.merge({ label: 'Person', properties: { email: 'a' } })
  await graph.merge({ label: 'City', key: 'name', properties: { name: 'Rome' } })
  await graph.mergeEdge({
    type: 'KNOWS',
    source: merged.id,
    target: { label: 'Person', where: { email: 'b' } },
    properties: { since: 1 },
  })
  // @ts-expect-error a key is a property
  await graph.merge({ label: 'City', key: 'size', properties: { name: 'Rome' } })
  // @ts-expect-error the name is missing
  await graph.merge({ label: 'City', properties: {} })
  // @ts-expect-error no such property to find it by
  await graph.mergeEdge({ type: 'LIVES_IN', source: 1, target: { label: 'City', where: { email: 'b' } } })

  await graph.load({
    nodes: [{ key: 1, labels: 'Person', properties: { email: 'a' } }],
    edges: [{ type: 'KNOWS', source: 1, target: { id: 7 }, properties: { since: 1 } }],
  })
  // @ts-expect-error no such property
  await graph.load({ nodes: [{ labels: 'Person', properties: { email: 'a', nothing: 'x' } }] })
  // @ts-expect-error no such type
  await graph.load({ edges: [{ type: 'HATES', source: 1, target: 2 }] })
  const { labels, types } = graph.describe()
  same<number | undefined, typeof labels.Person>(true)
  same<number | undefined, typeof types.KNOWS>(true)
  // @ts-expect-error no such label
  void labels.Dog
}

export async function prepared(store: SledStore): Promise<void> {
  const query = store.graph('any').prepare<{ n: number }, { email: string; age?: number }>('RETURN 1 AS n')
  same<number, Awaited<ReturnType<typeof query.single>>['n']>(true)
  query.firstSync({ email: 'a' }, { timeout: 1 })
  await query.run({ email: 'a', age: 1 }, { signal: AbortSignal.timeout(1) })
  for await (const { n } of query.stream({ email: 'a' })) same<number, typeof n>(true)
  store.graph('any').prepare('RETURN 1').runSync()
  // @ts-expect-error a parameter is missing
  query.runSync()
  // @ts-expect-error a parameter is of another type
  query.runSync({ email: 1 })
  // @ts-expect-error what runs now takes no signal
  query.runSync({ email: 'a' }, { signal: AbortSignal.timeout(1) })
}

export function untyped(store: SledStore): void {
  const row = store.graph('any').match('a', 'Anything', { x: 1 }).out('T', 'b').select({ x: 'b.x', b: 'b' }).first()
  same<QueryValue | undefined, NonNullable<typeof row>['x'] | undefined>(true)
  same<number | undefined, NonNullable<typeof row>['b']['id'] | undefined>(true)
}
