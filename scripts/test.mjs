/**
 * Every check of the repository, one after the other; a failed one does not stop the next. Prints what a check said
 * only when it failed, then a table, and at the very end the one line that counts everything.
 *
 *   npm test                       all but the long checks of the package
 *   npm run test:long              the long checks of the package
 *   npm run test:all               all
 *   npm test -- --only rust        one group: rust, ts, tidy, proof or package
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { countCargo, countOne, countVitest } from './shared/counts.mjs'
import { countsOf, findChecks, lineOf, needsOf, runCheck } from './shared/package-checks.mjs'
import { SetupError, setup } from './shared/prepare.mjs'
import { inSeconds, run, tool } from './shared/process.mjs'
import { findHarnesses, lineOf as lineOfProof } from './shared/proof.mjs'

/** The engine's tests run with the expensive assertions of the numbered invariants. */
const workspace = ['--locked', '--workspace', '--features', 'sledstore-engine/invariants']

/** Longest a check may run before it counts as failed. */
const minutesMax = 20

const checks = [
  { group: 'rust', name: 'rustfmt', action: () => yesOrNo(run('cargo', ['fmt', '--all', '--check'])) },
  {
    group: 'rust',
    name: 'clippy',
    action: () =>
      yesOrNo(run('cargo', ['clippy', ...workspace, '--all-targets', '--', '-D', 'warnings'], { minutesMax })),
  },
  { group: 'rust', name: 'cargo test', action: cargoTest },
  { group: 'ts', name: 'tsc', action: () => yesOrNo(tool('typescript/bin/tsc', ['--noEmit'])) },
  { group: 'ts', name: 'oxlint', action: () => yesOrNo(tool('oxlint/bin/oxlint', ['--deny-warnings'])) },
  { group: 'ts', name: 'oxfmt', action: () => yesOrNo(tool('oxfmt/bin/oxfmt', ['--check'])) },
  { group: 'tidy', name: 'tidy', action: tidy },
  { group: 'ts', name: 'vitest', action: vitest },
]

const packageChecks = await findChecks()

/** Each proof harness at its small number of cycles. */
const proofs = (await findHarnesses()).map(proofRow)

async function yesOrNo(running) {
  const { code, output } = await running
  return { output, ...countOne(code) }
}

async function cargoTest() {
  const { code, output } = await run('cargo', ['test', ...workspace, '--no-fail-fast'], { minutesMax })
  return { output, ...countCargo(output, code) }
}

async function tidy() {
  const { checkRepository } = await import('./rules/index.mjs')
  const results = checkRepository()
  const failed = results.filter((result) => result.violations.length > 0)
  const output = failed
    .flatMap((result) => result.violations.map((violation) => `${result.name}: ${violation}\n`))
    .join('')
  return { output, passed: results.length - failed.length, failed: failed.length, skipped: [] }
}

async function vitest() {
  const folder = mkdtempSync(join(tmpdir(), 'sledstore-test-'))
  const report = join(folder, 'report.json')
  try {
    const parameters = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    const { code, output } = await tool('vitest/vitest.mjs', parameters, { minutesMax, env: { NO_COLOR: '1' } })
    return { output, ...countVitest(readReport(report), code) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** vitest's report; without tests when it died before it wrote one, which its exit code then tells. */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return { testResults: [] }
  }
}

/** The quick checks of the package, counted together. */
async function quickPackageChecks() {
  const sum = { passed: 0, failed: 0, skipped: [], output: '' }
  for (const check of packageChecks.filter(({ quick }) => quick)) {
    const counts = countsOf(await runCheck(check))
    sum.passed += counts.passed
    sum.failed += counts.failed
    sum.skipped.push(...counts.skipped)
    sum.output += counts.output
  }
  return sum
}

/** One check of the package as a row of its own. */
function packageRow(check) {
  const action = async () => {
    const outcome = await runCheck(check)
    return { ...countsOf(outcome), says: lineOf(outcome) }
  }
  return { group: 'package', name: check.name, action }
}

/** A proof harness in a process of its own, so that one that hangs or dies ends alone. */
function proofRow(harness) {
  const action = async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sledstore-test-'))
    const report = join(folder, 'report.json')
    try {
      const parameters = ['scripts/proof.mjs', harness.name, '--small', '--json', report]
      const { code, output } = await run(process.execPath, parameters, { minutesMax })
      const ran = readProof(report)
      const skipped = ran?.skipped === undefined ? [] : [{ name: harness.title, reason: ran.skipped }]
      const passed = code === 0 && ran !== undefined && skipped.length === 0 ? 1 : 0
      const says = ran === undefined ? undefined : lineOfProof(harness, ran)
      return { output, passed, failed: passed === 0 && skipped.length === 0 ? 1 : 0, skipped, says }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  return { group: 'proof', name: `proof ${harness.name}`, action }
}

/** The one run of a harness; undefined when it died before it wrote what it found. */
function readProof(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).runs[0]
  } catch {
    return undefined
  }
}

