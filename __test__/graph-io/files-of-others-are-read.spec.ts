/** What neo4j-admin, APOC, networkx and graphology write is taken as they write it. */

import { importCsv, importGraphml, importGraphology, importJsonLines, type SerializedGraph } from 'sledstore-graph-io'
import { expect, it } from 'vitest'
import { content, emptyGraphs, held } from './graphs.js'

const graphs = emptyGraphs()

it('takes headers of neo4j-admin, with spaces of ids', async () => {
  const graph = graphs('graph')
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
  const graph = graphs('graph')
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
  const other = graphs('other')
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
  const graph = graphs('graph')
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
