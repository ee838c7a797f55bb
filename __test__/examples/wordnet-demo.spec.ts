/** The WordNet demo, on a dictionary of a few meanings: it finds its answers right, and a planted fault wrong. */

import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { counts, writePackages } from './tiny-wordnet.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const execute = promisify(execFile)

let home = ''

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'sledstore-wordnet-'))
  const isSource = (path: string): boolean => !['node_modules', 'data'].includes(basename(path))
  cpSync(join(root, 'examples', 'wordnet'), home, { recursive: true, filter: isSource })
  writePackages(join(home, 'node_modules'))
  symlinkSync(root, join(home, 'node_modules', 'sledstore'), 'junction')
})

afterEach(() => rmSync(home, { recursive: true, force: true }))

async function demo(...words: string[]): Promise<string[]> {
  const { stdout } = await execute(process.execPath, [join(home, 'demo.mjs'), ...words])
  return stdout.trimEnd().split('\n')
}

/** Changes a piece of the demo's own code. */
function plant(file: string, from: string, to: string): void {
  const text = readFileSync(join(home, file), 'utf8')
  expect(text).toContain(from)
  writeFileSync(join(home, file), text.replace(from, to))
}

it('answers rightly, ends with its summary, and leaves nothing behind', async () => {
  const lines = await demo('--json')
  const summary = JSON.parse(lines.at(-1) ?? '') as Record<string, unknown> & {
    steps: { name: string; rows: number }[]
  }
  expect(summary).toMatchObject(counts)
  expect(summary['bytes_on_disk']).toBeGreaterThan(0)
  expect(summary['open_ms']).toBeGreaterThan(0)
  expect(summary.steps).toContainEqual(expect.objectContaining({ name: 'edges', rows: counts.edges }))
  expect(lines).toContain('  whale › organism › entity')
  expect(existsSync(join(home, 'data'))).toBe(false)
})

it('keeps the store where it is told to, and loads into no folder that holds something', async () => {
  const data = join(home, 'kept')
  await demo('--data', data)
  expect(existsSync(join(data, 'STORE'))).toBe(true)
  await expect(demo('--data', data)).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('is not empty') })
})

it.each([
  [
    'ancestry',
    'model.mjs',
    'source: ids.get(source), target: ids.get(target)',
    'source: ids.get(target), target: ids.get(source)',
  ],
  ['parts', 'wndb-names.mjs', "'%p': 'part_meronym'", "'%p': 'part_holonym'"],
  ['edges', 'load.mjs', 'for (const pointer of pointers)', 'for (const pointer of pointers.slice(1))'],
  ['nearest', 'load.mjs', 'wordVectors.average(gloss)', 'wordVectors.average(gloss + " large")'],
  ['nearestOfPart', 'reader.mjs', 'near({ where: { part: nearest.part } })', 'near({})'],
  ['metadata', 'metadata.mjs', 'session: sessions.get(session)', 'session: { ...sessions.get(session), requests: 0 }'],
])('exits with 1 and names what is wrong: %s', async (name, file, from, to) => {
  plant(file, from, to)
  await expect(demo()).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(name) })
})

it('refuses an unknown option', async () => {
  await expect(demo('--jsn')).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('--jsn') })
})

it('answers questions from a store that was kept', async () => {
  const data = join(home, 'kept')
  await demo('--data', data)
  const ask = async (...words: string[]): Promise<string[]> => {
    const options = { env: { ...process.env, DATA: data } }
    const { stdout } = await execute(process.execPath, [join(home, 'ask.mjs'), ...words], options)
    return stdout.trimEnd().split('\n')
  }
  expect(await ask('means', 'Being')).toEqual(['noun.Tops: organism, being: a living place for life'])
  expect(await ask('is', 'whale/animal')).toEqual(['whale › organism › entity'])
  expect(await ask('kinds', 'entity')).toEqual(['organism'])
  expect(await ask('parts', 'tree/plant')).toEqual(['stump, tree stump', 'tree crown'])
  expect(await ask('common', 'whale', 'tree')).toEqual(['organism'])
  expect((await ask('about', 'where books are kept'))[0]).toContain('library')
  await expect(ask('means', 'unicorn')).rejects.toMatchObject({ code: 1, stderr: 'there is no unicorn\n' })
  await expect(ask('whence', 'tree')).rejects.toMatchObject({ code: 2 })
})
