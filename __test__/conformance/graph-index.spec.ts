/** Indexes are created over graphs of any size, while others write, followed and ended by their caller. */
import { afterEach, expect, it } from 'vitest'
import { SledStore, type Graph } from '../../lib/index.js'

let store: SledStore
const refusal = (code: string) => expect.objectContaining({ code }) as Error

afterEach(() => store.close())

/** A graph of nodes with the label `L` and texts of `length`; half the budget of its store is 12 MiB. */
async function filled(count: number, length: number): Promise<Graph> {
  store = SledStore.memory({ profile: 'embedded' })
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

it('an index may be larger than a commit', async () => {
  const graph = await filled(10_000, 1_400)
  await graph.createIndex({ label: 'L', property: 'text', unique: true })
  expect(graph.find({ label: 'L', where: { text: '9999'.padStart(1_400, '0') } })).toHaveLength(1)
  expect(graph.indexes()).toEqual([{ label: 'L', property: 'text', unique: true }])
  expect(await graph.verify()).toEqual([])
})

it('changes made meanwhile are in it', async () => {
  const graph = await filled(5_000, 100)
  const state = { built: false }
  const building = graph.createIndex({ label: 'L', property: 'text' }).then(() => {
    state.built = true
  })
  let added = 0
  while (!state.built) {
    const [last] = graph.find({ label: 'L', limit: 1 })
    await graph.batch((batch) => {
      batch.addNode({ labels: 'L', properties: { text: `new ${added++}` } })
      batch.removeNode(last!.id)
    })
  }
  await building
  expect(await graph.verify()).toEqual([])
  expect(graph.find({ label: 'L', where: { text: `new ${added - 1}` } })).toHaveLength(1)
  expect(graph.countNodes('L')).toBe(5_000)
})

it('a signal ends it, and nothing of it stays', async () => {
  const graph = await filled(20_000, 100)
  const index = { label: 'L', property: 'text' } as const
  await expect(graph.createIndex(index, { signal: AbortSignal.abort() })).rejects.toEqual(refusal('ABORTED'))
  const late = new AbortController()
  const seen: number[] = []
  const ended = await graph
    .createIndex(index, {
      signal: late.signal,
      onProgress: ({ nodes }) => {
        seen.push(nodes)
        late.abort()
      },
    })
    .then(
      () => 'finished',
      (error: { code: string }) => error.code,
    )
  // On a fast machine it may be done before the first report.
  expect(ended).toBe(seen.length > 0 ? 'ABORTED' : 'finished')
  expect(graph.indexes()).toHaveLength(seen.length > 0 ? 0 : 1)
  for (const nodes of seen) expect(nodes).toBeLessThanOrEqual(20_000)
  await graph.createIndex(index)
  expect(await graph.verify()).toEqual([])
})

it('options are checked before anything is begun', async () => {
  const graph = await filled(1, 1)
  const wrong = (options: object) => graph.createIndex({ property: 'text' }, options)
  await expect(wrong({ progress: () => undefined })).rejects.toThrow(TypeError)
  await expect(wrong({ onProgress: 7 })).rejects.toThrow(TypeError)
  await expect(wrong({ signal: 7 })).rejects.toThrow(TypeError)
  await expect(wrong({ durability: 'most' })).rejects.toThrow(RangeError)
  await expect(graph.createIndex({ property: '\ud800' })).rejects.toThrow(TypeError)
  expect(graph.indexes()).toEqual([])
})
