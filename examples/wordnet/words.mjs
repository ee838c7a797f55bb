/** An own index beside the graph: from a word to the synsets that have it, under keys of word, lexicographer file and node. */

import { key } from 'sledstore'
import { lexicographerFiles } from './wndb-names.mjs'

/** Opens the index, and makes it when it is not there. */
export async function openWords(store, graph) {
  const words = store.namespace('words', { key: key.tuple(key.string, key.string, key.number) })
  const isMade = [...words.keys({ limit: 1 })].length === 1
  if (!isMade) await store.bulkLoad(words, rowsOf(graph))
  return words
}

/** The rows in the order of their keys, which a bulk load wants. */
function rowsOf(graph) {
  const rows = []
  for (const lexname of lexicographerFiles) {
    for (const { id, properties } of graph.find({ label: 'Synset', where: { lexname } })) {
      for (const word of new Set(properties.words)) rows.push([[word, lexname, id], true])
    }
  }
  const compare = (left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right))
  return rows.sort(([left], [right]) => compare(left[0], right[0]) || compare(left[1], right[1]) || left[2] - right[2])
}
