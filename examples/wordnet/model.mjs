/** How WordNet stands in the store: what the load writes and the questions read. */

import { key } from 'sledstore'

/** The graph of synsets, and the vectors of their glosses under the ids of the nodes. */
export function openWordNet(store) {
  return {
    graph: store.graph('wordnet'),
    glosses: store.vectors('glosses', { dimensions, metric: 'cosine', key: key.number }),
  }
}

/** Numbers in each word vector of the embeddings, and so in each gloss vector. */
export const dimensions = 100

/** A synset as a node. */
export function nodeOf(synset) {
  const { part, satellite, lexname, words, frames, gloss } = synset
  const properties = { key: synset.key, part, lexname, words: words.map((word) => word.lemma), gloss }
  properties.lexIds = words.map((word) => word.lexId)
  const markers = words.map((word) => word.marker ?? null)
  if (markers.some((marker) => marker !== null)) properties.markers = markers
  if (frames.length > 0) properties.frames = frames.map(({ frame, word }) => [frame, word])
  return { labels: satellite ? ['Synset', part, 'satellite'] : ['Synset', part], properties }
}

/** A pointer of the synset `source` as an edge; `ids` are the nodes' by key. */
export function edgeOf({ type, target, sourceWord, targetWord }, source, ids) {
  return { type, source: ids.get(source), target: ids.get(target), properties: { sourceWord, targetWord } }
}
