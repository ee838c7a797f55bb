import { deepStrictEqual as same, rejects, throws } from 'node:assert/strict'
import { SledStore, type Graph, type Transaction } from '../../lib/index.js'
import type { StoreCase } from './subject.js'

export const graphBadInputCases: StoreCase[] = []
/** Runs against a graph that has one node. */
type Run = (given: { graph: Graph; store: SledStore; node: number }) => unknown
const behavior = (name: string, run: Run): unknown =>
  graphBadInputCases.push({
    name,
    run: async (store) => {
      const graph = store.graph('test')
      await run({ graph, store, node: await graph.addNode() })
      same(graph.countNodes(), 1)
    },
  })

const wrong = (value: unknown) => value as never

const wrongTypes: [string, Run][] = [
  ['a node that is a text', ({ graph }) => graph.node(wrong('1'))],
  ['an unknown option', ({ graph }) => graph.find(wrong({ labels: 'A' }))],
  ['a label that is a number', ({ graph }) => graph.find(wrong({ label: 7 }))],
  ['a filter that is a list', ({ graph }) => graph.find({ where: wrong([1]) })],
  ['a type that is a number', ({ graph }) => graph.neighbors(1, { type: wrong(7) })],
  ['a path to nowhere', ({ graph }) => graph.path(1, wrong(undefined))],
  ['a path to an unknown filter', ({ graph }) => graph.path(1, wrong({ name: 'Ann' }))],
  ['no transaction', ({ graph }) => graph.in(wrong({}))],
  ['a snapshot for a transaction', ({ graph, store }) => graph.in(store.snapshot() as unknown as Transaction)],
  ['a store for a snapshot', ({ graph, store }) => graph.at(wrong(store))],
  ['a graph without a name', ({ store }) => store.graph(wrong(undefined))],
]
for (const [name, call] of wrongTypes)
  behavior(`is a TypeError: ${name}`, (given) => throws(() => call(given), TypeError))

const wrongChanges: [string, (...given: Parameters<Run>) => Promise<unknown>][] = [
  ['an unknown field', ({ graph }) => graph.addNode(wrong({ label: 'A' }))],
  ['properties that are a text', ({ graph }) => graph.addNode({ properties: wrong('x') })],
  ['an edge without a type', ({ graph, node }) => graph.addEdge(wrong({ source: node, target: node }))],
  ['an edge without a source', ({ graph, node }) => graph.addEdge(wrong({ type: 'T', target: node }))],
  ['replacing by nothing', ({ graph, node }) => graph.updateNode(node, { replace: true })],
  ['an unknown durability option', ({ graph, node }) => graph.removeNode(node, wrong({ durable: 'full' }))],
  ['an index without a property', ({ graph }) => graph.createIndex(wrong({ label: 'A' }))],
  ['a batch without a function', ({ graph }) => graph.batch(wrong(undefined))],
  ['an async batch', ({ graph }) => graph.batch(async (batch) => void batch.addNode())],
  [
    'a batch that writes from a getter',
    ({ graph }) =>
      graph.batch((batch) => {
        batch.addNode({
          properties: {
            get name() {
              batch.addNode()
              return 'x'
            },
          },
        })
      }),
  ],
]
for (const [name, change] of wrongChanges)
  behavior(`is a TypeError: ${name}`, (given) => rejects(change(given), TypeError))

const outOfRange: [string, Run][] = [
  ['a negative id', ({ graph }) => graph.node(-1)],
  ['half a node', ({ graph }) => graph.node(1.5)],
  ['an unknown direction', ({ graph }) => graph.neighbors(1, { direction: wrong('up') })],
  ['a negative limit', ({ graph }) => graph.find({ limit: -1 })],
  ['an empty name', ({ store }) => store.graph('')],
]
for (const [name, call] of outOfRange)
  behavior(`is a RangeError: ${name}`, (given) => throws(() => call(given), RangeError))

const refusedChanges: [string, string, (...given: Parameters<Run>) => Promise<unknown>][] = [
  ['an empty label', 'INVALID_ARGUMENT', ({ graph }) => graph.addNode({ labels: '' })],
  ['a long label', 'INVALID_ARGUMENT', ({ graph }) => graph.addNode({ labels: 'x'.repeat(1_025) })],
  ['an edge to nowhere', 'NOT_FOUND', ({ graph, node }) => graph.addEdge({ type: 'T', source: node, target: 999_999 })],
  ['a missing node', 'NOT_FOUND', ({ graph }) => graph.removeNode(999_999)],
  ['a missing edge', 'NOT_FOUND', ({ graph }) => graph.updateEdge(999_999, { properties: {} })],
]
for (const [name, code, change] of refusedChanges)
  behavior(`is refused: ${name}`, (given) => rejects(change(given), { code }))

behavior('a value too long for an index is refused by name', async ({ graph }) => {
  await graph.createIndex({ label: 'Indexed', property: 'text' })
  const adding = graph.addNode({ labels: 'Indexed', properties: { text: 'x'.repeat(2_000) } })
  await rejects(adding, { code: 'KEY_TOO_LARGE' })
  await rejects(adding, /"text"/)
  const index = { label: 'Indexed', property: 'text', unique: true }
  await rejects(graph.createIndex(index), /drop it first/)
})

behavior('a graph of another store cannot be read through a snapshot', async ({ graph }) => {
  const other = SledStore.memory()
  const snapshot = other.snapshot()
  throws(() => graph.at(snapshot).countNodes(), { code: 'STALE_HANDLE' })
  await other.close()
})
