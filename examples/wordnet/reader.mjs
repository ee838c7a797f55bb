/**
 * The second process: opens the store that the demo has loaded and closed, and answers the questions from it alone. Its
 * only input is a message with the folder and the vector of the text to look for.
 */

import { SledStore } from 'sledstore'
import { readMetadata } from './metadata.mjs'
import { openWordNet } from './model.mjs'
import { questions } from './questions.mjs'

process.once('message', async ({ folder, vector }) => {
  const started = performance.now()
  const store = await SledStore.open(folder, { createIfMissing: false })
  const open_ms = performance.now() - started
  try {
    process.send({ open_ms, answers: answer(store, vector) })
  } finally {
    await store.close()
    process.disconnect()
  }
})

/** @returns {import('./questions.mjs').Answers} */
function answer(store, vector) {
  const { graph, glosses } = openWordNet(store)
  const { ancestry, parts, nearest } = questions
  const ancestors = graph.path(sense(graph, ancestry.from).id, sense(graph, ancestry.to).id, { type: 'hypernym' })
  const near = (options) =>
    glosses
      .search({ vector, k: nearest.limit, ...options })
      .map(({ id, distance }) => ({ ...conceptOf(graph.node(id)), distance }))
  return {
    nodes: graph.countNodes('Synset'),
    edges: graph.countEdges(),
    vectors: glosses.count(),
    ancestry: ancestors === undefined ? [] : ancestors.nodes.map(conceptOf),
    parts: graph.neighbors(sense(graph, parts.of).id, { type: 'part_meronym' }).map(({ node }) => conceptOf(node)),
    nearest: near({}),
    nearestOfPart: near({ where: { part: nearest.part } }),
    metadata: readMetadata(store),
  }
}

/** The synset of a word among those that one lexicographer file holds. */
function sense(graph, { word, lexname }) {
  const senses = graph
    .find({ label: 'Synset', where: { lexname } })
    .filter((node) => node.properties.words.includes(word))
  if (senses.length !== 1) throw new Error(`${senses.length} synsets of ${lexname} have the word ${word}, not one`)
  return senses[0]
}

function conceptOf({ properties: { key, words } }) {
  return { key, words }
}
