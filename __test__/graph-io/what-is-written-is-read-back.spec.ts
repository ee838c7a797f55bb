/** Every kind of value, and texts that a format must escape, come back as they were. */

import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { Duration, LocalDate, LocalDateTime, LocalTime, OffsetTime, Point, ZonedDateTime, type Graph } from 'sledstore'
import {
  exportCsv,
  exportGraphml,
  exportGraphology,
  exportJsonLines,
  importCsv,
  importGraphml,
  importGraphology,
  importJsonLines,
} from 'sledstore-graph-io'
import { beforeEach, describe, expect, it } from 'vitest'
import { freshFolders } from '../helpers/folder.js'
import { content, emptyGraphs, held } from './graphs.js'

const fresh = freshFolders()
const graphs = emptyGraphs()
let graph: Graph
let other: Graph

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
      { key: 3, labels: 'Person', properties: { name: 'Zoë 🐋', mixed: 'x', control: '\u0001', height: 1.7 } },
      { key: 4, properties: { name: 'bounds', big: -(2n ** 63n), age: Number.MIN_SAFE_INTEGER, height: 2 ** 60 } },
      {
        key: 5,
        properties: {
          name: 'moments',
          day: new LocalDate(-12_345, 2, 28),
          clock: new LocalTime(21, 40, 32, 142_000_001),
          there: new OffsetTime(1, 2, 3, 4, -5_400),
          local: new LocalDateTime(2015, 7, 21, 21, 40),
          meeting: ZonedDateTime.parse('2015-07-21T21:40:32.142+02:00[Europe/Stockholm]'),
          took: Duration.parse('P1Y2M10DT2H30M0.5S'),
          at: new Point({ longitude: 12.5, latitude: -41.9 }),
          look: Float32Array.of(0.1, -2, 3e20, 1e-45),
          looks: [Float32Array.of(1, 2)],
          past: [new LocalDate(1999, 1, 1), new Point({ x: 1, y: -2.5, z: 3 })],
        },
      },
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

beforeEach(async () => {
  graph = graphs('graph')
  other = graphs('other')
  await fill()
})

describe('what is written is read back', () => {
  it('as CSV', async () => {
    const folder = fresh()
    mkdirSync(folder)
    const files = { nodes: join(folder, 'nodes.csv'), edges: join(folder, 'edges.csv') }
    expect(await exportCsv(graph, files)).toMatchObject({ nodes: 5, edges: 3 })
    expect(await importCsv(other, files)).toMatchObject({ nodes: 5, edges: 3 })
    expect(held(other)).toEqual(held(graph))
    const [nodes, edges] = [kept(), kept()]
    await exportCsv(graph, { nodes: nodes.stream, edges: edges.stream }, { delimiter: '\t', arrayDelimiter: '|' })
    const third = graphs('third')
    const sources = { nodes: content(nodes.text()), edges: [content(edges.text())] }
    await importCsv(third, sources, { delimiter: '\t', arrayDelimiter: '|' })
    expect(held(third)).toEqual(held(graph))
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
    expect(() => exportGraphology(graph)).toThrow(/edge 1 has a property type/)
    const serialized = exportGraphology(graph, { type: 'kind' })
    expect(serialized.edges[0]).toMatchObject({ source: serialized.nodes[0]!.key, attributes: { since: 2019 } })
    await importGraphology(other, { export: () => serialized }, { type: 'kind' })
    expect(held(other)).toEqual(held(graph))
  })
})

it('what a format would tear is refused, and its file not written', async () => {
  await graph.load({ nodes: [{ labels: ['semi;colon', 'co:lon'] }] })
  const folder = fresh()
  mkdirSync(folder)
  const [nodes, edges, graphml] = ['n.csv', 'e.csv', 'g.graphml'].map((name) => join(folder, name))
  const files = { nodes: nodes!, edges: edges! }
  await expect(exportCsv(graph, files)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  await expect(exportGraphml(graph, graphml!)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  expect(readdirSync(folder)).toEqual([])
  await exportCsv(graph, files, { arrayDelimiter: '|' })
  await importCsv(other, files, { arrayDelimiter: '|' })
  expect(held(other)).toEqual(held(graph))
})
