import { afterEach, beforeEach, expect, it } from 'vitest'
import { codec, SledStore, SledStoreError, type Graph } from '../../lib/index.js'

let store: SledStore
let graph: Graph

beforeEach(async () => {
  store = SledStore.memory()
  graph = store.graph('test')
})

afterEach(async () => {
  await store.close()
})

const refusal = (code: string) => expect.objectContaining({ code }) as Error

it('changes graph and namespaces together', async () => {
  const log = store.namespace('log', { value: codec.json<number>() })
  const id = await store.transaction((tx) => {
    const inside = graph.in(tx)
    const a = inside.addNode({ labels: 'A', properties: { n: 1 } })
    const b = inside.addNode()
    inside.addEdge({ type: 'T', source: a, target: b })
    inside.updateNode(a, { properties: { n: 2 } })
    tx.put(log, 'a', a)
    expect(inside.node(a)?.properties).toEqual({ n: 2 })
    expect(inside.neighborIds(a)).toEqual([b])
    expect(inside.find({ label: 'A' })).toHaveLength(1)
    expect(graph.countNodes()).toBe(0)
    return a
  })
  expect(log.get('a')).toBe(id)
  expect(graph.node(id)?.properties).toEqual({ n: 2 })
})

it('updates and removes inside a transaction, which sees its own changes', async () => {
  const [a, b, c] = await graph.batch((batch) => [batch.addNode({ labels: 'A' }), batch.addNode(), batch.addNode()])
  const kept = await graph.addEdge({ type: 'T', source: a!, target: b!, properties: { n: 1 } })
  const gone = await graph.addEdge({ type: 'T', source: b!, target: a! })
  await graph.addEdge({ type: 'T', source: c!, target: a! })
  await store.transaction((tx) => {
    const inside = graph.in(tx)
    inside.updateEdge(kept, { properties: { n: 2, m: 3 } })
    inside.removeEdge(gone)
    inside.removeNode(c!)
    inside.updateNode(a!, { properties: { n: 4 }, replace: true, addLabels: 'B', removeLabels: 'A' })
    expect(inside.edge(kept)?.properties).toEqual({ n: 2, m: 3 })
    expect(inside.edge(gone)).toBeUndefined()
    expect(inside.node(c!)).toBeUndefined()
    expect(inside.countEdges()).toBe(1)
    expect(inside.path(a!, b!)?.edges.map((edge) => edge.id)).toEqual([kept])
    expect(inside.expand(a!)).toEqual([{ id: b, depth: 1 }])
    expect(inside.findOne({ label: 'B' })?.id).toBe(a)
    expect(() => inside.removeNode(c!)).toThrow(refusal('NOT_FOUND'))
    expect(() => inside.removeEdge(gone)).toThrow(refusal('NOT_FOUND'))
    expect(() => inside.updateEdge(gone, { properties: {} })).toThrow(refusal('NOT_FOUND'))
    expect(graph.countEdges()).toBe(3)
  })
  expect(graph.edge(kept)?.properties).toEqual({ n: 2, m: 3 })
  expect(graph.node(a!)).toEqual({ id: a, labels: ['B'], properties: { n: 4 } })
  expect([graph.countNodes(), graph.countEdges()]).toEqual([2, 1])
  expect(await graph.verify()).toEqual([])
})

it('makes any number of changes of one transaction visible together', async () => {
  const rows = store.namespace<string, number>('rows')
  await store.transaction((tx) => {
    const inside = graph.in(tx)
    let before = inside.addNode({ labels: 'A' })
    for (let n = 1; n < 500; n++) {
      const node = inside.addNode({ labels: 'A', properties: { n } })
      inside.addEdge({ type: 'NEXT', source: before, target: node })
      tx.put(rows, `node${n}`, node)
      before = node
    }
    expect([graph.countNodes(), graph.countEdges(), rows.count()]).toEqual([0, 0, 0])
    expect([inside.countNodes('A'), inside.countEdges(), tx.count(rows)]).toEqual([500, 499, 499])
  })
  expect([graph.countNodes('A'), graph.countEdges(), rows.count()]).toEqual([500, 499, 499])
  expect(await graph.verify()).toEqual([])
})

