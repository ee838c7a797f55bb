/**
 * The right answers, straight from WordNet's files: nothing here uses the parser, the graph or the vector search that
 * they are to check. Senses are found in `index.sense`, synsets by their byte offset in the data files, and the nearest
 * glosses by a loop over all of them in plain JavaScript.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { wordsOf } from './embeddings.mjs'
import { questions } from './questions.mjs'
import { lexicographerFiles } from './wndb-names.mjs'

const dataFiles = [
  { file: 'data.noun', letter: 'n' },
  { file: 'data.verb', letter: 'v' },
  { file: 'data.adj', letter: 'a' },
  { file: 'data.adv', letter: 'r' },
]

/** @typedef {{ key: string, words: string[] }} Concept a synset, by its letter and offset, and its words */

/** How many synsets and pointers the files hold: their lines, and the sum of what these say of their pointers. */
export function countsInFiles(folder) {
  let synsets = 0
  let pointers = 0
  for (const { line } of linesOf(folder)) {
    const fields = line.split(' ', 1024)
    synsets++
    pointers += Number(fields[4 + 2 * Number.parseInt(fields[3], 16)])
  }
  return { synsets, pointers }
}

function* linesOf(folder) {
  for (const { file, letter } of dataFiles) {
    for (const line of readFileSync(join(folder, file), 'latin1').split('\n')) {
      if (/^\d{8} /.test(line)) yield { letter, line }
    }
  }
}

/** The nouns of WordNet, each read at the place where the index says it is. */
export class Nouns {
  #data
  #senses

  constructor(folder) {
    this.#data = readFileSync(join(folder, 'data.noun'))
    this.#senses = readFileSync(join(folder, 'index.sense'), 'latin1')
  }

  /** The sense of a noun that is in one lexicographer file, the most frequent one if there are several. */
  sense(lemma, lexname) {
    const number = String(lexicographerFiles.indexOf(lexname)).padStart(2, '0')
    const pattern = new RegExp(`^${lemma}%1:${number}:\\d\\d:: (\\d{8}) (\\d+) `, 'gm')
    const senses = [...this.#senses.matchAll(pattern)].sort((left, right) => left[2] - right[2])
    if (senses.length === 0) throw new Error(`WordNet knows no ${lemma} in ${lexname}`)
    return `n${senses[0][1]}`
  }

  /** @returns {Concept} */
  concept(key) {
    const [, , , count, ...fields] = this.#line(key).split(' ')
    const words = fields.slice(0, 2 * Number.parseInt(count, 16)).filter((_, at) => at % 2 === 0)
    return { key, words: words.map((word) => word.replaceAll('_', ' ')) }
  }

  /** The nouns that a noun points at by one symbol, in the order of its line. */
  pointed(key, symbol) {
    const pointers = this.#line(key).matchAll(/ (\S{1,2}) (\d{8}) n [\da-f]{4}(?= )/g)
    return [...pointers].filter((pointer) => pointer[1] === symbol).map((pointer) => `n${pointer[2]}`)
  }

  /** Every shortest way up from a noun to another by pointers of one symbol, both ends included. */
  shortestPaths(from, to, symbol) {
    let paths = [[from]]
    const seen = new Set([from])
    while (paths.length > 0) {
      const arrived = paths.filter((path) => path.at(-1) === to)
      if (arrived.length > 0) return arrived
      const longer = paths.flatMap((path) => this.pointed(path.at(-1), symbol).map((next) => [...path, next]))
      paths = longer.filter((path) => !seen.has(path.at(-1)))
      for (const path of paths) seen.add(path.at(-1))
    }
    return []
  }

  /** The part of a line before its gloss. */
  #line(key) {
    const start = Number(key.slice(1))
    const text = this.#data.latin1Slice(start, this.#data.indexOf('\n', start))
    return text.slice(0, text.indexOf('|'))
  }
}

/**
 * The cosine distance of every gloss to a text, in double precision, by synset; of glosses with a known word only.
 *
 * @param {string} folder
 * @param {import('./embeddings.mjs').WordVectors} wordVectors
 * @returns {{ key: string, distance: number }[]} nearest first
 */
export function distancesTo(text, folder, wordVectors) {
  const wanted = average(text, wordVectors)
  const distances = []
  for (const { letter, line } of linesOf(folder)) {
    const gloss = average(line.slice(line.indexOf('|') + 1), wordVectors)
    if (gloss === undefined) continue
    const similarity = dot(gloss, wanted) / Math.sqrt(dot(gloss, gloss) * dot(wanted, wanted))
    distances.push({ key: letter + line.slice(0, 8), distance: 1 - similarity })
  }
  return distances.sort((left, right) => left.distance - right.distance)
}

function average(text, wordVectors) {
  const known = wordsOf(text)
    .map((word) => wordVectors.of(word))
    .filter((vector) => vector !== undefined)
  if (known.length === 0) return undefined
  const sum = new Float64Array(wordVectors.dimensions)
  for (const vector of known) {
    for (let at = 0; at < sum.length; at++) sum[at] += vector[at] / known.length
  }
  return sum
}

function dot(left, right) {
  let sum = 0
  for (let at = 0; at < left.length; at++) sum += left[at] * right[at]
  return sum
}

/**
 * What is right, for every question.
 *
 * @param {string} folder of WordNet's files
 * @param {import('./embeddings.mjs').WordVectors} wordVectors
 * @returns {Omit<import('./questions.mjs').Truth, 'metadata'>}
 */
export function rightAnswers(folder, wordVectors) {
  const nouns = new Nouns(folder)
  const { ancestry, parts, nearest } = questions
  const [from, to, tree] = [ancestry.from, ancestry.to, parts.of].map(({ word, lexname }) => nouns.sense(word, lexname))
  const concepts = (keys) => keys.map((key) => nouns.concept(key))
  const { letter } = dataFiles.find(({ file }) => file === `data.${nearest.part}`)
  const distances = distancesTo(nearest.text, folder, wordVectors)
  const { synsets, pointers } = countsInFiles(folder)
  return {
    nodes: synsets,
    edges: pointers,
    vectors: distances.length,
    ancestries: nouns.shortestPaths(from, to, '@').map(concepts),
    parts: concepts(nouns.pointed(tree, '%p')),
    nearest: distances,
    nearestOfPart: distances.filter(({ key }) => key.startsWith(letter)),
  }
}
