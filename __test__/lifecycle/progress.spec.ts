/** Long work tells how far it is: at its beginning, now and then, and at its end. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codec, SledStore, type CreateIndexOptions, type WorkProgress } from '../../lib/index.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()
const published = folder()
let store: SledStore

beforeAll(async () => {
  store = await SledStore.open(folder(), {
    tuning: { memtableBytes: 256 << 10, blockBytes: 512 },
    durability: 'os',
  })
  const rows = store.namespace('rows', { value: codec.utf8() })
  store.batchSync((batch) => {
    for (let row = 0; row < 20_000; row++) batch.put(rows, `key${row}`, `${row} `.repeat(30))
  })
  for (let row = 0; row < 20; row++) rows.putSync(`long${row}`, 'long '.repeat(20_000))
  await store.compact()
  await store.publish(published)
})

afterAll(() => store.close())

const works: [name: string, run: (onProgress: (progress: WorkProgress) => void) => Promise<unknown>][] = [
  ['verify', (onProgress) => store.verify({ onProgress })],
  ['compact', (onProgress) => store.compact({ onProgress })],
  ['publish', (onProgress) => store.publish(published, { onProgress })],
  ['backup', (onProgress) => store.backup(folder(), { onProgress })],
  ['restore', (onProgress) => SledStore.restore(published, folder(), { onProgress })],
]

describe.each(works)('%s', (_name, run) => {
  it('reports nothing done, then all', async () => {
    const seen: WorkProgress[] = []
    await run((progress) => seen.push(progress))
    expect(seen[0]).toMatchObject({ done: 0 })
    const last = seen.at(-1)!
    expect(last.done).toBe(last.total)
    expect(last.done).toBeGreaterThan(1_000)
    for (const [at, { done, total }] of seen.entries()) {
      expect(done).toBeLessThanOrEqual(total)
      expect(done).toBeGreaterThanOrEqual(seen[at - 1]?.done ?? 0)
    }
  })

  it('knows from its beginning about how much there is', async () => {
    const seen: WorkProgress[] = []
    await run((progress) => seen.push(progress))
    const { total } = seen.at(-1)!
    expect(seen[0]!.total).toBeGreaterThan(total / 2)
    expect(seen[0]!.total).toBeLessThan(total * 1.5)
  })
})

it('verify counts the blocks that its report has', async () => {
  let last: WorkProgress | undefined
  const report = await store.verify({ onProgress: (progress) => (last = progress) })
  expect(last).toEqual({ done: report.blocks, total: report.blocks })
})

it('an empty store has its two reports, too', async () => {
  const empty = SledStore.memory()
  const seen: WorkProgress[] = []
  await empty.verify({ onProgress: (progress) => seen.push(progress) })
  expect(seen.length).toBeGreaterThanOrEqual(2)
  expect(seen.at(-1)!.done).toBe(seen.at(-1)!.total)
  await empty.close()
})

it('an index over a graph reports how many nodes or edges there are', async () => {
  const graph = store.graph('graph')
  await graph.batch((batch) => {
    for (let node = 0; node < 700; node++) batch.addNode({ labels: 'L', properties: { node } })
  })
  const [source, target] = graph.find({ label: 'L', limit: 2 })
  await graph.addEdge({ type: 'T', source: source!.id, target: target!.id })
  await graph.batch((batch) => {
    for (let node = 0; node < 900; node++) batch.addNode({ labels: ['M', 'N'] })
  })
  const reported = async (build: (options: CreateIndexOptions) => Promise<void>): Promise<WorkProgress[]> => {
    const seen: WorkProgress[] = []
    await build({ onProgress: (progress) => seen.push(progress) })
    return seen
  }
  const range = await reported((options) => graph.createIndex({ label: 'L', property: 'node' }, options))
  expect(range.at(-1)).toEqual({ done: 700, total: 700 })
  expect(range.every(({ done, total }) => done <= total && total === 700)).toBe(true)
  const texts = { name: 'texts', label: ['L', 'M', 'N'], property: 'text' }
  expect((await reported((options) => graph.createTextIndex(texts, options))).at(-1)).toEqual({
    done: 2_500,
    total: 2_500,
  })
  const edges = await reported((options) => graph.createIndex({ type: 'T', property: 'since' }, options))
  expect(edges.at(-1)).toEqual({ done: 1, total: 1 })
  const all = await reported((options) => graph.createIndex({ property: 'node' }, options))
  expect(all.at(-1)).toEqual({ done: 1_600, total: 1_600 })
})
