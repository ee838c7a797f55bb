/** Loads WordNet into a store: synsets as nodes, pointers as edges, and for each gloss a vector. */

import { stat } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { readWordVectors, wordsOf } from './embeddings.mjs'
import { writeMetadata } from './metadata.mjs'
import { dimensions, edgeOf, nodeOf, openWordNet } from './model.mjs'
import { readSynsets } from './wndb.mjs'

/** Rows of a chunk: enough to make the commit cheap, few enough that progress is seen. */
const chunkRows = 2_000

const bytesPerMegabyte = 1e6

/**
 * A chunk is answered when the kernel has it; one `flush()` at the end makes the whole load survive a power cut. After
 * one before that, the load is run again.
 */
const written = { durability: 'os' }

/**
 * @param {import('sledstore').SledStore} store
 * @param {{
 *   dictionary: string, embeddings: string, steps: import('./progress.mjs').Steps, signal: AbortSignal
 * }} options folder of WordNet's files, file of the word vectors
 * @returns how much was loaded, and the word vectors, for questions
 */
export async function loadWordNet(store, { dictionary, embeddings, steps, signal }) {
  const { graph, glosses } = openWordNet(store)
  await graph.createIndex({ label: 'Synset', property: 'key', unique: true }, written)
  await graph.createIndex({ label: 'Synset', property: 'lexname' }, written)

  const synsets = await steps.run('read synsets', {}, (step) => collect(readSynsets(dictionary), step))
  const ids = new Map()
  const addNodes = (chunk) =>
    graph.batch((batch) => {
      for (const synset of chunk) ids.set(synset.key, batch.addNode(nodeOf(synset)))
    }, written)
  await steps.run('nodes', { total: synsets.length }, (step) => inChunks(synsets, { step, signal }, addNodes))
  const edges = synsets.reduce((sum, synset) => sum + synset.pointers.length, 0)
  const addEdges = (chunk) =>
    graph.batch((batch) => {
      for (const { pointer, source } of chunk) batch.addEdge(edgeOf(pointer, source, ids))
    }, written)
  await steps.run('edges', { total: edges }, (step) => inChunks(pointersOf(synsets), { step, signal }, addEdges))
  const { size } = await stat(embeddings)
  const wordVectors = await steps.run('read word vectors', { total: size / bytesPerMegabyte, unit: 'MB' }, (step) =>
    readVocabulary(synsets, embeddings, { step, signal }),
  )
  const upsertVectors = (chunk) => glosses.upsertMany(chunk, written)
  const vectors = await steps.run('gloss vectors', { total: synsets.length }, (step) =>
    inChunks(glossVectorsOf(synsets, wordVectors, ids), { step, signal }, upsertVectors),
  )
  await steps.run('metadata', {}, async (step) => step.add(await writeMetadata(store, written)))
  await steps.run('flush', {}, () => store.flush())
  return { nodes: ids.size, edges, vectors, withoutVector: synsets.length - vectors, wordVectors }
}

function collect(rows, step) {
  const collected = [...rows]
  step.add(collected.length)
  return collected
}

/** Writes rows chunk by chunk; gives how many there were. */
async function inChunks(rows, { step, signal }, write) {
  for (const chunk of chunksOf(rows)) {
    signal.throwIfAborted()
    await write(chunk)
    step.add(chunk.length)
    // A write that is durable at once waits for nothing, and Ctrl-C is heard only between turns of the event loop.
    await nextTurn()
  }
  return step.rows
}

function* chunksOf(rows) {
  let chunk = []
  for (const row of rows) {
    chunk.push(row)
    if (chunk.length < chunkRows) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

function* pointersOf(synsets) {
  for (const { key: source, pointers } of synsets) {
    for (const pointer of pointers) yield { pointer, source }
  }
}

async function readVocabulary(synsets, embeddings, { step, signal }) {
  const wanted = new Set()
  for (const { gloss } of synsets) {
    for (const word of wordsOf(gloss)) wanted.add(word)
  }
  const onBytes = (bytes) => {
    signal.throwIfAborted()
    step.advance(bytes / bytesPerMegabyte)
  }
  const wordVectors = await readWordVectors(embeddings, { dimensions, wanted, onBytes })
  step.rows = wordVectors.size
  return wordVectors
}

/** A vector, its key and attributes for each gloss with a known word. The others get none: any would be made up. */
function* glossVectorsOf(synsets, wordVectors, ids) {
  for (const { key, gloss, part } of synsets) {
    const vector = wordVectors.average(gloss)
    if (vector !== undefined) yield [ids.get(key), vector, { part }]
  }
}
