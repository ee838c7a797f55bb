/** Every operation of the public API, each by the object it belongs to; `states.spec.ts` runs them in every state. */
import { expect } from 'vitest'
import {
  codec,
  SledStore,
  type AsyncScan,
  type Batch,
  type Graph,
  type GraphReader,
  type GraphTransaction,
  type GraphWriter,
  type Namespace,
  type PreparedQuery,
  type Scan,
  type Snapshot,
  type Transaction,
  type VectorMatch,
  type Vectors,
} from '../../lib/index.js'

/** A store and one of everything that can be opened from it, all in use. */
export interface Scene {
  readonly store: SledStore
  readonly namespace: Namespace<string, string, string>
  readonly bytes: Namespace<string, Uint8Array, string>
  readonly snapshot: Snapshot
  /** An open transaction; it ends with {@link Scene.end}. */
  readonly transaction: Transaction
  readonly scan: Scan<string, string>
  readonly asyncScan: AsyncScan<string>
  readonly graph: Graph
  readonly node: number
  readonly edge: number
  readonly prepared: PreparedQuery<{ one: number }>
  readonly vectors: Vectors<{ pos: string }>
  /** Ends the open transaction and gives what became of it. */
  end(): Promise<unknown>
}

/** What an operation needs of the store. */
export type Kind =
  /** What was stored is looked at. */
  | 'read'
  /** Something is to be stored. */
  | 'write'
  /** Something is recorded, to be stored when its transaction commits. */
  | 'record'
  /** Neither. */
  | 'local'

export interface Operation {
  readonly kind: Kind
  readonly run: (scene: Scene) => unknown
}

const read = (run: Operation['run']): Operation => ({ kind: 'read', run })
const write = (run: Operation['run']): Operation => ({ kind: 'write', run })
const record = (run: Operation['run']): Operation => ({ kind: 'record', run })
const local = (run: Operation['run']): Operation => ({ kind: 'local', run })

async function rowsOf(rows: AsyncIterable<unknown>): Promise<number> {
  let count = 0
  for await (const _ of rows) count++
  return count
}

const node = { labels: 'L', properties: { n: 1 } }
const query = [1, 2]

const store: Record<string, Operation> = {
  namespace: read((s) => s.store.namespace('rows', { value: codec.utf8() })),
  namespaces: read((s) => expect(s.store.namespaces().length).toBeGreaterThan(2)),
  renameNamespace: write((s) => s.store.renameNamespace('spare', 'renamed')),
  dropNamespace: write((s) => s.store.dropNamespace('spare')),
  graph: read((s) => s.store.graph('graph')),
  graphs: read((s) => expect(s.store.graphs()).toContain('graph')),
  dropGraph: write((s) => s.store.dropGraph('graph')),
  vectors: read((s) => s.store.vectors('vectors', { dimensions: 2, metric: 'l2' })),
  vectorIndexes: read((s) => expect(s.store.vectorIndexes()).toHaveLength(1)),
  dropVectors: write((s) => s.store.dropVectors('vectors')),
  batch: write((s) => s.store.batch((batch) => batch.put(s.namespace, 'new', 'value'))),
  batchSync: write((s) => s.store.batchSync((batch) => batch.put(s.namespace, 'new', 'value'))),
  transaction: write((s) => s.store.transaction(async (tx) => tx.put(s.namespace, 'new', 'value'))),
  transactionSync: write((s) => s.store.transactionSync((tx) => tx.put(s.namespace, 'new', 'value'))),
  snapshot: read((s) => s.store.snapshot().close()),
  bulkLoad: write((s) => s.store.bulkLoad(s.namespace, [['zz', 'value']])),
  flush: write((s) => s.store.flush()),
  compact: write((s) => s.store.compact()),
  verify: read(async (s) => expect((await s.store.verify()).findings).toEqual([])),
  publish: read(async (s) => expect((await s.store.publish(`${s.store.path}.published`)).rows).toBeGreaterThan(500)),
  backup: read(async (s) => expect((await s.store.backup(`${s.store.path}.backup`)).rows).toBeGreaterThan(500)),
  stats: local((s) => expect(s.store.stats().memory.total).toBeGreaterThan(0)),
  registerProcedure: local((s) => {
    s.store.registerProcedure('kept() :: ()', () => [])
    s.store.removeProcedure('kept')
  }),
  removeProcedure: local((s) => expect(s.store.removeProcedure('none')).toBe(false)),
}

