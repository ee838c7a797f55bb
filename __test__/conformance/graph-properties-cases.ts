import { deepStrictEqual as same, rejects, throws } from 'node:assert/strict'
import type { Graph, Properties, PropertyValue } from '../../lib/index.js'
import type { StoreCase } from './subject.js'

export const graphPropertiesCases: StoreCase[] = []
const behavior = (name: string, run: (graph: Graph) => Promise<void>): unknown =>
  graphPropertiesCases.push({ name, run: (store) => run(store.graph('test')) })

const values: [string, PropertyValue][] = [
  ['true', true],
  ['false', false],
  ['zero', 0],
  ['minus zero', -0],
  ['fraction', -1.5],
  ...[1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1].flatMap(
    (n): [string, number][] => [
      [`${n}`, n],
      [`-${n}`, -n],
    ],
  ),
  ['-32', -32],
  ['-33', -33],
  ['infinity', Infinity],
  ['not a number', NaN],
  ['large float', 1e300],
  ['2^53', 2 ** 53],
  ['largest bigint', 2n ** 63n - 1n],
  ['smallest bigint', -(2n ** 63n)],
  ['empty text', ''],
  ['text', 'größe 🐳 \0'],
  ['31 bytes', 'x'.repeat(31)],
  ['32 bytes', 'x'.repeat(32)],
  ['300 bytes', 'x'.repeat(300)],
  ['70,000 bytes', 'ß'.repeat(35_000)],
  ['date', new Date(1_700_000_000_123)],
  ['date before 1970', new Date(-1)],
  ['first date', new Date(-8.64e15)],
  ['last date', new Date(8.64e15)],
  ['vector', Float32Array.of(1, -0.5, 1e-7)],
  ['long vector', new Float32Array(20_000).fill(0.1)],
  ['vectors and bytes', [Float32Array.of(1), Uint8Array.of(1), { a: new Float32Array(2) }]],
  ['list', [1, 'two', [null, true], { three: 3 }]],
  ['long list', Array.from({ length: 70_000 }, (_, n) => n % 3)],
  ['map', { a: { b: { c: [] } }, '': 0, größe: 1 }],
  ['wide map', Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`p${n}`, n]))],
]

for (const [name, value] of values) {
  behavior(`comes back as it was: ${name}`, async (graph) => {
    const id = await graph.addNode({ properties: { value } })
    same(graph.node(id)?.properties, { value })
  })
}

behavior('comes back as it was: bytes, apart from what they were read from', async (graph) => {
  const bytes = Uint8Array.of(0, 1, 255)
  const id = await graph.addNode({ properties: { bytes, long: new Uint8Array(300).fill(7) } })
  const { properties } = graph.node(id) ?? { properties: {} as Properties }
  graph.node(id)
  same([...(properties.bytes as Uint8Array)], [0, 1, 255])
  same((properties.long as Uint8Array).length, 300)
})

behavior('comes back as it was: a bigint that is exact as a number, as that', async (graph) => {
  const id = await graph.addNode({ properties: { n: 5n, m: 2n ** 40n } })
  same(graph.node(id)?.properties, { n: 5, m: 2 ** 40 })
})

behavior('comes back as it was: null and undefined, as missing', async (graph) => {
  const id = await graph.addNode({ properties: { a: null, b: undefined, c: [null], d: { e: undefined, f: null } } })
  same(graph.node(id)?.properties, { c: [null], d: { f: null } })
})
behavior('every kind is found by its value', async (graph) => {
  for (const index of ['without', 'with']) {
    if (index === 'with') await graph.createIndex({ label: 'Found', property: 'value' })
    for (const [name, value] of values) {
      // An index takes short values only.
      if ((typeof value === 'string' || Array.isArray(value)) && value.length > 1_000) continue
      const id = await graph.addNode({ labels: 'Found', properties: { name, value } })
      const found = graph.find({ label: 'Found', where: { name, value } }).map((node) => node.id)
      same(found, Number.isNaN(value) ? [] : [id], name)
      await graph.removeNode(id)
    }
  }
})

behavior('what is added is not changed by what happens to the object afterwards', async (graph) => {
  const properties = { name: 'first' }
  const ids = await graph.batch((batch) => {
    const first = batch.addNode({ properties })
    properties.name = 'second'
    return [first, batch.addNode({ properties })]
  })
  same(
    ids.map((id) => graph.node(id)?.properties.name),
    ['first', 'second'],
  )
})

const untyped = (value: unknown) => value as PropertyValue
const loop: unknown[] = []
loop.push(loop)

const refused: [string, PropertyValue][] = [
  ['a function', untyped(() => 1)],
  ['a symbol', untyped(Symbol('s'))],
  ['a map', untyped(new Map())],
  ['a set', untyped(new Set())],
  ['a class', untyped(new (class Point {})())],
  ['a float array of the other size', untyped(new Float64Array(2))],
  ['an invalid date', new Date(NaN)],
  ['a lone surrogate', '\ud800'],
  ['undefined in a list', untyped([undefined])],
  ['a hole in a list', untyped(Array.from({ length: 1 }, () => Symbol('s')))],
  ['__proto__', JSON.parse('{ "__proto__": 1 }') as PropertyValue],
]
for (const [name, value] of refused) {
  behavior(`is refused: ${name}`, async (graph) => {
    await rejects(graph.addNode({ properties: { value } }), TypeError)
    same(graph.countNodes(), 0)
  })
}

const outOfRange: [string, PropertyValue][] = [
  ['a large bigint', 2n ** 63n],
  ['an empty vector', new Float32Array(0)],
  ['a vector of infinity', Float32Array.of(1, Infinity)],
  ['a vector that is not of numbers', [Float32Array.of(NaN)]],
  ['a value that contains itself', untyped(loop)],
]
for (const [name, value] of outOfRange) {
  behavior(`is refused: ${name}`, async (graph) => {
    await rejects(graph.addNode({ properties: { value } }), RangeError)
  })
}

behavior('is refused: undefined in a filter, which would find too much', async (graph) => {
  throws(() => graph.find({ where: { name: undefined } }), TypeError)
})
