import { deepStrictEqual as same, ok, rejects, throws } from 'node:assert/strict'
import { codec, SledStore, SledStoreError, type Graph } from '../../lib/index.js'
import type { StoreCase } from './subject.js'

export const graphTransactionsCases: StoreCase[] = []
const behavior = (name: string, run: (graph: Graph, store: SledStore) => Promise<void>): unknown =>
  graphTransactionsCases.push({ name, run: (store) => run(store.graph('test'), store) })

const refusal = (code: string) => ({ code })

behavior('changes graph and namespaces together', async (graph, store) => {
  const log = store.namespace('log', { value: codec.json<number>() })
  const id = await store.transaction((tx) => {
    const inside = graph.in(tx)
    const a = inside.addNode({ labels: 'A', properties: { n: 1 } })
    const b = inside.addNode()
    inside.addEdge({ type: 'T', source: a, target: b })
    inside.updateNode(a, { properties: { n: 2 } })
    tx.put(log, 'a', a)
    same(inside.node(a)?.properties, { n: 2 })
    same(inside.neighborIds(a), [b])
    same(inside.find({ label: 'A' }).length, 1)
    same(graph.countNodes(), 0)
    return a
  })
  same(log.get('a'), id)
  same(graph.node(id)?.properties, { n: 2 })
})

behavior('updates and removes inside a transaction, which sees its own changes', async (graph, store) => {
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
    same(inside.edge(kept)?.properties, { n: 2, m: 3 })
    same(inside.edge(gone), undefined)
    same(inside.node(c!), undefined)
    same(inside.countEdges(), 1)
    same(
      inside.path(a!, b!)?.edges.map((edge) => edge.id),
      [kept],
    )
    same(inside.expand(a!), [{ id: b, depth: 1 }])
    same(inside.findOne({ label: 'B' })?.id, a)
    throws(() => inside.removeNode(c!), refusal('NOT_FOUND'))
    throws(() => inside.removeEdge(gone), refusal('NOT_FOUND'))
    throws(() => inside.updateEdge(gone, { properties: {} }), refusal('NOT_FOUND'))
    same(graph.countEdges(), 3)
  })
  same(graph.edge(kept)?.properties, { n: 2, m: 3 })
  same(graph.node(a!), { id: a, labels: ['B'], properties: { n: 4 } })
  same([graph.countNodes(), graph.countEdges()], [2, 1])
  same(await graph.verify(), [])
})

behavior('makes any number of changes of one transaction visible together', async (graph, store) => {
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
    same([graph.countNodes(), graph.countEdges(), rows.count()], [0, 0, 0])
    same([inside.countNodes('A'), inside.countEdges(), tx.count(rows)], [500, 499, 499])
  })
  same([graph.countNodes('A'), graph.countEdges(), rows.count()], [500, 499, 499])
  same(await graph.verify(), [])
})

behavior('leaves nothing of a transaction that throws', async (graph, store) => {
  const failing = store.transaction((tx) => {
    graph.in(tx).addNode({ labels: 'A' })
    throw new Error('no')
  })
  await rejects(failing, { message: 'no' })
  same(graph.countNodes(), 0)
})

behavior('leaves nothing of a refused change in a transaction that goes on', async (graph, store) => {
  await graph.createIndex({ label: 'A', property: 'key', unique: true })
  await graph.addNode({ labels: 'A', properties: { key: 1 } })
  await store.transaction((tx) => {
    const inside = graph.in(tx)
    throws(() => inside.addNode({ labels: 'A', properties: { key: 1 } }), refusal('UNIQUE_VIOLATION'))
    throws(() => inside.addEdge({ type: 'T', source: 777, target: 778 }), refusal('NOT_FOUND'))
    inside.addNode({ labels: 'A', properties: { key: 2 } })
  })
  same(
    graph.find({ label: 'A' }).map((node) => node.properties.key),
    [1, 2],
  )
  same(await graph.verify(), [])
})

behavior('runs a transaction again whose reading was overtaken', async (graph, store) => {
  const node = await graph.addNode({ labels: 'A', properties: { n: 0 } })
  let runs = 0
  await store.transaction(async (tx) => {
    const inside = graph.in(tx)
    const n = Number(inside.node(node)?.properties.n)
    if (runs++ === 0) await graph.updateNode(node, { properties: { n: 10 } })
    inside.updateNode(node, { properties: { n: n + 1 } })
  })
  same(runs, 2)
  same(graph.node(node)?.properties.n, 11)
})

behavior('keeps one node a value when many try at once', async (graph) => {
  await graph.createIndex({ label: 'A', property: 'key', unique: true })
  const adding = Array.from({ length: 20 }, (_, n) => graph.addNode({ labels: 'A', properties: { key: n % 5 } }))
  const outcomes = await Promise.allSettled(adding)
  const refused = outcomes
    .filter((outcome) => outcome.status === 'rejected')
    .map((outcome) => outcome.reason as unknown)
  same(refused.length, 15)
  for (const error of refused) {
    ok(error instanceof SledStoreError)
    same((error as SledStoreError).code, 'UNIQUE_VIOLATION')
  }
  same(graph.countNodes('A'), 5)
})

behavior('reads at a snapshot', async (graph, store) => {
  const node = await graph.addNode({ labels: 'A', properties: { n: 1 } })
  const snapshot = store.snapshot()
  const before = graph.at(snapshot)
  await graph.batch((batch) => {
    const other = batch.addNode({ labels: 'A' })
    batch.addEdge({ type: 'T', source: node, target: other })
    batch.updateNode(node, { properties: { n: 2 } })
  })
  same(before.node(node)?.properties, { n: 1 })
  same(before.neighborIds(node), [])
  same(before.countNodes('A'), 1)
  same(graph.neighborIds(node).length, 1)
  snapshot.close()
  throws(() => before.node(node), refusal('ENDED'))
})

behavior('drops a batch as a whole', async (graph) => {
  const failing = graph.batch((batch) => {
    batch.addNode({ labels: 'A' })
    batch.addEdge({ type: 'T', source: 777, target: 778 })
  })
  await rejects(failing, refusal('NOT_FOUND'))
  await rejects(failing, /change 2/)
  same(graph.countNodes(), 0)
})

behavior('ends with its function, its transaction and its store', async (graph, store) => {
  let escaped: Parameters<Parameters<typeof graph.batch>[0]>[0] | undefined
  await graph.batch((batch) => {
    escaped = batch
  })
  throws(() => escaped?.addNode(), refusal('ENDED'))
  const inside = await store.transaction((tx) => graph.in(tx))
  throws(() => inside.addNode(), refusal('ENDED'))
  throws(() => inside.countNodes(), refusal('ENDED'))
  await store.close()
  throws(() => graph.countNodes(), refusal('CLOSED'))
  await rejects(graph.addNode(), refusal('CLOSED'))
  await rejects(graph.findAsync(), refusal('CLOSED'))
})

behavior('ends a transaction that becomes too large in the middle of a change', async () => {
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
        same((error as SledStoreError).code, 'TOO_LARGE')
        refused++
      }
    }
  })
  await rejects(running, refusal('STALE_HANDLE'))
  same(refused, 1)
  same(filled.countNodes(), 0)
  await small.close()
})
