/** The adapter with Keyv 6, which wants a newer Node than this one may be. */

import { join } from 'node:path'
import { areHere, node } from '../helpers/runtimes.mjs'

export const title = 'keyv: Keyv 6 on Node 24'
export const minutes = 2
export const quick = true
export const needs = ['__test__/package', '__test__/package/keyv-6']

export async function check({ root, folder, run, skip }) {
  if (!areHere) skip('npm has Node 24 for Linux x64 with glibc alone')
  const { binary, version, parametersFor } = node(24)
  const script = join(root, '__test__', 'package', 'keyv-6', 'smoke.mjs')
  const { stdout } = await run(binary, [...parametersFor(script), folder])
  return { count: JSON.parse(stdout).count, unit: 'assertions', note: `Node ${version}` }
}
