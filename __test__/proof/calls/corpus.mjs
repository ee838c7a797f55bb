/** What the package itself sends to the addon: requests that reach deep, to be damaged a little. */
import { codec, key, SledStore } from '../../../dist/index.js'

/** Runs a bit of everything and gives the byte arrays that each function of the addon was called with. */
export async function recordCalls(binding, names) {
  const corpus = {}
  const originals = {}
  for (const name of names) {
    const original = (originals[name] = binding[name])
    binding[name] = (...values) => {
      const arrays = values.filter((value) => value instanceof Uint8Array).map((array) => Uint8Array.from(array))
      if (arrays.length > 0) (corpus[name] ??= []).push(...arrays.filter((array) => array.length < 5_000))
      return original(...values)
    }
  }
  try {
    await useEverything()
  } finally {
    Object.assign(binding, originals)
  }
  return corpus
}

async function useEverything() {
  const store = SledStore.memory({ profile: 'embedded' })
  const rows = store.namespace('rows', { key: key.string, value: codec.json() })
  await store.batch((batch) => {
    for (let at = 0; at < 5; at++) batch.put(rows, `key-${at}`, { at })
    batch.delete(rows, 'key-0')
    batch.clear(rows, { gte: 'key-3' })
  })
  await rows.getManyAsync(['key-1', 'key-2'])
  await rows.getAsync('key-1')
  await rows.countAsync({ gte: 'a' })
  for await (const _row of rows.scanAsync({ prefix: 'key' })) break
  await rows.compareAndSet('key-1', { at: 1 }, { at: 2 })
  const numbers = store.namespace('numbers', { key: key.number })
  await store.bulkLoad(
    numbers,
    [1, 2, 3].map((at) => [at, at]),
  )
  const streamed = store.namespace('streamed', { value: codec.bytes() })
  await streamed.putStream('key', [Buffer.alloc(70_000)])
  for await (const _part of await streamed.getStream('key')) break
  await useGraph(store.graph('people'))
  await useVectors(store.vectors('words', { dimensions: 3, metric: 'cosine' }))
  await store.close()
}

async function useGraph(graph) {
  const properties = { name: 'ann', age: 7, at: new Date(0), list: [1, 2n], deep: { a: null } }
  const [ann, bob] = await graph.batch((batch) => {
    const both = [1, 2].map(() => batch.addNode({ labels: 'Person', properties }))
    batch.addEdge({ type: 'KNOWS', source: both[0], target: both[1], properties: { since: 2_000 } })
    return both
  })
  await graph.createIndex({ label: 'Person', property: 'name' })
  graph.node(ann)
  await graph.updateNode(bob, { properties: { age: 8 } })
  graph.neighbors(ann, { type: 'KNOWS', where: { name: 'ann' } })
  graph.neighborIds(ann)
  graph.path(ann, bob, { type: 'KNOWS' })
  graph.expand(ann, {})
  graph.find({ label: 'Person', where: { name: 'ann' } })
  await graph.findAsync({ label: 'Person' })
  await graph.pathAsync(ann, bob)
  await graph.removeNode(bob)
}

async function useVectors(vectors) {
  await vectors.upsert('a', [1, 2, 3], { part: 'noun' })
  await vectors.upsertMany([['b', [3, 2, 1]]])
  vectors.search({ vector: [1, 1, 1], k: 2, where: { part: 'noun' } })
  await vectors.searchAsync({ vector: [1, 1, 1], k: 2, keys: ['a', 'b'] })
  vectors.search({ vector: [1, 1, 1], mmr: { lambda: 0.5 }, include: ['vector'] })
  vectors.get('a')
  for (const _ of vectors.entries({ where: { part: 'noun' } })) break
  await vectors.deleteWhere({ part: 'verb' })
  await vectors.delete('b')
}
