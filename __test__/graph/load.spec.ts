import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { SledStore, type Graph, type LoadEdge, type LoadNode, type LoadProgress } from '../../lib/index.js'

const store = SledStore.memory()
afterAll(() => store.close())

const count = 20_000
const node = (key: number): LoadNode => ({ key, labels: 'N', properties: { key, text: `node ${key}` } })
const edge = (at: number): LoadEdge => ({ type: at % 3 === 0 ? 'A' : 'B', source: at, target: (7 * at) % count })
const list = <E>(make: (at: number) => E): E[] => Array.from({ length: count }, (_, at) => make(at))

describe('a load', () => {
  let graph: Graph
  beforeEach(async () => {
    await store.dropGraph('g')
    graph = store.graph('g')
  })

  it('takes arrays, iterables and async ones', async () => {
    async function* later<E>(entries: readonly E[]): AsyncGenerator<E> {
      yield* entries
    }
    const seen: LoadProgress[] = []
    const first = await graph.load(
      { nodes: list(node), edges: list(edge) },
      { onProgress: (progress) => seen.push(progress) },
    )
    expect(first).toMatchObject({ nodes: count, edges: count })
    expect(seen.length).toBeGreaterThan(1)
    expect(seen.at(-1)).toMatchObject({ nodes: count, edges: count, rate: expect.any(Number) as number })
    const second = await graph.load({ nodes: new Set(list(node)), edges: later(list(edge)) })
    expect(graph.describe()).toEqual({
      nodes: 2 * count,
      edges: 2 * count,
      labels: { N: 2 * count },
      types: { A: 2 * 6_667, B: 2 * 13_333 },
      indexes: [],
    })
    const some = 12_345
    expect(graph.node(second.firstNode + some)?.properties).toEqual({ key: some, text: `node ${some}` })
    expect(graph.edge(second.firstEdge + some)).toEqual({
      id: second.firstEdge + some,
      type: 'A',
      source: second.firstNode + some,
      target: second.firstNode + ((7 * some) % count),
      properties: {},
    })
    expect(await graph.verify()).toEqual([])
  })

  it('keeps short and long property maps, texts and numbers, and leaves out what is undefined', async () => {
    const texts = [
      '',
      'a',
      'x'.repeat(31),
      'x'.repeat(32),
      'x'.repeat(70),
      'ü',
      `${'x'.repeat(30)}ü`,
      '€'.repeat(15),
      '😀',
    ]
    const numbers = [
      0,
      127,
      128,
      255,
      256,
      65_535,
      65_536,
      2 ** 31,
      2 ** 32 - 1,
      2 ** 32,
      -1,
      -32,
      -33,
      0.5,
      2 ** 53 - 1,
    ]
    const values = [...texts, ...numbers, true, null]
    const maps = [0, 1, 2, 14, 15, 16, 17, 40].flatMap((length) =>
      [undefined, 1].map((odd) =>
        Object.fromEntries(
          Array.from({ length }, (_, at) => [
            `${'n'.repeat(at)}${at}`,
            at % 2 === 1 ? odd : values[(7 * at) % values.length],
          ]),
        ),
      ),
    )
    const properties = [...values.map((value) => ({ ä: value, value })), ...maps, { x: undefined }]
    const { firstNode } = await graph.load({ nodes: properties.map((of) => ({ labels: 'N', properties: of })) })
    const kept = (of: object): object =>
      Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined && value !== null))
    for (const [at, of] of properties.entries()) expect(graph.node(firstNode + at)?.properties).toEqual(kept(of))
    await expect(graph.load({ nodes: [{ labels: 'N', properties: { text: 'x\ud800' } }] })).rejects.toThrow(TypeError)
  })

  it('is seen as a whole, and leads on from what there is', async () => {
    const old = await graph.addNode({ labels: 'Old' })
    const seen: number[] = []
    const loaded = await graph.load(
      {
        nodes: list(node),
        edges: [
          { type: 'T', source: 5, target: { id: old } },
          { type: 'T', source: { id: old }, target: 6, properties: { n: 1n } },
          { type: 'T', source: { id: old }, target: { id: old } },
        ],
      },
      { onProgress: () => seen.push(graph.countNodes()) },
    )
    expect([seen[0], seen.at(-1)]).toEqual([1, count + 1])
    expect(graph.neighborIds(old, { direction: 'both' }).sort((a, b) => a - b)).toEqual([
      old,
      loaded.firstNode + 5,
      loaded.firstNode + 6,
    ])
    await graph.removeNode(old)
    expect(graph.countEdges()).toBe(0)
    expect(await graph.verify()).toEqual([])
  })

  it.each<[string, () => Parameters<typeof graph.load>[0], object]>([
    [
      'an edge at no node',
      () => ({ nodes: list(node), edges: [edge(1), { type: 'T', source: -1, target: 0 }] }),
      { code: 'NOT_FOUND' },
    ],
    [
      'an edge at no node of the graph',
      () => ({ edges: [{ type: 'T', source: { id: 99_999 }, target: { id: 99_999 } }] }),
      { code: 'NOT_FOUND' },
    ],
    ['two nodes with one key', () => ({ nodes: [node(1), node(1)] }), { name: 'RangeError' }],
    [
      'a value that shares',
      () => ({
        nodes: [
          { labels: 'U', properties: { u: 1 } },
          { labels: 'U', properties: { u: 1 } },
        ],
      }),
      { code: 'UNIQUE_VIOLATION' },
    ],
    [
      'a property that cannot be stored',
      () => ({ nodes: [...list(node), { properties: { a: new Map() as never } }] }),
      { name: 'TypeError' },
    ],
    ['an empty label', () => ({ nodes: [{ labels: '' }] }), { code: 'INVALID_ARGUMENT' }],
    ['something else', () => ({ nodes: [7 as never] }), { name: 'TypeError' }],
    ['no iterable', () => ({ nodes: 7 as never }), { name: 'TypeError' }],
    [
      'a source that throws',
      () => ({
        nodes: (function* () {
          yield* list(node)
          throw new Error('source')
        })(),
      }),
      { message: 'source' },
    ],
  ])('leaves nothing when it meets %s', async (_, source, error) => {
    await graph.createIndex({ label: 'U', property: 'u', unique: true })
    await expect(graph.load(source())).rejects.toMatchObject(error)
    expect(graph.describe()).toMatchObject({ nodes: 0, edges: 0, labels: {}, types: {} })
    expect(await graph.verify()).toEqual([])
  })

  it('leaves nothing when it is ended', async () => {
    const ending = new AbortController()
    const loading = graph.load(
      { nodes: list(node), edges: list(edge) },
      { signal: ending.signal, onProgress: () => ending.abort() },
    )
    await expect(loading).rejects.toMatchObject({ code: 'ABORTED' })
    expect(graph.countNodes()).toBe(0)
  })

  it('checks what a schema says', async () => {
    const typed = store.graph('g', { nodes: { N: { properties: { n: 'integer' } } }, edges: { T: {} } })
    await expect(typed.load({ nodes: [{ labels: 'N', properties: { n: 'x' as never } }] })).rejects.toMatchObject({
      code: 'SCHEMA_INVALID',
    })
    await typed.load({
      nodes: [{ key: 'a', labels: 'N', properties: { n: 1 } }],
      edges: [{ type: 'T', source: 'a', target: 'a' }],
    })
    expect(typed.countEdges()).toBe(1)
  })

  it('leads edges where the schema has them lead', async () => {
    const city = await graph.addNode({ labels: 'City' })
    const person = await graph.addNode({ labels: 'Person' })
    const typed = store.graph('g', {
      nodes: { Person: {}, City: {} },
      edges: { LIVES_IN: { from: 'Person', to: 'City' }, LIKES: { from: 'Person' } },
    })
    const nodes = [
      { key: 'p', labels: 'Person' },
      { key: 'c', labels: 'City' },
    ] as const
    const edges = (...ends: [LoadEdge['source'], LoadEdge['target']][]) =>
      ends.map(([source, target]) => ({ type: 'LIVES_IN', source, target }) as const)
    const right = edges(['p', 'c'], ['p', { id: city }], [{ id: person }, 'c'], [{ id: person }, { id: city }])
    for (const [source, target] of [
      ['c', 'c'],
      ['p', 'p'],
      ['p', { id: person }],
      [{ id: city }, { id: city }],
    ] as const) {
      await expect(typed.load({ nodes, edges: [...right, ...edges([source, target])] })).rejects.toMatchObject({
        code: 'SCHEMA_INVALID',
        message: expect.stringContaining('edge 5 of the load') as string,
      })
    }
    expect(typed.countNodes()).toBe(2)
    const likes = [
      { type: 'LIKES', source: 'p', target: 'p' },
      { type: 'LIKES', source: 'p', target: 'c' },
    ] as const
    await typed.load({ nodes, edges: [...right, ...likes] })
    expect(typed.countEdges()).toBe(6)
  })

  it('is refused above half the memory budget', async () => {
    const small = SledStore.memory({ memoryBudget: 24 << 20 })
    const text = 'x'.repeat(1 << 16)
    const many = Array.from({ length: 300 }, () => ({ properties: { text } }))
    await expect(small.graph('g').load({ nodes: many })).rejects.toMatchObject({ code: 'TOO_LARGE' })
    expect(small.graph('g').countNodes()).toBe(0)
    await small.close()
  })

  it('fails when the store is closed under it', async () => {
    const other = SledStore.memory()
    async function* closing(): AsyncGenerator<LoadNode> {
      yield node(1)
      await other.close()
      yield* list(node).slice(2)
    }
    await expect(other.graph('g').load({ nodes: closing() })).rejects.toMatchObject({ code: 'CLOSED' })
  })
})

