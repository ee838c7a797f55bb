/** Bytes come back from graphs and vectors as they do from namespaces: a Uint8Array with memory of its own. */
import { deepStrictEqual as same } from 'node:assert/strict'
import type { StoreCase } from './subject.js'

export const graphBytesCases: StoreCase[] = []
const behavior = (name: string, run: StoreCase['run']): unknown => graphBytesCases.push({ name, run })

behavior('bytes come back with memory of their own, in properties, attributes and values', async (store) => {
  const bytes = Uint8Array.of(1, 2, 3)
  const graph = store.graph('graph')
  const node = await graph.addNode({ labels: 'L', properties: { bytes, nested: { list: [bytes] } } })
  const edge = await graph.addEdge({ type: 'T', source: node, target: node, properties: { bytes } })
  const vectors = store.vectors<{ bytes: Uint8Array }>('vectors', { dimensions: 2, metric: 'l2' })
  await vectors.upsert('a', [1, 2], { bytes })
  const rows = store.namespace<string, { bytes: Uint8Array }>('rows')
  await rows.put('a', { bytes })

  const read = async () => {
    const { properties } = graph.node(node)!
    return [
      properties['bytes'],
      (properties['nested'] as { list: unknown[] }).list[0],
      graph.edge(edge)!.properties['bytes'],
      (await graph.findAsync({ label: 'L' }))[0]!.properties['bytes'],
      vectors.get('a')!.attributes!.bytes,
      vectors.search({ vector: [1, 2] })[0]!.attributes!.bytes,
      rows.get('a')!.bytes,
    ] as Uint8Array[]
  }
  const [first, second] = [await read(), await read()]
  for (const [at, found] of first.entries()) {
    same(Object.getPrototypeOf(found), Uint8Array.prototype)
    same(found, bytes)
    same(found.buffer.byteLength, 3)
    found.fill(9)
    same(second[at], bytes)
  }
  same(await read(), second)
})
