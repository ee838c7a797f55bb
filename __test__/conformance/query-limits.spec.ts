import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SledStore, type Graph } from '../../lib/index.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()
let store: SledStore
let graph: Graph

beforeEach(() => {
  store = SledStore.memory()
  graph = store.graph('limits')
})

afterEach(() => store.close())

const endless = 'UNWIND range(1, 1000) AS a UNWIND range(1, 1000) AS b UNWIND range(1, 1000) AS c '
const queries = [`${endless} RETURN count(*)`, `${endless} CREATE (:N {a: a})`, `${endless} MERGE (:N {a: a})`]

test('time, memory and a signal end a statement, of which nothing is kept', async () => {
  for (const text of queries) {
    const late = { code: 'ABORTED', query: { detail: 'TimeLimit' } }
    expect(() => graph.querySync(text, {}, { timeout: 20 })).toThrow(expect.objectContaining({ code: 'ABORTED' }))
    await expect(graph.query(text, {}, { timeout: 20 })).rejects.toMatchObject(late)
    const control = new AbortController()
    setTimeout(() => control.abort('enough'), 20)
    await expect(graph.query(text, {}, { signal: control.signal })).rejects.toMatchObject({
      code: 'ABORTED',
      cause: 'enough',
    })
    expect(graph.countNodes()).toBe(0)
  }
  const large = { code: 'TOO_LARGE', query: { kind: 'Ended', detail: 'MemoryLimit' } }
  const sorted = `${endless} RETURN a ORDER BY b`
  await expect(graph.query(sorted, {}, { memoryLimit: 100_000 })).rejects.toMatchObject(large)
  await expect(graph.stream(sorted, {}, { memoryLimit: 100_000 }).toArray()).rejects.toMatchObject(large)
  await expect(graph.query(`${endless} CREATE (n:N) RETURN n`, {}, { memoryLimit: 100_000 })).rejects.toMatchObject(
    large,
  )
  expect(graph.countNodes()).toBe(0)
  // Rows that are given together are kept until the last one is there; those of a stream are not.
  const many = 'UNWIND range(1, 1000) AS a UNWIND range(1, 20) AS b RETURN a, b, "a text"'
  const small = { memoryLimit: 100_000 }
  expect(() => graph.querySync(many, {}, small)).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }))
  await expect(graph.query(many, {}, small)).rejects.toMatchObject(large)
  await expect(store.transaction((tx) => graph.in(tx).querySync(many, {}, small))).rejects.toMatchObject(large)
  expect((await graph.stream(many, {}, small).toArray()).length).toBe(20_000)
  expect(graph.querySync(many, {}, { memoryLimit: 1_000_000 }).toArray().length).toBe(20_000)
  expect(() => graph.querySync('RETURN 1', {}, { timeout: -1 })).toThrow(RangeError)
  expect(() => graph.querySync('RETURN 1', {}, { memory: 1 } as never)).toThrow(TypeError)
})

test('an error says where it is, with the line and a caret below it', () => {
  const text = 'MATCH (n:Person)\nWHERE n.age > 3\nRETURN m.name'
  expect(() => graph.querySync(text)).toThrow(
    expect.objectContaining({
      code: 'QUERY_FAILED',
      class: 'misuse',
      query: { phase: 'compile time', kind: 'SyntaxError', detail: 'UndefinedVariable', line: 3, column: 8 },
      message: expect.stringMatching(/3 \| RETURN m\.name\n +\| +\^$/) as string,
    }),
  )
  expect(() => graph.querySync('RETURN 1 / $zero AS x', { zero: 0 })).toThrow(
    expect.objectContaining({
      code: 'QUERY_FAILED',
      query: { phase: 'runtime', kind: 'ArithmeticError', detail: 'DivisionByZero', line: 1, column: 8 },
    }),
  )
  expect(() => graph.querySync('RETURN $none AS x')).toThrow(
    expect.objectContaining({ query: expect.objectContaining({ detail: 'MissingParameter' }) as unknown }),
  )
  expect(() => graph.querySync('CREATE (a)-[:R]->() DELETE a')).toThrow(
    expect.objectContaining({ query: expect.objectContaining({ detail: 'DeleteConnectedNode' }) as unknown }),
  )
  expect(graph.countNodes()).toBe(0)
})

