/** Fields of CSV are taken exactly: whatever ends a line, stands in quotes, or is cut into pieces on its way. */

import type { Graph } from 'sledstore'
import { exportCsv, importCsv, type CsvImportOptions, type FileContent } from 'sledstore-graph-io'
import { beforeEach, expect, it } from 'vitest'
import { emptyGraphs } from './graphs.js'

const graphs = emptyGraphs()
let graph: Graph
beforeEach(() => {
  graph = graphs('graph')
})

async function properties(content: FileContent, options: CsvImportOptions = {}): Promise<readonly unknown[]> {
  await importCsv(graph, { nodes: { content } }, options)
  return [...graph.nodes()].map((node) => node.properties)
}

const rows = [
  [':ID', 'a', 'b'],
  ['1', 'x', ''],
  ['2', '', 'ä🐋'],
]
const taken = [{ a: 'x' }, { b: 'ä🐋' }]

it.each([
  ['LF', '\n', '\n'],
  ['CR LF', '\r\n', '\r\n'],
  ['CR', '\r', '\r'],
  ['LF, then CR LF', '\n', '\r\n'],
  ['CR LF, then LF', '\r\n', '\n'],
  ['empty lines', '\n\r\n\n', '\n\n'],
])('lines end with %s', async (_, first, others) => {
  const [header, ...records] = rows.map((fields) => fields.join(','))
  const text = header! + first + records.map((record) => record + others).join('')
  expect(await properties(text)).toEqual(taken)
})

it('a mark of the byte order is no part of it, and the last line needs no end', async () => {
  expect(await properties(`\ufeff${rows.map((fields) => fields.join(',')).join('\n')}`)).toEqual(taken)
})

it('quotes hold delimiters, line ends, quotes, and nothing', async () => {
  const text = '":ID","a,b",c\r\n1,"x, ""y"" \r\nz\n\rä","",\r\n2,,""""\r\n'.replace(',"",\r\n', ',""\r\n')
  expect(await properties(text)).toEqual([{ 'a,b': 'x, "y" \r\nz\n\rä', c: '' }, { c: '"' }])
})

it.each([1, 2, 3, 5])('pieces of %i bytes are put together', async (length) => {
  const bytes = Buffer.from('\ufeff:ID,a\r\n1,"x""🐋"\r\n\r\n2,"ä\r\n"\r\n3,é\r')
  const pieces = Array.from({ length: Math.ceil(bytes.length / length) }, (_, at) =>
    bytes.subarray(at * length, (at + 1) * length),
  )
  expect(await properties(pieces)).toEqual([{ a: 'x"🐋' }, { a: 'ä\r\n' }, { a: 'é' }])
})

it('whole numbers in a column of floats are floats', async () => {
  await properties(':ID,f:float,d:double[],i:int\n1,5,1;2.5,5\n')
  expect(graph.querySync('MATCH (n) RETURN n.f / 2 AS f, n.d[0] / 2 AS d, n.i / 2 AS i').toArray()).toEqual([
    { f: 2.5, d: 0.5, i: 2 },
  ])
})

it('columns have their types', async () => {
  const header =
    ':ID,i:int,l:long,f:float,b:boolean,d:datetime,day:date,p:point,z:datetime,x:bytes,il:int[],sl:string[],j:json'
  const record = [
    '1',
    '-7',
    '9223372036854775807',
    '1e-3',
    'TRUE',
    '2015-07-21T21:40:32.142+02:00',
    '2015-07-21',
    '"{latitude: -1.5, longitude: 2}"',
    '2015-07-21T21:40:32+02:00[Europe/Stockholm]',
    'AAH/',
    '1;9007199254740993;3',
    '"a;""b"";"',
    '"{""n"": 9007199254740993, ""f"": 0.12500000000000000, ""t"": ""12345678901234567890""}"',
  ]
  const [only] = (await properties(`${header}\n${record.join(',')}\n`)) as [Record<string, unknown>]
  const { d, day, p, z, ...others } = only
  expect([d, String(day), String(p), String(z)]).toEqual([
    new Date('2015-07-21T19:40:32.142Z'),
    '2015-07-21',
    "point({x: 2.0, y: -1.5, crs: 'wgs-84'})",
    '2015-07-21T21:40:32+02:00[Europe/Stockholm]',
  ])
  expect(others).toEqual({
    i: -7,
    l: 2n ** 63n - 1n,
    f: 0.001,
    b: true,
    x: new Uint8Array([0, 1, 255]),
    il: [1, 9_007_199_254_740_993n, 3],
    sl: ['a', '"b"', ''],
    j: { n: 9_007_199_254_740_993n, f: 0.125, t: '12345678901234567890' },
  })
})

it('a delimiter is one character', async () => {
  expect(await properties(':ID\ta:int[]\n1\t1|2\n', { delimiter: '\t', arrayDelimiter: '|' })).toEqual([{ a: [1, 2] }])
  await expect(properties(':ID\n', { delimiter: '||' })).rejects.toThrow(RangeError)
  await expect(properties(':ID\n', { delimiter: '"' })).rejects.toThrow(RangeError)
  await expect(exportCsv(graph, { nodes: 'n.csv', edges: 'e.csv' }, { delimiter: '||' })).rejects.toThrow(RangeError)
})
