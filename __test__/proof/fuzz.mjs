/**
 * Feeds decoders with bytes that libFuzzer makes up, guided by the branches they take. A cycle is a fixed number of runs of one
 * target, the targets in turn; SLEDSTORE_FUZZ_TARGET names one to feed alone. What is found in a target is kept in
 * `target/fuzz`, and so is what once took new branches, for later cycles to go on from. A cycle whose bytes were kept begins
 * with them, so that a finding is repeated by its seed.
 */

import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { run as runCommand } from '../../scripts/shared/process.mjs'
import { buildBinaries } from './helpers/binaries.mjs'

/** Each target with runs that take about a second of one quiet core. */
const runsOf = {
  batch: 20_000,
  block: 50_000,
  graph: 8_000,
  journal: 20_000,
  key: 50_000,
  query: 4_000,
  row: 50_000,
  run: 1_000,
  salvage: 3_000,
  'small-file': 50_000,
  snapshot: 1_000,
  tuple: 50_000,
  vector: 40_000,
}
export const targets = Object.keys(runsOf)

export const title = 'decoders take any bytes, and keep their word on those they accept'
export const unit = 'cycles of fuzzing'
export const small = targets.length
export const full = 1_000 * targets.length // more than a quarter of an hour of each

/** Runs of the target that is broken: it must be found within them. */
const plantedRuns = 2_000_000
const minutesMax = 10

export async function prepare({ root, folder, run, skip, scale }) {
  if (process.platform !== 'linux') skip('libFuzzer is built on Linux')
  const compiler = await runCommand('c++', ['--version'])
  if (compiler.code !== 0) skip('no C++ compiler, which libFuzzer wants')
  const target = resolve(root, process.env.CARGO_TARGET_DIR || 'target')
  const env = { RUSTC_WORKSPACE_WRAPPER: join(root, 'crate/proof/rustc-with-coverage.sh') }
  const fuzz = { bin: 'fuzz', features: ['sledstore-proof/libfuzzer'], env }
  const binaries = await buildBinaries({ root, run, scale }, fuzz)
  const prepared = { fuzzer: join(binaries, 'fuzz'), home: join(target, 'fuzz') }
  if (!(await findsPlanted(prepared.fuzzer, folder))) throw new Error('the fuzzer does not find the planted fault')
  return prepared
}

/** Whether the target that is broken is found to be: bytes that chance does not hit. */
async function findsPlanted(fuzzer, folder) {
  const asked = { fuzzer, home: join(folder, 'planted'), folder, seed: 1, name: 'planted', runs: plantedRuns }
  const found = await feed(asked)
  // The second time by the bytes of the first.
  const repeated = await feed({ ...asked, runs: 1 })
  return found.wrong === 1 && repeated.wrong === 1
}

export async function run({ folder, seed, cycles, prepared, signal, report }) {
  const only = process.env.SLEDSTORE_FUZZ_TARGET
  if (only !== undefined && !targets.includes(only))
    throw new Error(`there is no target ${only}; ${targets.join(', ')}`)
  for (let next = seed; next < seed + cycles && !signal.aborted; next++) {
    const name = foundIn(prepared.home, next) ?? only ?? targets[next % targets.length]
    const found = await feed({ ...prepared, folder, seed: next, name, runs: runsOf[name], signal })
    if (!signal.aborted) report({ seed: next, cycles: 1, lost: 0, ...found })
  }
}

/** The target in which a cycle has found something. */
function foundIn(home, seed) {
  const folder = join(home, 'found')
  const names = existsSync(folder) ? readdirSync(folder) : []
  return targets.find((name) => names.includes(`${seed}-${name}`))
}

/** Feeds a target; gives what was found, and keeps the bytes. */
async function feed({ fuzzer, home, folder, seed, name, runs, signal }) {
  const corpus = join(home, name)
  const kept = join(home, 'found', `${seed}-${name}`)
  const artifacts = mkdtempSync(join(folder, `${name}-`))
  for (const path of [corpus, join(home, 'found')]) mkdirSync(path, { recursive: true })
  const env = { SLEDSTORE_FUZZ_TARGET: name, TMPDIR: artifacts }
  const limits = ['-timeout=20', '-rss_limit_mb=1024', `-artifact_prefix=${artifacts}/`]
  const start = async (parameters, more) =>
    runCommand(fuzzer, [...limits, ...parameters], { env: { ...env, ...more }, minutesMax, signal })
  const started = performance.now()
  let outcome = await again(start, kept)
  outcome ??= await start([`-seed=${seed + 1}`, `-runs=${runs}`, corpus], { SLEDSTORE_FUZZ_SEEDS: corpus })
  const counts = { [`runs of ${name}`]: runs, [`ms of ${name}`]: Math.round(performance.now() - started) }
  const clean = { wrong: 0, aborted: 0, hung: 0, counts }
  if (outcome.code === 0) {
    rmSync(artifacts, { recursive: true })
    return clean
  }
  const [artifact] = readdirSync(artifacts).filter((file) => /^(?:crash|oom|timeout|leak|slow)-/.test(file))
  if (artifact !== undefined) copyFileSync(join(artifacts, artifact), kept)
  return { ...clean, [kindOf(outcome.output)]: 1, note: noteOf(name, kept, outcome.output) }
}

/** What libFuzzer says of bytes that were fed again it says in words alone. */
function kindOf(output) {
  if (output.includes('ERROR: libFuzzer: timeout')) return 'hung'
  return output.includes('panicked at') ? 'wrong' : 'aborted'
}

/** The bytes that a cycle had found, if any. */
async function again(start, kept) {
  if (!existsSync(kept)) return undefined
  const outcome = await start([kept])
  if (outcome.code !== 0) return outcome
  rmSync(kept) // mended
  return undefined
}

function noteOf(name, kept, output) {
  const panic = /panicked at [^\n]*\n[^\n]*/.exec(output)?.[0] ?? /ERROR: libFuzzer: [^\n]*/.exec(output)?.[0]
  if (!existsSync(kept)) return `${name}: ${panic ?? output.slice(-500)}`
  const bytes = readFileSync(kept)
  const encoded = bytes.length <= 1_000 ? `; base64 ${bytes.toString('base64')}` : ''
  return `${name}: ${panic}; ${bytes.length} bytes in ${kept}${encoded}`
}
