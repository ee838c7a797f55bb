import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { SledStore, type Graph } from 'sledstore'
import {
  exportCsv,
  exportGraphml,
  exportGraphology,
  exportJsonLines,
  importCsv,
  importGraphml,
  importGraphology,
  importJsonLines,
  type FileSource,
  type ReadableGraph,
  type SerializedGraph,
} from 'sledstore/graph-io'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { freshFolders } from '../../helpers/folder.js'

const store = SledStore.memory()
afterAll(() => store.close())
const paths = freshFolders()
function temporaryFolder(): string {
  const path = paths()
  mkdirSync(path, { recursive: true })
  return path
}
const content = (text: string, name = 'given'): FileSource => ({ name, content: text })

/** A graph by what it holds, whatever its ids. */
function held(graph: ReadableGraph): unknown {
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

let graph: Graph
let other: Graph
beforeEach(async () => {
  for (const name of ['graph', 'other']) await store.dropGraph(name)
  graph = store.graph('graph')
  other = store.graph('other')
})

/** Values of every kind, names and texts that the formats must escape. */
async function fill(): Promise<void> {
  await graph.load({
    nodes: [
      {
        key: 1,
        labels: ['Person', 'Admin'],
        properties: {
          name: 'Ann "the <first>", & others\r\nand a tab\t;',
          age: 40,
          height: 1.5,
          big: 2n ** 62n,
          is: true,
          born: new Date('1980-02-03T04:05:06.789Z'),
          face: new Uint8Array([0, 255, 7]),
          tags: ['a;b', 'c'],
          map: { deep: [1, { when: new Date(0) }] },
          'a:b,"c"': 'odd name',
        },
      },
      { key: 2, properties: { name: 'nobody', age: -0, height: -Infinity, empty: '', mixed: 1 } },
      { key: 3, labels: 'Person', properties: { name: 'Zoë 🐋', mixed: 'x', control: '\u0001' } },
    ],
    edges: [
      { type: 'KNOWS', source: 1, target: 3, properties: { since: 2019, type: 'a', label: 'b' } },
      { type: 'KNOWS', source: 1, target: 3 },
      { type: 'odd "type"', source: 2, target: 2, properties: { weight: 0.25 } },
    ],
  })
}

/** A stream that keeps what is written. */
function kept(): { stream: Writable; text: () => string } {
  let text = ''
  const stream = new Writable({
    write(piece: Buffer, _, done) {
      text += piece.toString()
      done()
    },
  })
  return { stream, text: () => text }
}

describe('what is written is read back', () => {
  beforeEach(fill)

  it('as CSV', async () => {
    const folder = temporaryFolder()
    const files = { nodes: join(folder, 'nodes.csv'), edges: join(folder, 'edges.csv') }
    expect(await exportCsv(graph, files)).toMatchObject({ nodes: 3, edges: 3 })
    expect(await importCsv(other, files)).toMatchObject({ nodes: 3, edges: 3 })
    expect(held(other)).toEqual(held(graph))
    const [nodes, edges] = [kept(), kept()]
    await exportCsv(graph, { nodes: nodes.stream, edges: edges.stream }, { delimiter: '\t', arrayDelimiter: '|' })
    await store.dropGraph('other')
    other = store.graph('other')
    const sources = { nodes: content(nodes.text()), edges: [content(edges.text())] }
    await importCsv(other, sources, { delimiter: '\t', arrayDelimiter: '|' })
    expect(held(other)).toEqual(held(graph))
  })

  it('as JSON Lines', async () => {
    const { stream, text } = kept()
    await exportJsonLines(graph, stream)
    await importJsonLines(other, content(text()))
    expect(held(other)).toEqual(held(graph))
  })

  it('as GraphML', async () => {
    const { stream, text } = kept()
    await exportGraphml(graph, stream)
    const pieces = Buffer.from(text())
      .toString('latin1')
      .match(/.{1,7}/gs)!
      .map((piece) => Buffer.from(piece, 'latin1'))
    await importGraphml(other, { content: pieces })
    expect(held(other)).toEqual(held(graph))
  })

  it('as a graph of graphology', async () => {
    const serialized = exportGraphology(graph)
    expect(serialized.edges[0]).toMatchObject({ source: serialized.nodes[0]!.key, attributes: { since: 2019 } })
    await importGraphology(other, { export: () => serialized }, { type: 'type' })
    const { nodes } = held(other) as { nodes: unknown }
    expect(nodes).toEqual((held(graph) as { nodes: unknown }).nodes)
    expect(other.describe().types).toEqual(graph.describe().types)
  })
})

it('takes headers of neo4j-admin, with spaces of ids', async () => {
  const people =
    'id:ID(Person),name:STRING,age:int,scores:float[],:IGNORE,:LABEL\n1,Ann,40,1.5;2,x,Person;Admin\n2,"Bob ""B""",,,,Person\n'
  const films = '\ufeffid:ID(Film),name\r\n1,Alien\r\n'
  const acted = ':START_ID(Person),role,:END_ID(Film)\n1,Ripley,1\n2,"",1\n'
  const sources = { nodes: [content(people), content(films)], edges: content(acted) }
  await importCsv(graph, sources, { type: 'ACTED_IN', label: 'Film' })
  expect(held(graph)).toEqual({
    nodes: [
      { labels: ['Admin', 'Person'], properties: { id: '1', name: 'Ann', age: 40, scores: [1.5, 2] } },
      { labels: ['Person'], properties: { id: '2', name: 'Bob "B"' } },
      { labels: ['Film'], properties: { id: '1', name: 'Alien' } },
    ],
    edges: [
      { type: 'ACTED_IN', source: 'Ann', target: 'Alien', properties: { role: 'Ripley' } },
      { type: 'ACTED_IN', source: 'Bob "B"', target: 'Alien', properties: { role: '' } },
    ],
  })
})

it('takes what APOC and networkx write', async () => {
  await importJsonLines(
    graph,
    content(
      '{"type":"node","id":"0","labels":["P"],"properties":{"name":"a"}}\n\n' +
        '{"id":"0","type":"relationship","label":"T","start":{"id":"0","labels":["P"]},"end":{"id":"0"}}',
    ),
  )
  expect(held(graph)).toEqual({
    nodes: [{ labels: ['P'], properties: { name: 'a' } }],
    edges: [{ type: 'T', source: 'a', target: 'a', properties: {} }],
  })
  const networkx = `<?xml version='1.0' encoding='utf-8'?>
    <graphml xmlns="http://graphml.graphdrawing.org/xmlns">
      <key id="d1" for="edge" attr.name="weight" attr.type="double"/>
      <key id="d0" for="node" attr.name="name" attr.type="string"><default>none</default></key>
      <graph edgedefault="undirected">
        <edge source="a" target="b"><data key="d1">0.5</data></edge>
        <node id="a"><data key="d0">A &amp; O</data></node><node id="b"/>
      </graph></graphml>`
  await importGraphml(other, content(networkx), { type: 'NEXT' })
  expect(held(other)).toEqual({
    nodes: [
      { labels: [], properties: { name: 'A & O' } },
      { labels: [], properties: { name: 'none' } },
    ],
    edges: [{ type: 'NEXT', source: 'A & O', target: 'none', properties: { weight: 0.5 } }],
  })
})

it('takes graphs of graphology as they are', async () => {
  const serialized: SerializedGraph = {
    nodes: [{ key: 'a', attributes: { name: 'A', kind: 'X' } }, { key: 'b' }],
    edges: [{ source: 'a', target: 'b', undirected: true, attributes: { w: 1 } }],
  }
  await importGraphology(graph, serialized, { labels: 'kind' })
  expect(held(graph)).toEqual({
    nodes: [
      { labels: ['X'], properties: { name: 'A' } },
      { labels: [], properties: {} },
    ],
    edges: [{ type: 'EDGE', source: 'A', target: undefined, properties: { w: 1 } }],
  })
})

type Import = (text: string) => Promise<unknown>
const csvNodes: Import = (text) => importCsv(graph, { nodes: content(text, 'nodes.csv') })
const csvEdges: Import = (text) =>
  importCsv(graph, { nodes: content(':ID\n1\n2\n', 'n.csv'), edges: content(text, 'edges.csv') })
const jsonl: Import = (text) => importJsonLines(graph, content(text, 'g.jsonl'))
const graphml: Import = (text) => importGraphml(graph, content(text, 'g.graphml'))
const one = '{"type":"node","id":1}\n'

describe('what is malformed names its place, and nothing is loaded', () => {
  it.each<[string, Import, string, [file: string, line: number, column: number]]>([
    ['an empty file', csvNodes, '', ['nodes.csv', 1, 0]],
    ['a type nobody knows', csvNodes, ':ID,a:what\n', ['nodes.csv', 1, 2]],
    ['a column twice', csvNodes, ':ID,a,a:int\n', ['nodes.csv', 1, 3]],
    ['a column without a name', csvNodes, ':ID,,a\n', ['nodes.csv', 1, 2]],
    ['a column of edges', csvNodes, ':ID,:TYPE\n', ['nodes.csv', 1, 2]],
    ['no start', csvEdges, ':END_ID\n1\n', ['edges.csv', 1, 0]],
    ['a number that is none', csvNodes, ':ID,a:int\n1,5\n2,x\n', ['nodes.csv', 3, 2]],
    ['a number behind a field of lines', csvNodes, ':ID,t,a:int\n1,"x\ny",5\n2,z,1.5\n', ['nodes.csv', 4, 3]],
    ['an integer above 64 bits', csvNodes, ':ID,a:long\n1,99999999999999999999\n', ['nodes.csv', 2, 2]],
    ['a boolean that is none', csvNodes, ':ID,a:boolean\n1,yes\n', ['nodes.csv', 2, 2]],
    ['a date that is none', csvNodes, ':ID,a:datetime\n1,5 May\n', ['nodes.csv', 2, 2]],
    ['a node without its id', csvNodes, ':ID,a\n,x\n', ['nodes.csv', 2, 1]],
    ['a record that is too short', csvNodes, ':ID,a\n1,x\n2\n', ['nodes.csv', 3, 2]],
    ['a quote that is not closed', csvNodes, ':ID,a\n1,x\n2,"y\n', ['nodes.csv', 3, 2]],
    ['a quote inside of a field', csvNodes, ':ID,a\n1,x"y"\n', ['nodes.csv', 2, 2]],
    ['an edge without a type', csvEdges, ':START_ID,:END_ID\n1,2\n', ['edges.csv', 2, 0]],
    ['an edge without its end', csvEdges, ':START_ID,:END_ID,:TYPE\n1,,T\n', ['edges.csv', 2, 2]],
    ['an edge at no node', csvEdges, ':START_ID,:END_ID,:TYPE\n1,2,T\n1,3,T\n', ['edges.csv', 3, 0]],
    ['a line that is no JSON', jsonl, `${one}{"type":}\n`, ['g.jsonl', 2, 9]],
    ['a line that is no object', jsonl, `${one}7\n`, ['g.jsonl', 2, 0]],
    ['an entry of no type', jsonl, `${one}{"id":2}\n`, ['g.jsonl', 2, 0]],
    ['labels that are none', jsonl, '{"type":"node","labels":[7]}', ['g.jsonl', 1, 0]],
    ['an edge that leads nowhere', jsonl, `${one}{"type":"edge","label":"T","start":1}`, ['g.jsonl', 2, 0]],
    ['a node behind an edge', jsonl, `${one}{"type":"edge","label":"T","start":1,"end":1}\n${one}`, ['g.jsonl', 3, 0]],
    ['an edge at a missing node', jsonl, `${one}{"type":"edge","label":"T","start":1,"end":2}`, ['g.jsonl', 2, 0]],
    ['XML that is none', graphml, '<graphml>\n  <graph></graphml>', ['g.graphml', 2, 19]],
    ['XML that ends early', graphml, '<graphml><graph>', ['g.graphml', 1, 16]],
    ['something else than GraphML', graphml, '<svg/>', ['g.graphml', 1, 6]],
    [
      'data of no key',
      graphml,
      '<graphml><graph><node id="a"><data key="d"/></node></graph></graphml>',
      ['g.graphml', 1, 44],
    ],
    ['a hyperedge', graphml, '<graphml><graph>\n<hyperedge/></graph></graphml>', ['g.graphml', 2, 12]],
    ['a node without an id', graphml, '<graphml><graph>\n<node/></graph></graphml>', ['g.graphml', 2, 7]],
    [
      'an edge of GraphML at no node',
      graphml,
      '<graphml><graph>\n<edge source="a" target="b"/></graph></graphml>',
      ['g.graphml', 2, 29],
    ],
  ])('%s', async (_, run, text, [file, line, column]) => {
    const error = await run(text).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ name: 'SledStoreError', place: { file, line, column } })
    expect((error as Error).message).toContain(`${file}:${line}`)
    expect(graph.countNodes()).toBe(0)
  })
})

