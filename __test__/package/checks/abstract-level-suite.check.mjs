/** Abstract-level's own suite, with no group of it switched off, on a store in a folder and on a sublevel of one. */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { program } from '../helpers/level.mjs'

export const title = 'abstract-level: its own suite on the store and on a sublevel'
export const minutes = 6
export const quick = true
export const needs = ['__test__/package/level']

/** What the suite asks of a manifest before it runs a group of tests. */
const features = {
  permanence: true,
  implicitSnapshots: true,
  explicitSnapshots: true,
  has: true,
  getSync: true,
  seek: true,
  deferredOpen: true,
  createIfMissing: true,
  errorIfExists: true,
  signals: { iterators: true },
}

/** Assertions by their outcome, on the store and then on a sublevel, where the suite begins again with its first test. */
function counted(tap) {
  const lines = tap.split('\n')
  const first = lines.find((line) => line.startsWith('# '))
  const parts = []
  for (const line of lines) {
    if (line === first) parts.push({ passed: 0, failed: 0 })
    if (line.startsWith('ok ')) parts.at(-1).passed++
    if (line.startsWith('not ok ')) parts.at(-1).failed++
  }
  return parts
}

export async function check({ run }) {
  const { stdout } = await run(process.execPath, [program('suite.cjs'), 'manifest'])
  const manifest = JSON.parse(stdout)
  deepEqual({ ...manifest, ...features }, manifest)
  for (const encoding of ['utf8', 'buffer', 'view', 'json', 'hex', 'base64']) ok(manifest.encodings[encoding])

  const whole = await run(process.execPath, [program('suite.cjs')])
  const parts = counted(whole.stdout)
  deepEqual(
    parts.map(({ failed }) => failed),
    [0, 0],
  )
  const planted = await run(process.execPath, [program('suite.cjs'), 'get-many-test'], { codes: [1] })
  ok(planted.stdout.includes('not ok '), 'the suite sees an answer that is wrong')

  const [store, sublevel] = parts.map(({ passed }) => passed)
  const total = Number(/^# pass +(\d+)$/m.exec(whole.stdout)?.[1])
  equal(store + sublevel, total)
  ok(total >= 5_100, `${total} assertions`)
  return { count: total, unit: 'assertions', note: `${store} on the store, ${sublevel} on a sublevel` }
}
