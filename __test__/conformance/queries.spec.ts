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
