/** Every workload of the vector suite, in the order in which they run. */

import { build } from './build.mjs'
import { filters } from './filters.mjs'
import { open } from './opens.mjs'
import { searches } from './searches.mjs'
import { writes } from './writes.mjs'

/**
 * @typedef {object} VectorWorkload
 * @property {string} name
 * @property {string} title
 * @property {string} metric what decides between two settings of an engine
 * @property {string[]} needs the operations of a store it uses
 * @property {'empty' | 'loaded'} store what it begins with
 * @property {1 | 2} threads that an engine may use
 * @property {boolean} [oneCore] whether the whole process is kept on one core
 * @property {'os' | 'full'} [durability] `os` unless it says otherwise
 * @property {number} [memory] the part of the bytes of all vectors that is the budget, in place of the size's own
 * @property {number} [rounds] the most that are run
 * @property {boolean} [writes] whether it changes the folder, so that it needs one of its own
 * @property {boolean} [opens] whether it opens the store itself
 * @property {string[]} arrays of the set it uses
 * @property {(context: VectorContext) => Promise<{ metrics: Record<string, number | undefined>, points?: Point[] }>} run
 *
 * @typedef {object} VectorContext
 * @property {import('../adapters/index.mjs').VectorStore} [store] the open store, unless the workload opens it
 * @property {() => Promise<import('../adapters/index.mjs').VectorStore>} reopen
 * @property {import('../sets.mjs').VectorSet} set
 * @property {ReturnType<typeof import('../sets.mjs').shapeOf>} shape
 * @property {(row: number, key?: number) => import('../adapters/index.mjs').Entry} entryOf
 * @property {unknown[]} queries as the engine takes them
 * @property {number[]} [widths] of the engine's own setting
 * @property {number} k
 *
 * @typedef {object} Point what one width of a search came to
 * @property {number} width
 * @property {number} [share] one of how many rows the filter lets pass
 * @property {number} recall
 * @property {number} rate queries a second
 * @property {number} [p99] in milliseconds
 */

/** @type {VectorWorkload[]} */
export const vectorWorkloads = [...build, ...searches, ...filters, ...writes, open]