/** Operations that answer in every state, also when the store is closed. */
const always: Record<string, Operation> = {
  'store.on': local((s) => s.store.on('error', () => undefined)),
  'store.off': local((s) => s.store.off('error', () => undefined)),
  'snapshot.close': local((s) => s.snapshot.close()),
  'scan.close': local((s) => s.scan.close()),
  'asyncScan.close': local((s) => s.asyncScan.close()),
}

const namespace: Record<string, Operation> = {
  get: read((s) => expect(s.namespace.get('key')).toBe('value')),
  has: read((s) => expect(s.namespace.has('key')).toBe(true)),
  getMany: read((s) => expect(s.namespace.getMany(['key', 'nobody'])).toEqual(['value', undefined])),
  scan: read((s) => expect([...s.namespace.scan({ prefix: 'key' })]).toEqual([['key', 'value']])),
  keys: read((s) => expect([...s.namespace.keys({ prefix: 'key' })]).toEqual(['key'])),
  values: read((s) => expect([...s.namespace.values({ prefix: 'key' })]).toEqual(['value'])),
  count: read((s) => expect(s.namespace.count({ prefix: 'row' })).toBe(500)),
  getAsync: read(async (s) => expect(await s.namespace.getAsync('key')).toBe('value')),
  getManyAsync: read(async (s) => expect(await s.namespace.getManyAsync(['key'])).toEqual(['value'])),
  scanAsync: read(async (s) => expect(await rowsOf(s.namespace.scanAsync({ prefix: 'row' }))).toBe(500)),
  keysAsync: read(async (s) => expect(await rowsOf(s.namespace.keysAsync({ prefix: 'row' }))).toBe(500)),
  valuesAsync: read(async (s) => expect(await rowsOf(s.namespace.valuesAsync({ prefix: 'row' }))).toBe(500)),
  countAsync: read(async (s) => expect(await s.namespace.countAsync({ prefix: 'row' })).toBe(500)),
  put: write((s) => s.namespace.put('new', 'value')),
  putSync: write((s) => s.namespace.putSync('new', 'value')),
  delete: write((s) => s.namespace.delete('new')),
  deleteSync: write((s) => s.namespace.deleteSync('new')),
  clear: write((s) => s.namespace.clear({ prefix: 'new' })),
  clearSync: write((s) => s.namespace.clearSync({ prefix: 'new' })),
  compareAndSet: write((s) => s.namespace.compareAndSet('cas', undefined, 'value')),
  compareAndSetSync: write((s) => s.namespace.compareAndSetSync('cas', undefined, 'value')),
  putStream: write((s) => s.bytes.putStream('new', [new Uint8Array(9)])),
  getStream: read(async (s) => expect(await rowsOf((await s.bytes.getStream('key'))!)).toBe(1)),
}

const snapshot: Record<string, Operation> = {
  get: read((s) => expect(s.snapshot.get(s.namespace, 'key')).toBe('value')),
  has: read((s) => expect(s.snapshot.has(s.namespace, 'key')).toBe(true)),
  getMany: read((s) => expect(s.snapshot.getMany(s.namespace, ['key'])).toEqual(['value'])),
  scan: read((s) => expect([...s.snapshot.scan(s.namespace)]).toHaveLength(501)),
  keys: read((s) => expect([...s.snapshot.keys(s.namespace)]).toHaveLength(501)),
  values: read((s) => expect([...s.snapshot.values(s.namespace)]).toHaveLength(501)),
  count: read((s) => expect(s.snapshot.count(s.namespace)).toBe(501)),
  getAsync: read(async (s) => expect(await s.snapshot.getAsync(s.namespace, 'key')).toBe('value')),
  getManyAsync: read(async (s) => expect(await s.snapshot.getManyAsync(s.namespace, ['key'])).toEqual(['value'])),
  scanAsync: read(async (s) => expect(await rowsOf(s.snapshot.scanAsync(s.namespace))).toBe(501)),
}

