/** Most writes are answered without a wait, but a loop that awaits one after another lets timers and answers come. */
import { afterAll, expect, it } from 'vitest'
import { SledStore } from 'sledstore'
import { turnsDuring } from '../helpers/event-loop.js'

const store = SledStore.memory()
const rows = store.namespace('rows')
const graph = store.graph('graph')
const vectors = store.vectors('vectors', { dimensions: 1, metric: 'l2' })
afterAll(() => store.close())

const writes: Record<string, (n: number) => Promise<unknown>> = {
  'put at level none': (n) => rows.put('k', n, { durability: 'none' }),
  'put at level os': (n) => rows.put('k', n, { durability: 'os' }),
  delete: () => rows.delete('k'),
  'compareAndSet that does not': (n) => rows.compareAndSet('k', 'never', n),
  batch: (n) => store.batch((batch) => batch.put(rows, 'k', n)),
  transaction: (n) => store.transaction((transaction) => transaction.put(rows, 'k', n)),
  'graph.batch': (n) => graph.batch((batch) => batch.addNode({ properties: { n } })),
  'vectors.upsert': (n) => vectors.upsert('v', [n]),
}

it.each(Object.entries(writes))('%s', async (_, write) => {
  const loop = async () => {
    for (let n = 0; n < 4_000; n++) await write(n)
  }
  expect(await turnsDuring(loop)).toBeGreaterThanOrEqual(10)
})

it('a loop until something happens ends', async () => {
  const signal = AbortSignal.timeout(5)
  let count = 0
  while (!signal.aborted) await rows.put('k', count++, { durability: 'none' })
  expect(rows.get('k')).toBe(count - 1)
})
