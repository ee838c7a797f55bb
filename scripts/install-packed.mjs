/**
 * Installs the packed packages of a folder as their users do, and runs a program on them:
 *
 *   node scripts/install-packed.mjs <folder of tarballs>
 *
 * For the workflow that does it on each system before a release; only the platform of this machine is installed.
 */

import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { npm, run } from './shared/process.mjs'
import { root } from './shared/project.mjs'

const { platformName } = createRequire(import.meta.url)('../lib/native/platform.cjs')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const program = join(root, '__test__', 'package', 'scripts', 'app.mjs')
const answer = '{"found":{"age":34},"coded":true}'
/** The package by `require`, too. */
const required = `require('sledstore').SledStore.memory().close().then(() => console.log('required'))`

function fail(message) {
  console.error(`install: ${message}`)
  process.exit(1)
}

function tarball(folder, name) {
  const file = `${name}-${version}.tgz`
  if (!readdirSync(folder).includes(file)) fail(`there is no ${file} in ${folder}`)
  return join(folder, file)
}

async function mustPrint(parameters, cwd, wanted) {
  const { code, output, stdout } = await run(process.execPath, parameters, { cwd })
  if (code !== 0 || stdout.trim() !== wanted) fail(`${parameters.join(' ')} ended with ${code}\n${output}`)
}

const [given, ...surplus] = process.argv.slice(2)
if (given === undefined || surplus.length > 0) fail('name one folder of tarballs')
const folder = resolve(given)
const tarballs = [`sledstore-${platformName()}`, 'sledstore'].map((name) => tarball(folder, name))
const home = mkdtempSync(join(tmpdir(), 'sledstore-installed-'))
try {
  writeFileSync(join(home, 'package.json'), '{ "name": "user", "private": true }')
  const installed = await npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', ...tarballs], { cwd: home })
  if (installed.code !== 0) fail(installed.output)
  copyFileSync(program, join(home, 'app.mjs'))
  await mustPrint(['app.mjs', join(home, 'store')], home, answer)
  await mustPrint(['-e', required], home, 'required')
  console.log(`sledstore ${version} for ${platformName()} was installed and ran on Node ${process.versions.node}`)
} finally {
  rmSync(home, { recursive: true, force: true, maxRetries: 5 })
}
