/** A process that loads the package and its addon anew, on every runtime, goes on with one engine. */

import { equal } from 'node:assert/strict'
import { join } from 'node:path'
import { namesOf, pageSays } from '../helpers/page.mjs'
import { areHere, runtimes } from '../helpers/runtimes.mjs'

export const title = 'the package loaded four times in a process, on every runtime'
export const minutes = 3
export const quick = true

export async function check({ root, folder, run, skip }) {
  if (!areHere) skip('npm has all runtimes for Linux x64 with glibc alone')
  const script = join(root, '__test__', 'package', 'scripts', 'reload.mjs')
  const details = []
  for (const { name, version, binary, parametersFor } of runtimes()) {
    const store = join(folder, name.replace(' ', '-'))
    const { stdout } = await run(binary, [...parametersFor(script), join(root, 'dist'), store])
    equal(stdout, '4\n', `${name} ${version}`)
    details.push({ runtime: name, version })
  }
  pageSays(root, 'loaded anew', namesOf(details))
  return { count: details.length, unit: 'runtimes', details }
}