const transaction: Record<string, Operation> = {
  get: read((s) => expect(s.transaction.get(s.namespace, 'key')).toBe('value')),
  has: read((s) => expect(s.transaction.has(s.namespace, 'key')).toBe(true)),
  getMany: read((s) => expect(s.transaction.getMany(s.namespace, ['key'])).toEqual(['value'])),
  scan: read((s) => expect([...s.transaction.scan(s.namespace, { limit: 3 })]).toHaveLength(3)),
  keys: read((s) => expect([...s.transaction.keys(s.namespace, { limit: 3 })]).toHaveLength(3)),
  values: read((s) => expect([...s.transaction.values(s.namespace, { limit: 3 })]).toHaveLength(3)),
  count: read((s) => expect(s.transaction.count(s.namespace, { prefix: 'row' })).toBe(500)),
  put: record((s) => s.transaction.put(s.namespace, 'own', 'value')),
  delete: record((s) => s.transaction.delete(s.namespace, 'own')),
  clear: record((s) => s.transaction.clear(s.namespace, { prefix: 'own' })),
}

const scans: Record<string, Operation> = {
  'scan.next': read((s) => expect(s.scan.next().done).toBe(false)),
  'scan.seek': read((s) => s.scan.seek('row499')),
  'asyncScan.next': read(async (s) => expect((await s.asyncScan.next()).done).toBe(false)),
}

const inBatch = (use: (batch: Batch, scene: Scene) => unknown): Operation =>
  write((s) => s.store.batch((batch) => void use(batch, s)))

const batch: Record<string, Operation> = {
  put: inBatch((b, s) => b.put(s.namespace, 'new', 'value')),
  delete: inBatch((b, s) => b.delete(s.namespace, 'new')),
  clear: inBatch((b, s) => b.clear(s.namespace, { prefix: 'new' })),
}

const counted = 'MATCH (n) WITH count(n) AS n WHERE n > 0 RETURN 1 AS one'
const graphReads = (of: (scene: Scene) => GraphReader): Record<string, Operation> => ({
  node: read((s) => expect(of(s).node(s.node)?.properties).toEqual({ n: 1 })),
  edge: read((s) => expect(of(s).edge(s.edge)?.source).toBe(s.node)),
  find: read((s) => expect(of(s).find({ label: 'L' }).length).toBeGreaterThan(1)),
  findOne: read((s) => expect(of(s).findOne({ label: 'L' })?.id).toBe(s.node)),
  neighbors: read((s) => expect(of(s).neighbors(s.node)[0]?.edge.id).toBe(s.edge)),
  neighborIds: read((s) => expect(of(s).neighborIds(s.node)).not.toEqual([])),
  path: read((s) => expect(of(s).path(s.node, s.node)?.nodes).toHaveLength(1)),
  expand: read((s) => expect(of(s).expand(s.node)).not.toEqual([])),
  searchText: read((s) => expect(of(s).searchText('texts', 'word')).toHaveLength(1)),
  searchEdgeText: read((s) => expect(of(s).searchEdgeText('edges', 'word')).toEqual([])),
  countNodes: read((s) => expect(of(s).countNodes('L')).toBeGreaterThan(1)),
  countEdges: read((s) => expect(of(s).countEdges()).toBeGreaterThan(0)),
  indexes: read((s) => expect(of(s).indexes()).toEqual([])),
  describe: read((s) => expect(of(s).describe().nodes).toBeGreaterThan(1)),
  nodes: read((s) => expect([...of(s).nodes()].length).toBeGreaterThan(1)),
  edges: read((s) => expect([...of(s).edges()].length).toBeGreaterThan(0)),
  match: read((s) => expect(of(s).match('n', 'L').count()).toBeGreaterThan(1)),
  querySync: read((s) => expect(of(s).querySync(counted).single()).toEqual({ one: 1 })),
  query: read(async (s) => expect((await of(s).query(counted)).single()).toEqual({ one: 1 })),
})

