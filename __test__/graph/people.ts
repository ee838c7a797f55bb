/** A small graph of people for the tests of traversals. */
import { SledStore } from '../../lib/index.js'

export const store = SledStore.memory()
export const graph = store.graph('people', {
  nodes: {
    Person: {
      key: 'name',
      properties: { name: 'string', age: 'integer?', tags: 'string[]?', 'odd `name`': 'string?' },
    },
    City: { properties: { name: 'string' } },
  },
  edges: {
    KNOWS: { from: 'Person', to: 'Person', properties: { since: 'integer?' } },
    LIVES_IN: { from: 'Person', to: 'City' },
  },
})

/** Ann knows Bob and Cy, Bob knows Cy, Cy knows Dee; Ann and Bob live in Rome. */
export async function fill(): Promise<void> {
  await graph.batch((batch) => {
    const person = (name: string, age?: number, tags?: string[]): number =>
      batch.addNode({
        labels: 'Person',
        properties: { name, ...(age !== undefined && { age }), ...(tags !== undefined && { tags }) },
      })
    const [ann, bob, cy, dee] = [
      person('Ann', 40, ['a', 'b']),
      person('Bob', 30, ['b']),
      person('Cy', 20),
      person('Dee'),
    ]
    const rome = batch.addNode({ labels: 'City', properties: { name: 'Rome' } })
    const knows = (source: number, target: number, since: number): number =>
      batch.addEdge({ type: 'KNOWS', source, target, properties: { since } })
    knows(ann, bob, 2001)
    knows(bob, cy, 2002)
    knows(cy, dee, 2003)
    knows(ann, cy, 2004)
    for (const source of [ann, bob]) batch.addEdge({ type: 'LIVES_IN', source, target: rome })
  })
}
