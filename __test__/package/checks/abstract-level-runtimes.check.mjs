/** Abstract-level's own suite on every runtime. */

import { equal, ok } from 'node:assert/strict'
import { program } from '../helpers/level.mjs'
import { areHere, runtimes } from '../helpers/runtimes.mjs'

export const title = 'abstract-level: its own suite on every runtime'
export const minutes = 20
export const quick = false
export const needs = ['__test__/package/level', '__test__/package']

export async function check({ run, skip }) {
  if (!areHere) skip('npm has all runtimes for Linux x64 with glibc alone')
  const passed = []
  for (const { name, version, binary, parametersFor } of runtimes()) {
    const { stdout } = await run(binary, parametersFor(program('suite.cjs')))
    const [, total, good] = /^# tests (\d+)\n# pass +(\d+)$/m.exec(stdout) ?? []
    equal(good, total, `${name} ${version}`)
    ok(Number(total) >= 5_100, `${name} ${version} made ${total} assertions`)
    passed.push({ name, count: Number(good) })
  }
  const note = passed.map(({ name, count }) => `${name}: ${count}`).join(', ')
  return { count: passed.reduce((sum, { count }) => sum + count, 0), unit: 'assertions', note, details: passed }
}
