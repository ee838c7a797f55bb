/** The conformance suite, without vitest, on every runtime. */

import { deepEqual, equal } from 'node:assert/strict'
import { join } from 'node:path'
import { namesOf, pageSays } from '../helpers/page.mjs'
import { areHere, runtimes } from '../helpers/runtimes.mjs'

export const title = 'the conformance suite on every runtime'
export const minutes = 15
export const quick = false

/** Fewer would mean that files of the suite were not found. */
const testsMin = 750

export async function check({ root, folder, run, skip }) {
  if (!areHere) skip('npm has all runtimes for Linux x64 with glibc alone')
  const { bundlePlainSuite, plantedFault } = await import('../helpers/conformance.mjs')
  const suite = join(folder, 'suite.mjs')
  await bundlePlainSuite(root, suite)
  const details = []
  for (const { name, version, binary, parametersFor } of runtimes()) {
    const { stdout } = await run(binary, parametersFor(suite), { codes: [0, 1] })
    const { passed, failed } = JSON.parse(stdout)
    const unexpected = failed.filter((test) => test.name !== plantedFault)
    deepEqual(unexpected, [], `${name} ${version}`)
    equal(failed.length, 1, `${name} ${version} finds the planted fault`)
    details.push({ runtime: name, version, tests: passed })
  }
  const [{ tests }] = details
  if (tests < testsMin) throw new Error(`only ${tests} tests were found`)
  for (const row of details) equal(row.tests, tests, `${row.runtime} runs as many as the others`)
  pageSays(root, 'conformance suite', namesOf(details), /^(?:Node|Bun|Deno) /)
  return {
    count: details.length * tests,
    unit: 'tests',
    note: `${tests} on each of ${details.length} runtimes`,
    details,
  }
}
