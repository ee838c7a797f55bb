/** Compiled by `tsc`, never run: what the compiler infers of a schema, and refuses by it. */
import { z } from 'zod'
import type { SchemaTypes, SledStore } from '../../lib/index.js'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(answer: Same<A, B>): boolean => answer

const schema = {
  nodes: {
    Person: {
      key: 'email',
      properties: {
        email: 'string',
        age: 'integer?',
        tags: 'string[]?',
        born: 'date?',
        level: z.number().min(1).optional(),
      },
    },
    City: { properties: { name: 'string', population: 'bigint' } },
    Mark: {},
  },
  edges: {
    KNOWS: { from: 'Person', to: 'Person', properties: { since: 'integer' } },
    LIVES_IN: { from: ['Person'], to: 'City' },
  },
} as const

export async function inferred(store: SledStore): Promise<void> {
  type Types = SchemaTypes<typeof schema>
  same<
    {
      email: string
      age?: number
      tags?: readonly string[]
      born?: Date
      level?: number | undefined
    },
    Types['nodes']['Person']
  >(true)
  same<{ name: string; population: number | bigint }, Types['nodes']['City']>(true)
  same<'Person', Types['ends']['LIVES_IN']['from']>(true)
  same<'email', Types['keys']['Person']>(true)

  const graph = store.graph('people', schema)
  const ann = await graph.addNode({ labels: 'Person', properties: { email: 'a', age: 3, tags: ['x'] } })
  await graph.addNode({ labels: 'Mark' })
  // @ts-expect-error an email is a string
  await graph.addNode({ labels: 'Person', properties: { email: 7 } })
  // @ts-expect-error no such property
  await graph.addNode({ labels: 'Person', properties: { email: 'a', name: 'x' } })
  // @ts-expect-error no such label
  await graph.addNode({ labels: 'Dog' })
  // @ts-expect-error no such type
  await graph.addEdge({ type: 'HATES', source: ann, target: ann })
  await graph.addEdge({ type: 'KNOWS', source: ann, target: ann, properties: { since: 3 } })
  // @ts-expect-error since is a number
  await graph.addEdge({ type: 'KNOWS', source: ann, target: ann, properties: { since: '3' } })
  const age: number | undefined = graph.findOne({ label: 'Person', where: { email: 'a' } })?.properties.age
  // @ts-expect-error no such property
  graph.find({ label: 'City', where: { email: 'a' } })
  void age

  // Written where it is used, it needs no `as const`.
  const inline = store.graph('inline', { nodes: { A: { properties: { n: 'integer' } } }, edges: {} })
  // @ts-expect-error n is a number
  await inline.addNode({ labels: 'A', properties: { n: 'x' } })
  // @ts-expect-error no such kind of property
  store.graph('wrong', { nodes: { A: { properties: { n: 'int' } } }, edges: {} })
}