const keyed = { nodes: { K: { key: 'k', properties: { k: 'string' } } }, edges: {} } as const

const graph: Record<string, Operation> = {
  ...graphReads((s) => s.graph),
  addNode: write((s) => s.graph.addNode(node)),
  addEdge: write((s) => s.graph.addEdge({ type: 'T', source: s.node, target: s.node })),
  updateNode: write((s) => s.graph.updateNode(s.node, { properties: { m: 1 } })),
  updateEdge: write((s) => s.graph.updateEdge(s.edge, { properties: { m: 1 } })),
  removeNode: write((s) => s.graph.removeNode(s.node)),
  removeEdge: write((s) => s.graph.removeEdge(s.edge)),
  batch: write((s) => s.graph.batch((changes) => changes.addNode(node))),
  merge: write((s) => s.graph.merge({ label: 'L', key: 'n', properties: { n: 77 } })),
  mergeMany: write((s) => s.graph.mergeMany([{ label: 'L', key: 'n', properties: { n: 78 } }])),
  mergeEdge: write((s) => s.graph.mergeEdge({ type: 'M', source: s.node, target: s.node })),
  mergeEdges: write((s) => s.graph.mergeEdges([{ type: 'N', source: s.node, target: s.node }])),
  load: write((s) => s.graph.load({ nodes: [{ labels: 'Loaded' }] })),
  createKeys: write((s) => s.store.graph('keyed', keyed).createKeys()),
  createIndex: write((s) => s.graph.createIndex({ label: 'L', property: 'n' })),
  createTextIndex: write((s) => s.graph.createTextIndex({ name: 'new', label: 'L', property: 'n' })),
  dropIndex: write((s) => s.graph.dropIndex({ label: 'nobody', property: 'n' })),
  findAsync: read(async (s) => expect((await s.graph.findAsync({ label: 'L' })).length).toBeGreaterThan(1)),
  neighborsAsync: read(async (s) => expect(await s.graph.neighborsAsync(s.node)).not.toEqual([])),
  pathAsync: read(async (s) => expect((await s.graph.pathAsync(s.node, s.node))?.edges).toEqual([])),
  expandAsync: read(async (s) => expect(await s.graph.expandAsync(s.node)).not.toEqual([])),
  searchTextAsync: read(async (s) => expect(await s.graph.searchTextAsync('texts', 'word')).toHaveLength(1)),
  searchEdgeTextAsync: read(async (s) => expect(await s.graph.searchEdgeTextAsync('edges', 'word')).toEqual([])),
  prepare: read((s) => expect(s.graph.prepare(counted).text).toBe(counted)),
  stream: read(async (s) => expect(await s.graph.stream(counted).single()).toEqual({ one: 1 })),
  verify: read(async (s) => expect(await s.graph.verify()).toEqual([])),
  in: read((s) => s.graph.in(s.transaction).node(s.node)),
  at: read((s) => s.graph.at(s.snapshot).node(s.node)),
}

const one = { one: 1 }

const prepared: Record<string, Operation> = {
  run: read(async (s) => expect((await s.prepared.run()).single()).toEqual(one)),
  runSync: read((s) => expect(s.prepared.runSync().single()).toEqual(one)),
  first: read(async (s) => expect(await s.prepared.first()).toEqual(one)),
  firstSync: read((s) => expect(s.prepared.firstSync()).toEqual(one)),
  single: read(async (s) => expect(await s.prepared.single()).toEqual(one)),
  singleSync: read((s) => expect(s.prepared.singleSync()).toEqual(one)),
  stream: read(async (s) => expect(await s.prepared.stream().single()).toEqual(one)),
  explain: read((s) => expect(s.prepared.explain()).not.toBe('')),
  in: read((s) => expect(s.prepared.in(s.transaction).firstSync()).toEqual(one)),
  at: read((s) => expect(s.prepared.at(s.snapshot).firstSync()).toEqual(one)),
}

