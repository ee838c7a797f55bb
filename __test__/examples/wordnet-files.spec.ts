/** The demo's readers of WordNet's files and of word vectors. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { freshFolders } from '../helpers/folder.js'
import { counts, embeddings, writeDictionary } from './tiny-wordnet.js'

interface Synset {
  readonly key: string
  readonly words: { lemma: string; marker?: string }[]
  readonly pointers: { type: string; target: string }[]
}
interface WordVectors {
  readonly size: number
  of(word: string): Float32Array | undefined
  average(text: string): Float32Array | undefined
}

const source = (name: string): string => new URL(`../../examples/wordnet/${name}`, import.meta.url).href
const { readSynsets } = (await import(source('wndb.mjs'))) as { readSynsets(folder: string): Iterable<Synset> }
const { readWordVectors } = (await import(source('embeddings.mjs'))) as {
  readWordVectors(path: string, options: object): Promise<WordVectors>
}
const { countsInFiles } = (await import(source('truth.mjs'))) as { countsInFiles(folder: string): object }

const fresh = freshFolders()

function dictionary(): string {
  const folder = fresh()
  writeDictionary(folder)
  return folder
}

it('reads each synset with its words, pointers, frames and gloss', () => {
  const synsets = [...readSynsets(dictionary())]
  expect(synsets).toHaveLength(counts.nodes)
  const [tree, stump, bookish, shelve] = ['tree', 'stump', 'bookish', 'shelve'].map((lemma) =>
    synsets.find(({ words }) => words[0]?.lemma === lemma),
  )
  expect(tree).toMatchObject({ part: 'noun', lexname: 'noun.plant', gloss: 'a tall plant; "trees are kept here"' })
  expect(tree?.pointers[1]).toEqual({ type: 'part_meronym', target: stump?.key, sourceWord: 0, targetWord: 0 })
  expect(stump?.words[1]).toEqual({ lemma: 'tree stump', lexId: 0 })
  expect(bookish).toMatchObject({ part: 'adjective', satellite: true })
  expect(bookish?.words).toEqual([{ lemma: 'bookish', lexId: 0, marker: 'p' }])
  expect(shelve).toMatchObject({ part: 'verb', frames: [{ frame: 8, word: 0 }] })
})

it('counts rows without the parser', () => {
  expect(countsInFiles(dictionary())).toEqual({ synsets: counts.nodes, pointers: counts.edges })
})

it.each([
  ['too few pointers', ' 003 @', ' 002 @', 'fields instead of'],
  ['too many pointers', ' 003 @', ' 004 @', 'ends early'],
  ['a moved line', 'entity 0', 'entities 0', 'calls itself'],
  ['a strange pointer', ' #p ', ' #x ', 'unknown symbol'],
  ['a strange file', ' 20 n ', ' 99 n ', 'unknown lexicographer file 99'],
])('names file and place of a line with %s', (_, from, to, complaint) => {
  const folder = dictionary()
  const path = join(folder, 'data.noun')
  const text = readFileSync(path, 'latin1')
  expect(text).toContain(from)
  writeFileSync(path, text.replace(from, to))
  expect(() => [...readSynsets(folder)]).toThrow(new RegExp(`data\\.noun: the synset at \\d+ .*${complaint}`))
})

it.each([1 << 10, 4_000, 1 << 20])('finds the vectors of wanted words in pieces of %i bytes', async (pieceBytes) => {
  const path = fresh()
  writeFileSync(path, embeddings())
  const wanted = new Set(['books', 'room', 'the', 'unknown'])
  const vectors = await readWordVectors(path, { dimensions: 100, wanted, pieceBytes })
  expect(vectors.size).toBe(3)
  const { vectors: all } = JSON.parse(embeddings()) as { vectors: Record<string, number[]> }
  for (const word of ['books', 'room', 'the']) {
    expect(vectors.of(word)).toEqual(Float32Array.from(all[word]?.slice(0, 100) ?? []))
  }
  expect(vectors.of('unknown')).toBeUndefined()
  expect(vectors.average('unknown')).toBeUndefined()
  expect(vectors.average('Books, unknown!')).toEqual(vectors.of('books'))
})

it('says that a file of word vectors ends early', async () => {
  const path = fresh()
  writeFileSync(path, embeddings().slice(0, -500))
  await expect(readWordVectors(path, { dimensions: 100, wanted: new Set(['the']) })).rejects.toThrow(/ends early/)
})
