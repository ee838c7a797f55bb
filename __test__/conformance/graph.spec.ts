import { afterEach, beforeEach, expect, it } from 'vitest'
import { SledStore, type Graph } from '../../lib/index.js'

interface People {
  readonly nodes: {
    readonly Person: { readonly name: string; readonly age?: number }
    readonly City: { readonly name: string; readonly founded?: number }
  }
  readonly edges: { readonly KNOWS: { readonly since: number }; readonly LIVES_IN: object }
}

let store: SledStore
let graph: Graph<People>

beforeEach(async () => {
  store = SledStore.memory()
  graph = store.graph<People>('people')
})

afterEach(async () => {
  await store.close()
})

async function fill() {
  return graph.batch((batch) => {
    const person = (name: string, age: number) => batch.addNode({ labels: 'Person', properties: { name, age } })
    const [ann, bob, cid] = [person('Ann', 40), person('Bob', 50), person('Cid', 50)]
    const rome = batch.addNode({ labels: ['City'], properties: { name: 'Rome' } })
    const knows = batch.addEdge({ type: 'KNOWS', source: ann, target: bob, properties: { since: 1999 } })
    batch.addEdge({ type: 'KNOWS', source: bob, target: cid, properties: { since: 2005 } })
    for (const source of [ann, cid]) batch.addEdge({ type: 'LIVES_IN', source, target: rome })
    return { ann, bob, cid, rome, knows }
  })
}

it('reads nodes and edges back as they were added', async () => {
  const { ann, bob, knows } = await fill()
  expect(graph.node(ann)).toEqual({ id: ann, labels: ['Person'], properties: { name: 'Ann', age: 40 } })
  expect(graph.edge(knows)).toEqual({
    id: knows,
    type: 'KNOWS',
    source: ann,
    target: bob,
    properties: { since: 1999 },
  })
  expect(graph.node(999_999)).toBeUndefined()
  expect(graph.edge(999_999)).toBeUndefined()
  expect([graph.countNodes(), graph.countNodes('Person'), graph.countEdges()]).toEqual([4, 3, 4])
  expect(await graph.verify()).toEqual([])
})

it('adds single nodes and edges, visible before they are durable', async () => {
  const adding = graph.addNode({ labels: 'Person', properties: { name: 'Dan' } })
  expect(graph.countNodes('Person')).toBe(1)
  const dan = await adding
  const edge = await graph.addEdge({ type: 'KNOWS', source: dan, target: dan, properties: { since: 1 } })
  expect(graph.neighbors(dan, { direction: 'both' }).map((found) => found.edge.id)).toEqual([edge])
})

it('finds nodes with and without an index', async () => {
  const { ann, bob, cid } = await fill()
  const names = () => graph.find({ label: 'Person', where: { age: 50 } }).map((node) => node.properties.name)
  expect(names()).toEqual(['Bob', 'Cid'])
  await graph.createIndex({ label: 'Person', property: 'age' })
  await graph.createIndex({ property: 'name', unique: true })
  expect(graph.indexes()).toEqual([
    { label: 'Person', property: 'age', unique: false },
    { property: 'name', unique: true },
  ])
  expect(names()).toEqual(['Bob', 'Cid'])
  expect(graph.findOne({ label: 'Person', where: { name: 'Ann' } })?.id).toBe(ann)
  expect(graph.findOne({ label: 'City', where: { name: 'Ann' } })).toBeUndefined()
  expect(graph.find({ limit: 2 }).map((node) => node.id)).toEqual([ann, bob])
  expect(graph.find({ label: 'City', where: { founded: null } })).toHaveLength(1)
  expect((await graph.findAsync({ label: 'Person', where: { name: 'Cid' } })).map((node) => node.id)).toEqual([cid])
  await graph.dropIndex({ label: 'Person', property: 'age' })
  await graph.dropIndex({ label: 'Person', property: 'age' })
  expect(names()).toEqual(['Bob', 'Cid'])
})

