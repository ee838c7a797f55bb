/** Bytes come back from graphs and vectors as they do from namespaces: a Uint8Array with memory of its own. */
import { expect, it } from 'vitest'
import { SledStore } from '../../lib/index.js'

it('properties, attributes and values', async () => {
  const store = SledStore.memory()
  const bytes = Uint8Array.of(1, 2, 3)
  const graph = store.graph('graph')
  const node = await graph.addNode({ labels: 'L', properties: { bytes, nested: { list: [bytes] } } })
  const edge = await graph.addEdge({ type: 'T', source: node, target: node, properties: { bytes } })
  const vectors = store.vectors<{ bytes: Uint8Array }>('vectors', { dimensions: 2, metric: 'l2' })
  await vectors.put('a', [1, 2], { bytes })
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
      vectors.nearest([1, 2])[0]!.attributes!.bytes,
      rows.get('a')!.bytes,
    ] as Uint8Array[]
  }
  const [first, second] = [await read(), await read()]
  for (const [at, found] of first.entries()) {
    expect(Object.getPrototypeOf(found)).toBe(Uint8Array.prototype)
    expect(found).toEqual(bytes)
    expect(found.buffer.byteLength).toBe(3)
    found.fill(9)
    expect(second[at]).toEqual(bytes)
  }
  expect(await read()).toEqual(second)
  await store.close()
})
