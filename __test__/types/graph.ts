/** Compiled by `tsc`, never run: what the compiler must accept and refuse of a graph. */
import type { SledStore } from '../../lib/index.js'

interface People {
  readonly nodes: {
    readonly Person: { readonly name: string; readonly age?: number }
    readonly City: { readonly name: string; readonly founded: number }
  }
  readonly edges: { readonly KNOWS: { readonly since: number }; readonly LIVES_IN: { readonly street?: string } }
}

export async function typed(store: SledStore): Promise<void> {
  const graph = store.graph<People>('people')
  const ann: number = await graph.addNode({ labels: 'Person', properties: { name: 'Ann' } })
  await graph.addNode({ labels: ['Person', 'City'], properties: { name: 'both', founded: 1 } })
  await graph.addNode()
  // @ts-expect-error a label nobody knows
  await graph.addNode({ labels: 'Dog' })
  // @ts-expect-error a property of the wrong type
  await graph.addNode({ labels: 'Person', properties: { name: 7 } })
  // @ts-expect-error a property the label does not have
  await graph.addNode({ labels: 'Person', properties: { name: 'x', founded: 1 } })
  // @ts-expect-error several labels need the properties of each
  await graph.addNode({ labels: ['Person', 'City'], properties: { name: 'x' } })

  await graph.addEdge({ type: 'KNOWS', source: ann, target: ann, properties: { since: 1 } })
  await graph.addEdge({ type: 'LIVES_IN', source: ann, target: ann })
  // @ts-expect-error a type nobody knows
  await graph.addEdge({ type: 'HATES', source: ann, target: ann })
  // @ts-expect-error properties of another type
  await graph.addEdge({ type: 'KNOWS', source: ann, target: ann, properties: { street: 'x' } })

  await graph.updateNode(ann, { properties: { age: null, founded: 3 }, addLabels: 'City' })
  // @ts-expect-error a property of the wrong type
  await graph.updateNode(ann, { properties: { age: '1' } })

  const founded: number | undefined = graph.find({ label: 'City', where: { name: 'Rome' } })[0]?.properties.founded
  const age: number | undefined = graph.node<'Person'>(ann)?.properties.age
  const name: string | undefined = graph.node(ann)?.properties.name
  // @ts-expect-error a property the label does not have
  graph.find({ label: 'City', where: { age: 1 } })
  // @ts-expect-error not every label has it
  const nobody = graph.node(ann)?.properties.founded

  for (const { node, edge } of graph.neighbors(ann, { label: 'City', type: 'LIVES_IN' })) {
    const year: number = node.properties.founded
    if (edge.type === 'KNOWS') {
      const since: number = edge.properties.since
      void since
    }
    void year
  }
  await graph.createIndex({ label: 'Person', property: ['name', 'age'], unique: true })
  await graph.createIndex({ type: 'KNOWS', property: 'since' })
  await graph.createTextIndex({ name: 'names', label: ['Person', 'City'], property: 'name' })
  // @ts-expect-error a label nobody knows
  await graph.createTextIndex({ name: 'names', label: 'Dog', property: 'name' })
  // @ts-expect-error a type nobody knows
  await graph.createIndex({ type: 'HATES', property: 'since' })
  // @ts-expect-error a property nothing has
  await graph.createIndex({ label: 'Person', property: 'nothing' })
  // @ts-expect-error a property nothing has
  await graph.createTextIndex({ name: 'names', label: 'Person', property: ['name', 'nothing'] })
  await graph.algorithms.degree({ weight: 'since' })
  // @ts-expect-error a property no edge has
  await graph.algorithms.degree({ weight: 'name' })
  for (const { node, score } of graph.searchText<'City'>('names', 'rome', { limit: 1 })) {
    const year: number = node.properties.founded * score
    void year
  }
  const since: number | undefined = graph.searchEdgeText<'KNOWS'>('reasons', 'work')[0]?.edge.properties.since
  // @ts-expect-error an option nobody knows
  graph.searchText('names', 'rome', { most: 1 })
  void since
  // @ts-expect-error a direction nobody knows
  graph.neighbors(ann, { direction: 'up' })
  void [founded, age, name, nobody]
}

export async function untyped(store: SledStore): Promise<void> {
  const graph = store.graph('any')
  const id = await graph.addNode({
    labels: 'Anything',
    properties: { list: [1, { deep: new Date() }], big: 2n ** 60n },
  })
  await graph.batch((batch) => batch.addEdge({ type: 'T', source: id, target: id, properties: { since: 1 } }))
  await store.transaction((tx) => graph.in(tx).updateNode(id, { properties: { list: null, other: 'x' } }))
  // @ts-expect-error not a value of a property
  await graph.addNode({ properties: { value: new Map() } })
}
