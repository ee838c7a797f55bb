/**
 * The conformance suite under test runners that load modules anew for each file, some in realms of their own: jest and
 * Bun's with several files in one process, vitest in each of its pools.
 */

import { deepEqual, equal } from 'node:assert/strict'
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installInto } from '../helpers/installed.mjs'
import { pageSays } from '../helpers/page.mjs'
import { areHere, bun, node, versionOf } from '../helpers/runtimes.mjs'

export const title = 'the conformance suite in jest, bun test and each pool of vitest'
export const minutes = 20
export const quick = false

/** As in the check of the runtimes; fewer would mean that files were not found. */
const testsMin = 750
/** Of one test, where the runner has such a limit. */
const millisecondsMax = 60_000
/** Files of the suite in a run: what the first leaves behind must not harm the second. */
const copies = ['one', 'two']

const pools = {
  forks: ['--pool=forks'],
  'forks, not isolated': ['--pool=forks', '--no-isolate', '--maxWorkers=1'],
  threads: ['--pool=threads'],
  'threads, not isolated': ['--pool=threads', '--no-isolate', '--maxWorkers=1'],
  vmThreads: ['--pool=vmThreads', '--maxWorkers=1'],
  vmForks: ['--pool=vmForks', '--maxWorkers=1'],
}

export async function check({ root, folder, run, skip }) {
  if (!areHere) skip('the newest vitest needs a newer Node, which npm has for Linux x64 with glibc alone')
  const packages = join(root, '__test__', 'package')
  const { binary } = node(24)
  await installInto(folder, { root, run })
  const details = [await inJest(), ...(await inVitest()), await inBun()]
  pageSays(root, 'conformance suite', details.map(rowOf), /^(?:jest|vitest|bun test) /)
  const tests = details.reduce((sum, row) => sum + row.tests, 0)
  return { count: tests, unit: 'tests', note: details.map((row) => row.runner).join('; '), details }

  async function inJest() {
    const { bundleGlobalSuite } = await import('../helpers/conformance.mjs')
    const home = join(folder, 'jest')
    mkdirSync(home)
    for (const name of copies) await bundleGlobalSuite(root, join(home, `${name}.test.cjs`))
    copyFileSync(join(packages, 'scripts', 'runners', 'reset.test.cjs'), join(home, 'reset.test.cjs'))
    const config = {
      transform: {},
      testMatch: ['**/*.test.cjs'],
      testTimeout: millisecondsMax,
      testEnvironmentOptions: { globalsCleanup: 'on' }, // what a file leaves behind cannot be used after it
    }
    writeFileSync(join(home, 'package.json'), JSON.stringify({ name: 'in-jest', jest: config }))
    const report = join(home, 'report.json')
    const entry = join(packages, 'node_modules', 'jest', 'bin', 'jest.js')
    await run(binary, [entry, '--runInBand', '--json', `--outputFile=${report}`], { cwd: home })
    return counted('jest', report, copies.length + 1)
  }

  async function inVitest() {
    const { bundleModuleSuite } = await import('../helpers/conformance.mjs')
    const home = join(folder, 'vitest')
    mkdirSync(home)
    symlinkSync(join(packages, 'node_modules', 'vitest'), join(folder, 'node_modules', 'vitest'))
    for (const name of copies) await bundleModuleSuite(root, join(home, `${name}.test.mjs`), 'vitest')
    const timeout = `--testTimeout=${millisecondsMax}`
    const rows = []
    for (const [pool, flags] of Object.entries(pools)) {
      const report = join(home, `${rows.length}.json`)
      const entry = join(packages, 'node_modules', 'vitest', 'vitest.mjs')
      await run(binary, [entry, 'run', '--root', home, '--reporter=json', `--outputFile=${report}`, timeout, ...flags])
      rows.push(counted(`vitest in ${pool}`, report, copies.length))
    }
    return rows
  }

  async function inBun() {
    const { bundleModuleSuite } = await import('../helpers/conformance.mjs')
    const home = join(folder, 'bun')
    mkdirSync(home)
    for (const name of copies) await bundleModuleSuite(root, join(home, `${name}.test.mjs`), 'bun:test')
    const report = join(home, 'report.xml')
    const flags = [`--timeout=${millisecondsMax}`, '--reporter=junit', `--reporter-outfile=${report}`]
    await run(bun().binary, ['test', ...flags], { cwd: home })
    const [, total, failed, skipped] = /<testsuites [^>]*tests="(\d+)"[^>]* failures="(\d+)"[^>]* skipped="(\d+)"/.exec(
      readFileSync(report, 'utf8'),
    )
    deepEqual([failed, skipped], ['0', '0'], 'bun test')
    return enough({ runner: 'bun test', tests: Number(total) })
  }
}

/** How the page names a runner: `vitest 5.1.1 in forks`. */
function rowOf({ runner }) {
  if (runner === 'bun test') return `${runner} ${bun().version}`
  const [name] = runner.split(' ')
  return runner.replace(name, `${name} ${versionOf(name)}`)
}

/** The tests of a report in jest's format, all of which must have passed. */
function counted(runner, report, files) {
  const { numPassedTests, numTotalTests, testResults } = JSON.parse(readFileSync(report, 'utf8'))
  equal(testResults.length, files, runner)
  deepEqual([runner, numPassedTests], [runner, numTotalTests])
  return enough({ runner, tests: numPassedTests })
}

function enough(row) {
  if (row.tests < copies.length * testsMin) throw new Error(`${row.runner} found only ${row.tests} tests`)
  return row
}
