import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SledStore, type Graph, type Transaction } from '../../lib/index.js'

let store: SledStore
let graph: Graph
let node: number

beforeAll(async () => {
  store = SledStore.memory()
  graph = store.graph('test')
  node = await graph.addNode()
})

afterAll(async () => {
  await store.close()
})

const wrong = (value: unknown) => value as never

describe('arguments of the wrong kind', () => {
  const calls: [string, () => unknown][] = [
    ['a node that is a text', () => graph.node(wrong('1'))],
    ['an unknown option', () => graph.find(wrong({ labels: 'A' }))],
    ['a label that is a number', () => graph.find(wrong({ label: 7 }))],
    ['a filter that is a list', () => graph.find({ where: wrong([1]) })],
    ['a type that is a number', () => graph.neighbors(1, { type: wrong(7) })],
    ['a path to nowhere', () => graph.path(1, wrong(undefined))],
    ['a path to an unknown filter', () => graph.path(1, wrong({ name: 'Ann' }))],
    ['no transaction', () => graph.in(wrong({}))],
    ['a snapshot for a transaction', () => graph.in(store.snapshot() as unknown as Transaction)],
    ['a store for a snapshot', () => graph.at(wrong(store))],
    ['a graph without a name', () => store.graph(wrong(undefined))],
  ]
  it.each(calls)('%s', (_, call) => {
    expect(call).toThrow(TypeError)
  })

  const changes: [string, () => Promise<unknown>][] = [
    ['an unknown field', () => graph.addNode(wrong({ label: 'A' }))],
    ['properties that are a text', () => graph.addNode({ properties: wrong('x') })],
    ['an edge without a type', () => graph.addEdge(wrong({ source: node, target: node }))],
    ['an edge without a source', () => graph.addEdge(wrong({ type: 'T', target: node }))],
    ['replacing by nothing', () => graph.updateNode(node, { replace: true })],
    ['an unknown durability option', () => graph.removeNode(node, wrong({ durable: 'full' }))],
    ['an index without a property', () => graph.createIndex(wrong({ label: 'A' }))],
    ['a batch without a function', () => graph.batch(wrong(undefined))],
    ['an async batch', () => graph.batch(async (batch) => void batch.addNode())],
    [
      'a batch that writes from a getter',
      () =>
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
  it.each(changes)('%s', async (_, change) => {
    await expect(change()).rejects.toThrow(TypeError)
    expect(graph.countNodes()).toBe(1)
  })
})

describe('arguments out of range', () => {
  const calls: [string, () => unknown][] = [
    ['a negative id', () => graph.node(-1)],
    ['half a node', () => graph.node(1.5)],
    ['an unknown direction', () => graph.neighbors(1, { direction: wrong('up') })],
    ['a negative limit', () => graph.find({ limit: -1 })],
    ['an empty name', () => store.graph('')],
  ]
  it.each(calls)('%s', (_, call) => {
    expect(call).toThrow(RangeError)
  })

  const changes: [string, string, () => Promise<unknown>][] = [
    ['an empty label', 'INVALID_ARGUMENT', () => graph.addNode({ labels: '' })],
    ['a long label', 'INVALID_ARGUMENT', () => graph.addNode({ labels: 'x'.repeat(1_025) })],
    ['an edge to nowhere', 'NOT_FOUND', () => graph.addEdge({ type: 'T', source: node, target: 999_999 })],
    ['a missing node', 'NOT_FOUND', () => graph.removeNode(999_999)],
    ['a missing edge', 'NOT_FOUND', () => graph.updateEdge(999_999, { properties: {} })],
  ]
  it.each(changes)('%s', async (_, code, change) => {
    await expect(change()).rejects.toThrow(expect.objectContaining({ code }) as Error)
    expect(graph.countNodes()).toBe(1)
  })
})

it('a value too long for an index is refused by name', async () => {
  await graph.createIndex({ label: 'Indexed', property: 'text' })
  const adding = graph.addNode({ labels: 'Indexed', properties: { text: 'x'.repeat(2_000) } })
  await expect(adding).rejects.toThrow(expect.objectContaining({ code: 'KEY_TOO_LARGE' }) as Error)
  await expect(adding).rejects.toThrow('"text"')
  const index = { label: 'Indexed', property: 'text', unique: true }
  await expect(graph.createIndex(index)).rejects.toThrow('drop it first')
})

it('a graph of another store cannot be read through a snapshot', async () => {
  const other = SledStore.memory()
  const snapshot = other.snapshot()
  expect(() => graph.at(snapshot).countNodes()).toThrow(expect.objectContaining({ code: 'STALE_HANDLE' }) as Error)
  await other.close()
})
