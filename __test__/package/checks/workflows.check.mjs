/**
 * The workflows satisfy actionlint, which is built from its Go module as go.sum pins it; take others' actions by commit
 * only; and have no right they do not name. What they call to install what was packed does so here.
 */

import { deepEqual, match, ok } from 'node:assert/strict'
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installInto, packInto, platformPackage } from '../helpers/installed.mjs'

export const title = 'the workflows, and what they install'
export const minutes = 10
export const quick = true
export const needs = []

const faulty = `on: push
jobs:
  one:
    runs-on: ubuntu-1.04
    steps:
      - run: echo \${{ github.nothing }}
`

export async function check({ root, folder, run, skip }) {
  const workflows = join(root, '.github', 'workflows')
  const files = readdirSync(workflows).map((name) => join(workflows, name))
  deepEqual(files.flatMap(unpinned), [])
  for (const file of files) match(readFileSync(file, 'utf8'), /^permissions:\n {2}contents: read\n/m, file)

  await installsWhatIsPacked({ root, folder, run })
  const actionlint = await built({ root, run, skip })
  await run(actionlint, ['-no-color', ...files])
  const planted = join(folder, 'faulty.yml')
  writeFileSync(planted, faulty)
  const { output } = await run(actionlint, ['-no-color', planted], { codes: [1] })
  ok(output.includes('[runner-label]') && output.includes('[expression]'), output)
  return { count: files.length, unit: 'workflows' }
}

/** Uses of actions that name no commit, or not the version it stands for. */
function unpinned(file) {
  const uses = readFileSync(file, 'utf8').matchAll(/^.*\buses: (\S+)(.*)$/gm)
  return [...uses].flatMap(([line, action, rest]) =>
    action.startsWith('./') || (/@[\da-f]{40}$/.test(action) && /^ # v\d+\.\d+\.\d+$/.test(rest)) ? [] : [line.trim()],
  )
}

async function built({ root, run, skip }) {
  if ((await run('go', ['version'], { codes: [0, 127] })).code !== 0)
    skip('Go, which builds actionlint, is not installed')
  const program = join(root, 'target', 'tools', process.platform === 'win32' ? 'actionlint.exe' : 'actionlint')
  const env = { GOFLAGS: '-mod=readonly', GOTOOLCHAIN: 'local' }
  const cwd = join(root, '__test__', 'package', 'actionlint')
  await run('go', ['build', '-o', program, 'github.com/rhysd/actionlint/cmd/actionlint'], { cwd, env })
  return program
}

/** scripts/install-packed.mjs, on packages made here; without the platform's it must fail. */
async function installsWhatIsPacked({ root, folder, run }) {
  const project = join(folder, 'project')
  const packages = join(folder, 'packages')
  mkdirSync(packages)
  await installInto(project, { root, run })
  const script = join(root, 'scripts', 'install-packed.mjs')
  await packInto(packages, join(project, 'node_modules', 'sledstore'))
  await run(process.execPath, [script, packages], { codes: [1] })
  await packInto(packages, join(project, 'node_modules', platformPackage))
  await run(process.execPath, [script, packages])
  const broken = join(folder, 'broken')
  cpSync(packages, broken, { recursive: true })
  for (const name of readdirSync(broken).filter((file) => file.startsWith(platformPackage)))
    cpSync(
      join(
        packages,
        readdirSync(packages).find((file) => !file.startsWith(platformPackage)),
      ),
      join(broken, name),
    )
  await run(process.execPath, [script, broken], { codes: [1] })
}