it('tells how far it is, and ends with its signal', async () => {
  const rows = Array.from({ length: 50_000 }, (_, at) => `${at},node ${at}\n`).join('')
  const seen: number[] = []
  const nodes = content(`:ID,name\n${rows}`)
  await importCsv(graph, { nodes }, { onProgress: (progress) => seen.push(progress.nodes) })
  expect(seen.length).toBeGreaterThan(1)
  expect(seen.at(-1)).toBe(50_000)
  const ending = new AbortController()
  const importing = importCsv(other, { nodes }, { signal: ending.signal, onProgress: () => ending.abort() })
  await expect(importing).rejects.toMatchObject({ code: 'ABORTED' })
  expect(other.countNodes()).toBe(0)

  const folder = temporaryFolder()
  const file = join(folder, 'g.jsonl')
  writeFileSync(file, 'as it was')
  const stop = new AbortController()
  const exporting = exportJsonLines(graph, file, { signal: stop.signal, onProgress: () => stop.abort() })
  await expect(exporting).rejects.toMatchObject({ code: 'ABORTED' })
  expect([readdirSync(folder), readFileSync(file, 'utf8')]).toEqual([['g.jsonl'], 'as it was'])
  expect(await exportJsonLines(graph, file)).toMatchObject({ nodes: 50_000 })
  expect(readFileSync(file, 'utf8').split('\n').length).toBe(50_001)
})

it('fails as its source does, and leaves nothing', async () => {
  const missing = join(temporaryFolder(), 'missing.csv')
  await expect(importCsv(graph, { nodes: missing })).rejects.toMatchObject({ code: 'ENOENT' })
  const breaking = new PassThrough()
  breaking.write(':ID\n1\n')
  setTimeout(() => breaking.destroy(new Error('cut')), 10)
  await expect(importCsv(graph, { nodes: { content: breaking } })).rejects.toThrow('cut')
  expect(graph.countNodes()).toBe(0)
})
