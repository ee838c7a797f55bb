/** Under Node's permission model a store opens where it may, and nowhere else. */

import { deepEqual, equal, match } from 'node:assert/strict'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { namesOf, pageSays } from '../helpers/page.mjs'
import { areHere, node } from '../helpers/runtimes.mjs'

export const title = "Node's permission model"
export const minutes = 3
export const quick = true

/** The first Node that has it, and needs a flag of its own for it. */
const oldest = 20

export async function check({ root, folder, run, skip }) {
  if (!areHere) skip('npm has all runtimes for Linux x64 with glibc alone')
  const script = join(root, '__test__', 'package', 'scripts', 'permission.mjs')
  const details = []
  let cases = 0
  for (const major of [oldest, 22, 24, 26]) {
    const { name, version, binary, parametersFor } = node(major)
    const start = [major === oldest ? '--experimental-permission' : '--permission', '--allow-fs-read=*']
    const opened = async (store, ...flags) => {
      // Node 20 ends with 1 when a CommonJS module below an imported one throws, although the error was caught.
      const codes = flags.includes('--allow-addons') ? [0] : [0, 1]
      const all = parametersFor(script, [...start, ...flags])
      const { stdout } = await run(binary, [...all, join(root, 'dist'), store], { codes })
      cases++
      return JSON.parse(stdout)
    }
    const home = join(folder, String(major))
    const [inside, outside] = [join(home, 'inside'), join(home, 'outside')]
    mkdirSync(inside, { recursive: true })
    const may = `--allow-fs-write=${inside}`

    const beside = 'PERMISSION_DENIED'
    deepEqual(await opened(inside, may, '--allow-addons'), { found: 34, beside })
    const all = `--allow-fs-write=${inside}/*`
    deepEqual(await opened(join(inside, 'new'), all, '--allow-addons'), { found: 34, beside: 'written' })

    const refused = await opened(outside, may, '--allow-addons')
    deepEqual([refused.name, refused.code], ['SledStoreError', 'PERMISSION_DENIED'])
    equal(existsSync(outside), false)

    const threads = join(root, '__test__', 'package', 'scripts', 'threads.mjs')
    const flags = [...start, may, '--allow-addons', '--allow-worker']
    const { stdout } = await run(binary, [...parametersFor(threads, flags), join(root, 'dist'), inside])
    equal(stdout.trimEnd().split('\n').length, 4)
    cases++

    const withoutAddons = await opened(inside, may)
    equal(withoutAddons.code, 'UNSUPPORTED')
    match(withoutAddons.message, /--allow-addons/)
    details.push({ runtime: name, version })
  }
  pageSays(root, 'permission model', namesOf(details))
  return { count: cases, unit: 'starts', note: details.map((row) => row.runtime).join(', '), details }
}
