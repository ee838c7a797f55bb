/** What moving needs on every side: pieces of many rows, and a look at whether both sides hold the same. */

import { isDeepStrictEqual } from 'node:util'

/** Writes of a batch: enough to make a commit cheap. */
const batchRows = 1_000

/** Rows in arrays of a good size. */
export function* chunksOf(rows) {
  let chunk = []
  for (const row of rows) {
    chunk.push(row)
    if (chunk.length < batchRows) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

/** A value without the difference between a Buffer and the bytes it is. */
export function plain(value) {
  if (Buffer.isBuffer(value)) return new Uint8Array(value)
  if (Array.isArray(value)) return value.map(plain)
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]))
}

/**
 * Compares what is in a namespace with what was read from the other side.
 *
 * @param {import('sledstore').Namespace<any, any>} namespace
 * @param {Iterable<[any, any]> | AsyncIterable<[any, any]>} rows
 * @returns {Promise<{ rows: number, differences: string[] }>} a line for each key that differs
 */
export async function compare(namespace, rows) {
  const differences = []
  let rowsThere = 0
  let rowsHere = 0
  for await (const [key, value] of rows) {
    rowsThere++
    const found = namespace.get(key)
    if (found !== undefined) rowsHere++
    if (found === undefined) differences.push(`${String(key)} is missing`)
    else if (!isDeepStrictEqual(found, plain(value))) differences.push(`${String(key)} differs`)
  }
  const surplus = namespace.count() - rowsHere
  if (surplus !== 0) differences.push(`${surplus} rows more than there were`)
  return { rows: rowsThere, differences }
}

/** Prints what was compared; a difference makes the program end with 1. */
export function report(name, { rows, differences }) {
  console.log(`${name}: ${rows} rows${differences.length === 0 ? ', all the same' : ''}`)
  for (const line of differences.slice(0, 10)) console.error(`${name}: ${line}`)
  if (differences.length > 0) process.exitCode = 1
}
