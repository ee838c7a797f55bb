/** Random operations on the adapter and on memory-level, the reference of the family in JavaScript, have the same answers. */

import { program } from '../helpers/level.mjs'

export const title = 'abstract-level: random operations answer as on memory-level, on the store and on a sublevel'
export const minutes = 3
export const quick = true
export const needs = ['__test__/package/level']

export async function check({ folder, run }) {
  const { stdout } = await run(process.execPath, [program('differential.mjs'), folder])
  const { count, seed } = JSON.parse(stdout)
  return { count, unit: 'operations', note: `seed ${seed}` }
}
