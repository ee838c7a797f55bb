/** What is malformed is an error that names file, line and column, and nothing of the file is loaded. */

import { gzipSync } from 'node:zlib'
import type { Graph } from 'sledstore'
import { importCsv, importGraphml, importJsonLines } from 'sledstore-graph-io'
import { beforeEach, expect, it } from 'vitest'
import { content, emptyGraphs } from './graphs.js'

const graphs = emptyGraphs()
let graph: Graph
beforeEach(() => {
  graph = graphs('graph')
})

type Import = (text: string | Uint8Array) => Promise<unknown>
const csvNodes: Import = (text) => importCsv(graph, { nodes: content(text, 'nodes.csv') })
const csvEdges: Import = (text) =>
  importCsv(graph, { nodes: content(':ID\n1\n2\n', 'n.csv'), edges: content(text, 'edges.csv') })
const jsonl: Import = (text) => importJsonLines(graph, content(text, 'g.jsonl'))
const graphml: Import = (text) => importGraphml(graph, content(text, 'g.graphml'))
const schema = { nodes: { P: { properties: { a: 'integer', b: 'string?' } } }, edges: {} } as const
const typed: Import = (text) =>
  importCsv(graphs('graph', schema), { nodes: content(text, 'nodes.csv') }, { label: 'P' })
const one = '{"type":"node","id":1}\n'

/** Text in which `ÿ` is a byte that UTF-8 has not. */
const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1')
const cut = (text: string): Uint8Array => Buffer.from(text).subarray(0, -1)

it.each<[string, Import, string | Uint8Array, [file: string, line: number, column: number]]>([
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
  ['a record that is too long', csvNodes, ':ID,a\n1,x,y\n', ['nodes.csv', 2, 3]],
  ['a number behind CR LF in quotes', csvNodes, ':ID,t,a:int\r\n1,"x\r\ny",z\r\n', ['nodes.csv', 3, 3]],
  ['a number behind empty lines', csvNodes, '\n\n:ID,a:int\n\n1,5\n\r\n\n2,x\n', ['nodes.csv', 8, 2]],
  ['text behind a quote', csvNodes, ':ID,a\n1,"x"y\n', ['nodes.csv', 2, 2]],
  ['a quote that is closed nowhere', csvNodes, `:ID,a\n1,x\n2,"${'y\n'.repeat(9)}`, ['nodes.csv', 3, 2]],
  ['a quote that swallows a file', csvNodes, `:ID,a\n1,"${'y\n'.repeat(9 << 20)}`, ['nodes.csv', 2, 2]],
  ['an id twice', csvNodes, ':ID,a\n1,x\n2,x\n1,y\n', ['nodes.csv', 4, 1]],
  ['an item of a list', csvNodes, ':ID,a:int[]\n1,1;2\n2,3;x\n', ['nodes.csv', 3, 2]],
  ['a day that is none', csvNodes, ':ID,a:date\n1,2015-02-30\n', ['nodes.csv', 2, 2]],
  ['a point that is none', csvNodes, ':ID,a:point\n1,"{x: 1, z: 2}"\n', ['nodes.csv', 2, 2]],
  ['an infinite integer', csvNodes, ':ID,a:int\n1,Infinity\n', ['nodes.csv', 2, 2]],
  ['a property that none may be named', csvNodes, ':ID,__proto__\n1,\n2,x\n', ['nodes.csv', 3, 2]],
  ['a label that is too long', csvNodes, `:ID,:LABEL\n1,A\n2,${'ä'.repeat(513)}\n`, ['nodes.csv', 3, 2]],
  ['a property of another type', typed, ':ID,b,a:string\n1,x,y\n', ['nodes.csv', 2, 3]],
  ['a property that the schema has not', typed, ':ID,c,a:int\n1,x,5\n', ['nodes.csv', 2, 2]],
  ['a property that is missing', typed, ':ID,b\n1,x\n', ['nodes.csv', 2, 0]],
  ['bytes that are no text', csvNodes, bytes(':ID,a,b\n1,x,y\n2,xÿz,y\n'), ['nodes.csv', 3, 2]],
  ['bytes in quotes', csvNodes, bytes(':ID,a,b\n1,"x\ny","ÿ"\n'), ['nodes.csv', 3, 3]],
  ['bytes at the beginning of a line', csvNodes, bytes(':ID,a\n1,x\nÿ,x\n'), ['nodes.csv', 3, 1]],
  ['a character that is cut off', csvNodes, cut(':ID,a\n1,x\n2,ä'), ['nodes.csv', 3, 2]],
  ['UTF-16', csvNodes, Buffer.from('\ufeff:ID,a\n', 'utf16le'), ['nodes.csv', 1, 1]],
  ['a compressed file', csvNodes, gzipSync(':ID,a\n1,x\n'), ['nodes.csv', 1, 1]],
  ['an edge without a type', csvEdges, ':START_ID,:END_ID\n1,2\n', ['edges.csv', 2, 0]],
  ['an edge without its end', csvEdges, ':START_ID,:END_ID,:TYPE\n1,,T\n', ['edges.csv', 2, 2]],
  ['an edge at no node', csvEdges, ':START_ID,:END_ID,:TYPE\n1,2,T\n1,3,T\n', ['edges.csv', 3, 2]],
  ['an edge from no node', csvEdges, ':TYPE,:END_ID,:START_ID\nT,1,2\nT,1,3\n', ['edges.csv', 3, 3]],
  ['a type that is too long', csvEdges, `:START_ID,:END_ID,:TYPE\n1,2,${'ä'.repeat(513)}\n`, ['edges.csv', 2, 3]],
  ['a line that is no JSON', jsonl, `${one}{"type":}\n`, ['g.jsonl', 2, 9]],
  ['a line that is no object', jsonl, `${one}7\n`, ['g.jsonl', 2, 0]],
  ['an entry of no type', jsonl, `${one}{"id":2}\n`, ['g.jsonl', 2, 0]],
  ['labels that are none', jsonl, '{"type":"node","labels":[7]}', ['g.jsonl', 1, 0]],
  ['an edge that leads nowhere', jsonl, `${one}{"type":"edge","label":"T","start":1}`, ['g.jsonl', 2, 0]],
  ['a node behind an edge', jsonl, `${one}{"type":"edge","label":"T","start":1,"end":1}\n${one}`, ['g.jsonl', 3, 0]],
  ['an edge at a missing node', jsonl, `${one}{"type":"edge","label":"T","start":1,"end":2}`, ['g.jsonl', 2, 0]],
  ['a node twice', jsonl, one + one, ['g.jsonl', 2, 0]],
  ['an empty label', jsonl, '{"type":"node","labels":[""]}', ['g.jsonl', 1, 0]],
  ['a line that is cut off', jsonl, `${one}{"type":"node","id":2,"prop`, ['g.jsonl', 2, 28]],
  ['a date in JSON that is none', jsonl, `${one}{"type":"node","properties":{"a":{"$date":"x"}}}`, ['g.jsonl', 2, 0]],
  ['bytes in a line', jsonl, bytes(`${one}{"type":"node","id":"ÿ"}\n`), ['g.jsonl', 2, 22]],
  ['bytes in XML', graphml, bytes('<graphml>\n  <graph>ÿ</graph></graphml>'), ['g.graphml', 2, 9]],
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
