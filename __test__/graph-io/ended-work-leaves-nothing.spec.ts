/** Imports and exports tell how far they are, end with their signal or their source, and leave what was there. */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { exportJsonLines, importCsv, importGraphml, importJsonLines, type ImportOptions } from 'sledstore-graph-io'
import { expect, it } from 'vitest'
import { freshFolders } from '../helpers/folder.js'
import { content, emptyGraphs } from './graphs.js'

const graphs = emptyGraphs()
const fresh = freshFolders()

it('tells how far it is, and ends with its signal', async () => {
  const [graph, other] = [graphs('graph'), graphs('other')]
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

  const folder = fresh()
  mkdirSync(folder)
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
  const graph = graphs('graph')
  const missing = join(fresh(), 'missing.csv')
  await expect(importCsv(graph, { nodes: missing })).rejects.toMatchObject({ code: 'ENOENT' })
  const breaking = new PassThrough()
  breaking.write(':ID\n1\n')
  setTimeout(() => breaking.destroy(new Error('cut')), 10)
  await expect(importCsv(graph, { nodes: { content: breaking } })).rejects.toThrow('cut')
  expect(graph.countNodes()).toBe(0)
})

it.each<[string, string, (content: PassThrough, options: ImportOptions) => Promise<unknown>]>([
  ['CSV', ':ID\n1\n', (content, options) => importCsv(graphs('graph'), { nodes: { content } }, options)],
  ['JSON Lines', '{"type":"node"}\n', (content, options) => importJsonLines(graphs('graph'), { content }, options)],
  ['GraphML', '<graphml><graph>', (content, options) => importGraphml(graphs('graph'), { content }, options)],
])('ends a source of %s that has stopped, and lets it go', async (_, text, run) => {
  const stopped = new PassThrough()
  stopped.write(text)
  const ending = new AbortController()
  setTimeout(() => ending.abort(), 10)
  await expect(run(stopped, { signal: ending.signal })).rejects.toMatchObject({ code: 'ABORTED' })
  expect(stopped.destroyed).toBe(true)
  expect(graphs('graph').countNodes()).toBe(0)
})

it('lets a source go at which an import fails', async () => {
  const long = new PassThrough()
  long.write(':ID,a:int\n1,x\n')
  await expect(importCsv(graphs('graph'), { nodes: { content: long } })).rejects.toMatchObject({ place: { line: 2 } })
  expect(long.destroyed).toBe(true)
})
