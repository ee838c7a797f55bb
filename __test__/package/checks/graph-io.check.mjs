/** The package that reads and writes files of graphs does so on every runtime, by its name from node_modules. */

import { equal } from 'node:assert/strict'
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { installCompanions } from '../helpers/companion.mjs'
import { areHere, runtimes } from '../helpers/runtimes.mjs'

export const title = 'sledstore-graph-io reads what it writes on every runtime'
export const minutes = 3
export const quick = true

const printed = '[[["Person","Ann",40],["Person","Bob",null]],["KNOWS"]]\n'

export async function check({ root, folder, run, skip }) {
  if (!areHere) skip('npm has all runtimes for Linux x64 with glibc alone')
  await installCompanions(folder)
  const script = join(folder, 'graph-io.mjs')
  copyFileSync(join(root, '__test__', 'package', 'scripts', 'graph-io.mjs'), script)
  const found = runtimes()
  for (const { name, version, binary, parametersFor } of found) {
    const files = join(folder, name)
    mkdirSync(files)
    const { stdout } = await run(binary, [...parametersFor(script), files], { cwd: folder })
    equal(stdout, printed, `${name} ${version}`)
  }
  return { count: found.length, unit: 'runtimes' }
}
