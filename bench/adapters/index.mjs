/** Every adapter. Several may drive one engine; a workload counts the best of them. */

import { adapter as lmdb } from './lmdb.mjs'
import { adapter as rocksdbBatch } from './rocksdb-batch.mjs'
import { adapter as rocksdb } from './rocksdb.mjs'
import { adapter as sledstore } from './sledstore.mjs'

/**
 * @typedef {object} Setting
 * @property {string} name
 * @property {string} memory what it may hold in memory, in the engine's own words
 * @property {string} durability what makes it the level "os"
 * @property {string} other
 * @property {string} reason why this setting is sensible
 * @property {string} documentation where the engine describes it
 *
 * @typedef {object} Adapter
 * @property {string} engine
 * @property {string} packageName
 * @property {20 | 24} node the major version of Node it runs under
 * @property {Setting[]} settings
 * @property {string[]} can the operations its stores have
 * @property {() => Promise<unknown>} load loads the addon, and does nothing else
 * @property {(native: unknown, folder: string, options: { setting: Setting, memoryBytes: number, dataBytes: number }) => Promise<object>} open
 */

/** @type {Adapter[]} */
export const adapters = [sledstore, lmdb, rocksdb, rocksdbBatch]

export const engines = [...new Set(adapters.map(({ engine }) => engine))]
