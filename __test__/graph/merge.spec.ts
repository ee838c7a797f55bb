import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import {
  Duration,
  float,
  LocalDate,
  LocalDateTime,
  LocalTime,
  OffsetTime,
  Point,
  SledStore,
  ZonedDateTime,
  type Graph,
  type Merged,
  type PropertyValue,
  type SchemaTypes,
} from '../../lib/index.js'

const store = SledStore.memory()
afterAll(() => store.close())

const schema = {
  nodes: {
    Person: { key: 'email', properties: { email: 'string', age: 'integer?' } },
    Place: { properties: { country: 'string', name: 'string' } },
  },
  edges: { KNOWS: { properties: { since: 'integer?', how: 'string?' } } },
} as const

describe('merging', () => {
  let graph: Graph<SchemaTypes<typeof schema>>
  beforeEach(async () => {
    await store.dropGraph('people')
    graph = store.graph('people', schema)
    await graph.createKeys()
  })

  it('adds a node once, and then changes it', async () => {
    const first = await graph.merge({ label: 'Person', properties: { email: 'ann', age: 40 } })
    expect(first.created).toBe(true)
    const again = await graph.merge({ label: 'Person', properties: { email: 'ann', age: 41 } })
    expect(again).toEqual({ id: first.id, created: false })
    await graph.merge({ label: 'Person', properties: { email: 'ann' } })
    expect(graph.node(first.id)?.properties).toEqual({ email: 'ann', age: 41 })
    expect(graph.countNodes()).toBe(1)
  })

  it('takes several properties as a key', async () => {
    const key = ['country', 'name'] as const
    const one = await graph.merge({ label: 'Place', key, properties: { country: 'IT', name: 'Rome' } })
    const other = await graph.merge({ label: 'Place', key, properties: { country: 'US', name: 'Rome' } })
    expect(other.created).toBe(true)
    expect(await graph.merge({ label: 'Place', key, properties: { country: 'IT', name: 'Rome' } })).toEqual({
      id: one.id,
      created: false,
    })
  })

  it('makes many in one commit, each seeing those before it', async () => {
    const seq = store.stats().counts.commits
    const merged = await graph.mergeMany([
      { label: 'Person', properties: { email: 'ann', age: 1 } },
      { label: 'Person', properties: { email: 'bob' } },
      { label: 'Person', properties: { email: 'ann', age: 2 } },
    ])
    expect(merged.map(({ created }) => created)).toEqual([true, true, false])
    expect(graph.node(merged[0]!.id)?.properties).toEqual({ email: 'ann', age: 2 })
    expect(store.stats().counts.commits - seq).toBeLessThan(12)
    const failing = [
      { label: 'Person', properties: { email: 'cy' } },
      { label: 'Person', properties: { email: 7 } },
    ]
    await expect(graph.mergeMany(failing as never)).rejects.toThrow()
    expect(graph.countNodes()).toBe(2)
  })

  it('adds an edge once between two nodes, and then changes it', async () => {
    const [ann, bob] = await graph.mergeMany(
      ['ann', 'bob'].map((email) => ({ label: 'Person', properties: { email } })),
    )
    const [source, target] = [ann!.id, bob!.id]
    const first = await graph.mergeEdge({ type: 'KNOWS', source, target, properties: { since: 1 } })
    const end = { label: 'Person', where: { email: 'bob' } } as const
    const again = await graph.mergeEdge({ type: 'KNOWS', source, target: end, properties: { how: 'work' } })
    expect(again).toEqual({ id: first.id, created: false })
    expect(graph.edge(first.id)?.properties).toEqual({ since: 1, how: 'work' })
    const back = await graph.mergeEdge({ type: 'KNOWS', source: target, target: source })
    expect(back.created).toBe(true)
    const keyed = await graph.mergeEdges([
      { type: 'KNOWS', key: 'since', source, target, properties: { since: 1 } },
      { type: 'KNOWS', key: 'since', source, target, properties: { since: 2 } },
    ])
    expect(keyed.map(({ created }) => created)).toEqual([false, true])
    await expect(graph.mergeEdge({ type: 'KNOWS', source, target })).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' })
    expect(graph.countEdges()).toBe(3)
  })

  it('takes keys of every type that a property has', async () => {
    const untyped = store.graph('keys')
    const keys: (() => PropertyValue)[] = [
      () => LocalDate.parse('2015-07-21'),
      () => LocalTime.parse('21:40:32.142'),
      () => OffsetTime.parse('21:40:32+01:00'),
      () => LocalDateTime.parse('2015-07-21T21:40:32'),
      () => ZonedDateTime.parse('2015-07-21T21:40:32+02:00[Europe/Stockholm]'),
      () => Duration.parse('P1M2DT3S'),
      () => new Point({ x: 1, y: 2 }),
      () => new Uint8Array([1, 2, 3]),
      () => Float32Array.of(1, 2, 3),
      () => float(1.5),
      () => float(7),
      () => 2n ** 60n,
      () => new Date(86_400_000),
      () => ['a', 'b'],
      () => [1, 2, 3],
      () => 'P1M2DT3S',
      () => '1,2,3',
      () => true,
      () => 'true',
      () => '7',
    ]
    const { id: end } = await untyped.merge({ label: 'End', key: 'k', properties: { k: 1 } })
    for (const key of keys) {
      const node = (): Promise<Merged> => untyped.merge({ label: 'Any', key: 'k', properties: { k: key() } })
      const edge = (): Promise<Merged> =>
        untyped.mergeEdge({ type: 'ANY', key: 'k', source: end, target: end, properties: { k: key() } })
      for (const merge of [node, edge]) {
        const { id, created } = await merge()
        expect(created, String(key)).toBe(true)
        expect(await merge(), String(key)).toEqual({ id, created: false })
      }
    }
    // Numbers are equal by what they stand for.
    expect(await untyped.merge({ label: 'End', key: 'k', properties: { k: float(1) } })).toEqual({
      id: end,
      created: false,
    })
    const seven = { type: 'ANY', key: 'k', source: end, target: end }
    expect((await untyped.mergeEdge({ ...seven, properties: { k: 7 } })).created).toBe(false)
    expect((await untyped.mergeEdge({ ...seven, properties: { k: Buffer.from([1, 2, 3]) } })).created).toBe(false)
    for (const k of [null, undefined, Symbol('k'), () => 1]) {
      await expect(untyped.merge({ label: 'Any', key: 'k', properties: { k } as never })).rejects.toThrow(TypeError)
      await expect(untyped.mergeEdge({ ...seven, properties: { k } as never })).rejects.toThrow(TypeError)
    }
    expect([untyped.countNodes('Any'), untyped.countEdges()]).toEqual([keys.length, keys.length])
  })

  it('is part of a transaction', async () => {
    const fail = new Error('no')
    const run = (end: () => void): Promise<void> =>
      store.transaction((tx) => {
        const inside = graph.in(tx)
        const { id } = inside.merge({ label: 'Person', properties: { email: 'ann' } })
        expect(inside.merge({ label: 'Person', properties: { email: 'ann' } })).toEqual({ id, created: false })
        inside.mergeEdge({ type: 'KNOWS', source: id, target: id })
        end()
      })
    await expect(
      run(() => {
        throw fail
      }),
    ).rejects.toBe(fail)
    expect(graph.countNodes()).toBe(0)
    await run(() => {})
    expect([graph.countNodes(), graph.countEdges()]).toEqual([1, 1])
  })

  it('leaves one of two that merge the same at once', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, age) => graph.merge({ label: 'Person', properties: { email: 'ann', age } })),
    )
    expect(graph.countNodes('Person')).toBe(1)
  })

  it('refuses what has no key or no end', async () => {
    const untyped = graph as unknown as Graph
    await expect(untyped.merge({ label: 'Place', properties: { country: 'IT' } })).rejects.toThrow(TypeError)
    await expect(untyped.merge({ label: 'Person', properties: {} })).rejects.toThrow(TypeError)
    await expect(untyped.merge({ label: 'Dog', key: 'a', properties: { a: 1 } })).rejects.toMatchObject({
      code: 'SCHEMA_INVALID',
    })
    const nobody = { label: 'Person', where: { email: 'nobody' } }
    await expect(untyped.mergeEdge({ type: 'KNOWS', source: nobody, target: 1 })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    await expect(untyped.mergeMany(7 as never)).rejects.toThrow(TypeError)
  })
})
