/** Tables of any text, quoted and cut into pieces in any way, are read as they were, and a fault among them by its place. */

import * as fc from 'fast-check'
import type { LoadNode, LoadResult } from 'sledstore'
import { importCsv, type ImportError, type LoadableGraph } from 'sledstore-graph-io'
import { afterAll, expect, it } from 'vitest'

const seed = Number(process.env['SLEDSTORE_SEED'] ?? Math.floor(Math.random() * 0x7fffffff))
afterAll(() => console.log(`SLEDSTORE_SEED=${seed}`))

/** Keeps what is loaded, so that nothing but the reader is asked. */
async function nodesOf(pieces: readonly Uint8Array[]): Promise<LoadNode[]> {
  const nodes: LoadNode[] = []
  const graph: LoadableGraph = {
    async load(source): Promise<LoadResult> {
      for await (const node of source.nodes ?? []) nodes.push(node)
      return { nodes: nodes.length, edges: 0, firstNode: 1, firstEdge: 1, milliseconds: 0 }
    },
  }
  await importCsv(graph, { nodes: { name: 'random.csv', content: pieces } })
  return nodes
}

const text = fc.string({
  unit: fc.constantFrom(',', '"', '\r', '\n', 'a', ' ', 'ä', '\ufeff', '🐋', ';'),
  maxLength: 6,
})
const field = fc.record({ text: fc.option(text, { nil: null, freq: 4 }), isQuoted: fc.boolean() })
const lineEnd = fc.constantFrom('\n', '\r\n', '\r', '\n\n', '\r\n\n\r\n')
const row = fc.record({ fields: fc.tuple(field, field), end: lineEnd })
const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 })

type Field = { readonly text: string | null; readonly isQuoted: boolean }
const written = ({ text: value, isQuoted }: Field): string => {
  if (value === null) return ''
  return isQuoted || value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}

/** Bytes in pieces of the lengths that are given, over and over. */
function cut(content: string | Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const bytes = Buffer.from(content as string)
  const pieces: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += pieces.at(-1)!.length)
    pieces.push(bytes.subarray(at, at + lengths[pieces.length % lengths.length]!))
  return pieces
}

const lineOf = (before: string): number => 1 + (before.match(/\r\n|\r|\n/g)?.length ?? 0)

it('tables come back as they were', async () => {
  const property = fc.asyncProperty(fc.array(row, { maxLength: 8 }), cuts, async (rows, lengths) => {
    const records = rows.map(({ fields, end }, at) => `${at},${fields.map(written).join(',')}${end}`)
    const nodes = await nodesOf(cut(`:ID,a,b\n${records.join('')}`, lengths))
    const wanted = rows.map(({ fields: [a, b] }, at) => ({
      key: String(at),
      labels: [],
      properties: { ...(a.text !== null && { a: a.text }), ...(b.text !== null && { b: b.text }) },
    }))
    expect(nodes.map(({ properties, ...others }) => ({ ...others, properties: { ...properties } }))).toEqual(wanted)
  })
  await fc.assert(property, { seed, numRuns: 1_000 })
})

it('a fault is told by its line and field', async () => {
  const faults = fc.constantFrom<[text: string, column: number]>(
    ['1,2,x', 3],
    ['1,x"y",2', 2],
    ['1,"x"y,2', 2],
    ['1', 2],
    ['1,2,3,4', 4],
  )
  const property = fc.asyncProperty(fc.array(row, { maxLength: 8 }), faults, cuts, async (rows, fault, lengths) => {
    const records = rows.map(({ fields: [a], end }, at) => `${at + 10},${written(a)},7${end}`)
    const before = `:ID,a,b:int\n${records.join('')}`
    const error = await nodesOf(cut(`${before}${fault[0]}\nmore,"a\n",5`, lengths)).then(
      () => undefined,
      (thrown: ImportError) => thrown,
    )
    expect(error?.place).toEqual({ file: 'random.csv', line: lineOf(before), column: fault[1] })
  })
  await fc.assert(property, { seed, numRuns: 1_000 })
})

it('any bytes are read, or refused with a place', async () => {
  const some = fc.oneof(
    fc.constantFrom(...Buffer.from(':ID,a\n"\r')),
    fc.constantFrom(0, 0x80, 0xc3, 0xa4, 0xef, 0xff, 0xf0),
  )
  const property = fc.asyncProperty(fc.array(some, { maxLength: 40 }), cuts, async (bytes, lengths) => {
    const content = Buffer.concat([Buffer.from(':ID,a\n'), Buffer.from(bytes)])
    const read = (pieces: readonly Uint8Array[]): Promise<unknown> =>
      nodesOf(pieces).catch((error: ImportError) => error.place)
    // However it is cut, the answer is the same.
    const whole = await read([content])
    expect(whole).toBeDefined()
    expect(await read(cut(content, lengths))).toEqual(whole)
  })
  await fc.assert(property, { seed, numRuns: 2_000 })
})
