import { deepStrictEqual as same, ok, rejects, throws } from 'node:assert/strict'
import type { SledStore, VectorOptions } from '../../lib/index.js'
import type { StoreCase } from './subject.js'

/** What components are stored as, how the graph keeps them, and the model they are of. */
export const vectorElementCases: StoreCase[] = []
const behavior = (name: string, run: StoreCase['run']): unknown => vectorElementCases.push({ name, run })

const wrong = (value: unknown) => value as never

behavior('f16 rounds to what 16 bits hold', async (store) => {
  const index = store.vectors('halves', { dimensions: 3, metric: 'l2', element: 'f16' })
  await index.upsert('a', [0.1, 1_000.3, -65_504])
  const vector = index.get('a')?.vector
  ok(vector instanceof Float32Array)
  same([...vector], [0.0999755859375, 1_000.5, -65_504])
  // A query is rounded as what is stored.
  same(index.search({ vector: [0.1, 1_000.3, -65_504] })[0], { id: 'a', distance: 0, attributes: undefined })
  same([...index.entries()], [['a', { vector, attributes: undefined }]])
  for (const beyond of [65_520, -1e6, NaN]) {
    await rejects(index.upsert('b', [0, beyond, 0]), RangeError)
    throws(() => index.search({ vector: [0, beyond, 0] }), RangeError)
  }
  same(index.count(), 1)
})

behavior('i8 takes whole numbers, and gives an Int8Array', async (store) => {
  const index = store.vectors('bytes', { dimensions: 4, metric: 'l2', element: 'i8' })
  await index.upsert('a', Int8Array.of(1, -128, 127, 0), { n: 1 })
  await index.upsertMany([
    ['b', [1, -2, 3, -0]],
    ['c', Float32Array.of(1, -2, 3, 9)],
  ])
  same(index.get('a'), { vector: Int8Array.of(1, -128, 127, 0), attributes: { n: 1 } })
  same(index.get('b')?.vector, Int8Array.of(1, -2, 3, 0))
  same(index.search({ vector: Int8Array.of(1, -2, 3, 1), k: 2 }), [
    { id: 'b', distance: 1, attributes: undefined },
    { id: 'c', distance: 8, attributes: undefined },
  ])
  same(
    index.similarTo('b', { k: 1 }).map(({ id }) => id),
    ['c'],
  )
  for (const [vector, error] of [
    [[0, 0, 0, 128], RangeError],
    [[0, 0, 0, 0.5], RangeError],
    // Whole in f32, not as it was given.
    [[0, 0, 0, 1.00000001], RangeError],
    [new Int8Array(3), RangeError],
    [new Uint8Array(4), TypeError],
    [new Int16Array(4), TypeError],
  ] as const) {
    await rejects(index.upsert('d', wrong(vector)), error)
    throws(() => index.search({ vector: wrong(vector) }), error)
  }
  same(index.count(), 3)
})

behavior('binary takes packed bits or zeros and ones, and counts those that differ', async (store) => {
  const index = store.vectors('bits', { dimensions: 16, metric: 'hamming', element: 'binary' })
  await index.upsert('a', Uint8Array.of(0b1000_0000, 0b0000_0011))
  await index.upsert('b', [1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1])
  await index.upsert('c', Buffer.from([0, 0]))
  same(index.get('b')?.vector, Uint8Array.of(0b1000_0000, 255))
  const query = Buffer.from([0b1000_0000, 1])
  const found = index.search({ vector: query })
  same(
    found.map(({ id, distance }) => [id, distance]),
    [
      ['a', 1],
      ['c', 2],
      ['b', 7],
    ],
  )
  same(await index.searchAsync({ vector: query }), found)
  same(index.search({ vector: query, where: () => true }), found)
  for (const [vector, error] of [
    [new Uint8Array(16), RangeError],
    [[2, ...Array<number>(15).fill(0)], RangeError],
    [[1, 0], RangeError],
    [new Int8Array(2), TypeError],
  ] as const) {
    await rejects(index.upsert('d', wrong(vector)), error)
    throws(() => index.search({ vector: wrong(vector) }), error)
  }
  same(index.count(), 3)
})

behavior('an element of few bytes is no vector of floats', async (store) => {
  const index = store.vectors('floats', { dimensions: 2, metric: 'l2' })
  for (const vector of [Int8Array.of(1, 2), Uint8Array.of(1)]) {
    await rejects(index.upsert('a', wrong(vector)), TypeError)
  }
  same([index.element, index.model], ['f32', undefined])
})

const refused: [string, Partial<VectorOptions<string, 'f32'>>, object][] = [
  ['hamming of floats', { metric: 'hamming' }, { code: 'INVALID_ARGUMENT' }],
  ['bits by another metric', { element: wrong('binary') }, { code: 'INVALID_ARGUMENT' }],
  [
    'bits that fill no byte',
    { element: wrong('binary'), metric: 'hamming', dimensions: 9 },
    { code: 'INVALID_ARGUMENT' },
  ],
  ['an unknown element', { element: wrong('f64') }, { name: 'RangeError' }],
  ['an unknown coding', { coding: wrong('scalar4') }, { name: 'RangeError' }],
  ['parts of no product', { parts: 4 }, { name: 'RangeError' }],
  ['no parts', { coding: 'product', parts: 0 }, { name: 'RangeError' }],
  ['more parts than dimensions', { coding: 'product', parts: 17 }, { code: 'INVALID_ARGUMENT' }],
  ['a model that is no text', { model: wrong(7) }, { name: 'TypeError' }],
  ['a model without a name', { model: '' }, { code: 'INVALID_ARGUMENT' }],
]

for (const [name, options, error] of refused) {
  behavior(`refuses ${name}`, async (store) => {
    throws(() => store.vectors('other', { dimensions: 16, metric: 'l2', ...options }), error)
    same(store.vectorIndexes(), [])
  })
}

behavior('element, coding and model are fixed when an index is created', async (store) => {
  const created = { dimensions: 16, metric: 'cosine', element: 'i8', coding: 'product', model: 'one' } as const
  const index = store.vectors('fixed', created)
  same([index.element, index.model], ['i8', 'one'])
  same({ ...store.vectorIndexes()[0] }, { name: 'fixed', ...created, parts: 4 })
  for (const other of [{ element: 'f32' }, { coding: 'scalar8' }, { parts: 2 }, { model: 'two' }] as const) {
    throws(() => store.vectors('fixed', { ...created, ...other }), { code: 'NAMESPACE_MISMATCH' })
  }
  const { model: _, ...rest } = created
  same(store.vectors('fixed', rest).model, 'one')
})

behavior('a query of another model is refused', async (store) => {
  const options = { dimensions: 2, metric: 'l2' } as const
  const index = store.vectors('of-one', { ...options, model: 'one' })
  await index.upsert('a', [1, 2])
  const ask = (of: ReturnType<SledStore['vectors']>, model: string) => of.search({ vector: [1, 2], model }).length
  same(ask(index, 'one'), 1)
  throws(() => ask(index, 'two'), { code: 'NAMESPACE_MISMATCH' })
  throws(() => ask(index, wrong(1)), TypeError)
  throws(() => ask(store.vectors('of-none', options), 'one'), { code: 'NAMESPACE_MISMATCH' })
  await rejects(index.searchAsync({ vector: [1, 2], model: 'two' }), { code: 'NAMESPACE_MISMATCH' })
})
