/** What is malformed is an error that names file, line and column, and nothing of the file is loaded. */

import type { Graph } from 'sledstore'
import { importCsv, importGraphml, importJsonLines } from 'sledstore-graph-io'
import { beforeEach, expect, it } from 'vitest'
import { content, emptyGraphs } from './graphs.js'

const graphs = emptyGraphs()
let graph: Graph
beforeEach(() => {
  graph = graphs('graph')
})

type Import = (text: string) => Promise<unknown>
const csvNodes: Import = (text) => importCsv(graph, { nodes: content(text, 'nodes.csv') })
const csvEdges: Import = (text) =>
  importCsv(graph, { nodes: content(':ID\n1\n2\n', 'n.csv'), edges: content(text, 'edges.csv') })
const jsonl: Import = (text) => importJsonLines(graph, content(text, 'g.jsonl'))
const graphml: Import = (text) => importGraphml(graph, content(text, 'g.graphml'))
const one = '{"type":"node","id":1}\n'

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
