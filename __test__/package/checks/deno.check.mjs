/** Under Deno's permissions a store needs few, and says which one lets it load its addon. */

import { deepEqual, equal, match } from 'node:assert/strict'
import { join } from 'node:path'
import { areHere, deno } from '../helpers/runtimes.mjs'

export const title = "Deno's permissions"
export const minutes = 2
export const quick = true

export async function check({ root, folder, run, skip }) {
  if (!areHere) skip('npm has all runtimes for Linux x64 with glibc alone')
  const script = join(root, '__test__', 'package', 'scripts', 'permission.mjs')
  const { binary, parametersFor } = deno()
  const opened = async (...flags) => {
    const start = parametersFor(script, ['--no-prompt', '--allow-read', '--allow-env', ...flags])
    const { stdout } = await run(binary, [...start, join(root, 'dist'), join(folder, 'store')])
    return JSON.parse(stdout)
  }
  // The permissions for files bind Deno's own calls, and no addon.
  deepEqual(await opened('--allow-ffi'), { found: 34, beside: 'written' })
  const refused = await opened()
  equal(refused.code, 'UNSUPPORTED')
  match(refused.message, /--allow-ffi/)
  return { count: 2, unit: 'starts' }
}