it('leaves nothing of a transaction that throws', async () => {
  const failing = store.transaction((tx) => {
    graph.in(tx).addNode({ labels: 'A' })
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect(graph.countNodes()).toBe(0)
})

it('leaves nothing of a refused change in a transaction that goes on', async () => {
  await graph.createIndex({ label: 'A', property: 'key', unique: true })
  await graph.addNode({ labels: 'A', properties: { key: 1 } })
  await store.transaction((tx) => {
    const inside = graph.in(tx)
    expect(() => inside.addNode({ labels: 'A', properties: { key: 1 } })).toThrow(refusal('UNIQUE_VIOLATION'))
    expect(() => inside.addEdge({ type: 'T', source: 777, target: 778 })).toThrow(refusal('NOT_FOUND'))
    inside.addNode({ labels: 'A', properties: { key: 2 } })
  })
  expect(graph.find({ label: 'A' }).map((node) => node.properties.key)).toEqual([1, 2])
  expect(await graph.verify()).toEqual([])
})

it('runs a transaction again whose reading was overtaken', async () => {
  const node = await graph.addNode({ labels: 'A', properties: { n: 0 } })
  let runs = 0
  await store.transaction(async (tx) => {
    const inside = graph.in(tx)
    const n = Number(inside.node(node)?.properties.n)
    if (runs++ === 0) await graph.updateNode(node, { properties: { n: 10 } })
    inside.updateNode(node, { properties: { n: n + 1 } })
  })
  expect(runs).toBe(2)
  expect(graph.node(node)?.properties.n).toBe(11)
})

it('keeps one node a value when many try at once', async () => {
  await graph.createIndex({ label: 'A', property: 'key', unique: true })
  const adding = Array.from({ length: 20 }, (_, n) => graph.addNode({ labels: 'A', properties: { key: n % 5 } }))
  const outcomes = await Promise.allSettled(adding)
  const refused = outcomes
    .filter((outcome) => outcome.status === 'rejected')
    .map((outcome) => outcome.reason as unknown)
  expect(refused).toHaveLength(15)
  for (const error of refused) {
    expect(error).toBeInstanceOf(SledStoreError)
    expect(error).toEqual(refusal('UNIQUE_VIOLATION'))
  }
  expect(graph.countNodes('A')).toBe(5)
})

it('reads at a snapshot', async () => {
  const node = await graph.addNode({ labels: 'A', properties: { n: 1 } })
  const snapshot = store.snapshot()
  const before = graph.at(snapshot)
  await graph.batch((batch) => {
    const other = batch.addNode({ labels: 'A' })
    batch.addEdge({ type: 'T', source: node, target: other })
    batch.updateNode(node, { properties: { n: 2 } })
  })
  expect(before.node(node)?.properties).toEqual({ n: 1 })
  expect(before.neighborIds(node)).toEqual([])
  expect(before.countNodes('A')).toBe(1)
  expect(graph.neighborIds(node)).toHaveLength(1)
  snapshot.close()
  expect(() => before.node(node)).toThrow(refusal('ENDED'))
})

it('drops a batch as a whole', async () => {
  const failing = graph.batch((batch) => {
    batch.addNode({ labels: 'A' })
    batch.addEdge({ type: 'T', source: 777, target: 778 })
  })
  await expect(failing).rejects.toThrow(refusal('NOT_FOUND'))
  await expect(failing).rejects.toThrow('change 2')
  expect(graph.countNodes()).toBe(0)
})

it('ends with its function, its transaction and its store', async () => {
  let escaped: Parameters<Parameters<typeof graph.batch>[0]>[0] | undefined
  await graph.batch((batch) => {
    escaped = batch
  })
  expect(() => escaped?.addNode()).toThrow(refusal('ENDED'))
  const inside = await store.transaction((tx) => graph.in(tx))
  expect(() => inside.addNode()).toThrow(refusal('ENDED'))
  expect(() => inside.countNodes()).toThrow(refusal('ENDED'))
  await store.close()
  expect(() => graph.countNodes()).toThrow(refusal('CLOSED'))
  await expect(graph.addNode()).rejects.toThrow(refusal('CLOSED'))
  await expect(graph.findAsync()).rejects.toThrow(refusal('CLOSED'))
})

it('ends a transaction that becomes too large in the middle of a change', async () => {
  const small = SledStore.memory({ memoryBudget: 32 << 20 })
  const filled = small.graph('filled')
  let refused = 0
  const running = small.transaction((tx) => {
    const inside = filled.in(tx)
    const text = 'x'.repeat(1 << 20)
    for (let n = 0; n < 40 && refused === 0; n++) {
      try {
        inside.addNode({ labels: ['A', 'B'], properties: { text } })
      } catch (error) {
        expect(error).toEqual(refusal('TOO_LARGE'))
        refused++
      }
    }
  })
  await expect(running).rejects.toThrow(refusal('STALE_HANDLE'))
  expect(refused).toBe(1)
  expect(filled.countNodes()).toBe(0)
  await small.close()
})
