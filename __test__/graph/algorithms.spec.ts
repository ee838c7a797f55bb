/** What an algorithm sees: some nodes, a snapshot, or a transaction with its own changes. */

import { afterAll, describe, expect, it } from 'vitest'
import { SledStore } from '../../lib/index.js'

const store = SledStore.memory()
afterAll(() => store.close())

async function ring(name: string) {
  const graph = store.graph(name)
  const ids = await graph.batch((batch) => {
    const ids = Array.from({ length: 8 }, (_, at) => batch.addNode({ labels: at < 6 ? 'A' : 'B', properties: { at } }))
    ids.forEach((source, at) => batch.addEdge({ type: 'E', source, target: ids[(at + 1) % 8]! }))
    return ids
  })
  return { graph, ids }
}

describe('an algorithm', () => {
  it('sees the chosen nodes and the edges between them alone', async () => {
    const { graph, ids } = await ring('among')
    const found = await graph.query<{ id: number }>('MATCH (n) WHERE n.at <> 2 AND n.at <> 5 RETURN id(n) AS id')
    const among = found.rows.map(({ id }) => id)
    const parts = (await graph.algorithms.components({ among })).summary
    expect(parts).toEqual({ count: 2, largest: 4 })
    // Those of the label among them.
    const labeled = await graph.algorithms.components({ among, labels: 'A' })
    expect([...labeled.columns.node]).toEqual([0, 1, 3, 4].map((at) => ids[at]))
    const { rows } = await graph.query(
      'MATCH (n) WHERE n.at < 3 WITH collect(n) AS some CALL algo.degree({among: some}) YIELD node, degree RETURN node.at AS at, degree',
    )
    expect(rows).toEqual([0, 1, 2].map((at) => ({ at, degree: at < 2 ? 1 : 0 })))
    expect((await graph.algorithms.components({ among: [] })).length).toBe(0)
    await expect(graph.algorithms.components({ among: [999_999] })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(graph.algorithms.bfs({ source: ids[2]!, among })).rejects.toMatchObject({ code: expect.any(String) })
  })

  it('sees what its transaction has changed, and the snapshot it is at', async () => {
    const { graph, ids } = await ring('readers')
    const snapshot = store.snapshot()
    await store.transaction(async (tx) => {
      const inside = graph.in(tx)
      inside.removeNode(ids[3]!)
      expect((await inside.algorithms.components()).columns.node).toHaveLength(7)
      expect((await graph.algorithms.components()).columns.node).toHaveLength(8)
      inside.removeNode(ids[4]!)
      expect((await inside.algorithms.components()).columns.node).toHaveLength(6)
      await expect(inside.algorithms.components({ snapshot })).rejects.toThrow(TypeError)
    })
    expect((await graph.algorithms.components()).columns.node).toHaveLength(6)
    expect((await graph.at(snapshot).algorithms.components()).columns.node).toHaveLength(8)
    snapshot.close()
    const ended = await store.transaction((tx) => graph.in(tx))
    await expect(ended.algorithms.components()).rejects.toMatchObject({ code: 'ENDED' })
  })
})