it('follows edges by direction, type and neighbor', async () => {
  const { ann, bob, cid, rome } = await fill()
  expect(graph.neighborIds(ann)).toEqual([bob, rome])
  expect(graph.neighborIds(rome)).toEqual([])
  expect(graph.neighborIds(rome, { direction: 'in' })).toEqual([ann, cid])
  expect(graph.neighborIds(bob, { direction: 'both', type: 'KNOWS' })).toEqual([cid, ann])
  expect(graph.neighborIds(bob, { direction: 'both', where: { name: 'Ann' } })).toEqual([ann])
  expect(graph.neighborIds(ann, { label: 'City' })).toEqual([rome])
  expect(graph.neighborIds(ann, { limit: 1 })).toEqual([bob])
  expect(graph.neighborIds(ann, { type: ['LIVES_IN', 'KNOWS'] })).toEqual([bob, rome])
  const [first] = graph.neighbors(ann, { type: 'KNOWS' })
  expect(first).toEqual({ node: graph.node(bob), edge: graph.edge(first?.edge.id ?? 0) })
  expect(await graph.neighborsAsync(ann, { type: 'KNOWS' })).toEqual([first])
})

it('finds shortest paths and what lies around', async () => {
  const { ann, bob, cid, rome } = await fill()
  const ids = (path: ReturnType<typeof graph.path>) => path?.nodes.map((node) => node.id)
  expect(ids(graph.path(ann, cid))).toEqual([ann, bob, cid])
  expect(graph.path(ann, cid)?.edges.map((edge) => edge.type)).toEqual(['KNOWS', 'KNOWS'])
  expect(ids(graph.path(ann, cid, { direction: 'both', type: 'LIVES_IN' }))).toEqual([ann, rome, cid])
  expect(graph.path(cid, ann, { type: 'KNOWS' })).toBeUndefined()
  expect(graph.path(ann, cid, { maxDepth: 1 })).toBeUndefined()
  expect(ids(graph.path(bob, { label: 'City' }))).toEqual([bob, cid, rome])
  expect(ids(await graph.pathAsync(ann, cid))).toEqual([ann, bob, cid])
  expect(graph.expand(ann, { type: 'KNOWS' })).toEqual([
    { id: bob, depth: 1 },
    { id: cid, depth: 2 },
  ])
  expect(await graph.expandAsync(ann, { maxDepth: 1, limit: 1 })).toEqual([{ id: bob, depth: 1 }])
})

it('updates and removes', async () => {
  const { ann, bob, knows, rome } = await fill()
  await graph.updateNode(ann, { properties: { age: null, name: 'Anna' }, addLabels: ['City'], removeLabels: 'Person' })
  expect(graph.node(ann)).toEqual({ id: ann, labels: ['City'], properties: { name: 'Anna' } })
  await graph.updateNode(ann, { properties: { age: 1 }, replace: true })
  expect(graph.node(ann)?.properties).toEqual({ age: 1 })
  await graph.updateEdge(knows, { properties: { since: 2000 } })
  expect(graph.edge(knows)?.properties).toEqual({ since: 2000 })
  await graph.removeEdge(knows)
  expect(graph.edge(knows)).toBeUndefined()
  await graph.removeNode(rome)
  expect(graph.node(rome)).toBeUndefined()
  expect(graph.countEdges()).toBe(1)
  expect(graph.neighborIds(ann, { direction: 'both' })).toEqual([])
  expect(graph.neighborIds(bob)).toHaveLength(1)
  expect(await graph.verify()).toEqual([])
})

it('lists and drops graphs', async () => {
  await fill()
  store.graph('other')
  expect(store.graphs()).toEqual(['other', 'people'])
  expect(await store.dropGraph('people')).toBe(true)
  expect(await store.dropGraph('people')).toBe(false)
  expect(() => graph.countNodes()).toThrow(expect.objectContaining({ code: 'NAMESPACE_DROPPED' }) as Error)
  expect(store.graph('people').countNodes()).toBe(0)
})
