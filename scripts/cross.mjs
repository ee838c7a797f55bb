/**
 * Builds the addon for other systems from Debian on x64, and runs it where an emulator can. For maintainers: no test needs
 * it, and what it makes is never published. docs/internals/releases.md says what came out.
 */

import { copyFileSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { exercise } from './cross/exercise.mjs'
import { runners } from './cross/runners.mjs'
import { crossTargets } from './cross/targets.mjs'
import { home, installSystemPackages, must, prepareToolchain, toolchainEnv } from './cross/toolchain.mjs'
import { countCargo } from './shared/counts.mjs'
import { SetupError, setup } from './shared/prepare.mjs'

const { addonFileName, platformName } = createRequire(import.meta.url)('../lib/native/platform.cjs')

const help = `node scripts/cross.mjs [target …] [options]

  --only-link  builds and runs nothing
  --list       names the targets
  --help       this text

Without a target it takes all of them: ${Object.keys(crossTargets).join(', ')}.
`

const options = {
  'only-link': { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
}

function asked() {
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    for (const name of positionals) if (crossTargets[name] === undefined) throw new Error(`there is no target ${name}`)
    return { ...values, names: positionals.length === 0 ? Object.keys(crossTargets) : positionals }
  } catch (error) {
    console.error(`${error.message}\n\n${help}`)
    process.exit(2)
  }
}

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

/** Builds one; gives the addon's file. */
async function build(name, target) {
  const { addon, rust, linker, apt = [], prepare } = target
  await installSystemPackages(apt)
  await prepare?.()
  const command = linker === 'zig' ? 'zigbuild' : 'build'
  const parameters = ['--locked', '--package', 'sledstore-node', '--release', '-Zbuild-std=std,panic_unwind']
  await must('nice', ['cargo', command, ...parameters, '--target', rust], { env: settings(target) })
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
  return `${passed} tests of Rust passed`
}

async function runThere(name, { addon, runner }, file) {
  const made = await runners[runner]()
  const folder = join(home, 'run', name)
  const programs = await exercise(folder, { addon, file, native: platformName(), runner: made })
  rmSync(folder, { recursive: true })
  return `${programs} programs ran under ${made.how}`
}

async function perform(name, target, onlyLink) {
  const started = performance.now()
  const file = await build(name, target)
  const seconds = Math.round((performance.now() - started) / 1000)
  const bytes = statSync(file).size
  const runs = []
  if (target.runner !== undefined && !onlyLink) runs.push(await runThere(name, target, file))
  if (target.tests !== undefined && !onlyLink) runs.push(await test(target))
  const ran = runs.length === 0 ? undefined : runs.join(', ')
  return { name, rust: target.rust, linker: target.gcc ?? 'zig', seconds, bytes, note: target.note, ran }
}

async function main() {
  const wanted = asked()
  if (wanted.help) return void console.log(help)
  if (wanted.list) return void console.log(Object.keys(crossTargets).join('\n'))
  await setup()
  await prepareToolchain()
  const results = []
  for (const name of wanted.names) {
    try {
      const result = await perform(name, crossTargets[name], wanted['only-link'])
      const { linker, seconds, bytes, ran = 'only linked', note } = result
      const size = `${(bytes / 2 ** 20).toFixed(1)} MiB`
      console.log(
        `${name}: linked by ${linker} in ${seconds} s, ${size}; ${ran}${note === undefined ? '' : ` (${note})`}`,
      )
      results.push(result)
    } catch (error) {
      if (!(error instanceof SetupError)) throw error
      console.log(`${name}: FAILED\n${error.message}`)
      process.exitCode = 1
    }
  }
  writeFileSync(join(home, 'report.json'), `${JSON.stringify(results, null, 2)}\n`)
}

try {
  await main()
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  console.error(`cross: ${error.message}`)
  process.exitCode = 1
}
