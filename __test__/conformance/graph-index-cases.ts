/** Indexes are created over graphs of any size, while others write, followed and ended by their caller. */
import { deepStrictEqual as same, ok, rejects, throws } from 'node:assert/strict'
import type { Graph, SledStore } from '../../lib/index.js'
import type { StoreCase } from './subject.js'

export const graphIndexCases: StoreCase[] = []
const behavior = (name: string, run: StoreCase['run']): unknown => graphIndexCases.push({ name, run })

const refusal = (code: string) => ({ code })

/** A graph of nodes with the label `L` and texts of `length`. */
async function filled(store: SledStore, count: number, length: number): Promise<Graph> {
  const graph = store.graph('large')
  for (let first = 0; first < count; first += 1_000) {
    await graph.batch((batch) => {
      for (let n = first; n < Math.min(first + 1_000, count); n++) {
        batch.addNode({ labels: 'L', properties: { text: String(n).padStart(length, '0') } })
      }
    })
  }
  return graph
}

// Of a store whose budget is the smallest, half is 12 MiB.
behavior('an index may be larger than a commit', async (store) => {
  const graph = await filled(store, 10_000, 1_400)
  await graph.createIndex({ label: 'L', property: 'text', unique: true })
  same(graph.find({ label: 'L', where: { text: '9999'.padStart(1_400, '0') } }).length, 1)
  same(graph.indexes(), [{ label: 'L', property: 'text', unique: true }])
  same(await graph.verify(), [])
})

behavior('changes made meanwhile are in it', async (store) => {
  const graph = await filled(store, 5_000, 100)
  const state = { isOver: false }
  const building = graph.createIndex({ label: 'L', property: 'text' }).finally(() => {
    state.isOver = true
  })
  building.catch(() => {}) // it is awaited below
  let added = 0
  while (!state.isOver) {
    const [last] = graph.find({ label: 'L', limit: 1 })
    await graph.batch((batch) => {
      batch.addNode({ labels: 'L', properties: { text: `new ${added++}` } })
      batch.removeNode(last!.id)
    })
  }
  await building
  same(await graph.verify(), [])
  same(graph.find({ label: 'L', where: { text: `new ${added - 1}` } }).length, 1)
  same(graph.countNodes('L'), 5_000)
})

behavior('a signal ends it, and nothing of it stays', async (store) => {
  const graph = await filled(store, 20_000, 100)
  const index = { label: 'L', property: 'text' } as const
  await rejects(graph.createIndex(index, { signal: AbortSignal.abort() }), refusal('ABORTED'))
  const late = new AbortController()
  const seen: number[] = []
  const ended = await graph
    .createIndex(index, {
      signal: late.signal,
      onProgress: ({ done }) => {
        seen.push(done)
        late.abort()
      },
    })
    .then(
      () => 'finished',
      (error: { code: string }) => error.code,
    )
  // On a fast machine it may be done before the first report.
  same(ended, seen.length > 0 ? 'ABORTED' : 'finished')
  same(graph.indexes().length, seen.length > 0 ? 0 : 1)
  for (const nodes of seen) ok(nodes <= 20_000)
  await graph.createIndex(index)
  same(await graph.verify(), [])
})

behavior('indexes of several properties, of edges, and constraints are kept', async (store) => {
  const graph = store.graph('kinds')
  await graph.createIndex({ name: 'both', label: 'P', property: ['name', 'city'], unique: true, required: true })
  await graph.createIndex({ name: 'since', type: 'KNOWS', property: 'since' })
  await graph.createIndex({ label: 'Q', property: 'n', required: true })
  const ann = await graph.addNode({ labels: 'P', properties: { name: 'Ann', city: 'Rome' } })
  await graph.addEdge({ type: 'KNOWS', source: ann, target: ann, properties: { since: 7 } })
  await rejects(graph.addNode({ labels: 'P', properties: { name: 'Ann', city: 'Rome' } }), refusal('UNIQUE_VIOLATION'))
  await rejects(graph.addNode({ labels: 'P', properties: { name: 'Bob' } }), refusal('SCHEMA_INVALID'))
  await rejects(graph.addNode({ labels: 'Q' }), refusal('SCHEMA_INVALID'))
  await rejects(graph.createIndex({ label: 'P', property: 'nothing', required: true }), refusal('SCHEMA_INVALID'))
  same(graph.countNodes(), 1)
  const text = 'MATCH (a)-[r:KNOWS {since: 7}]->(b) RETURN a.name AS name'
  // Of so few nodes the edge would be met on the way.
  await graph.batch((batch) => {
    for (let n = 0; n < 50; n++) batch.addNode({ labels: 'Other' })
  })
  const explained = await graph.query(`EXPLAIN ${text}`)
  ok(explained.plan?.some((step) => step.operator === 'RelationshipIndexSeek'))
  same((await graph.query(text)).toArray(), [{ name: 'Ann' }])
  await graph.dropIndex('since')
  same((await graph.query(text)).toArray(), [{ name: 'Ann' }])
  same(await graph.verify(), [])
})

