/** The built package loads on every runtime by `import` and by `require`, once, and keeps a row in a folder. */

import { equal } from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { areHere, runtimes } from '../helpers/runtimes.mjs'

export const title = 'the package loads by import and by require on every runtime'
export const minutes = 3
export const quick = true

const script = (dist) => `
import { createRequire } from 'node:module'
import * as imported from ${JSON.stringify(pathToFileURL(join(dist, 'index.js')).href)}
const required = createRequire(import.meta.url)(${JSON.stringify(join(dist, 'index.cjs'))})
const folder = process.argv[2]
const store = await imported.SledStore.open(folder)
await store.namespace('people').put('ann', { age: 34 })
await store.close()
const again = await required.SledStore.open(folder)
const { age } = again.namespace('people').get('ann')
await again.close()
console.log(JSON.stringify({ age, same: required.SledStore === imported.SledStore }))
`

export async function check({ root, folder, run, skip }) {
  if (!areHere) skip('npm has all runtimes for Linux x64 with glibc alone')
  const found = runtimes()
  const file = join(folder, 'loads.mjs')
  writeFileSync(file, script(join(root, 'dist')))
  for (const { name, version, binary, parametersFor } of found) {
    const store = join(folder, name.replace(' ', '-'))
    const { stdout } = await run(binary, [...parametersFor(file), store])
    equal(stdout, '{"age":34,"same":true}\n', `${name} ${version}`)
  }
  return { count: found.length, unit: 'runtimes', note: found.map(({ name }) => name).join(', ') }
}
