/** Every engine of the graph suite. */

import { adapter as grafeo } from './grafeo.mjs'
import { adapter as ladybug } from './ladybug.mjs'
import { adapter as sledstore } from './sledstore.mjs'

/**
 * @typedef {object} GraphAdapter as an adapter of keys and values, but for what its stores can do
 * @property {string} engine
 * @property {string} packageName
 * @property {20 | 24} node the major version of Node it runs under
 * @property {import('../../adapters/index.mjs').Setting[]} settings
 * @property {string[]} can the operations of its stores
 * @property {Record<string, string>} [lacks] those it does not have, each with the reason
 * @property {() => Promise<unknown>} load loads the addon, and does nothing else
 * @property {(native: unknown, folder: string, options: GraphOptions) => Promise<GraphStore>} open
 *
 * @typedef {object} GraphOptions
 * @property {import('../graphs.mjs').Graph} graph what is or will be in the store
 * @property {import('../../adapters/index.mjs').Setting} setting
 * @property {number} memoryBytes the budget
 * @property {'os' | 'full'} durability
 *
 * @typedef {unknown} Handle what an engine's own calls know a node by
 *
 * @typedef {object} GraphStore any function may give a promise. Where an engine has a call for a thing it is used,
 *   elsewhere the thing is asked by a query
 * @property {(text: string, parameters?: object) => unknown[][]} query an openCypher text; the values of each row
 * @property {(keys: string[]) => Handle[]} handlesOf
 * @property {(handles: Handle[]) => string[]} keysOf
 * @property {() => [number, number]} counts of nodes and edges
 * @property {(key: string) => unknown[]} read the properties that the schema names
 * @property {(node: Handle) => Handle[]} neighbors one an edge
 * @property {(node: Handle, edges: number) => Handle[]} within nodes around a node, each once and without itself
 * @property {(from: Handle, to: Handle) => number | undefined} distance in edges, of a path that is short enough
 * @property {(from: Handle, to: Handle, edge: { type: string, properties: object }) => void} addEdge in a commit of its own
 * @property {(iterations: number) => [Handle, number][]} pageRank of every node, damped by 0.85
 * @property {(folder: string) => { takesBoth?: boolean, nodes(): void, edges(): void, finish(): void }} loader loads the graph in these steps;
 *   the last one makes the index and what else is left. What it writes to the folder is made before a clock starts
 * @property {() => void} close
 */

/** @type {GraphAdapter[]} */
export const graphAdapters = [sledstore, grafeo, ladybug]

export const graphEngines = graphAdapters.map(({ engine }) => engine)
