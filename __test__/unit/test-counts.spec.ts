/** The counts that `npm test` prints are those of the runners, and nothing that failed is lost. */

import { expect, it } from 'vitest'

interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: { name: string; reason: string }[]
}

const path = new URL('../../scripts/shared/counts.mjs', import.meta.url).href
const { countCargo, countOne, countVitest } = (await import(path)) as {
  countCargo(output: string, code: number): Counts
  countOne(code: number): Counts
  countVitest(report: unknown, code: number): Counts
}

it('sums the result lines of every test binary of cargo', () => {
  const output = [
    'test a::works ... ok',
    'test b::later ... ignored, needs a disk',
    'test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s',
    'test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s',
  ].join('\n')
  expect(countCargo(output, 101)).toEqual({
    passed: 15,
    failed: 2,
    skipped: [{ name: 'b::later', reason: 'needs a disk' }],
  })
})

it('counts a run of cargo that died before its result line as a failure', () => {
  expect(countCargo('error: could not compile', 101).failed).toBe(1)
})

it('counts tests of vitest, with the reason of a skipped one', () => {
  const assertionResults = [
    { fullName: 'a', status: 'passed' },
    { fullName: 'b', status: 'failed' },
    { fullName: 'c', status: 'skipped', meta: { skipReason: 'no strace' } },
  ]
  const report = { testResults: [{ status: 'failed', assertionResults }] }
  expect(countVitest(report, 1)).toEqual({ passed: 1, failed: 1, skipped: [{ name: 'c', reason: 'no strace' }] })
})

it('counts a file of vitest that cannot be loaded as a failure', () => {
  expect(countVitest({ testResults: [{ status: 'failed', assertionResults: [] }] }, 1).failed).toBe(1)
})

it('counts a failed run of vitest without a failed test as a failure', () => {
  expect(countVitest({ testResults: [] }, 1).failed).toBe(1)
})

it('counts a lint as one', () => {
  expect([countOne(0), countOne(1)]).toMatchObject([
    { passed: 1, failed: 0 },
    { passed: 0, failed: 1 },
  ])
})
