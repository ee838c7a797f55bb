/** cache-manager, and so what is built on it, keeps its second layer in a store. */

import { join } from 'node:path'

export const title = 'cache-manager: through keyv on the store'
export const minutes = 2
export const quick = true
export const needs = ['__test__/package/keyv']

export async function check({ root, folder, run }) {
  const program = join(root, '__test__', 'package', 'keyv', 'programs', 'cache-manager.mjs')
  const { stdout } = await run(process.execPath, [program, folder])
  return { count: JSON.parse(stdout).count, unit: 'assertions' }
}
