/** Every workload, in the order in which they run. */

import { durable } from './commits.mjs'
import { mixes } from './mixed.mjs'
import { openings } from './opens.mjs'
import { reads } from './reads.mjs'
import { scans } from './scans.mjs'
import { threaded } from './threads.mjs'
import { writes } from './writes.mjs'

/**
 * @typedef {object} Workload
 * @property {string} name
 * @property {string} title
 * @property {string} metric what decides between two settings of an engine: throughput or open
 * @property {string[]} needs the operations of a store it uses
 * @property {'empty' | 'string' | 'binary' | 'object' | 'killed'} store what it begins with: nothing, a store that was
 *   closed after it was loaded with values of a kind, or one whose process was killed
 * @property {'os' | 'full'} [durability] `os` unless it says otherwise
 * @property {boolean} [writes] whether it changes the folder, so that it needs one of its own
 * @property {boolean} [quick] whether it runs with --quick
 * @property {boolean} [large] whether it runs on the large store
 * @property {boolean} [opens] whether it opens the store itself
 * @property {(data: Data) => any} [make] makes what it needs before memory and time are looked at
 * @property {(context: Context, made: any) => Promise<Record<string, number>>} run gives the metrics it measured
 *
 * @typedef {object} Data
 * @property {import('../harness/data.mjs').Keys} keys those of the rows in the store, row by row
 * @property {string[]} missing keys that are not in the store
 * @property {number} rows
 * @property {number} seed
 *
 * @typedef {object} Context
 * @property {import('../adapters/index.mjs').Store} [store] the open store, unless the workload opens it
 * @property {() => Promise<import('../adapters/index.mjs').Store>} open
 * @property {ReturnType<typeof import('../harness/data.mjs').makeValues>} values
 * @property {number} rows
 * @property {import('../harness/job.mjs').Job} job
 * @property {() => Promise<void>} idle resolves when the store's background work is done
 */

/** @type {Workload[]} */
export const workloads = [...writes, ...mixes, ...reads, ...scans, ...durable, ...openings, ...threaded]
