/** The behaviors of unstorage's drivers, and what the store adds to them, over the driver. */

import { equal, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const title = 'unstorage: the behaviors of its drivers, expiry and options'
export const minutes = 2
export const quick = true
export const needs = []

export async function check({ root, folder, run }) {
  const report = join(folder, 'report.json')
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const parameters = ['run', '__test__/adapters/unstorage', '--reporter', 'json', '--outputFile', report]
  await run(process.execPath, [vitest, ...parameters], { cwd: root })
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, 'utf8'))
  equal(numFailedTests + numPendingTests, 0)
  ok(numPassedTests > 0)
  return { count: numPassedTests, unit: 'tests' }
}
