/** Every workload, in the order in which they run. */

import { getMissing, getString, scanFull } from './reads.mjs'
import { openClean } from './opens.mjs'
import { batchAsync, batchAtomic, loadRandom, putSingle } from './writes.mjs'

/**
 * @typedef {object} Workload
 * @property {string} name
 * @property {string} title
 * @property {string} metric what decides between two settings of an engine: throughput or open
 * @property {string[]} needs the operations of a store it uses
 * @property {'empty' | 'loaded'} starts the folder it gets
 * @property {boolean} [writes] whether it changes the folder, so that it needs one of its own
 * @property {boolean} [quick] whether it runs with --quick
 * @property {boolean} [opens] whether it opens the store itself
 * @property {(context: Context) => Promise<Record<string, number>>} run gives the metrics it measured
 *
 * @typedef {object} Context
 * @property {object} [store] the open store, unless the workload opens it
 * @property {() => Promise<object>} open
 * @property {string[]} keys those of the rows in the store, row by row
 * @property {string[]} missing keys that are not in the store
 * @property {{ at: (number: number) => string, valueBytes: number }} values
 * @property {number} rows
 * @property {number} seed
 * @property {() => Promise<void>} idle resolves when the store's background work is done
 */

/** @type {Workload[]} */
export const workloads = [loadRandom, putSingle, batchAsync, batchAtomic, getString, getMissing, scanFull, openClean]
