import { expect, test } from 'vitest'
import { float, QueryNode, SledStore, type SledStoreError } from '../../lib/index.js'

test('a query is a commit, a part of a transaction, and refused at a snapshot', async () => {
  const store = SledStore.memory()
  const graph = store.graph('g')
  const made = await graph.query('CREATE (a:P {k: $k})-[:T]->(:Q) RETURN a', { k: float(5) })
  expect(made.counters.nodesCreated).toBe(2)
  expect(made.single()['a']).toBeInstanceOf(QueryNode)
  const snapshot = store.snapshot()
  const count = 'MATCH (n) RETURN count(n) AS n'
  await store.transaction((tx) => {
    graph.in(tx).querySync('CREATE (:P)')
    expect([graph.in(tx), graph].map((reader) => reader.querySync(count).first()?.['n'])).toEqual([3, 2])
  })
  expect([graph, graph.at(snapshot)].map((reader) => reader.querySync(count).first()?.['n'])).toEqual([3, 2])
  expect(() => graph.at(snapshot).querySync('CREATE (:P)')).toThrow(expect.objectContaining({ code: 'READ_ONLY' }))
  snapshot.close()
  await store.close()
})

test('an error says what the language calls it, and where', async () => {
  const store = SledStore.memory()
  const error = await store
    .graph('g')
    .query('MATCH (n)\nRETURN m')
    .then(undefined, (error: SledStoreError) => error)
  expect(error).toMatchObject({
    query: { phase: 'compile time', kind: 'SyntaxError', detail: 'UndefinedVariable', line: 2, column: 8 },
  })
  await store.close()
})

test('a transaction runs queries on another thread, one after the other', async () => {
  const store = SledStore.memory()
  const graph = store.graph('g')
  const other = store.namespace<string, number>('other')
  await store.transaction(async (tx) => {
    const inside = graph.in(tx)
    await inside.query('UNWIND range(1, 200) AS i CREATE (:N {i: i})')
    tx.put(other, 'n', 1)
    expect((await inside.query('MATCH (n:N) RETURN count(n) AS n')).single()).toEqual({ n: 200 })
    expect(graph.countNodes()).toBe(0)
    const running = inside.query('MATCH (n:N), (m:N) SET n.j = m.i')
    expect(() => tx.get(other, 'n')).toThrow(expect.objectContaining({ code: 'ENDED' }))
    expect((await running).counters.propertiesSet).toBe(40_000)
    expect(tx.get(other, 'n')).toBe(1)
  })
  expect([graph.countNodes('N'), other.get('n')]).toEqual([200, 1])
  const failing = store.transaction(async (tx) => {
    tx.put(other, 'n', 2)
    await expect(graph.in(tx).query('MATCH (n:N) SET n.i = 1 / (n.i - 100)')).rejects.toMatchObject({
      code: 'QUERY_FAILED',
    })
    tx.put(other, 'n', 3)
  })
  await expect(failing).rejects.toMatchObject({ code: 'ENDED' })
  await store.transaction(async (tx) => {
    await expect(graph.in(tx).query('RETURN m')).rejects.toMatchObject({ code: 'QUERY_FAILED' })
    const control = new AbortController()
    setTimeout(() => control.abort(), 10)
    const long = graph
      .in(tx)
      .query(
        'MATCH (a:N), (b:N), (c:N), (d:N) WHERE a.i + b.i + c.i + d.i < 0 RETURN count(*)',
        {},
        { signal: control.signal },
      )
    await expect(long).rejects.toMatchObject({ code: 'ABORTED' })
    tx.put(other, 'n', 4)
  })
  const forgotten = store.transaction(
    (tx) =>
      void graph
        .in(tx)
        .query('CREATE (:Lost)')
        .catch(() => undefined),
  )
  await expect(forgotten).rejects.toMatchObject({ code: 'ENDED' })
  expect([graph.countNodes('Lost'), graph.countNodes('N'), other.get('n')]).toEqual([0, 200, 4])
  await store.close()
})
