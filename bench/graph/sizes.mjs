/** The graphs that are measured, each with what runs on it. */

import { graphEngines } from './adapters/index.mjs'
import { graphWorkloads } from './workloads/index.mjs'

const MiB = 1 << 20

/**
 * @typedef {object} GraphSize
 * @property {string} name
 * @property {string} title
 * @property {'social' | 'wordnet'} graph
 * @property {number} nodes
 * @property {number} edges
 * @property {number} rows nodes and edges
 * @property {number} memoryBytes
 * @property {number} rounds
 * @property {string[]} engines
 * @property {string[]} workloads
 */

const all = { engines: graphEngines, workloads: graphWorkloads.map(({ name }) => name), rounds: 5 }
/** Edges of a social graph for each of its nodes. */
const edgesPerNode = 5

/** @type {GraphSize[]} */
export const graphSizes = [
  {
    ...all,
    ...social(10_000),
    name: 'social-10k',
    title: 'a social graph of 10 k nodes and 50 k edges',
    memoryBytes: 128 * MiB,
  },
  {
    ...all,
    ...social(100_000),
    name: 'social-100k',
    title: 'a social graph of 100 k nodes and 500 k edges',
    memoryBytes: 256 * MiB,
  },
  {
    ...all,
    name: 'wordnet',
    title: 'WordNet: 118 k nodes and 378 k edges of 27 types',
    graph: 'wordnet',
    nodes: 117_791,
    edges: 378_184,
    rows: 117_791 + 378_184,
    memoryBytes: 256 * MiB,
  },
]

/** @type {GraphSize} */
export const quickGraphSize = { ...graphSizes[0], name: 'quick', rounds: 3 }

/** A social graph of so many nodes. */
export function social(nodes) {
  return { graph: 'social', nodes, edges: nodes * edgesPerNode, rows: nodes * (1 + edgesPerNode) }
}