test('LOAD CSV reads what it is allowed to, and loads nothing of what is malformed', async () => {
  const home = folder()
  const [inside, outside] = [join(home, 'in'), join(home, 'out')]
  mkdirSync(inside, { recursive: true })
  mkdirSync(outside)
  writeFileSync(join(inside, 'people.csv'), 'name,age\nAnn,40\n"Bob ""the second""",\n')
  writeFileSync(join(outside, 'secret.csv'), 'name,age\nEve,1\n')
  writeFileSync(join(inside, 'broken.csv'), `name,age\n${'Ann,40\n'.repeat(5_000)}Bob,"7\n`)
  symlinkSync(join(outside, 'secret.csv'), join(inside, 'link.csv'))
  const text =
    'LOAD CSV WITH HEADERS FROM $file AS row CREATE (p:P {name: row.name, age: toInteger(row.age)}) RETURN p.name AS n'
  const load = (file: string, allowFiles?: string | URL | string[]): Promise<unknown> =>
    graph.query(text, { file }, allowFiles === undefined ? {} : { allowFiles })
  const refused = { code: 'QUERY_FAILED', query: { detail: 'FileNotLoaded' } }
  await expect(load('people.csv')).rejects.toMatchObject(refused)
  await expect(load('people.csv', outside)).rejects.toMatchObject(refused)
  await expect(load('link.csv', inside)).rejects.toMatchObject(refused)
  await expect(load('../out/secret.csv', inside)).rejects.toMatchObject(refused)
  await expect(load('https://example.org/people.csv', inside)).rejects.toMatchObject(refused)
  const told = (file: string): Promise<string> =>
    load(file, inside).then(
      () => 'loaded',
      (error: Error) => error.message.replaceAll(file, '…'),
    )
  expect(await told('../out/secret.csv')).toBe(await told('../out/missing.csv'))
  writeFileSync(join(inside, 'wide.csv'), ','.repeat(1 << 20))
  const wide = 'LOAD CSV FROM $file AS line RETURN size(line) AS n'
  const within = (memoryLimit: number): Promise<unknown> =>
    graph.query(wide, { file: 'wide.csv' }, { allowFiles: inside, memoryLimit })
  await expect(within(16 << 20)).rejects.toMatchObject({ code: 'TOO_LARGE' })
  expect(await within(256 << 20)).toMatchObject({ rows: [{ n: (1 << 20) + 1 }] })
  await expect(load('broken.csv', inside)).rejects.toMatchObject({
    ...refused,
    message: expect.stringMatching(/broken\.csv, line 5002, column 5/) as string,
  })
  await expect(load('people.csv', 7 as never)).rejects.toThrow(TypeError)
  expect(graph.countNodes()).toBe(0)
  expect(await load('people.csv', [outside, inside])).toMatchObject({ rows: [{ n: 'Ann' }, { n: 'Bob "the second"' }] })
  expect(await load('file:///people.csv', pathToFileURL(inside))).toMatchObject({ counters: { nodesCreated: 2 } })
  expect(graph.find({ label: 'P', where: { name: 'Ann' } })[0]?.properties).toEqual({ name: 'Ann', age: 40 })
  const lines = graph.stream('LOAD CSV FROM $file AS line RETURN line', { file: 'people.csv' }, { allowFiles: inside })
  expect(await lines.toArray()).toEqual([
    { line: ['name', 'age'] },
    { line: ['Ann', '40'] },
    { line: ['Bob "the second"', null] },
  ])
})
