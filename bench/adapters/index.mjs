/** Every adapter. Several may drive one engine; a workload counts the best of them. */

import { adapter as betterSqlite3 } from './better-sqlite3.mjs'
import { adapter as classicLevel } from './classic-level.mjs'
import { adapter as lmdb } from './lmdb.mjs'
import { adapter as rocksdbBatch } from './rocksdb-batch.mjs'
import { adapter as rocksdb } from './rocksdb.mjs'
import { adapter as sledstore } from './sledstore.mjs'

/**
 * @typedef {object} Setting
 * @property {string} name
 * @property {('os' | 'full')[]} levels at which levels of durability it runs
 * @property {string[]} [only] workloads it is for, where not for all
 * @property {string} memory what it may hold in memory, in the engine's own words
 * @property {string} durability what makes it that level
 * @property {string} other
 * @property {string} reason why this setting is sensible
 * @property {string} documentation where the engine describes it
 * @property {Record<string, string>} [env] of the process it runs in
 *
 * @typedef {object} Adapter
 * @property {string} engine
 * @property {string} packageName
 * @property {20 | 24} node the major version of Node it runs under
 * @property {Setting[]} settings
 * @property {string[]} can the operations its stores have, of those that are measured
 * @property {string[]} [checks] operations that are there for the check alone
 * @property {() => Promise<unknown>} load loads the addon, and does nothing else
 * @property {(native: unknown, folder: string, options: OpenOptions) => Promise<Store>} open
 *
 * @typedef {object} OpenOptions
 * @property {Setting} setting
 * @property {number} memoryBytes the budget
 * @property {number} dataBytes what the keys and values take
 * @property {'string' | 'binary' | 'object'} kind of its values
 * @property {'os' | 'full'} durability
 * @property {boolean} [threads] whether several threads open it
 *
 * @typedef {object} Store every function may give a promise instead, where the engine has no synchronous call
 * @property {(name: string) => unknown} get the value, undefined when it is missing
 * @property {(names: string[]) => unknown[]} getMany
 * @property {(name: string, value: unknown) => void} put
 * @property {(name: string, value: unknown) => Promise<void>} commit answered when it is durable at the store's level
 * @property {(names: string[], values: unknown[]) => void} writeAsync of one turn of the event loop
 * @property {(names: string[], values: unknown[]) => void} writeAtomic
 * @property {(names: string[], values: unknown[]) => void} load the fastest way of writing many rows
 * @property {(names: string[]) => void} remove the fastest way of removing many rows
 * @property {(visit: (name: string, value: unknown) => void, range?: { from?: string, limit?: number, reverse?: boolean }) => void} scan
 *   of all rows in either direction, or of some from a key on
 * @property {(visit: (name: string) => void) => void} scanKeys
 * @property {() => boolean} isIdle whether no background work goes on
 * @property {() => void} close
 */

/** @type {Adapter[]} */
export const adapters = [sledstore, rocksdb, rocksdbBatch, lmdb, classicLevel, betterSqlite3]

export const engines = [...new Set(adapters.map(({ engine }) => engine))]