describe('what a graph tells of itself', () => {
  it('lists indexes with their kinds, and walks all nodes and edges in pages', async () => {
    const graph = store.graph('described')
    await graph.createIndex({ label: 'N', property: 'key', unique: true })
    await graph.load({
      nodes: list(node).slice(0, 2_500),
      edges: list(edge)
        .slice(0, 100)
        .map((e) => ({ ...e, target: 3 })),
    })
    graph.querySync('CREATE INDEX by_two FOR ()-[r:A]-() ON (r.x, r.y)')
    expect(graph.describe().indexes).toEqual([
      {
        name: expect.any(String) as string,
        on: 'nodes',
        label: 'N',
        properties: ['key'],
        kind: 'unique',
        isBuilding: false,
      },
      { name: 'by_two', on: 'edges', label: 'A', properties: ['x', 'y'], kind: 'range', isBuilding: false },
    ])
    const keys = [...graph.nodes()].map(({ properties }) => properties['key'])
    expect(keys).toEqual(Array.from({ length: 2_500 }, (_, at) => at))
    expect([...graph.edges()].length).toBe(100)
    const snapshot = store.snapshot()
    await graph.addNode()
    expect([...graph.at(snapshot).nodes()].length).toBe(2_500)
    snapshot.close()
  })
})
