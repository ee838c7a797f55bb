/**
 * Brings what cross builds need into target/cross, all of it from package registries: Debian's Rust with the sources of
 * its standard library, zig as a linker with the C libraries of other systems, and cargo-zigbuild between the two.
 */

import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SetupError } from '../shared/prepare.mjs'
import { npm, run } from '../shared/process.mjs'
import { root } from '../shared/project.mjs'

/** This machine lacks a thing that could not be brought, so nothing can be said of the addon. */
export class MissingError extends SetupError {}

/** Everything of this script, builds included. */
export const home = join(root, 'target', 'cross')

const zigVersion = '0.17.1'
const zigbuildVersion = '0.24.1'

/** rustup has a standard library for the machine alone and no sources; Debian packs both for its browsers. */
const rustPackages = ['rustc-web', 'cargo-web', 'rust-web-src', 'libstd-rust-web-dev']
/** Libraries that Debian's rustc and cargo want of the system. */
const rustLibraries = ['libllvm22', 'libgit2-1.5']

/** Packages of npm that hold a program of another system, whose install scripts would not run here anyway. */
export async function unpackNpm(name, folder) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  const result = await npm(['install', '--force', '--ignore-scripts', '--no-audit', '--no-fund', name], { cwd: folder })
  if (result.code !== 0) throw new MissingError(`npm install ${name} failed\n${result.output}`)
}

/** Unpacks a wheel of the Python index for another platform into a folder. */
export async function unpackWheel(name, platform, folder) {
  const archives = `${folder}.wheels`
  const wanted = ['--no-deps', '--only-binary=:all:', '--platform', platform, name]
  await bring('python3', ['-m', 'pip', 'download', '-q', '--dest', archives, ...wanted])
  for (const archive of readdirSync(archives))
    await must('python3', ['-m', 'zipfile', '--extract', join(archives, archive), folder])
}

/** Runs a command; a failure is an error with all it printed. */
export async function must(command, parameters, options = {}) {
  const result = await run(command, parameters, options)
  if (result.code === 127) throw new MissingError(`${command} is missing\n${result.output}`)
  if (result.code !== 0) throw new SetupError(`${command} ${parameters.join(' ')} failed\n${result.output}`)
  return result
}

/** Throws when there is no such program, whatever its package says. */
export async function requireProgram(program) {
  const { code } = await run(program, ['--version'])
  if (code === 127) throw new MissingError(`${program} is missing`)
}

/** As {@link must}, for a command that brings something from elsewhere. */
async function bring(command, parameters, options = {}) {
  const result = await run(command, parameters, options)
  if (result.code !== 0) throw new MissingError(`${command} ${parameters.join(' ')} failed\n${result.output}`)
  return result
}

/** Does something once: a file in target/cross remembers that it was done. */
export async function once(name, action) {
  const stamp = join(home, 'done', name)
  if (existsSync(stamp)) return
  console.log(`cross: ${name} …`)
  await action()
  mkdirSync(join(home, 'done'), { recursive: true })
  writeFileSync(stamp, '')
}

/** Installs packages of Debian that are missing. */
export async function installSystemPackages(names) {
  const missing = []
  for (const name of names) {
    const { stdout } = await run('dpkg-query', ['--show', '--showformat=${Status}', name])
    if (!stdout.includes('ok installed')) missing.push(name)
  }
  if (missing.length === 0) return
  if (process.getuid?.() !== 0) throw new MissingError(`install ${missing.join(' ')} and run this again`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await bring('apt-get', ['update', '-q'], { env })
  await bring('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...missing], { env })
}

/**
 * Unpacks packages of Debian into a folder, so that they do not meet what is installed.
 *
 * @param {string[]} names
 * @param {string} folder
 * @param {string[]} [options] of apt, for another suite or architecture
 */
export async function unpackDebian(names, folder, options = []) {
  const archives = `${folder}.debs`
  mkdirSync(archives, { recursive: true })
  await bring('apt-get', [...options, 'download', '-q', ...names], { cwd: archives })
  for (const archive of readdirSync(archives)) await must('dpkg-deb', ['--extract', join(archives, archive), folder])
}

/**
 * Options of apt for another suite or architecture, with lists of their own below target/cross.
 *
 * @returns {Promise<string[]>}
 */
export async function otherSuite(suite, architecture) {
  const { stdout } = await bring('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages'])
  const address = stdout.split('\n').find((line) => /\/debian\/?$/.test(line))
  if (address === undefined) throw new MissingError('apt knows no archive of Debian; this script needs one')
  const folder = join(home, 'apt', `${suite}-${architecture}`)
  for (const part of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(folder, part), { recursive: true })
  const sources = join(folder, 'sources.list')
  writeFileSync(sources, `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${address} ${suite} main\n`)
  const settings = {
    'APT::Architecture': architecture,
    'APT::Architectures': architecture,
    'Dir::Etc::sourcelist': sources,
    'Dir::Etc::sourceparts': '-',
    'Dir::State::lists': join(folder, 'lists'),
    'Dir::Cache': join(folder, 'cache'),
  }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  await bring('apt-get', [...options, 'update', '-q'])
  return options
}

/**
 * Rust and, where that is the linker, zig with cargo-zigbuild.
 *
 * @param {'gcc' | 'zig'} linker
 */
export async function prepareToolchain(linker) {
  await installSystemPackages(rustLibraries)
  await once('rust', async () => {
    await bring('apt-get', ['update', '-q'])
    const { stdout } = await bring('apt-cache', ['depends', 'libstd-rust-web-dev'])
    const compiler = /Depends: (libstd-rust-web-[\d.]+)/.exec(stdout)?.[1]
    if (compiler === undefined) throw new MissingError('Debian has no rustc-web here')
    await unpackDebian([...rustPackages, compiler], join(home, 'rust'))
  })
  if (linker !== 'zig') return
  const wheels = [`ziglang==${zigVersion}`, `cargo-zigbuild==${zigbuildVersion}`]
  await once(wheels.join('-'), () =>
    bring('python3', ['-m', 'pip', 'install', '-q', '--no-deps', '--target', join(home, 'python'), ...wheels]),
  )
}

/** The environment in which cargo is Debian's and finds zig. */
export function toolchainEnv() {
  const bin = join(home, 'rust', 'usr', 'bin')
  return {
    PATH: [bin, join(home, 'python', 'bin'), process.env.PATH].join(':'),
    LD_LIBRARY_PATH: join(home, 'rust', 'usr', 'lib', 'x86_64-linux-gnu'),
    RUSTC: join(bin, 'rustc'),
    RUSTC_BOOTSTRAP: '1', // for -Zbuild-std
    CARGO_TARGET_DIR: join(home, 'build'),
    CARGO_ZIGBUILD_ZIG_PATH: join(home, 'python', 'ziglang', 'zig'),
  }
}