behavior('texts are searched, and the best come first', async (store) => {
  const graph = store.graph('texts')
  const add = (title: string, tags: string[] = []): Promise<number> =>
    graph.addNode({ labels: 'Article', properties: { title, tags } })
  const cat = await add('A cat, a dog and a cat')
  const seen: number[] = []
  await graph.createTextIndex(
    { name: 'articles', label: ['Article', 'Note'], property: ['title', 'tags'], stopWords: ['and'] },
    { onProgress: ({ done }) => seen.push(done) },
  )
  const dog = await add('The dog', ['Straße', 'CATALOG'])
  const ids = (query: string, options = {}): number[] =>
    graph.searchText('articles', query, options).map(({ node }) => node.id)
  same(ids('DOG'), [dog, cat])
  same(ids('cat'), [cat])
  same(ids('cat*'), [cat, dog])
  same(ids('+dog -cat'), [dog])
  same(ids('"a dog"'), [cat])
  same(ids('STRASSE'), [dog])
  same(ids('and'), [])
  same(ids('dog', { skip: 1, limit: 1 }), [cat])
  const [best] = await graph.searchTextAsync('articles', 'dog cat', { limit: 1 })
  same(best?.node.properties.title, 'A cat, a dog and a cat')
  ok(best!.score > 0)

  const before = store.snapshot()
  await store.transaction((tx) => {
    const inside = graph.in(tx)
    inside.updateNode(dog, { properties: { title: 'The bird' } })
    same(inside.searchText('articles', 'bird dog').length, 2)
  })
  same(ids('dog'), [cat])
  same(graph.at(before).searchText('articles', 'dog').length, 2)
  before.close()

  await graph.createTextIndex({ name: 'reasons', type: 'CITES', property: 'why', k1: 1.5, b: 0 })
  const edge = await graph.addEdge({ type: 'CITES', source: cat, target: dog, properties: { why: 'It says so' } })
  same(graph.searchEdgeText('reasons', 'says')[0]?.edge.id, edge)
  same((await graph.searchEdgeTextAsync('reasons', 'nothing')).length, 0)
  throws(() => graph.searchText('reasons', 'says'), TypeError)
  throws(() => graph.searchText('nothing', 'says'), refusal('NOT_FOUND'))
  same(await graph.verify(), [])
  await graph.dropIndex('articles')
  throws(() => graph.searchText('articles', 'dog'), refusal('NOT_FOUND'))
  same(await graph.verify(), [])
})

