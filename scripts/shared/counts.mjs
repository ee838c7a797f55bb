/** Reads from each test runner's report how many tests passed, failed and were skipped, and which were skipped. */

/** @typedef {{ passed: number, failed: number, skipped: { name: string, reason: string }[] }} Counts */

/**
 * Sums the result lines of `cargo test`. A test binary that dies prints none, so a failed run counts at least one.
 *
 * @param {string} output
 * @param {number} code the run's exit code
 * @returns {Counts}
 */
export function countCargo(output, code) {
  const counts = { passed: 0, failed: 0, skipped: [] }
  for (const [, passed, failed] of output.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed;/gm)) {
    counts.passed += Number(passed)
    counts.failed += Number(failed)
  }
  for (const [, name, reason] of output.matchAll(/^test (.+?) \.\.\. ignored(?:, (.*))?$/gm)) {
    counts.skipped.push({ name, reason: reason ?? 'no reason given' })
  }
  if (code !== 0 && counts.failed === 0) counts.failed = 1
  return counts
}

/**
 * Sums vitest's JSON report. A file that cannot be loaded holds no tests and counts as one failure.
 *
 * @param {any} report
 * @param {number} code the run's exit code
 * @returns {Counts}
 */
export function countVitest(report, code) {
  const counts = { passed: 0, failed: 0, skipped: [] }
  for (const file of report.testResults) {
    for (const test of file.assertionResults) {
      if (test.status === 'passed') counts.passed++
      else if (test.status === 'failed') counts.failed++
      else counts.skipped.push({ name: test.fullName, reason: test.meta?.skipReason ?? 'no reason given' })
    }
    if (file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')) counts.failed++
  }
  if (code !== 0 && counts.failed === 0) counts.failed = 1
  return counts
}

/** A tool that answers only yes or no. */
export function countOne(code) {
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: [] }
}
