/** Sums a run up, and holds it against the scenarios that may fail. */

import { readFileSync } from 'node:fs'

const listFile = new URL('failing.json', import.meta.url)

/**
 * Ids of the scenarios that may fail. The list only gets shorter: one that passes is taken out.
 *
 * @returns {string[]}
 */
export function readFailing() {
  return JSON.parse(readFileSync(listFile, 'utf8'))
}

/**
 * @param {import('./run.mjs').Outcome[]} outcomes
 * @returns {{ passed: number, failed: number, total: number, folders: Record<string, { passed: number, failed: number }>, failing: string[] }}
 */
export function summarize(outcomes) {
  const folders = {}
  for (const { folder, failure } of outcomes) {
    const counts = (folders[folder] ??= { passed: 0, failed: 0 })
    counts[failure === undefined ? 'passed' : 'failed']++
  }
  const failing = outcomes.filter(({ failure }) => failure !== undefined).map(({ id }) => id)
  return { passed: outcomes.length - failing.length, failed: failing.length, total: outcomes.length, folders, failing }
}

/**
 * What is wrong with a run, one line each: scenarios that fail and may not, and listed ones that do not fail.
 *
 * @param {import('./run.mjs').Outcome[]} outcomes
 * @param {string[]} listed
 * @param {{ whole: boolean }} of whether the outcomes are those of all scenarios there are
 * @returns {string[]}
 */
export function problemsOf(outcomes, listed, { whole }) {
  const mayFail = new Set(listed)
  const ids = new Set(outcomes.map(({ id }) => id))
  const failed = outcomes.filter(({ id, failure }) => failure !== undefined && !mayFail.has(id))
  const passed = outcomes.filter(({ id, failure }) => failure === undefined && mayFail.has(id))
  const unknown = whole ? listed.filter((id) => !ids.has(id)) : []
  return [
    ...failed.map(({ id, failure }) => `${id}\n  ${failure.replaceAll('\n', '\n  ')}`),
    ...passed.map(({ id }) => `${id}\n  passes: remove it from failing.json`),
    ...unknown.map((id) => `${id}\n  is no scenario: remove it from failing.json`),
  ]
}