const graphChanges = (of: (use: (writer: GraphWriter, scene: Scene) => unknown) => Operation) => ({
  addNode: of((w) => w.addNode(node)),
  addEdge: of((w, s) => w.addEdge({ type: 'T', source: s.node, target: s.node })),
  updateNode: of((w, s) => w.updateNode(s.node, { properties: { m: 1 } })),
  updateEdge: of((w, s) => w.updateEdge(s.edge, { properties: { m: 1 } })),
  removeNode: of((w, s) => w.removeNode(s.node)),
  removeEdge: of((w, s) => w.removeEdge(s.edge)),
})

const inGraph = (s: Scene): GraphTransaction => s.graph.in(s.transaction)

const nearest = (found: VectorMatch<{ pos: string }, string>[]): void => expect(found[0]?.id).toBe('a')

type VectorReads = 'get' | 'has' | 'count' | 'search' | 'searchMany' | 'similarTo' | 'explain' | 'entries'

const vectorReads = (of: (scene: Scene) => Pick<Vectors<{ pos: string }>, VectorReads>) => ({
  get: read((s) => expect(of(s).get('a')?.attributes).toEqual({ pos: 'noun' })),
  has: read((s) => expect(of(s).has('a')).toBe(true)),
  count: read((s) => expect(of(s).count()).toBe(2)),
  search: read((s) => nearest(of(s).search({ vector: query }))),
  searchMany: read((s) => nearest(of(s).searchMany([{ vector: query }])[0]!)),
  similarTo: read((s) => expect(of(s).similarTo('a')).toHaveLength(1)),
  explain: read((s) => expect(of(s).explain({ vector: query })).toMatchObject({ way: 'all' })),
  entries: read((s) => expect([...of(s).entries()].map(([id]) => id)).toContain('a')),
})

const asyncVectorReads = (
  of: (scene: Scene) => Pick<Vectors<{ pos: string }>, 'getAsync' | 'countAsync' | 'searchAsync'>,
) => ({
  getAsync: read(async (s) => expect((await of(s).getAsync('a'))?.vector).toHaveLength(2)),
  countAsync: read(async (s) => expect(await of(s).countAsync()).toBe(2)),
  searchAsync: read(async (s) => nearest(await of(s).searchAsync({ vector: query }))),
})

const vectors: Record<string, Operation> = {
  ...vectorReads((s) => s.vectors),
  ...asyncVectorReads((s) => s.vectors),
  upsert: write((s) => s.vectors.upsert('c', query)),
  delete: write((s) => s.vectors.delete('c')),
  deleteWhere: write((s) => s.vectors.deleteWhere({ pos: 'noun' })),
  clear: write((s) => s.vectors.clear()),
  upsertMany: write((s) => s.vectors.upsertMany([['c', query]])),
  compact: write((s) => s.vectors.compact()),
  verify: read(async (s) => expect(await s.vectors.verify()).toEqual([])),
  in: read((s) => s.vectors.in(s.transaction).has('a')),
  at: read((s) => s.vectors.at(s.snapshot).has('a')),
}

const vectorChanges: Record<string, Operation> = {
  upsert: record((s) => s.vectors.in(s.transaction).upsert('c', query)),
  delete: record((s) => s.vectors.in(s.transaction).delete('c')),
  deleteWhere: record((s) => s.vectors.in(s.transaction).deleteWhere({ pos: 'noun' })),
  clear: record((s) => s.vectors.in(s.transaction).clear()),
}

function named(owner: string, operations: Record<string, Operation>): [string, Operation][] {
  return Object.entries(operations).map(([name, operation]) => [`${owner}.${name}`, operation])
}