/** Runs one check, says so before and after, and shows what it printed if it failed. */
async function perform({ name, action }) {
  process.stdout.write(`${name} … `)
  const started = performance.now()
  const result = await action()
  const seconds = (performance.now() - started) / 1000
  console.log(result.says ?? `${result.failed > 0 ? 'FAILED' : 'ok'}, ${inSeconds(seconds)}`)
  if (result.failed > 0) console.log(result.output.trimEnd())
  return { name, seconds, ...result }
}

async function prepare(folders) {
  try {
    await setup({ tools: true, with: folders })
    return { name: 'setup', seconds: 0, passed: 0, failed: 0, skipped: [] }
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    console.log(`setup: ${error.message}`)
    return { name: 'setup', seconds: 0, passed: 0, failed: 1, skipped: [] }
  }
}

function summarize(results) {
  const width = 2 + Math.max(...results.map(({ name }) => name.length), 'check'.length)
  console.log(
    `\n${'check'.padEnd(width)}${['passed', 'failed', 'skipped', 'seconds'].map((word) => word.padStart(9)).join('')}`,
  )
  for (const { name, passed, failed, skipped, seconds } of results) {
    const cells = [passed, failed, skipped.length, seconds.toFixed(1)].map((cell) => String(cell).padStart(9))
    console.log(`${name.padEnd(width)}${cells.join('')}`)
  }
  for (const { name, skipped } of results) {
    for (const test of skipped) console.log(`skipped (${name}): ${test.name}: ${test.reason}`)
  }
  const passed = results.reduce((sum, result) => sum + result.passed, 0)
  const failed = results.reduce((sum, result) => sum + result.failed, 0)
  const skipped = results.reduce((sum, result) => sum + result.skipped.length, 0)
  if (failed > 0) process.exitCode = 1
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`)
}

/** What was asked for, and the checks of the package among it; everything quick when nothing was. */
function chosen(words) {
  if (words.length === 1 && words[0] === '--long') {
    const long = packageChecks.filter((check) => !check.quick)
    return { rows: long.map(packageRow), ofPackage: long }
  }
  const all = words[0] === '--all'
  const [option, group, ...surplus] = all ? words.slice(1) : words
  const quick = { group: 'package', name: 'package', action: quickPackageChecks }
  const rows = [...checks, ...proofs, ...(all ? packageChecks.map(packageRow) : [quick])]
  const ofPackage = packageChecks.filter((check) => all || check.quick)
  if (option === undefined) return { rows, ofPackage }
  const some = rows.filter((row) => row.group === group)
  if (option === '--only' && surplus.length === 0 && some.length > 0)
    return { rows: some, ofPackage: group === 'package' ? ofPackage : [] }
  console.error('npm test takes no arguments, or --only rust, --only ts, --only tidy, --only proof, --only package')
  process.exit(2)
}

const { rows, ofPackage } = chosen(process.argv.slice(2))
const results = [await prepare(needsOf(ofPackage))]
if (results[0].failed === 0) {
  for (const row of rows) results.push(await perform(row))
}
summarize(results)
