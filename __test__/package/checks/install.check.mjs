/**
 * The packages install from a registry with the newest npm and with Bun, bring the one addon that fits, and run the
 * README's example. Where the addon was left out, the loader says why.
 */

import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { packStaged, targets } from '../../../scripts/shared/packages.mjs'
import { asModule, asScript, printedRight } from '../helpers/example.mjs'
import { bunIn, installed, npmIn, packPublished, project } from '../helpers/published.mjs'
import { serveRegistry } from '../helpers/registry.mjs'
import { areHere, bun, node } from '../helpers/runtimes.mjs'

const { packageName, platformName } = createRequire(import.meta.url)('../../../lib/native/platform.cjs')

export const title = 'npm 12 and bun install it from a registry without scripts, and the example of the README runs'
export const minutes = 5
export const quick = true

/** Prints what the loader says of an addon that is missing. */
const asking = `try { require('sledstore'); console.log('{}') }
catch ({ code, reason, wanted, message }) { console.log(JSON.stringify({ code, reason, wanted, message })) }`

/** Runs the example both ways in a project, under Node and under Bun. */
async function runExample(home, run) {
  writeFileSync(join(home, 'example.mjs'), asModule)
  writeFileSync(join(home, 'example.cjs'), asScript)
  let runs = 0
  for (const { name, binary, parametersFor } of [node(20), node(24), bun()]) {
    for (const file of ['example.mjs', 'example.cjs']) {
      const { stdout } = await run(binary, parametersFor(file), { cwd: home })
      printedRight(stdout, `${file} under ${name}`)
      rmSync(join(home, 'data'), { recursive: true })
      runs++
    }
  }
  return runs
}

/** The newest npm brings the one package that fits, and blocks no script, for there is none. */
async function byNpm(home, registry, run) {
  project(home)
  const { stdout } = await npmIn(home, registry, run, ['--version'])
  match(stdout, /^12\./)
  await npmIn(home, registry, run, ['install', 'sledstore'])
  deepEqual(installed(home), ['sledstore', packageName()])
  const lock = JSON.parse(readFileSync(join(home, 'package-lock.json'), 'utf8'))
  deepEqual(
    Object.keys(lock.packages).filter((path) => lock.packages[path].hasInstallScript),
    [],
  )
  equal(Object.keys(lock.packages).length, 2 + Object.keys(targets).length, 'the lock file lists every platform')
  return runExample(home, run)
}

/** This npm blocks what a package wants to run, so what installed above needed none of it. */
async function scriptsAreBlocked(folder, registry, run) {
  const home = project(folder)
  await npmIn(home, registry, run, ['install', 'planted'])
  ok(existsSync(join(home, 'node_modules', 'planted', 'package.json')))
  ok(!existsSync(join(home, 'node_modules', 'planted', 'ran')), 'a script ran')
}

/** A package that leaves a file when its script runs. */
async function packPlanted(folder) {
  const manifest = {
    name: 'planted',
    version: '1.0.0',
    scripts: { postinstall: `node -e "fs.writeFileSync('ran', '')"` },
  }
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  const [{ file }] = await packStaged([folder], folder)
  return { manifest, file }
}

async function byBun(home, registry, run) {
  project(home)
  await bunIn(home, registry, run, ['add', 'sledstore'])
  deepEqual(installed(home), ['sledstore', packageName()])
  return runExample(home, run)
}

/** Each platform's package, and no other, is what npm takes for that platform. */
async function forEveryPlatform(folder, registry, run) {
  for (const [name, { os, cpu, libc }] of Object.entries(targets)) {
    const home = project(join(folder, name))
    const system = [`--os=${os}`, `--cpu=${cpu}`, ...(libc === undefined ? [] : [`--libc=${libc}`])]
    await npmIn(home, registry, run, ['install', 'sledstore', ...system])
    deepEqual(installed(home), ['sledstore', packageName(name)])
  }
  return Object.keys(targets).length
}

async function whatTheLoaderSays(home, run) {
  const { stdout } = await run(node(24).binary, ['-e', asking], { cwd: home })
  const { code, wanted, message, reason } = JSON.parse(stdout)
  equal(code, 'UNSUPPORTED')
  equal(wanted, packageName())
  for (const word of [process.platform, process.arch, 'glibc', packageName()]) ok(message.includes(word), message)
  return reason
}

/** The ways in which users end up without an addon, each told apart, and its fix. */
async function whereItIsMissing(folder, registry, run) {
  const omitted = project(join(folder, 'omitted'))
  await npmIn(omitted, registry, run, ['install', 'sledstore', '--omit=optional'])
  equal(await whatTheLoaderSays(omitted, run), 'left-out')
  await npmIn(omitted, registry, run, ['install', '--include=optional'])
  deepEqual(installed(omitted), ['sledstore', packageName()])

  const other = Object.keys(targets).find((name) => targets[name].os !== process.platform)
  const foreign = project(join(folder, 'foreign'))
  const { os, cpu } = targets[other]
  await npmIn(foreign, registry, run, ['install', 'sledstore', `--os=${os}`, `--cpu=${cpu}`])
  equal(await whatTheLoaderSays(foreign, run), 'installed-elsewhere')

  const locked = project(join(folder, 'locked'))
  await npmIn(locked, registry, run, ['install', 'sledstore'])
  const lockPath = join(locked, 'package-lock.json')
  const lock = readFileSync(lockPath, 'utf8')
  writeFileSync(lockPath, withOnly(JSON.parse(lock), packageName(other)))
  notEqual(readFileSync(lockPath, 'utf8'), lock)
  await npmIn(locked, registry, run, ['ci'])
  equal(await whatTheLoaderSays(locked, run), 'not-in-lock-file')
  rmSync(lockPath)
  rmSync(join(locked, 'node_modules'), { recursive: true })
  await npmIn(locked, registry, run, ['install'])
  deepEqual(installed(locked), ['sledstore', packageName()])
  return 3
}

/** A lock file as older npm wrote it: with the platform package of the system it ran on alone. */
function withOnly(lock, kept) {
  for (const path of Object.keys(lock.packages)) {
    if (path.startsWith('node_modules/sledstore-') && !path.endsWith(kept)) delete lock.packages[path]
  }
  const { optionalDependencies } = lock.packages['node_modules/sledstore']
  for (const name of Object.keys(optionalDependencies)) if (name !== kept) delete optionalDependencies[name]
  return JSON.stringify(lock, null, 2)
}

export async function check({ folder, run, skip }) {
  if (!areHere || platformName() !== 'linux-x64-gnu') skip('npm has all runtimes for Linux x64 with glibc alone')
  const packages = await packPublished(join(folder, 'published'))
  const registry = await serveRegistry([...packages, await packPlanted(join(folder, 'planted'))])
  try {
    await scriptsAreBlocked(join(folder, 'scripts'), registry, run)
    const runs = (await byNpm(join(folder, 'npm'), registry, run)) + (await byBun(join(folder, 'bun'), registry, run))
    const platforms = await forEveryPlatform(join(folder, 'platforms'), registry, run)
    const missing = await whereItIsMissing(join(folder, 'missing'), registry, run)
    return { count: runs + platforms + missing, unit: 'runs and installs', note: `${platforms} platforms` }
  } finally {
    registry.close()
  }
}