/** Operations that a closed store refuses, by `owner.method`. */
export const operations = new Map<string, Operation>([
  ...named('store', store),
  ...named('namespace', namespace),
  ...named('snapshot', snapshot),
  ...named('transaction', transaction),
  ...Object.entries(scans),
  ...named('batch', batch),
  ...named('graph', graph),
  ...named(
    'graphReader',
    graphReads((s) => s.graph.at(s.snapshot)),
  ),
  ...named('graphTransaction', graphReads(inGraph)),
  ...named(
    'graphTransaction',
    graphChanges((use) => record((s) => use(inGraph(s), s))),
  ),
  ...named('graphTransaction', {
    merge: record((s) => inGraph(s).merge({ label: 'L', key: 'n', properties: { n: 79 } })),
    mergeEdge: record((s) => inGraph(s).mergeEdge({ type: 'O', source: s.node, target: s.node })),
  }),
  ...named(
    'graphWriter',
    graphChanges((use) => write((s) => s.graph.batch((changes) => void use(changes, s)))),
  ),
  ...named('preparedQuery', prepared),
  ...named('vectors', vectors),
  ...named(
    'asyncVectorReader',
    vectorReads((s) => s.vectors.at(s.snapshot)),
  ),
  ...named(
    'asyncVectorReader',
    asyncVectorReads((s) => s.vectors.at(s.snapshot)),
  ),
  ...named(
    'vectorTransaction',
    vectorReads((s) => s.vectors.in(s.transaction)),
  ),
  ...named('vectorTransaction', vectorChanges),
])

/** Operations that a closed store answers. */
export const operationsOfClosed = new Map(Object.entries(always))

/** The interface whose methods stand under each owner's name. */
export const interfaces: Record<string, string> = {
  store: 'SledStore',
  namespace: 'Namespace',
  snapshot: 'Snapshot',
  transaction: 'Transaction',
  scan: 'Scan',
  asyncScan: 'AsyncScan',
  batch: 'Batch',
  graph: 'Graph',
  graphReader: 'GraphReader',
  graphTransaction: 'GraphTransaction',
  graphWriter: 'GraphWriter',
  preparedQuery: 'PreparedQuery',
  vectors: 'Vectors',
  asyncVectorReader: 'AsyncVectorReader',
  vectorTransaction: 'VectorTransaction',
}

/** Opens a store in a folder, with one of everything in use. */
export async function openScene(path: string): Promise<Scene> {
  // Durable once, at the end: the tests open hundreds of these.
  const store = await SledStore.open(path, { durability: 'os' })
  const namespace = store.namespace('rows', { value: codec.utf8() })
  const bytes = store.namespace('bytes', { value: codec.bytes() })
  store.namespace('spare')
  await store.batch((batch) => {
    batch.put(namespace, 'key', 'value')
    batch.put(bytes, 'key', new Uint8Array(9))
    for (let index = 0; index < 500; index++) batch.put(namespace, `row${index}`, 'value')
  })
  const graph = store.graph('graph')
  const [first, second] = await graph.batch((changes) => [changes.addNode(node), changes.addNode(node)])
  const edge = await graph.addEdge({ type: 'T', source: first!, target: second! })
  await graph.createTextIndex({ name: 'texts', label: 'L', property: 'text' })
  await graph.createTextIndex({ name: 'edges', type: 'T', property: 'text' })
  await graph.updateNode(second!, { properties: { text: 'a word' } })
  const vectors = store.vectors<{ pos: string }>('vectors', { dimensions: 2, metric: 'l2' })
  await vectors.upsertMany([
    ['a', query, { pos: 'noun' }],
    ['b', [9, 9], { pos: 'verb' }],
  ])
  const scan = namespace.keys()
  scan.next()
  const asyncScan = namespace.keysAsync()
  await asyncScan.next()
  const held = await holdTransaction(store)
  const snapshot = store.snapshot()
  await store.flush()
  const prepared = graph.prepare<{ one: number }>(counted)
  return { store, namespace, bytes, snapshot, scan, asyncScan, graph, node: first!, edge, prepared, vectors, ...held }
}

/** A transaction that stays open until it is told to end. */
async function holdTransaction(store: SledStore): Promise<Pick<Scene, 'transaction' | 'end'>> {
  let letGo: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  let outcome: Promise<unknown> | undefined
  const transaction = await new Promise<Transaction>((resolve) => {
    const running = store.transaction(
      async (tx) => {
        resolve(tx)
        await held
      },
      { retries: 0 },
    )
    outcome = running.then(
      () => 'committed',
      (error: { code: unknown }) => error.code,
    )
  })
  const end = (): Promise<unknown> => {
    letGo()
    return outcome!
  }
  return { transaction, end }
}
