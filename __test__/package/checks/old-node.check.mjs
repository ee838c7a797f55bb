/** A Node that is too old is refused by name, by `import` and by `require`, also one that could not parse the package. */

import { deepEqual, ok } from 'node:assert/strict'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packPublished, project } from '../helpers/published.mjs'
import { areHere, node } from '../helpers/runtimes.mjs'

export const title = 'Node 12 and 16 are refused by name'
export const minutes = 2
export const quick = true

const say = `function say({ code, reason, message }) { console.log(JSON.stringify({ code, reason, message })) }`

const ways = {
  require: `${say}\ntry { require('sledstore') } catch (error) { say(error) }`,
  import: `${say}\nimport('sledstore').catch(say)`,
}

export async function check({ folder, run, skip }) {
  if (!areHere) skip('npm has all runtimes for Linux x64 with glibc alone')
  const staged = await packPublished(join(folder, 'published'))
  const home = project(join(folder, 'user'))
  mkdirSync(join(home, 'node_modules'))
  for (const { folder: from, manifest } of staged)
    cpSync(from, join(home, 'node_modules', manifest.name), { recursive: true })
  let count = 0
  for (const { version, binary } of [node(12), node(16)]) {
    for (const [way, text] of Object.entries(ways)) {
      writeFileSync(join(home, 'ask.cjs'), text)
      // Node 16 reports what a CommonJS file threw at `import` a second time, to nobody, and ends with 1.
      const { stdout } = await run(binary, ['ask.cjs'], { cwd: home, codes: [0, 1] })
      const { message, ...said } = JSON.parse(stdout)
      deepEqual(said, { code: 'UNSUPPORTED', reason: 'old-node' }, `${way} under ${version}`)
      ok(message.includes(`Node ${version.replace(/^v/, '')} `) && message.includes('Node 18'), message)
      count++
    }
  }
  return { count, unit: 'refusals' }
}
