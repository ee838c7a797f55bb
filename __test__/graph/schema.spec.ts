import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { float, SledStore, type Graph } from '../../lib/index.js'

const store = SledStore.memory()
afterAll(() => store.close())

const people = store.graph('people', {
  nodes: {
    Person: {
      key: 'email',
      properties: {
        email: 'string',
        age: 'integer?',
        tags: 'string[]?',
        born: 'date?',
        level: z.number().min(1).default(1),
      },
    },
    Admin: { properties: { since: 'integer' } },
  },
  edges: { KNOWS: { from: 'Person', to: 'Person', properties: { since: 'integer', note: 'string?' } } },
})
// As a caller without types would: whatever it is given.
const untyped = people as unknown as Graph

const invalid = { code: 'SCHEMA_INVALID' }

describe('a graph with a schema', () => {
  let ann = 0

  beforeAll(async () => {
    ann = await people.addNode({ labels: 'Person', properties: { email: 'ann', tags: ['a'], level: 2 } })
  })

  it('stores what fits, with what a schema fills in', async () => {
    const bob = await untyped.addNode({ labels: 'Person', properties: { email: 'bob', age: null } })
    expect(people.node(bob)?.properties).toEqual({ email: 'bob', level: 1 })
    const both = await people.addNode({ labels: ['Person', 'Admin'], properties: { email: 'cy', since: 3, level: 1 } })
    expect(people.node(both)?.labels).toEqual(['Person', 'Admin'])
  })

  it.each([
    ['an unknown label', { labels: 'Dog' }, []],
    ['an unknown property', { labels: 'Person', properties: { email: 'a', name: 'x' } }, ['name']],
    ['a property of the wrong kind', { labels: 'Person', properties: { email: 7 } }, ['email']],
    ['a fraction for an integer', { labels: 'Person', properties: { email: 'a', age: 1.5 } }, ['age']],
    ['a list with something else in it', { labels: 'Person', properties: { email: 'a', tags: ['x', 1] } }, ['tags']],
    ['a value its own schema refuses', { labels: 'Person', properties: { email: 'a', level: 0 } }, ['level']],
    ['a missing property', { labels: 'Person' }, ['email']],
    ['a missing property of one of two labels', { labels: ['Person', 'Admin'], properties: { email: 'a' } }, ['since']],
  ])('refuses %s of a new node', async (_, node, path) => {
    const before = people.countNodes()
    const error = await untyped.addNode(node).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject(invalid)
    expect((error as { issues: unknown[] }).issues).toEqual([expect.objectContaining({ path })])
    expect(people.countNodes()).toBe(before)
  })

  it('refuses edges that do not fit', async () => {
    await expect(untyped.addEdge({ type: 'HATES', source: ann, target: ann })).rejects.toMatchObject(invalid)
    await expect(untyped.addEdge({ type: 'KNOWS', source: ann, target: ann })).rejects.toMatchObject(invalid)
    const loop = { type: 'KNOWS', source: ann, target: ann }
    await expect(untyped.addEdge({ ...loop, properties: { since: 'x' } })).rejects.toMatchObject(invalid)
    const edge = await people.addEdge({ type: 'KNOWS', source: ann, target: ann, properties: { since: 1 } })
    await expect(untyped.updateEdge(edge, { properties: { nothing: 1 } })).rejects.toMatchObject(invalid)
    await expect(untyped.updateEdge(edge, { properties: { since: null } })).rejects.toMatchObject(invalid)
    await people.updateEdge(edge, { properties: { note: null } })
  })

  it('refuses updates that do not fit, and lets those that do', async () => {
    await expect(untyped.updateNode(ann, { addLabels: 'Dog' })).rejects.toMatchObject(invalid)
    await expect(untyped.updateNode(ann, { properties: { email: null } })).rejects.toMatchObject(invalid)
    await expect(untyped.updateNode(ann, { properties: { age: 'x' } })).rejects.toMatchObject(invalid)
    await people.updateNode(ann, { properties: { age: 7, tags: null } })
    expect(people.node(ann)?.properties).toEqual({ email: 'ann', age: 7, level: 2 })
  })

  it('refuses the same in batches and transactions', async () => {
    await expect(untyped.batch((batch) => batch.addNode({ labels: 'Dog' }))).rejects.toMatchObject(invalid)
    await expect(store.transaction((tx) => untyped.in(tx).addNode({ labels: 'Dog' }))).rejects.toMatchObject(invalid)
  })

  it('refuses questions about what there cannot be', () => {
    for (const ask of [
      () => untyped.find({ label: 'Dog' }),
      () => untyped.find({ label: 'Admin', where: { email: 'ann' } }),
      () => untyped.find({ where: { nothing: 1 } }),
      () => untyped.neighbors(ann, { type: 'HATES' }),
      () => untyped.path(ann, { label: 'Dog' }),
      () => untyped.expand(ann, { type: ['KNOWS', 'HATES'] }),
      () => untyped.countNodes('Dog'),
      () => untyped.match('p', 'Dog'),
      () => untyped.match('p', 'Person', { nothing: 1 }),
      () => untyped.match('p', 'Person').out('HATES', 'q'),
      () => untyped.match('p', 'Person').select({ x: 'p.nothing' }),
    ]) {
      expect(ask).toThrow(expect.objectContaining(invalid))
    }
  })

  it('refuses indexes and algorithms over what there cannot be', async () => {
    const { algorithms } = untyped
    for (const ask of [
      () => untyped.createIndex({ label: 'Dog', property: 'email' }),
      () => untyped.createIndex({ label: 'Admin', property: 'email' }),
      () => untyped.createIndex({ property: ['since', 'nothing'] }),
      () => untyped.createIndex({ type: 'HATES', property: 'since' }),
      () => untyped.createIndex({ type: 'KNOWS', property: 'email' }),
      () => untyped.createTextIndex({ name: 't', label: ['Person', 'Dog'], property: 'email' }),
      () => untyped.createTextIndex({ name: 't', type: 'KNOWS', property: 'email' }),
      () => algorithms.pageRank({ labels: 'Dog' }),
      () => algorithms.pageRank({ types: ['KNOWS', 'HATES'] }),
      () => algorithms.pageRank({ weight: 'email' }),
      () => algorithms.aStar({ source: ann, target: ann, x: 'nothing', y: 'age' }),
    ]) {
      await expect(ask()).rejects.toMatchObject(invalid)
    }
    expect(people.indexes()).toEqual([])
    expect((await algorithms.pageRank({ labels: 'Person', types: 'KNOWS', weight: 'since' })).length).toBeGreaterThan(0)
  })

  it('stores floats as such, also whole ones', async () => {
    const graph = store.graph('floats', {
      nodes: { A: { properties: { one: 'float', many: 'float[]?', any: 'number?' } } },
      edges: {},
    })
    await graph.addNode({ labels: 'A', properties: { one: 5, many: [1, 2.5] } })
    await (graph as unknown as Graph).addNode({ labels: 'A', properties: { one: float(7), any: float(2) } })
    const found = graph.querySync(
      'MATCH (n:A) RETURN n.one / 2 AS half, n.many[0] / 2 AS first, n.any / 4 AS quarter ORDER BY half',
    )
    expect(found.toArray()).toEqual([
      { half: 2.5, first: 0.5, quarter: null },
      { half: 3.5, first: null, quarter: 0.5 },
    ])
    await expect(graph.addNode({ labels: 'A', properties: { one: '5' as never } })).rejects.toMatchObject(invalid)
  })

  it('creates the unique indexes of its keys', async () => {
    await people.createKeys()
    await people.createKeys()
    expect(people.indexes()).toEqual([{ label: 'Person', property: 'email', unique: true }])
    await expect(people.addNode({ labels: 'Person', properties: { email: 'ann', level: 1 } })).rejects.toMatchObject({
      code: 'UNIQUE_VIOLATION',
    })
  })

  it('is refused itself when it is none', () => {
    const schema = (nodes: object, edges: object = {}): never => ({ nodes, edges }) as never
    expect(() => store.graph('a', schema({ A: { properties: { n: 'int' } } }))).toThrow(RangeError)
    expect(() => store.graph('a', schema({ A: { key: 'n' } }))).toThrow(RangeError)
    expect(() => store.graph('a', schema({ A: {} }, { T: { from: 'B' } }))).toThrow(RangeError)
    expect(() => store.graph('a', { nodes: {} } as never)).toThrow(TypeError)
    expect(() => store.graph('a', schema({ A: { property: {} } }))).toThrow(TypeError)
  })
})
