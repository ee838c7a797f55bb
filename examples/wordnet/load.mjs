/** Loads WordNet into a store: synsets as nodes, pointers as edges, and for each gloss a vector. */

import { readWordVectors, wordsOf } from './embeddings.mjs'
import { openWordNet } from './model.mjs'
import { writeMetadata } from './metadata.mjs'
import { readSynsets } from './wndb.mjs'

/** Rows of a batch: large enough to amortize a commit, small enough for a progress bar that moves. */
const batchRows = 4_000

/**
 * Level of each batch. The load as a whole ends with one `flush()`, which makes all of it survive a power cut; a power
 * cut before that leaves whole batches, and the load is simply run again.
 */
const batchOptions = { durability: 'os' }

/**
 * @param {import('sledstore').SledStore} store
 * @param {{ wordNet: string, embeddings: string, steps: import('./progress.mjs').Steps, signal: AbortSignal }} options
 * @returns what was loaded, and the word vectors for the questions to come
 */
export async function loadWordNet(store, { wordNet, embeddings, steps, signal }) {
  const { graph, vectors } = openWordNet(store)
  await graph.createIndex({ label: 'Synset', property: 'key', unique: true })
  await graph.createIndex({ label: 'Synset', property: 'lexname' })

  const synsets = await steps.run('read synsets', undefined, (step) => readAll(wordNet, step))
  const nodes = new Map()
  await steps.run('nodes', synsets.length, (step) =>
    inBatches(graph, synsets, { step, signal }, (batch, synset) => nodes.set(synset.key, addNode(batch, synset))),
  )
  const edges = synsets.reduce((sum, synset) => sum + synset.pointers.length, 0)
  await steps.run('edges', edges, (step) =>
    inBatches(graph, edgesOf(synsets), { step, signal }, (batch, edge) => addEdge(batch, edge, nodes)),
  )
  const wordVectors = await steps.run('read word vectors', undefined, (step) =>
    readVectorsOf(synsets, embeddings, step, signal),
  )
  const withVector = await steps.run('gloss vectors', synsets.length, (step) =>
    inBatches(vectors, glossVectors(synsets, wordVectors, step), { step, signal }, putVector),
  )
  await steps.run('metadata', undefined, async (step) => step.add(await writeMetadata(store, batchOptions)))
  await steps.run('flush', undefined, () => store.flush())
  return { nodes: nodes.size, edges, vectors: withVector, withoutVector: synsets.length - withVector, wordVectors }
}
