/** On every runtime, a process that leaves without closing has written what it answered at level `none`. */

import { equal } from 'node:assert/strict'
import { join } from 'node:path'
import { namesOf, pageSays } from '../helpers/page.mjs'
import { areHere, runtimes } from '../helpers/runtimes.mjs'

export const title = 'leaving without close on every runtime'
export const minutes = 3
export const quick = true

const exitCodes = { end: 0, exit: 7, throw: 1 }

export async function check({ root, folder, run, skip }) {
  if (!areHere) skip('npm has all runtimes for Linux x64 with glibc alone')
  const script = join(root, '__test__', 'package', 'scripts', 'exits.mjs')
  const details = []
  for (const { name, version, binary, parametersFor } of runtimes()) {
    for (const [how, code] of Object.entries(exitCodes)) {
      const store = join(folder, `${name.replace(' ', '-')}-${how}`)
      const start = [...parametersFor(script), join(root, 'dist'), store]
      await run(binary, [...start, how], { codes: [code] })
      const { stdout } = await run(binary, [...start, 'count'])
      equal(stdout, '1000\n', `${name} ${version}, ${how}`)
    }
    details.push({ runtime: name, version, ways: Object.keys(exitCodes) })
  }
  const ways = Object.keys(exitCodes).length
  pageSays(root, 'leaving without close', namesOf(details))
  return { count: details.length * ways, unit: 'exits', note: `${details.length} runtimes`, details }
}
