/** Graphs in memory that files are read into and written from. */

import { SledStore, type Graph, type GraphSchema } from 'sledstore'
import type { FileSource, ReadableGraph } from 'sledstore-graph-io'
import { afterAll, beforeEach } from 'vitest'

/** Gives graphs by their names, empty before each test. */
export function emptyGraphs(): (name: string, schema?: GraphSchema) => Graph {
  const store = SledStore.memory()
  const given = new Set<string>()
  beforeEach(async () => {
    for (const name of given) await store.dropGraph(name)
    given.clear()
  })
  afterAll(() => store.close())
  return (name, schema) => {
    given.add(name)
    return schema === undefined ? store.graph(name) : (store.graph(name, schema) as unknown as Graph)
  }
}

/** A source that is a text. */
export function content(text: string | Uint8Array, name = 'given'): FileSource {
  return { name, content: text }
}

/** A graph by what it holds, whatever its ids. */
export function held(graph: ReadableGraph): unknown {
  const names = new Map<number, unknown>()
  const nodes = [...graph.nodes()].map(({ id, labels, properties }) => {
    names.set(id, properties['name'])
    return { labels: [...labels].sort(), properties }
  })
  const edges = [...graph.edges()].map(({ type, source, target, properties }) => ({
    type,
    source: names.get(source),
    target: names.get(target),
    properties,
  }))
  return { nodes, edges }
}
