import { deepStrictEqual as same, throws } from 'node:assert/strict'
import type { Graph, SledStore } from '../../lib/index.js'
import type { StoreCase } from './subject.js'

interface People {
  readonly nodes: {
    readonly Person: { readonly name: string; readonly age?: number }
    readonly City: { readonly name: string; readonly founded?: number }
  }
  readonly edges: { readonly KNOWS: { readonly since: number }; readonly LIVES_IN: object }
}

export const graphCases: StoreCase[] = []
const behavior = (name: string, run: (graph: Graph<People>, store: SledStore) => Promise<void>): unknown =>
  graphCases.push({ name, run: (store) => run(store.graph<People>('people'), store) })

async function fill(graph: Graph<People>) {
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

behavior('reads nodes and edges back as they were added', async (graph) => {
  const { ann, bob, knows } = await fill(graph)
  same(graph.node(ann), { id: ann, labels: ['Person'], properties: { name: 'Ann', age: 40 } })
  same(graph.edge(knows), {
    id: knows,
    type: 'KNOWS',
    source: ann,
    target: bob,
    properties: { since: 1999 },
  })
  same(graph.node(999_999), undefined)
  same(graph.edge(999_999), undefined)
  same([graph.countNodes(), graph.countNodes('Person'), graph.countEdges()], [4, 3, 4])
  same(await graph.verify(), [])
})

behavior('adds single nodes and edges, visible before they are durable', async (graph) => {
  const adding = graph.addNode({ labels: 'Person', properties: { name: 'Dan' } })
  same(graph.countNodes('Person'), 1)
  const dan = await adding
  const edge = await graph.addEdge({ type: 'KNOWS', source: dan, target: dan, properties: { since: 1 } })
  same(
    graph.neighbors(dan, { direction: 'both' }).map((found) => found.edge.id),
    [edge],
  )
})

behavior('finds nodes with and without an index', async (graph) => {
  const { ann, bob, cid } = await fill(graph)
  const names = () => graph.find({ label: 'Person', where: { age: 50 } }).map((node) => node.properties.name)
  same(names(), ['Bob', 'Cid'])
  await graph.createIndex({ label: 'Person', property: 'age' })
  await graph.createIndex({ property: 'name', unique: true })
  same(graph.indexes(), [
    { label: 'Person', property: 'age', unique: false },
    { property: 'name', unique: true },
  ])
  same(names(), ['Bob', 'Cid'])
  same(graph.findOne({ label: 'Person', where: { name: 'Ann' } })?.id, ann)
  same(graph.findOne({ label: 'City', where: { name: 'Ann' } }), undefined)
  same(
    graph.find({ limit: 2 }).map((node) => node.id),
    [ann, bob],
  )
  same(graph.find({ label: 'City', where: { founded: null } }).length, 1)
  same(
    (await graph.findAsync({ label: 'Person', where: { name: 'Cid' } })).map((node) => node.id),
    [cid],
  )
  await graph.dropIndex({ label: 'Person', property: 'age' })
  await graph.dropIndex({ label: 'Person', property: 'age' })
  same(names(), ['Bob', 'Cid'])
})

behavior('follows edges by direction, type and neighbor', async (graph) => {
  const { ann, bob, cid, rome } = await fill(graph)
  same(graph.neighborIds(ann), [bob, rome])
  same(graph.neighborIds(rome), [])
  same(graph.neighborIds(rome, { direction: 'in' }), [ann, cid])
  same(graph.neighborIds(bob, { direction: 'both', type: 'KNOWS' }), [cid, ann])
  same(graph.neighborIds(bob, { direction: 'both', where: { name: 'Ann' } }), [ann])
  same(graph.neighborIds(ann, { label: 'City' }), [rome])
  same(graph.neighborIds(ann, { limit: 1 }), [bob])
  same(graph.neighborIds(ann, { type: ['LIVES_IN', 'KNOWS'] }), [bob, rome])
  const [first] = graph.neighbors(ann, { type: 'KNOWS' })
  same(first, { node: graph.node(bob), edge: graph.edge(first?.edge.id ?? 0) })
  same(await graph.neighborsAsync(ann, { type: 'KNOWS' }), [first])
})

behavior('finds shortest paths and what lies around', async (graph) => {
  const { ann, bob, cid, rome } = await fill(graph)
  const ids = (path: ReturnType<typeof graph.path>) => path?.nodes.map((node) => node.id)
  same(ids(graph.path(ann, cid)), [ann, bob, cid])
  same(
    graph.path(ann, cid)?.edges.map((edge) => edge.type),
    ['KNOWS', 'KNOWS'],
  )
  same(ids(graph.path(ann, cid, { direction: 'both', type: 'LIVES_IN' })), [ann, rome, cid])
  same(graph.path(cid, ann, { type: 'KNOWS' }), undefined)
  same(graph.path(ann, cid, { maxDepth: 1 }), undefined)
  same(ids(graph.path(bob, { label: 'City' })), [bob, cid, rome])
  same(ids(await graph.pathAsync(ann, cid)), [ann, bob, cid])
  same(graph.expand(ann, { type: 'KNOWS' }), [
    { id: bob, depth: 1 },
    { id: cid, depth: 2 },
  ])
  same(await graph.expandAsync(ann, { maxDepth: 1, limit: 1 }), [{ id: bob, depth: 1 }])
})

behavior('updates and removes', async (graph) => {
  const { ann, bob, knows, rome } = await fill(graph)
  await graph.updateNode(ann, { properties: { age: null, name: 'Anna' }, addLabels: ['City'], removeLabels: 'Person' })
  same(graph.node(ann), { id: ann, labels: ['City'], properties: { name: 'Anna' } })
  await graph.updateNode(ann, { properties: { age: 1 }, replace: true })
  same(graph.node(ann)?.properties, { age: 1 })
  await graph.updateEdge(knows, { properties: { since: 2000 } })
  same(graph.edge(knows)?.properties, { since: 2000 })
  await graph.removeEdge(knows)
  same(graph.edge(knows), undefined)
  await graph.removeNode(rome)
  same(graph.node(rome), undefined)
  same(graph.countEdges(), 1)
  same(graph.neighborIds(ann, { direction: 'both' }), [])
  same(graph.neighborIds(bob).length, 1)
  same(await graph.verify(), [])
})

behavior('lists and drops graphs', async (graph, store) => {
  await fill(graph)
  store.graph('other')
  same([...store.graphs()], ['other', 'people'])
  same(await store.dropGraph('people'), true)
  same(await store.dropGraph('people'), false)
  throws(() => graph.countNodes(), { code: 'NAMESPACE_DROPPED' })
  same(store.graph('people').countNodes(), 0)
})
