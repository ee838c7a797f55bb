/**
 * Makes the packages that are published: the root with the platforms' packages as optional dependencies, one for each
 * platform, with its addon, and those of packages/. All that is said of a platform comes from lib/native/targets.cjs.
 */

import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { minified } from './minified.mjs'
import { npm } from './process.mjs'
import { companions, root } from './project.mjs'

const require = createRequire(import.meta.url)
const { addonFileName, packageName } = require('../../lib/native/platform.cjs')

/** @type {Record<string, { tier: 1 | 2, rust: string, os: string, cpu: string, libc?: string }>} */
export const targets = require('../../lib/native/targets.cjs')

export const rootManifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const licenses = ['LICENSE-MIT', 'LICENSE-APACHE']

/** Where the project is, as far as the root says so. */
function whereabouts({ repository, homepage, bugs }) {
  return Object.fromEntries(Object.entries({ repository, homepage, bugs }).filter(([, place]) => place !== undefined))
}

/** What a platform's package.json says. Its `engines` are the root's: stricter ones would make npm skip it in silence. */
export function platformManifest(name, { version, license, engines, ...others } = rootManifest) {
  const { os, cpu, libc } = targets[name]
  return {
    name: packageName(name),
    version,
    description: `The addon of sledstore for ${name}; install sledstore, which brings it.`,
    license,
    ...whereabouts(others),
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
  const optionalDependencies = { ...manifest.optionalDependencies, ...Object.fromEntries(entries) }
  return { ...manifest, workspaces: undefined, optionalDependencies }
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
 * @returns {Promise<string[]>} the packages' folders, each behind those it asks for
 */
export async function stagePackages(folder, addons) {
  const folders = [...addons].map(([name, addon]) => stagePlatform(join(folder, packageName(name)), name, addon))
  folders.push(await stageRoot(join(folder, rootManifest.name), [...addons.keys()]))
  for (const one of companions()) folders.push(await stageCompanion(join(folder, one.manifest.name), one))
  return folders
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
  await copyPublished(root, folder)
  await minifyLoader(join(folder, 'lib', 'native'))
  writeManifest(folder, publishedManifest(names))
  return folder
}

/** One of the scripts is for Nodes that are too old for the others, so none gets newer syntax than it has. */
async function minifyLoader(folder) {
  for (const name of readdirSync(folder)) {
    const code = readFileSync(join(folder, name), 'utf8')
    writeFileSync(join(folder, name), await minified(code, { ecma: 5 }))
  }
}

/** Its development dependencies are places of the repository. */
async function stageCompanion(folder, { folder: source, manifest }) {
  await copyPublished(source, folder)
  for (const file of licenses) copyFileSync(join(root, file), join(folder, file))
  writeManifest(folder, { ...manifest, devDependencies: undefined, ...whereabouts(rootManifest) })
  return folder
}

/** Copies what npm takes of a package's folder. */
async function copyPublished(source, folder) {
  const { code, output, stdout } = await npm(['pack', '--dry-run', '--json', '--ignore-scripts', source])
  if (code !== 0) throw new Error(`npm pack failed\n${output}`)
  for (const { path } of JSON.parse(stdout)[0].files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    copyFileSync(join(source, path), join(folder, path))
  }
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
