/** The steps of set-up: each does nothing when what it makes is there and up to date. */

import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { newest, writtenAt } from './freshness.mjs'
import { inSeconds, npm, run } from './process.mjs'
import {
  addonPath,
  addonProfile,
  cargoArtifactPath,
  companions,
  distPath,
  nodeMajorMin,
  root,
  rustVersionMin,
} from './project.mjs'

/** Programs some tests call, and the Debian package that holds each. */
const systemTools = { strace: 'strace', 'mkfs.ext4': 'e2fsprogs', 'mkfs.xfs': 'xfsprogs' }

/** The crates that the addon is not made of. */
const cratesBeside = ['proof']

/** A thing that set-up cannot mend by itself; its message says the next step. */
export class SetupError extends Error {}

/**
 * @param {{ with?: string[], tools?: boolean, rebuild?: boolean }} wanted
 */
export async function setup(wanted = {}) {
  checkNode()
  await installPackages('.')
  for (const folder of wanted.with ?? []) await installPackages(folder)
  await buildAddon(wanted.rebuild === true)
  await buildDist(wanted.rebuild === true)
  if (wanted.tools !== true) return
  await installTools()
  await installOracle()
}

function checkNode() {
  const major = Number(process.versions.node.split('.')[0])
  if (major >= nodeMajorMin) return
  throw new SetupError(
    `Node ${process.versions.node} is too old to develop SledStore; install Node ${nodeMajorMin} or newer from https://nodejs.org and run this again`,
  )
}

/** Installs a folder's packages when they are missing or were installed from another lock file. */
async function installPackages(folder) {
  const cwd = resolve(root, folder)
  if (!existsSync(join(cwd, 'package.json')))
    throw new SetupError(`${folder} has no package.json; name a folder of this repository`)
  const lockPath = join(cwd, 'package-lock.json')
  if (!existsSync(lockPath))
    throw new SetupError(`${folder} has no package-lock.json; run "npm install" there and commit it`)
  const lock = createHash('sha256').update(readFileSync(lockPath)).digest('hex')
  const stamp = join(cwd, 'node_modules', '.sledstore-lock')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  const where = folder === '.' ? 'npm packages' : `npm packages of ${folder}`
  // An install script runs only where the folder's package.json approves of it by name.
  await step(where, () => npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd }))
  await runApproved(folder, cwd)
  writeFileSync(stamp, lock)
}

/**
 * Runs the install scripts that a folder approves of. One that fails is said and no more: what needs its package names it
 * as missing.
 */
async function runApproved(folder, cwd) {
  const { allowScripts = {} } = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8'))
  for (const name of Object.keys(allowScripts).filter((one) => allowScripts[one])) {
    console.log(`setup: install script of ${name} for ${folder} …`)
    const { code } = await npm(['rebuild', name, '--no-audit', '--no-fund'], { cwd })
    if (code !== 0) console.log(`setup: it failed; ${folder} goes without ${name}, which needs a C++ compiler and make`)
  }
}

async function buildAddon(forced) {
  const names = readdirSync(join(root, 'crate')).filter((name) => !cratesBeside.includes(name))
  const crates = names.map((name) => join(root, 'crate', name))
  const sources = newest(
    [join(root, 'Cargo.toml'), join(root, 'Cargo.lock'), ...crates],
    /\.(rs|toml)$|hot-functions\.txt$/,
  )
  if (!forced && writtenAt(addonPath) >= sources) return
  await checkRust()
  const parameters = ['build', '--locked', '--package', 'sledstore-node', '--profile', addonProfile]
  await step(`addon (cargo, profile ${addonProfile}; minutes the first time)`, () => run('cargo', parameters))
  // A process may have the old file mapped: replace its name, never its bytes.
  copyFileSync(cargoArtifactPath(), `${addonPath}.new`)
  utimesSync(`${addonPath}.new`, new Date(), new Date())
  renameSync(`${addonPath}.new`, addonPath)
}

async function checkRust() {
  const install = 'install Rust from https://rustup.rs and run this again'
  const found = await run('cargo', ['--version'])
  if (found.code === 127) throw new SetupError(`a Rust toolchain is missing; ${install}`)
  const [, major, minor] = /cargo (\d+)\.(\d+)/.exec(found.output) ?? []
  if (major === undefined) throw new SetupError(`cargo does not run (${found.output.trim()}); ${install}`)
  const [wantedMajor, wantedMinor] = rustVersionMin
  if (Number(major) > wantedMajor || Number(minor) >= wantedMinor) return
  throw new SetupError(
    `Rust ${major}.${minor} is too old, ${rustVersionMin.join('.')} is needed; run "rustup update" and run this again`,
  )
}

async function buildDist(forced) {
  const builders = [
    'package.json',
    'tsdown.config.ts',
    'tsconfig.json',
    'tsconfig.build.json',
    'scripts/build-package.mjs',
    'scripts/shared/typings.mjs',
  ]
  const besides = companions().map(({ folder }) => folder)
  const ofCompanions = besides.flatMap((folder) => [join(folder, 'package.json'), join(folder, 'lib')])
  const sources = newest([...['lib', ...builders].map((name) => join(root, name)), ...ofCompanions], /\.ts$/)
  const made = [distPath, ...besides.map((folder) => join(folder, 'dist'))].map((dist) => join(dist, 'index.js'))
  if (!forced && made.every((file) => writtenAt(file) >= sources)) return
  await step('package in dist/', async () => {
    const { buildPackage } = await import('../build-package.mjs')
    return buildPackage({ writeTypings: forced })
  })
}

/** Installs what is missing where that is ours to do: as root on Debian. Elsewhere the tests that want it are skipped. */
async function installTools() {
  const missing = []
  for (const program of Object.keys(systemTools)) {
    if ((await run(program, ['--version'])).code === 127) missing.push(program)
  }
  if (missing.length === 0) return
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) {
    console.log(`setup: ${missing.join(', ')} missing; tests that need it are skipped`)
    return
  }
  const packages = missing.map((program) => systemTools[program])
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await step(`system tools ${packages.join(' ')}`, async () => {
    const direct = await run('apt-get', ['install', '-y', '-q', ...packages], { env })
    if (direct.code === 0) return direct
    await run('apt-get', ['update', '-q'], { env })
    return run('apt-get', ['install', '-y', '-q', ...packages], { env })
  })
}

/**
 * Installs networkx and what else `expected.py` computes with, away from the system's Python. Where that cannot be, such
 * as without a network, the tests that want it are skipped.
 */
async function installOracle() {
  const wanted = join(root, 'crate/algorithm/tests/oracle/requirements.txt')
  const home = join(root, 'target/oracle')
  const stamp = join(home, 'requirements.txt')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === readFileSync(wanted, 'utf8')) return
  rmSync(home, { recursive: true, force: true })
  console.log('setup: networkx for Python …')
  const made = await run('python3', ['-m', 'venv', home])
  const pip = ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '-r', wanted]
  const got = made.code === 0 ? await run(join(home, 'bin/python'), pip) : made
  if (got.code === 0) copyFileSync(wanted, stamp)
  else console.log('setup: networkx cannot be installed; tests that need it are skipped')
}

/** Names a step before it runs and its seconds after; shows all it printed when it fails. */
async function step(name, action) {
  console.log(`setup: ${name} …`)
  const started = performance.now()
  const result = await action()
  if (result.code !== 0) throw new SetupError(`${name} failed\n${result.output}`)
  console.log(`setup: ${name}: ${inSeconds((performance.now() - started) / 1000)}`)
}
