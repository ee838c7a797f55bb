/**
 * Makes the packages that are published: the root with the platforms' packages as optional dependencies, and one for each
 * platform, with its addon. All that is said of a platform comes from lib/native/targets.cjs.
 */

import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { npm } from './process.mjs'
import { root } from './project.mjs'

const require = createRequire(import.meta.url)
const { addonFileName, packageName } = require('../../lib/native/platform.cjs')

/** @type {Record<string, { tier: 1 | 2, rust: string, os: string, cpu: string, libc?: string }>} */
export const targets = require('../../lib/native/targets.cjs')

export const rootManifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const licenses = ['LICENSE-MIT', 'LICENSE-APACHE']

/** What a platform's package.json says. Its `engines` are the root's: stricter ones would make npm skip it in silence. */
export function platformManifest(name, { version, license, engines, repository, homepage, bugs } = rootManifest) {
  const { os, cpu, libc } = targets[name]
  return {
    name: packageName(name),
    version,
    description: `The addon of sledstore for ${name}; install sledstore, which brings it.`,
    license,
    ...(repository === undefined ? {} : { repository }),
    ...(homepage === undefined ? {} : { homepage }),
    ...(bugs === undefined ? {} : { bugs }),
    type: 'commonjs',
    files: [addonFileName(name)],
    main: addonFileName(name),
    engines,
    os: [os],
    cpu: [cpu],
    ...(libc === undefined ? {} : { libc: [libc] }),
  }
}

/** The root's package.json as it is published: only here does it ask for the platforms' packages. */
export function publishedManifest(names, manifest = rootManifest) {
  const entries = names.map((name) => [packageName(name), manifest.version])
  return { ...manifest, optionalDependencies: { ...manifest.optionalDependencies, ...Object.fromEntries(entries) } }
}

/**
 * The addons that lie in some folders, by the name of their platform.
 *
 * @param {string[]} folders
 * @returns {Map<string, string>}
 */
export function addonsIn(folders) {
  const found = new Map()
  for (const folder of folders.filter((path) => existsSync(path))) {
    const files = readdirSync(folder)
    for (const name of Object.keys(targets)) {
      if (files.includes(addonFileName(name))) found.set(name, join(folder, addonFileName(name)))
    }
  }
  return found
}

/**
 * Writes the packages as folders, ready for `npm pack` and `npm publish`.
 *
 * @param {string} folder
 * @param {Map<string, string>} addons
 * @returns {Promise<string[]>} the packages' folders, the root's last
 */
export async function stagePackages(folder, addons) {
  const folders = [...addons].map(([name, addon]) => stagePlatform(join(folder, packageName(name)), name, addon))
  return [...folders, await stageRoot(join(folder, rootManifest.name), [...addons.keys()])]
}

function stagePlatform(folder, name, addon) {
  mkdirSync(folder, { recursive: true })
  copyFileSync(addon, join(folder, addonFileName(name)))
  for (const file of licenses) copyFileSync(join(root, file), join(folder, file))
  const manifest = platformManifest(name)
  writeManifest(folder, manifest)
  writeFileSync(join(folder, 'README.md'), `# ${manifest.name}\n\n${manifest.description}\n`)
  return folder
}

async function stageRoot(folder, names) {
  const { code, output, stdout } = await npm(['pack', '--dry-run', '--json', '--ignore-scripts'])
  if (code !== 0) throw new Error(`npm pack failed\n${output}`)
  for (const { path } of JSON.parse(stdout)[0].files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    copyFileSync(join(root, path), join(folder, path))
  }
  writeManifest(folder, publishedManifest(names))
  return folder
}

function writeManifest(folder, manifest) {
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}

/**
 * Packs staged packages.
 *
 * @returns {Promise<{ name: string, version: string, file: string, size: number, unpackedSize: number, files: { path: string, size: number }[] }[]>}
 */
export async function packStaged(folders, to) {
  mkdirSync(to, { recursive: true })
  const { code, output, stdout } = await npm([
    'pack',
    '--json',
    '--ignore-scripts',
    '--pack-destination',
    to,
    ...folders,
  ])
  if (code !== 0) throw new Error(`npm pack failed\n${output}`)
  return JSON.parse(stdout).map((packed) => ({ ...packed, file: join(to, packed.filename) }))
}
