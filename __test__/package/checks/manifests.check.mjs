/**
 * The packed packages are what publint and are-the-types-wrong ask for, are as small as promised, and each platform's is
 * what @napi-rs/cli would make for it.
 */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rootManifest, targets } from '../../../scripts/shared/packages.mjs'
import { packPublished, project } from '../helpers/published.mjs'

const { packageName, platformName } = createRequire(import.meta.url)('../../../lib/native/platform.cjs')

export const title = 'publint and are-the-types-wrong find nothing in the packages, and they are small'
export const minutes = 3
export const quick = true

const packages = fileURLToPath(new URL('../node_modules', import.meta.url))

/** The JavaScript that the root adds to a project, and a platform's package as it travels. */
const rootScriptBytesMax = 200 * 1024
const platformPackedBytesMax = 3 * 1024 * 1024

async function lint(folder) {
  const { publint } = await import('publint')
  const { messages } = await publint({ pkgDir: folder, strict: true, pack: false })
  deepEqual(
    messages.map(({ code, path }) => `${code} ${path.join('.')}`),
    [],
    folder,
  )
}

async function typesAreRight(tarball, run, name) {
  const program = join(packages, '@arethetypeswrong', 'cli', 'dist', 'index.js')
  const { stdout } = await run(process.execPath, [program, tarball, '--format', 'json'], { codes: [0, 1] })
  const { analysis } = JSON.parse(stdout)
  equal(analysis.types?.kind, 'included')
  // TypeScript's oldest way of resolving knows no subpaths of `exports`; nothing can be done about that here.
  const ours = ({ resolutionKind, entrypoint }) => resolutionKind !== 'node10' || entrypoint === '.'
  deepEqual(analysis.problems.filter(ours), [], name)
  return Object.keys(analysis.entrypoints).length
}

/** The root's scripts as they lie in a project. */
function scriptBytes({ files }) {
  return files.filter(({ path }) => /\.[cm]?js$/.test(path)).reduce((sum, { size }) => sum + size, 0)
}

/** What `napi create-npm-dirs` makes of the root's `napi` section. */
async function madeByNapi(folder, root, run) {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  project(folder, manifest)
  const program = join(packages, '@napi-rs', 'cli', 'dist', 'cli.js')
  await run(process.execPath, [program, 'create-npm-dirs'], { cwd: folder })
  const made = readdirSync(join(folder, 'npm')).map((name) => {
    const text = readFileSync(join(folder, 'npm', name, 'package.json'), 'utf8')
    return JSON.parse(text)
  })
  return new Map(made.map((one) => [one.name, one]))
}

const compared = ['name', 'version', 'main', 'files', 'os', 'cpu', 'libc', 'license']

export async function check({ root, folder, run }) {
  const packed = await packPublished(join(folder, 'published'))
  const byNapi = await madeByNapi(join(folder, 'napi'), root, run)
  const ours = packed.find(({ name }) => name === rootManifest.name)
  deepEqual(
    [...byNapi.keys()].toSorted(),
    Object.keys(targets)
      .map((name) => packageName(name))
      .toSorted(),
  )
  for (const { folder: place, manifest } of packed) {
    await lint(place)
    const theirs = byNapi.get(manifest.name)
    if (theirs === undefined) continue
    // napi says nothing of the C library of 32-bit ARM, where it matters as much.
    theirs.libc ??= manifest.libc
    for (const name of compared) deepEqual(manifest[name], theirs[name], `${manifest.name}: ${name}`)
  }
  let entrypoints = 0
  for (const { file, manifest } of packed.filter(({ manifest }) => manifest.exports !== undefined))
    entrypoints += await typesAreRight(file, run, manifest.name)
  const bytes = scriptBytes(ours)
  ok(bytes <= rootScriptBytesMax, `the root adds ${bytes} bytes of JavaScript`)
  const addon = packed.find(({ name }) => name === packageName())
  ok(addon.size <= platformPackedBytesMax, `${addon.name} has ${addon.size} bytes packed`)
  return {
    count: packed.length,
    unit: 'packages',
    note: `${entrypoints} entry points, ${Math.round(bytes / 1024)} KiB of JavaScript, addon for ${platformName()} ${Math.round(addon.size / 1024)} KiB packed`,
  }
}
