/** The sets of vectors that are measured: made once, and kept in a folder with their exact answers. */

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { clusteredOrder, inOrder, narrowed, repeatedOrder, rotate, sortedOrder } from './changes.mjs'
import { bucketsOf, filterKinds, shares } from './filters.mjs'
import { sources } from './sources.mjs'
import { truthOf } from './truth.mjs'

/** How many neighbors are looked for. */
export const k = 10

/**
 * @typedef {object} SetKind
 * @property {keyof typeof sources} source
 * @property {'l2' | 'cosine'} metric
 * @property {number} dimensions
 * @property {string} title
 * @property {(rows: Float32Array, labels: Uint8Array, seed: number) => Uint32Array} [order] of insertion
 * @property {boolean} [rotated]
 */

/** @type {Record<string, SetKind>} */
export const setKinds = {
  mnist: kind('mnist', 'MNIST'),
  fashion: kind('fashion', 'Fashion-MNIST'),
  'mnist-rotated': { ...kind('mnist', 'MNIST under a random rotation'), rotated: true },
  'mnist-96': { ...kind('mnist', 'MNIST, 96 components of the rotated vectors'), rotated: true, dimensions: 96 },
  'fashion-cosine': { ...kind('fashion', 'Fashion-MNIST by cosine'), metric: 'cosine' },
  duplicates: { ...kind('mnist', 'MNIST, each row ten times'), order: repeats },
  clustered: { ...kind('mnist', 'MNIST, one class after the other'), order: (_, labels) => clusteredOrder(labels) },
  sorted: { ...kind('mnist', 'MNIST from dark to bright'), order: (rows) => sortedOrder(rows) },
  groups: kind('groups', 'generated, around 1,000 middles'),
}

function kind(source, title) {
  return { source, metric: 'l2', dimensions: sources[source].components, title }
}

function repeats(_rows, labels, seed) {
  return repeatedOrder(labels.length, seed)
}

/**
 * @typedef {object} VectorSet
 * @property {Float32Array} rows
 * @property {Float32Array} queries
 * @property {Uint16Array} attributes of each row `attributesOfRow` numbers, as `filters.mjs` has them
 * @property {Uint16Array} asked of each query the buckets it is filtered by
 * @property {Truth} truth
 *
 * @typedef {object} Truth exact answers: of each query the rows that are no farther than the k-th nearest
 * @property {number[][]} all
 * @property {Record<string, number[][]>} filtered by kind of filter and share
 */

/** The name of a set's folder: all that it depends on is in it. */
export const nameOf = ({ set, rows, queries, seed }) => `${set}-${rows}-${queries}-${seed}`

/** Makes a set with its exact answers, unless the folder has them. */
export async function prepareSet(folder, size, { say = () => {}, signal } = {}) {
  const path = join(folder, nameOf(size))
  if (existsSync(join(path, 'truth.json'))) return path
  mkdirSync(path, { recursive: true })
  say(`${size.set}: making ${size.rows} vectors`)
  const vectors = makeVectors(size)
  const buckets = bucketsOf(vectors, size)
  for (const [name, array] of Object.entries({ ...vectors, ...buckets }))
    writeFileSync(join(path, name), new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
  const told = (text) => say(`${size.set}: ${text}`)
  const truth = await truthOf({ path, size: shapeOf(size), kinds: filterKinds, shares, k, say: told, signal })
  // Last, and by another name: where it is, all is.
  writeFileSync(join(path, 'truth.tmp'), JSON.stringify(truth))
  renameSync(join(path, 'truth.tmp'), join(path, 'truth.json'))
  return path
}

/** What a set's arrays are. */
export function shapeOf({ set, rows, queries, seed }) {
  const { dimensions, metric } = setKinds[set]
  return { rows, queries, seed, dimensions, metric }
}

/** @returns {Truth} */
export const readTruth = (path) => JSON.parse(readFileSync(join(path, 'truth.json'), 'utf8'))

function makeVectors({ set, rows: count, queries: asked, seed }) {
  const { source, order, rotated, dimensions } = setKinds[set]
  const { components, make } = sources[source]
  const images = make({ rows: count, queries: asked, seed })
  const stored = images.stored.rows.slice(0, count * components)
  const labels = images.stored.labels.slice(0, count)
  const rows = order === undefined ? stored : inOrder(stored, order(stored, labels, seed))
  const queries = images.asked.rows.slice(0, asked * components)
  if (rotated) rotate([rows, queries], seed)
  if (dimensions === components) return { rows, queries }
  return { rows: narrowed(rows, dimensions), queries: narrowed(queries, dimensions) }
}
