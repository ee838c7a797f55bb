/**
 * Finds and runs the checks of `__test__/package/checks`: each a module that exports `title`, `minutes` (the longest it
 * may take), `quick` (whether `npm test` runs it), `needs` (folders whose npm packages it wants) and `check(context)`.
 * A check runs in a process of its own, so that one that hangs or dies ends alone, with all it started.
 */

import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { run } from './process.mjs'
import { root } from './project.mjs'

const ending = '.check.mjs'
const child = fileURLToPath(new URL('package-check-child.mjs', import.meta.url))

/** Where the repository keeps its checks. */
export const checksFolder = join(root, '__test__', 'package', 'checks')

/**
 * @typedef {{ file: string, name: string, title: string, minutes: number, quick: boolean, needs: string[] }} Check
 * @typedef {{ name: string, title: string, status: 'ok' | 'failed' | 'skipped', seconds: number,
 *   count?: number, unit?: string, note?: string, details?: unknown, reason?: string, output: string }} Outcome
 */

/**
 * The checks of a folder, in the order of their names.
 *
 * @returns {Promise<Check[]>}
 */
export async function findChecks(folder = checksFolder) {
  const names = readdirSync(folder).filter((name) => name.endsWith(ending))
  return Promise.all(names.sort().map((name) => describeCheck(join(folder, name), name.slice(0, -ending.length))))
}

async function describeCheck(file, name) {
  const { title, minutes, quick, needs = ['__test__/package'], check } = await import(pathToFileURL(file).href)
  const complaints = [
    typeof title === 'string' && title !== '' ? [] : ['title'],
    typeof minutes === 'number' && minutes > 0 ? [] : ['minutes'],
    typeof quick === 'boolean' ? [] : ['quick'],
    Array.isArray(needs) ? [] : ['needs'],
    typeof check === 'function' ? [] : ['check'],
  ].flat()
  if (complaints.length > 0) throw new Error(`${file} does not export what a check exports: ${complaints.join(', ')}`)
  return { file, name, title, minutes, quick, needs }
}

/** The folders whose npm packages some checks want. */
export function needsOf(checks) {
  return [...new Set(checks.flatMap((check) => check.needs))]
}

/**
 * Runs one check to its end, or to the end of its minutes.
 *
 * @param {Check} check
 * @returns {Promise<Outcome>}
 */
export async function runCheck({ file, name, title, minutes }) {
  const home = mkdtempSync(join(tmpdir(), 'sledstore-check-'))
  const folder = join(home, 'folder')
  const answer = join(home, 'answer.json')
  mkdirSync(folder)
  try {
    const ran = await run(process.execPath, [child, file, folder, answer], { minutesMax: minutes })
    return { name, title, seconds: ran.seconds, output: ran.output, ...judged(ran, answer, minutes) }
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** What a check's process answered; failed when it answered nothing, did nothing, or left something running. */
function judged(ran, answer, minutes) {
  const failed = (reason) => ({ status: 'failed', reason })
  if (ran.seconds >= minutes * 60) return failed(`ended after ${minutes} min`)
  let said
  try {
    said = JSON.parse(readFileSync(answer, 'utf8'))
  } catch {
    return failed(`its process ended with ${ran.code} and no answer`)
  }
  if (said.skipped !== undefined) return { status: 'skipped', reason: said.skipped }
  if (said.error !== undefined) return failed(said.error)
  const { count, unit, note, details } = said.result ?? {}
  if (!Number.isInteger(count) || count <= 0 || typeof unit !== 'string' || unit === '')
    return failed('it returned no count of what it checked')
  return { status: 'ok', count, unit, note, details }
}

/** An outcome as one line. */
export function lineOf({ title, status, seconds, count, unit, note, reason }) {
  const took = `${seconds.toFixed(0)} s`
  if (status === 'ok') return `ok  ${title} … ${count} ${unit}${note === undefined ? '' : ` (${note})`}, ${took}`
  if (status === 'skipped') return `skipped  ${title} … ${reason}`
  return `FAILED  ${title} … ${took}`
}

/** An outcome as the table of `npm test` counts it: a check is one. */
export function countsOf({ title, status, reason, output }) {
  return {
    passed: status === 'ok' ? 1 : 0,
    failed: status === 'failed' ? 1 : 0,
    skipped: status === 'skipped' ? [{ name: title, reason }] : [],
    output: status === 'failed' ? `${title}: ${reason}\n${output}` : '',
  }
}
