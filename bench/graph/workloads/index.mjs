/** Every workload of the graph suite, in the order in which they run. */

import { nodeQuestions } from './asks.mjs'
import { open } from './opens.mjs'
import { wholeQuestions } from './whole.mjs'
import { singleEdges, writes } from './writes.mjs'

/**
 * @typedef {object} GraphWorkload
 * @property {string} name
 * @property {string} title
 * @property {string} metric what decides between two settings of an engine, and is compared with the better peer
 * @property {string[]} needs the operations of a store it uses
 * @property {'empty' | 'loaded'} store what it begins with
 * @property {'os' | 'full'} [durability] `os` unless it says otherwise
 * @property {boolean} [writes] whether it changes the folder, so that it needs one of its own
 * @property {boolean} [opens] whether it opens the store itself
 * @property {number} [limit] what SledStore ÷ the better peer is to be: at least where more is better, else at most
 * @property {(data: { graph: import('../graphs.mjs').Graph, seed: number }) => any} [make] makes what it needs before
 *   memory and time are looked at
 * @property {(context: GraphContext, made: any) => Promise<{ metrics: Record<string, number>, answer?: import('../answers.mjs').Answer }>} run
 * @property {(context: GraphContext, made: any) => Promise<import('../answers.mjs').Answer>} [check] gives the answer
 *   where `run` does not, after the figures were taken
 *
 * @typedef {object} GraphContext
 * @property {import('../adapters/index.mjs').GraphStore} [store] the open store, unless the workload opens it
 * @property {() => Promise<import('../adapters/index.mjs').GraphStore>} reopen closes the store that is open, and opens it
 * @property {import('../graphs.mjs').Graph} graph
 * @property {Record<string, string>} questions
 * @property {string} files a folder for what a load reads
 */

/** @type {GraphWorkload[]} */
export const graphWorkloads = [...writes, ...nodeQuestions, ...wholeQuestions, ...singleEdges, open]
