/** The packages as they would be published from this checkout, and ways of installing them. */

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packStaged, stagePackages, targets } from '../../../scripts/shared/packages.mjs'
import { addonPath } from '../../../scripts/shared/project.mjs'
import { bun, node } from './runtimes.mjs'

const { platformName } = createRequire(import.meta.url)('../../../lib/native/platform.cjs')

/** npm of today, which blocks the install scripts of dependencies. */
const npmCli = fileURLToPath(new URL('../node_modules/npm/bin/npm-cli.js', import.meta.url))

/**
 * Packs the root, every platform and what stands on them. The addons of systems other than this one are stand-ins, which no test loads.
 *
 * @param {string} folder
 */
export async function packPublished(folder) {
  const standIn = join(folder, 'stand-in')
  mkdirSync(folder, { recursive: true })
  writeFileSync(standIn, 'the addon of another system')
  const addons = Object.keys(targets).map((name) => [name, name === platformName() ? addonPath : standIn])
  const staged = await stagePackages(join(folder, 'staged'), new Map(addons))
  const packed = await packStaged(staged, join(folder, 'packed'))
  return packed.map((one, at) => ({
    ...one,
    folder: staged[at],
    manifest: JSON.parse(readFileSync(join(staged[at], 'package.json'), 'utf8')),
  }))
}

/** A folder of somebody who uses the package. */
export function project(folder, manifest = {}) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'user', private: true, ...manifest }))
  return folder
}

/** Runs the newest npm in a project, with nothing but the registry given. */
export function npmIn(cwd, registry, run, words) {
  const settings = ['--registry', registry.url, '--cache', join(cwd, '.cache'), '--userconfig', join(cwd, '.npmrc')]
  return run(node(24).binary, [npmCli, ...words, ...settings], { cwd, env: withoutNpmSettings() })
}

/** Runs `bun` in a project, with nothing but the registry given. */
export function bunIn(cwd, registry, run, words) {
  const env = { ...withoutNpmSettings(), BUN_INSTALL_CACHE_DIR: join(cwd, '.cache') }
  return run(bun().binary, [...words, '--registry', registry.url], { cwd, env })
}

/** npm hands its own settings to what it starts, and the checks may have been started by it. */
function withoutNpmSettings() {
  const names = Object.keys(process.env).filter((name) => /^npm_/i.test(name))
  return Object.fromEntries(names.map((name) => [name, undefined]))
}

/** The packages of ours that a project has. */
export function installed(folder) {
  return readdirSync(join(folder, 'node_modules'))
    .filter((name) => name.startsWith('sledstore'))
    .toSorted()
}
