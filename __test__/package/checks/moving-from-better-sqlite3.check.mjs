/** The page on moving from better-sqlite3: the calls of its tables on both sides, and rows really moved. */

import { join } from 'node:path'
import { newerNode } from '../helpers/newer-node.mjs'

export const title = 'moving from better-sqlite3: equivalent calls and moved rows'
export const minutes = 3
export const quick = true
export const needs = ['examples/moving', '__test__/package']

export async function check({ root, folder, run }) {
  const { stdout } = await run(newerNode(), [join(root, '__test__/package/moving/better-sqlite3.mjs'), folder])
  const { calls, rows } = JSON.parse(stdout.trim().split('\n').at(-1))
  return { count: calls, unit: 'calls', note: `${rows} rows` }
}
