/** The sets that are measured, each with what runs on it. */

import { vectorEngines } from './adapters/index.mjs'
import { setKinds } from './sets.mjs'
import { vectorWorkloads } from './workloads/index.mjs'

const MiB = 1 << 20
const rowsOfAll = 60_000
const queriesOfAll = 1_000

/**
 * @typedef {object} VectorSize
 * @property {string} name
 * @property {string} title
 * @property {keyof typeof setKinds} set
 * @property {number} rows
 * @property {number} queries
 * @property {number} dimensions
 * @property {number} memoryBytes
 * @property {number} rounds
 * @property {string[]} engines
 * @property {string[]} workloads
 */

const names = vectorWorkloads.map(({ name }) => name)
/** What is looked at where a set is there to show that nothing was made for another one. */
const untuned = ['build-two', 'search']
/** More than there are images. Their exact answers take long, so that few are asked for. */
const generated = { rows: 100_000, queries: 200 }

/** So many rows of a set. The budget holds all of their components, and a tenth more. */
export function vectors(set, rows, queries = queriesOfAll) {
  const { dimensions } = setKinds[set]
  const memoryBytes = Math.max(32, Math.ceil((rows * dimensions * 4 * 1.1) / MiB)) * MiB
  return { set, rows, queries, dimensions, memoryBytes }
}

/** @type {VectorSize[]} */
export const vectorSizes = Object.entries(setKinds).map(([set, { title }]) => ({
  name: set,
  title,
  ...(set === 'groups' ? vectors(set, generated.rows, generated.queries) : vectors(set, rowsOfAll)),
  engines: vectorEngines,
  workloads: set === 'groups' ? ['search', 'open'] : set === 'mnist' || set === 'fashion' ? names : untuned,
  rounds: set === 'mnist' || set === 'groups' ? 3 : 1,
}))

const quickRows = 10_000
const quickQueries = 200

/** @type {VectorSize} */
export const quickVectorSize = {
  ...vectorSizes[0],
  ...vectors('mnist', quickRows, quickQueries),
  name: 'quick',
  rounds: 1,
}
