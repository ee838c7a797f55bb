/** Worker threads share a store on every runtime, and one that is ended takes nothing along. */

import { equal } from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { namesOf, pageSays } from '../helpers/page.mjs'
import { areHere, runtimes } from '../helpers/runtimes.mjs'

export const title = 'worker threads on every runtime'
export const minutes = 5
export const quick = true

export async function check({ root, folder, run, skip }) {
  if (!areHere) skip('npm has all runtimes for Linux x64 with glibc alone')
  const script = join(root, '__test__', 'package', 'scripts', 'threads.mjs')
  const details = []
  for (const { name, version, binary, parametersFor } of runtimes()) {
    const stores = join(folder, name.replace(' ', '-'))
    mkdirSync(stores)
    const { stdout } = await run(binary, [...parametersFor(script), join(root, 'dist'), stores])
    details.push({ runtime: name, version, promises: stdout.trimEnd().split('\n') })
  }
  const [{ promises }] = details
  equal(promises.length, 4)
  pageSays(root, 'worker threads', namesOf(details))
  return { count: details.length * promises.length, unit: 'promises', note: `${details.length} runtimes`, details }
}
