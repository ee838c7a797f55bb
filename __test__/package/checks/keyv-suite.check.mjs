/** Keyv's own suite, whole, over the adapter with Keyv 5. */

import { equal, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const title = 'keyv: its own suite with Keyv 5'
export const minutes = 3
export const quick = true
export const needs = ['__test__/package/keyv']

export async function check({ root, folder, run }) {
  const home = join(root, '__test__', 'package', 'keyv')
  const vitest = join(home, 'node_modules', 'vitest', 'vitest.mjs')
  const suite = async (name, options) => {
    const file = join(folder, name)
    const parameters = ['run', '--root', home, '--reporter', 'json', '--outputFile', file]
    await run(process.execPath, [vitest, ...parameters], options)
    return JSON.parse(readFileSync(file, 'utf8'))
  }
  const found = await suite('suite.json')
  equal(found.numFailedTests + found.numPendingTests, 0)
  const planted = await suite('planted.json', { codes: [1], env: { SLEDSTORE_PLANTED: '1' } })
  ok(planted.numFailedTests > 0, 'the suite sees values that were forgotten')
  return { count: found.numPassedTests, unit: 'tests' }
}
