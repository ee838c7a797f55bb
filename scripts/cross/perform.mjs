/** Builds the addon for another system, and runs there what exercise.mjs and a target's tests ask for. */

import { copyFileSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { countCargo } from '../shared/counts.mjs'
import { SetupError } from '../shared/prepare.mjs'
import { exercise } from './exercise.mjs'
import { runners } from './runners.mjs'
import { crossTargets } from './targets.mjs'
import { home, installSystemPackages, must, prepareToolchain, requireProgram, toolchainEnv } from './toolchain.mjs'

const { addonFileName, platformName } = createRequire(import.meta.url)('../../lib/native/platform.cjs')

const artifacts = { win32: 'sledstore_node.dll', darwin: 'libsledstore_node.dylib' }

/** What cargo is told for a target, beside the command. */
function settings({ rust, gcc, env = {}, tests }) {
  const name = `CARGO_TARGET_${rust.toUpperCase().replaceAll('-', '_')}`
  return {
    ...toolchainEnv(),
    ...(gcc === undefined ? {} : { [`${name}_LINKER`]: gcc }),
    ...(tests === undefined ? {} : { [`${name}_RUNNER`]: tests.under }),
    ...env,
  }
}

/** Brings what building one needs, and running it. */
async function prepare({ linker, gcc, apt = [], emulator = [], prepare: more, runner }, onlyLink) {
  const runs = runner !== undefined && !onlyLink
  await installSystemPackages(runs ? [...apt, ...emulator] : apt)
  await prepareToolchain(linker)
  if (gcc !== undefined) await requireProgram(gcc)
  await more?.()
  if (!runs) return undefined
  const made = await runners[runner]()
  await requireProgram(made.command[0])
  return made
}

/** Builds one; gives the addon's file. */
async function build(name, target, env) {
  const { addon, rust, linker } = target
  const command = linker === 'zig' ? 'zigbuild' : 'build'
  const parameters = ['--locked', '--package', 'sledstore-node', '--release', '-Zbuild-std=std,panic_unwind']
  await must('nice', ['cargo', command, ...parameters, '--target', rust], { env: { ...settings(target), ...env } })
  const built = join(home, 'build', rust, 'release', artifacts[addon.split('-')[0]] ?? 'libsledstore_node.so')
  const folder = join(home, 'addons', name)
  mkdirSync(folder, { recursive: true })
  copyFileSync(built, join(folder, addonFileName(addon)))
  return join(folder, addonFileName(addon))
}

/** Runs a target's tests of Rust; says how many passed. */
async function test(target) {
  const parameters = ['--locked', '-Zbuild-std=std,panic_unwind,test', '--target', target.rust]
  const cargo = ['cargo', 'test', ...parameters, ...target.tests.parameters]
  const { output, code } = await must('nice', cargo, { env: settings(target) })
  const { passed } = countCargo(output, code)
  if (passed === 0) throw new SetupError(`${cargo.join(' ')} ran no test\n${output}`)
  return passed
}

/** Runs the programs there; says how many ran. */
async function runThere(name, addon, file, runner) {
  const folder = join(home, 'run', name)
  const programs = await exercise(folder, { addon, file, native: platformName(), runner })
  rmSync(folder, { recursive: true })
  return programs
}

/**
 * Builds for one target and, where something can run it and it is wanted, runs the result.
 *
 * @param {string} name a key of crossTargets
 * @param {{ onlyLink?: boolean, env?: Record<string, string>, withTests?: boolean }} [how] `env` is what cargo builds the addon
 *   with; `withTests` whether a target's tests of Rust are built and run, too
 * @returns {Promise<{ name: string, rust: string, linker: string, seconds: number, bytes: number, note?: string,
 *   programs: number, under?: string, tests?: number }>} `under` says what ran the programs
 */
export async function perform(name, { onlyLink = false, env = {}, withTests = true } = {}) {
  const target = crossTargets[name]
  const runner = await prepare(target, onlyLink)
  const started = performance.now()
  const file = await build(name, target, env)
  const seconds = Math.round((performance.now() - started) / 1000)
  const result = {
    name,
    rust: target.rust,
    linker: target.gcc ?? 'zig',
    seconds,
    bytes: statSync(file).size,
    note: target.note,
  }
  if (runner === undefined) return { ...result, programs: 0 }
  const programs = await runThere(name, target.addon, file, runner)
  const tests = target.tests === undefined || !withTests ? undefined : await test(target)
  return { ...result, programs, under: runner.how, tests }
}