behavior('indexes that are none are refused', async (store) => {
  const graph = store.graph('wrong')
  const text = (index: object) => graph.createTextIndex(index as Parameters<typeof graph.createTextIndex>[0])
  const plain = (index: object) => graph.createIndex(index as Parameters<typeof graph.createIndex>[0])
  await rejects(text({ name: '', label: 'A', property: 'a' }), RangeError)
  await rejects(text({ name: 'x', label: 'A', type: 'B', property: 'a' }), TypeError)
  await rejects(text({ name: 'x', property: 'a' }), TypeError)
  await rejects(text({ name: 'x', label: 'A' }), TypeError)
  await rejects(text({ name: 'x', label: 'A', property: 'a', k1: '1' }), TypeError)
  await rejects(text({ name: 'x', label: 'A', property: 'a', unique: true }), TypeError)
  await rejects(text({ name: 'x', label: 'A', property: 'a', b: 2 }), refusal('INVALID_ARGUMENT'))
  await rejects(text({ name: 'x', label: 'A', property: [] }), refusal('INVALID_ARGUMENT'))
  await rejects(plain({ label: 'A', property: 'a', type: 'T' }), TypeError)
  await rejects(plain({ label: 'A', property: ['a', 7] }), TypeError)
  await rejects(plain({ label: 'A', property: 'a', required: 1 }), TypeError)
  await rejects(plain({ label: 'A', property: ['a', 'a'] }), refusal('INVALID_ARGUMENT'))
  throws(() => graph.searchText('x', 'y', { limit: -1 }), RangeError)
  throws(() => graph.searchText('x', 7 as unknown as string), TypeError)
  same((await graph.query('SHOW INDEXES')).toArray(), [])
})

behavior('an index that is in the way of another is named as what exists', async (store) => {
  const graph = store.graph('taken')
  const exists = { code: 'EXISTS', class: 'misuse' }
  await graph.query('CREATE INDEX one FOR (a:A) ON (a.a)')
  for (const statement of [
    'CREATE INDEX one FOR (a:A) ON (a.a)',
    'CREATE INDEX one FOR (b:B) ON (b.b)',
    'CREATE CONSTRAINT two FOR (a:A) REQUIRE a.a IS UNIQUE',
    'CREATE FULLTEXT INDEX one FOR (b:B) ON EACH [b.b]',
  ]) {
    await rejects(graph.query(statement), exists)
    throws(() => graph.querySync(statement), exists)
  }
  await rejects(graph.createIndex({ label: 'A', property: 'a', unique: true }), exists)
  await graph.createIndex({ label: 'A', property: 'a' })
  // The same one, by any name, and another one of the name: what is there is left as it is.
  await graph.query('CREATE INDEX one IF NOT EXISTS FOR (a:A) ON (a.a)')
  await graph.query('CREATE INDEX other IF NOT EXISTS FOR (a:A) ON (a.a)')
  graph.querySync('CREATE INDEX one IF NOT EXISTS FOR (b:B) ON (b.b)')
  await graph.query('CREATE FULLTEXT INDEX one IF NOT EXISTS FOR (b:B) ON EACH [b.b]')
  // A constraint that is not made would leave unguarded what the statement is to guard.
  await rejects(graph.query('CREATE CONSTRAINT one IF NOT EXISTS FOR (b:B) REQUIRE b.b IS UNIQUE'), exists)
  await rejects(graph.query('CREATE CONSTRAINT three IF NOT EXISTS FOR (a:A) REQUIRE a.a IS UNIQUE'), exists)
  same(graph.querySync('SHOW INDEXES').toArray().length, 1)
})

behavior('a command ends with its time or its signal and leaves nothing', async (store) => {
  const graph = store.graph('limited')
  graph.querySync('UNWIND range(1, 20000) AS i CREATE (:A {a: i})')
  const statement = 'CREATE INDEX FOR (a:A) ON (a.a)'
  throws(() => graph.querySync(statement, {}, { timeout: 1 }), refusal('ABORTED'))
  await rejects(graph.query(statement, {}, { timeout: 1 }), refusal('ABORTED'))
  const control = new AbortController()
  const ended = graph.query(statement, {}, { signal: control.signal })
  const shared = graph.createIndex({ label: 'A', property: 'a' })
  control.abort()
  await rejects(ended, refusal('ABORTED'))
  await shared
  same(graph.querySync('SHOW INDEXES').toArray().length, 1)
})

behavior('options are checked before anything is begun', async (store) => {
  const graph = await filled(store, 1, 1)
  const wrong = (options: object) => graph.createIndex({ property: 'text' }, options)
  await rejects(wrong({ progress: () => undefined }), TypeError)
  await rejects(wrong({ onProgress: 7 }), TypeError)
  await rejects(wrong({ signal: 7 }), TypeError)
  await rejects(wrong({ durability: 'most' }), RangeError)
  await rejects(graph.createIndex({ property: '\ud800' }), TypeError)
  same(graph.indexes(), [])
})
