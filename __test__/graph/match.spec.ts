import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { QueryNode } from '../../lib/index.js'
import { fill, graph, store } from './people.js'

beforeAll(fill)
afterAll(() => store.close())

const person = graph.match('p', 'Person')
const names = person.select({ name: 'p.name' }).orderBy('name')
const list = (match: { toArray(): { name: string }[] }): string[] => match.toArray().map(({ name }) => name)

describe('a traversal', () => {
  it('gives every named part as a whole without a selection', () => {
    const rows = graph.match('p', 'Person', { name: 'Ann' }).out('KNOWS', 'q', { as: 'k' }).orderBy('q.name').toArray()
    expect(rows.map(({ p, q, k }) => [p.properties.name, q.properties.name, k.properties.since])).toEqual([
      ['Ann', 'Bob', 2001],
      ['Ann', 'Cy', 2004],
    ])
    expect(rows[0]?.p).toBeInstanceOf(QueryNode)
  })

  it.each([
    ['a value', { age: 30 }, ['Bob']],
    ['none', { age: null }, ['Dee']],
    ['at least', { age: { gte: 30 } }, ['Ann', 'Bob']],
    ['between', { age: { gt: 20, lt: 40 } }, ['Bob']],
    ['at most', { age: { lte: 20 } }, ['Cy']],
    ['another', { age: { ne: 30 } }, ['Ann', 'Cy']],
    ['one of', { name: { in: ['Cy', 'Dee', 'Eve'] } }, ['Cy', 'Dee']],
    ['a beginning', { name: { startsWith: 'B' } }, ['Bob']],
    ['an end', { name: { endsWith: 'e' } }, ['Dee']],
    ['a part', { name: { contains: 'n' } }, ['Ann']],
    ['a shape', { name: { matches: '[AB]..' } }, ['Ann', 'Bob']],
    ['something in a list', { tags: { has: 'b' } }, ['Ann', 'Bob']],
    ['any', { age: { exists: true } }, ['Ann', 'Bob', 'Cy']],
    ['equality in words', { name: { eq: 'Ann' }, age: { eq: 40 } }, ['Ann']],
  ])('keeps what has %s', (_, conditions, expected) => {
    expect(list(names.where('p', conditions as { age: number }))).toEqual(expected)
  })

  it('follows edges out, in and both ways, from any of its nodes', () => {
    const from = (name: string) => graph.match('p', 'Person', { name })
    expect(list(from('Bob').out('KNOWS', 'q').select({ name: 'q.name' }))).toEqual(['Cy'])
    expect(list(from('Cy').in('KNOWS', 'q').select({ name: 'q.name' }).orderBy('name'))).toEqual(['Ann', 'Bob'])
    expect(list(from('Bob').both('KNOWS', 'q').select({ name: 'q.name' }).orderBy('name'))).toEqual(['Ann', 'Cy'])
    const branched = from('Ann')
      .out('KNOWS', 'q')
      .out('LIVES_IN', 'c', { from: 'p' })
      .out('LIVES_IN', 'd', { from: 'q' })
    expect(branched.select({ name: 'q.name', city: 'd.name' }).toArray()).toEqual([{ name: 'Bob', city: 'Rome' }])
    expect(from('Ann').out([], 'q').count()).toBe(3)
    expect(from('Ann').out(['KNOWS', 'LIVES_IN'], 'q', { label: 'City' }).count()).toBe(1)
  })

  it('follows paths of several edges', () => {
    const reached = graph
      .match('p', 'Person', { name: 'Ann' })
      .path('out', 'KNOWS', 'q', { label: 'Person', min: 2, max: 3, as: 'way' })
    expect(list(reached.select({ name: 'q.name' }).distinct().orderBy('name'))).toEqual(['Cy', 'Dee'])
    const lengths = reached.toArray().map(({ way }) => way.length)
    expect(lengths.sort()).toEqual([2, 2, 3])
  })

  it('asks for neighbors without naming them', () => {
    expect(list(names.exists('p', { type: 'LIVES_IN', where: { name: 'Rome' } }))).toEqual(['Ann', 'Bob'])
    expect(list(names.notExists('p', { type: 'LIVES_IN' }))).toEqual(['Cy', 'Dee'])
    expect(list(names.exists('p', { direction: 'in', type: 'KNOWS', label: 'Person', where: { age: 40 } }))).toEqual([
      'Bob',
      'Cy',
    ])
  })

  it('gathers, orders, skips and limits', () => {
    const cities = graph
      .match('p', 'Person')
      .out('LIVES_IN', 'c')
      .select({
        city: 'c.name',
        people: { count: '*' },
        oldest: { max: 'p.age' },
        sum: { sum: 'p.age' },
        average: { avg: 'p.age' },
        names: { collect: 'p.name' },
      })
    const [row] = cities.toArray()
    expect({ ...row, names: row?.names.sort() }).toEqual({
      city: 'Rome',
      people: 2,
      oldest: 40,
      sum: 70,
      average: 35,
      names: ['Ann', 'Bob'],
    })
    expect(cities.count()).toBe(1)
    expect(
      graph
        .match('a')
        .select({ n: { count: 'a.name', distinct: true } })
        .first(),
    ).toEqual({ n: 5 })
    const byAge = graph
      .match('p', 'Person')
      .select({ name: 'p.name' })
      .where('p', { age: { exists: true } })
    expect(list(byAge.orderBy('p.age', 'desc').skip(1).limit(1))).toEqual(['Bob'])
    expect(list(names.limit(0))).toEqual([])
    expect(names.limit(2).count()).toBe(2)
    expect(names.first()).toEqual({ name: 'Ann' })
    expect(names.limit(0).first()).toBeUndefined()
    expect(graph.match('p', 'Person').both('KNOWS', 'q').select({ name: 'p.name' }).distinct().count()).toBe(4)
  })

  it('answers alike away from the JavaScript thread', async () => {
    expect(await names.toArrayAsync()).toEqual(names.toArray())
    expect(await names.firstAsync()).toEqual({ name: 'Ann' })
    expect(await names.countAsync()).toBe(4)
    await expect(names.toArrayAsync({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' })
  })

  it('reads what its transaction or snapshot has', async () => {
    const snapshot = store.snapshot()
    await store.transaction(async (tx) => {
      const inside = graph.in(tx)
      inside.addNode({ labels: 'Person', properties: { name: 'Eve' } })
      expect(inside.match('p', 'Person').count()).toBe(5)
      expect(await inside.match('p', 'Person').countAsync()).toBe(5)
      expect(person.count()).toBe(4)
    })
    expect(graph.at(snapshot).match('p', 'Person').count()).toBe(4)
    expect(person.count()).toBe(5)
    snapshot.close()
    await graph.removeNode(graph.findOne({ label: 'Person', where: { name: 'Eve' } })!.id)
  })

  it('never puts values or names into the text as they are', () => {
    const hostile = "x' OR 1=1 //`"
    const { text, parameters } = graph.match('p', 'Person', { 'odd `name`': hostile }).limit(3).toCypher()
    expect(text).toBe('MATCH (`p`:`Person`) WHERE `p`.`odd ``name``` = $p0 RETURN `p` LIMIT $limit')
    expect(parameters).toEqual({ p0: hostile, limit: 3 })
    expect(graph.match('p', 'Person', { 'odd `name`': hostile }).count()).toBe(0)
    const any = store.graph('any')
    expect(any.match('p', 'a`) DETACH DELETE (p').toArray()).toEqual([])
    expect(() => any.match('p) DELETE (p')).toThrow(RangeError)
  })

  it('has one text for all values, and shows its plan', () => {
    const text = (name: string): string => graph.match('p', 'Person', { name }).toCypher().text
    expect(text('Ann')).toBe(text('Bob'))
    expect(graph.match('p', 'Person', { name: 'Ann' }).explain()).toContain('Scan')
  })

  it('is not changed by a call that goes on from it', () => {
    const before = person.toCypher()
    person.where('p', { name: 'Ann' }).out('KNOWS', 'q')
    expect(person.toCypher()).toEqual(before)
  })

  it('refuses wrong calls', () => {
    const any = store.graph('any').match('p') as unknown as Record<string, (...given: unknown[]) => unknown>
    for (const [method, ...given] of [
      ['where', 'q', {}],
      ['where', 'p', 7],
      ['where', 'p', { a: undefined }],
      ['where', 'p', { a: { like: 'x' } }],
      ['where', 'p', { a: { in: 'x' } }],
      ['out', 'T', 'q', { as: 'q' }],
      ['out', 'T', 'q', { from: 'r' }],
      ['out', 7, 'q'],
      ['path', 'up', 'T', 'q'],
      ['path', 'out', 'T', 'q', { min: 3, max: 2 }],
      ['select', {}],
      ['select', { a: 'q' }],
      ['select', { a: { count: 'p', sum: 'p' } }],
      ['select', { a: { count: '*', distinct: true } }],
      ['orderBy', 'p', 'up'],
      ['limit', -1],
      ['skip', 1.5],
      ['select', { a: { length: 'p' } }],
      ['select', { a: { type: 'p' } }],
      ['whereId', 'p', 'x'],
      ['whereId', 'q', 1],
      ['compare', 'p', 'like', 'p'],
      ['compare', 'p', 'eq', 'q'],
      ['anyOf'],
      ['anyOf', {}],
      ['anyOf', (any: unknown) => any],
      ['anyOf', () => any],
      ['not', () => undefined],
      ['optional', (any: unknown) => any],
      ['shortestPath', 'out', 'T', 'q', { min: 1 }],
      ['shortestPath', 'out', 'T', 'q', { all: 1 }],
      ['exists', 'q', {}],
      ['exists', 'p', { to: 'q' }],
      ['exists', 'p', { direction: 'up' }],
    ] as [string, ...unknown[]][]) {
      expect(() => any[method]!(...given), `${method} ${JSON.stringify(given)}`).toThrow(/must|option/)
    }
  })
})
