/** Prepared statements are planned once, refused at once where they cannot run, and outlive changes of the schema. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SledStore, type Graph } from '../../lib/index.js'

let store: SledStore
let graph: Graph
beforeEach(async () => {
  store = SledStore.memory()
  graph = store.graph('people')
  await graph.query("UNWIND [['Ann', 40], ['Bob', 30]] AS p CREATE (:Person {name: p[0], age: p[1]})")
})
afterEach(() => store.close())

const byName = 'MATCH (p:Person {name: $name}) RETURN p.age AS age'
const prepared = () => graph.prepare<{ age: number }, { name: string }>(byName)

describe('a prepared statement', () => {
  it('answers as the statement does', async () => {
    const query = prepared()
    expect(query.text).toBe(byName)
    expect(query.runSync({ name: 'Ann' }).toArray()).toEqual([{ age: 40 }])
    expect((await query.run({ name: 'Bob' })).columns).toEqual(['age'])
    expect([query.firstSync({ name: 'Ann' }), await query.first({ name: 'Cy' })]).toEqual([{ age: 40 }, undefined])
    expect([query.singleSync({ name: 'Ann' }), await query.single({ name: 'Bob' })]).toEqual([{ age: 40 }, { age: 30 }])
    expect(() => query.singleSync({ name: 'Cy' })).toThrow(RangeError)
    expect(await query.stream({ name: 'Ann' }, { integers: 'bigint' }).toArray()).toEqual([{ age: 40n }])
    expect(graph.prepare('RETURN 1 AS one').singleSync()).toEqual({ one: 1 })
  })

  it('changes things as one commit', async () => {
    const add = graph.prepare('CREATE (:Person {name: $name})')
    expect((await add.run({ name: 'Cy' })).counters.nodesCreated).toBe(1)
    add.runSync({ name: 'Dee' })
    expect(graph.countNodes('Person')).toBe(4)
  })

  it('is refused at once where it can never run', () => {
    expect(() => graph.prepare('MATCH (p) RETURN q')).toThrowError(
      expect.objectContaining({
        code: 'QUERY_FAILED',
        query: expect.objectContaining({ detail: 'UndefinedVariable' }) as unknown,
      }) as Error,
    )
    expect(() => graph.prepare(7 as never)).toThrow(TypeError)
    const typed = store.graph('typed', { nodes: { A: { properties: { n: 'integer' } } }, edges: {} })
    expect(() => typed.prepare('MATCH (a:B) RETURN a')).toThrowError(
      expect.objectContaining({ code: 'SCHEMA_INVALID' }) as Error,
    )
  })

  it('is planned anew when indexes come and go', async () => {
    const query = prepared()
    expect(query.explain()).toContain('LabelScan')
    await graph.createIndex({ label: 'Person', property: 'name', unique: true })
    expect(query.explain()).toContain('NodeUniqueIndexSeek')
    expect(query.singleSync({ name: 'Ann' })).toEqual({ age: 40 })
    await graph.dropIndex({ label: 'Person', property: 'name' })
    expect(query.explain()).toContain('LabelScan')
    expect(query.singleSync({ name: 'Ann' })).toEqual({ age: 40 })
  })

  it('keeps its plan while hundreds of others come', () => {
    const query = prepared()
    for (let at = 0; at < 600; at++) graph.querySync(`RETURN ${at}`)
    expect(query.singleSync({ name: 'Bob' })).toEqual({ age: 30 })
  })

  it('runs inside a transaction and at a snapshot', async () => {
    const query = prepared()
    const before = store.snapshot()
    await store.transaction((tx) => {
      graph.in(tx).addNode({ labels: 'Person', properties: { name: 'Eve', age: 1 } })
      expect(query.in(tx).singleSync({ name: 'Eve' })).toEqual({ age: 1 })
      expect(query.firstSync({ name: 'Eve' })).toBeUndefined()
      expect(() => query.in(tx).stream({ name: 'Eve' })).toThrow(TypeError)
    })
    expect(query.singleSync({ name: 'Eve' })).toEqual({ age: 1 })
    expect(await query.at(before).first({ name: 'Eve' })).toBeUndefined()
    expect(await query.at(before).stream({ name: 'Ann' }).toArray()).toEqual([{ age: 40 }])
    before.close()
    expect(() => query.at(before).firstSync({ name: 'Ann' })).toThrowError(
      expect.objectContaining({ code: 'ENDED' }) as Error,
    )
  })

  it('is closed with its store, and gone with its graph', async () => {
    const query = prepared()
    const other = store.graph('other').prepare('RETURN 1 AS one')
    await store.dropGraph('other')
    expect(() => other.runSync()).toThrowError(expect.objectContaining({ code: 'NAMESPACE_DROPPED' }) as Error)
    const late = query.stream({ name: 'Ann' })
    await store.close()
    const closed = expect.objectContaining({ code: 'CLOSED' }) as Error
    await expect(late.toArray()).rejects.toThrowError(closed)
    expect(() => query.runSync({ name: 'Ann' })).toThrowError(closed)
    expect(() => query.stream({ name: 'Ann' })).toThrowError(closed)
    expect(() => query.explain()).toThrowError(closed)
    await expect(query.run({ name: 'Ann' })).rejects.toThrowError(closed)
    await expect(query.single({ name: 'Ann' })).rejects.toThrowError(closed)
    expect(() => graph.prepare(byName)).toThrowError(closed)
  })
})
