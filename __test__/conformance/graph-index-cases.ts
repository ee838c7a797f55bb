/** Indexes are created over graphs of any size, while others write, followed and ended by their caller. */
import { deepStrictEqual as same, ok, rejects } from 'node:assert/strict'
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
  same(ended, seen.length > 0 ? 'ABORTED' : 'finished')
  same(graph.indexes().length, seen.length > 0 ? 0 : 1)
  for (const nodes of seen) ok(nodes <= 20_000)
  await graph.createIndex(index)
  same(await graph.verify(), [])
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
