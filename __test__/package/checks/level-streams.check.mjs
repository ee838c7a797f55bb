/** The streams that are made for abstract-level read and write through the adapter: level-read-stream, level-web-stream. */

import { program } from '../helpers/level.mjs'

export const title = 'abstract-level: level-read-stream and level-web-stream on the store and on a sublevel'
export const minutes = 2
export const quick = true
export const needs = ['__test__/package/level']

export async function check({ folder, run }) {
  const { stdout } = await run(process.execPath, [program('streams.mjs'), folder])
  return { count: JSON.parse(stdout).count, unit: 'streams' }
}
