/** The page on moving from classic-level: the calls of its tables on both sides, and rows really moved. */

import { join } from 'node:path'
import { newerNode } from '../helpers/newer-node.mjs'

export const title = 'moving from classic-level: equivalent calls and moved rows'
export const minutes = 3
export const quick = true
export const needs = ['examples/moving', '__test__/package']

export async function check({ root, folder, run }) {
  const { stdout } = await run(newerNode(), [join(root, '__test__/package/moving/classic-level.mjs'), folder])
  const { calls, rows } = JSON.parse(stdout.trim().split('\n').at(-1))
  return { count: calls, unit: 'calls', note: `${rows} rows` }
}
