/** Every engine of the vector suite. */

import { adapter as grafeo } from './grafeo.mjs'
import { adapter as hnswlib } from './hnswlib.mjs'
import { adapter as lancedb } from './lancedb.mjs'
import { adapter as sledstore } from './sledstore.mjs'
import { adapter as usearch } from './usearch.mjs'
import { bytes as zvecBytes, floats as zvecFloats } from './zvec.mjs'

/**
 * @typedef {object} VectorAdapter as an adapter of keys and values, but for what its stores can do
 * @property {string} engine
 * @property {string} packageName
 * @property {20 | 24} node the major version of Node it runs under
 * @property {VectorSetting[]} settings
 * @property {string[]} can the operations of its stores, beside `insert`, `settle`, `search` and `close`
 * @property {Record<string, string>} [lacks] those it does not have, each with the reason
 * @property {(threads: number) => Record<string, string>} [env] of a process that may use so many threads
 * @property {(vector: Float32Array) => unknown} [form] a query as the engine takes it, made before a clock starts
 * @property {() => Promise<unknown>} load loads the addon, and does nothing else
 * @property {(native: unknown, folder: string, options: VectorOptions) => Promise<VectorStore>} open
 *
 * @typedef {import('../../adapters/index.mjs').Setting & { widths?: number[], index?: object }} VectorSetting `widths`
 *   are what its searches are tried with, where they are not the usual ones
 *
 * @typedef {object} VectorOptions
 * @property {number} dimensions
 * @property {'l2' | 'cosine'} metric
 * @property {number} capacity the most vectors there will be
 * @property {VectorSetting} setting
 * @property {number} memoryBytes the budget
 * @property {number} threads that may build
 * @property {'os' | 'full'} durability
 * @property {Uint16Array} attributes of each row; those of a key are of the row `key % rows`
 * @property {number} rows
 *
 * @typedef {object} Entry
 * @property {number} key
 * @property {Float32Array} vector
 * @property {Record<string, number>} attributes
 *
 * @typedef {object} VectorStore any function may give a promise
 * @property {(entries: Iterable<Entry>) => void} insert many, which are not there yet
 * @property {() => void} settle until nothing is pending and all is durable
 * @property {(vector: unknown, k: number, width: number) => Iterable<number>} search keys of the nearest
 * @property {(vector: unknown, k: number, width: number, filter: { name: string, column: number, bucket: number }) => Iterable<number>} searchWhere
 * @property {(vectors: unknown[], k: number, width: number) => Iterable<number>[]} searchByTwo all of them, by two threads
 * @property {(entry: Entry) => void} upsert durable once `persist` has ended
 * @property {() => void} persist
 * @property {(keys: number[]) => void} remove
 * @property {() => void} close
 */

/** @type {VectorAdapter[]} */
export const vectorAdapters = [sledstore, zvecBytes, zvecFloats, hnswlib, usearch, lancedb, grafeo]

export const vectorEngines = vectorAdapters.map(({ engine }) => engine)
