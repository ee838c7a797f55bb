/** The graphs that are measured, in the form that the adapters load. */

import { makeSocialGraph } from './social.mjs'
import { readWordNet } from './wordnet.mjs'

/**
 * @typedef {object} Schema what the questions ask about a graph
 * @property {string} label of every node; each has the property `key`, which is indexed
 * @property {string} [type] of the edges that are followed; all when there is none
 * @property {string[]} read properties of a node that is read by its key
 * @property {string} group the property that nodes are grouped by
 * @property {string} sum a whole number of each node
 *
 * @typedef {object} Graph
 * @property {Schema} schema
 * @property {({ key: string } & Record<string, string | number>)[]} nodes the properties of each
 * @property {Uint32Array} sources of the edges: rows of `nodes`
 * @property {Uint32Array} targets
 * @property {string[]} types
 * @property {Uint8Array} typeOf number of each edge's type in `types`
 * @property {Record<string, number[]>} edgeColumns properties of the edges, each a column
 */

/**
 * @param {{ graph: 'social' | 'wordnet', nodes: number, edges: number, seed: number }} size
 * @returns {Graph}
 */
export function makeGraph({ graph, nodes, edges, seed }) {
  const made = graph === 'wordnet' ? readWordNet() : makeSocialGraph({ nodes, edges, seed })
  if (made.nodes.length !== nodes || made.sources.length !== edges)
    throw new Error(
      `${graph} has ${made.nodes.length} nodes and ${made.sources.length} edges, not ${nodes} and ${edges}`,
    )
  return made
}

/** The properties of an edge as an object. */
export function edgeProperties({ edgeColumns }, at) {
  const properties = {}
  for (const name in edgeColumns) properties[name] = edgeColumns[name][at]
  return properties
}
