/** Traversals with parts that may be missing, with alternatives, and along shortest paths. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { QueryPath } from '../../lib/index.js'
import { fill, graph, store } from './people.js'

beforeAll(fill)
afterAll(() => store.close())

const person = graph.match('p', 'Person')
const names = person.select({ name: 'p.name' }).orderBy('name')
const list = (match: Iterable<{ name: string }>): string[] => [...match].map(({ name }) => name)

describe('an optional pattern', () => {
  const homes = person.optional((p) => p.out('LIVES_IN', 'city', { as: 'lives' }))

  it('leaves what is missing null', () => {
    expect(homes.select({ name: 'p.name', city: 'city.name' }).orderBy('name').toArray()).toEqual([
      { name: 'Ann', city: 'Rome' },
      { name: 'Bob', city: 'Rome' },
      { name: 'Cy', city: null },
      { name: 'Dee', city: null },
    ])
    const whole = homes.orderBy('p.name').toArray()
    expect(whole.map(({ city, lives }) => [city?.properties.name, lives?.type])).toEqual([
      ['Rome', 'LIVES_IN'],
      ['Rome', 'LIVES_IN'],
      [undefined, undefined],
      [undefined, undefined],
    ])
    expect(homes.count()).toBe(4)
  })

  it('has conditions of its own, which take no row away', () => {
    const friends = person.optional((p) =>
      p
        .out('KNOWS', 'q')
        .where('q', { age: { gte: 30 } })
        .not((q) => q.where('q', { name: 'x' })),
    )
    expect(friends.select({ name: 'p.name', friend: 'q.name' }).orderBy('name').toArray()).toEqual([
      { name: 'Ann', friend: 'Bob' },
      { name: 'Bob', friend: null },
      { name: 'Cy', friend: null },
      { name: 'Dee', friend: null },
    ])
  })

  it('is asked of every row behind it', () => {
    expect(list(homes.where('city', { name: null }).select({ name: 'p.name' }).orderBy('name'))).toEqual(['Cy', 'Dee'])
    const either = homes.anyOf(
      (any) => any.where('city', { name: 'Rome' }),
      (any) => any.where('p', { age: 20 }),
    )
    expect(list(either.select({ name: 'p.name' }).orderBy('name'))).toEqual(['Ann', 'Bob', 'Cy'])
    expect(homes.compare('p.name', 'lt', 'city.name').count()).toBe(2)
  })

  it('follows another, and leads on where the first one is', () => {
    const both = homes
      .optional((p) => p.in('LIVES_IN', 'neighbor', { from: 'city' }).compare('neighbor', 'ne', 'p'))
      .select({ name: 'p.name', neighbor: 'neighbor.name' })
      .orderBy('name')
    expect(both.toArray().slice(0, 3)).toEqual([
      { name: 'Ann', neighbor: 'Bob' },
      { name: 'Bob', neighbor: 'Ann' },
      { name: 'Cy', neighbor: null },
    ])
    const gathered = homes.select({ city: 'city.name', people: { count: 'p' } }).orderBy('people')
    expect(gathered.toArray()).toHaveLength(2)
    const on = homes.out('KNOWS', 'q').select({ name: 'q.name', city: 'city.name' }).orderBy('name')
    expect(on.first()).toEqual({ name: 'Bob', city: 'Rome' })
    expect(() => homes.out('KNOWS', 'q', { from: 'city' })).toThrow(RangeError)
    expect(() => person.optional((p) => p.limit(1))).toThrow(TypeError)
  })
})

describe('conditions', () => {
  it('fit one of several', () => {
    const either = names.anyOf(
      (any) => any.where('p', { age: { lt: 25 } }),
      (any) => any.where('p', { name: { startsWith: 'A' } }).exists('p', { type: 'LIVES_IN' }),
    )
    expect(list(either)).toEqual(['Ann', 'Cy'])
    const nested = either
      .where('p', { age: { exists: true } })
      .not((p) => p.anyOf((any) => any.where('p', { name: 'Cy' })))
    expect(list(nested)).toEqual(['Ann'])
    expect(nested.count()).toBe(1)
  })

  it('do not fit, and do not know of what is missing', () => {
    expect(list(names.not((p) => p.where('p', { age: 30 })))).toEqual(['Ann', 'Cy'])
    expect(list(names.not((p) => p.exists('p', { type: 'LIVES_IN' })))).toEqual(['Cy', 'Dee'])
    expect(list(names.not((p) => p.where('p', { age: { gt: 25 }, name: { contains: 'n' } })))).toEqual([
      'Bob',
      'Cy',
      'Dee',
    ])
  })

  it('ask for ids and compare parts', () => {
    const ann = graph.findOne({ label: 'Person', where: { name: 'Ann' } })!.id
    const bob = graph.findOne({ label: 'Person', where: { name: 'Bob' } })!.id
    expect(list(names.whereId('p', ann))).toEqual(['Ann'])
    expect(list(names.whereId('p', [ann, bob, 9_999]))).toEqual(['Ann', 'Bob'])
    const pairs = person.out('KNOWS', 'q').compare('p.age', 'gt', 'q.age').select({ name: 'q.name' }).distinct()
    expect(list(pairs.orderBy('name'))).toEqual(['Bob', 'Cy'])
    // Friends of friends who are not friends already.
    const suggested = person
      .out('KNOWS', 'friend')
      .out('KNOWS', 'other')
      .notExists('p', { type: 'KNOWS', to: 'other' })
      .select({ name: 'other.name', of: 'p.name' })
      .orderBy('of')
    expect(suggested.toArray()).toEqual([
      { name: 'Dee', of: 'Ann' },
      { name: 'Dee', of: 'Bob' },
    ])
  })

  it('keep rows by what was gathered', () => {
    const popular = person.in('KNOWS', 'q').select({ name: 'p.name', friends: { count: 'q' } })
    expect(popular.having({ friends: { gte: 2 } }).toArray()).toEqual([{ name: 'Cy', friends: 2 }])
    expect(popular.having({ friends: 1 }).orderBy('name', 'desc').limit(1).toArray()).toEqual([
      { name: 'Dee', friends: 1 },
    ])
    expect(popular.having({ friends: { lt: 9 } }).count()).toBe(3)
    expect(() => person.having({} as never)).toThrow(TypeError)
    expect(() => popular.having({ foes: 1 } as never)).toThrow(RangeError)
  })
})

describe('a path', () => {
  it('closes where a node is that there was', () => {
    const triangles = person.out('KNOWS', 'q').out('KNOWS', 'r').in('KNOWS', 'p')
    expect(triangles.select({ p: 'p.name', q: 'q.name', r: 'r.name' }).toArray()).toEqual([
      { p: 'Ann', q: 'Bob', r: 'Cy' },
    ])
  })

  it('has an id, labels, a type and a length in columns', () => {
    const path = graph.match('p', 'Person', { name: 'Ann' }).path('out', 'KNOWS', 'q', { as: 'way', min: 2, max: 2 })
    const ann = graph.findOne({ label: 'Person', where: { name: 'Ann' } })!.id
    const columns = path.select({ id: { id: 'p' }, labels: { labels: 'q' }, hops: { length: 'way' }, name: 'q.name' })
    expect(columns.orderBy('name').first()).toEqual({ id: ann, labels: ['Person'], hops: 2, name: 'Cy' })
    expect(
      person
        .out([], 'x', { as: 'e' })
        .select({ type: { type: 'e' } })
        .distinct()
        .orderBy('type')
        .toArray(),
    ).toEqual([{ type: 'KNOWS' }, { type: 'LIVES_IN' }])
  })

  it('is the shortest one, or all of these', () => {
    const from = graph.match('p', 'Person', { name: 'Ann' })
    const way = from.shortestPath('out', 'KNOWS', 'q', { label: 'Person', as: 'way' }).where('q', { name: 'Dee' })
    const found = way.single()
    expect(found.way).toBeInstanceOf(QueryPath)
    expect(found.way.nodes.map(({ properties }) => properties['name'])).toEqual(['Ann', 'Cy', 'Dee'])
    expect(way.select({ name: 'q.name', hops: { length: 'way' } }).toArray()).toEqual([{ name: 'Dee', hops: 2 }])
    expect(from.shortestPath('out', 'KNOWS', 'q', { max: 1 }).where('q', { name: 'Dee' }).toArray()).toEqual([])
    const on = way.out('LIVES_IN', 'c', { from: 'p' }).select({ city: 'c.name', hops: { length: 'way' } })
    expect(on.single()).toEqual({ city: 'Rome', hops: 2 })
    const rome = from.shortestPath('both', [], 'q', { all: true, as: 'way' }).where('q', { name: 'Dee' })
    expect(rome.toArray()).toHaveLength(1)
    const maybe = person
      .optional((p) => p.shortestPath('out', 'KNOWS', 'q', { as: 'way' }).where('q', { name: 'Dee' }))
      .select({ name: 'p.name', hops: { length: 'way' } })
      .orderBy('name')
    expect(maybe.toArray()).toEqual([
      { name: 'Ann', hops: 2 },
      { name: 'Bob', hops: 2 },
      { name: 'Cy', hops: 1 },
      { name: 'Dee', hops: null },
    ])
  })
})

describe('rows', () => {
  it('are iterated, one by one and as a stream', async () => {
    expect(list(names)).toEqual(['Ann', 'Bob', 'Cy', 'Dee'])
    const streamed: string[] = []
    for await (const { name } of names) streamed.push(name)
    expect(streamed).toEqual(list(names))
    expect(await names.stream().toArray()).toEqual(names.toArray())
    const snapshot = store.snapshot()
    expect(await graph.at(snapshot).match('p', 'City').stream().toArray()).toHaveLength(1)
    snapshot.close()
    await store.transaction((tx) => {
      expect(() => graph.in(tx).match('p').stream()).toThrow(TypeError)
    })
  })

  it('are the only one, or none is given', async () => {
    expect(names.where('p', { age: 30 }).single()).toEqual({ name: 'Bob' })
    expect(await names.where('p', { age: 30 }).singleAsync()).toEqual({ name: 'Bob' })
    expect(() => names.single()).toThrow('more than one')
    await expect(names.limit(0).singleAsync()).rejects.toThrow('no row')
  })
})
