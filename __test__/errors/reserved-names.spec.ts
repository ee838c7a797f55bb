/** The namespaces of graphs and vector indexes belong to them: nobody opens, renames, drops or lists them as his own. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { SledStore } from '../../lib/index.js'
import { reservedPrefixes } from '../../lib/namespace-name.js'

it('each call is a RangeError, and changes nothing', async () => {
  const store = SledStore.memory()
  const graph = store.graph('g')
  const node = await graph.addNode({ labels: 'L' })
  const vectors = store.vectors('v', { dimensions: 2, metric: 'l2' })
  await vectors.upsert('a', [1, 2])
  await store.namespace('mine').put('a', 1)
  for (const name of ['graph:g', 'graph:new', 'graph:', 'vectors:v', 'vectors:new', 'vectors:']) {
    expect(() => store.namespace(name)).toThrow(RangeError)
    await expect(store.dropNamespace(name)).rejects.toThrow(RangeError)
    await expect(store.renameNamespace(name, 'stolen')).rejects.toThrow(RangeError)
    await expect(store.renameNamespace('mine', name)).rejects.toThrow(RangeError)
  }
  expect(store.namespaces().map(({ name }) => name)).toEqual(['mine'])
  expect([store.graphs(), store.vectorIndexes().map(({ name }) => name)]).toEqual([['g'], ['v']])
  expect([graph.node(node)?.labels, vectors.has('a')]).toEqual([['L'], true])
  store.namespace('graph')
  store.namespace('my graph:g')
  await store.close()
})

it('the beginnings are those of the layers', () => {
  const source = (path: string): string =>
    readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8')
  const prefixes = ['crate/graph/src/graph.rs', 'crate/vector/src/index.rs'].map(
    (path) => /NAMESPACE_PREFIX: &str = "([^"]+)"/.exec(source(path))?.[1],
  )
  expect(Object.keys(reservedPrefixes)).toEqual(prefixes)
})
