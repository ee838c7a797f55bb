/**
 * The file that keeps what was measured: every run as it ends, and the records made of them. A run that is broken off
 * loses nothing, and several runs of one commit make one result.
 */

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { runKey } from './plan.mjs'
import { kvSuite } from './suite.mjs'
import { summarize } from './summary.mjs'
import { UsageError } from './options.mjs'

export class ResultFile {
  #path
  #content
  #suite

  constructor(path, content, suite) {
    this.#path = path
    this.#suite = suite
    this.#content = content
  }

  /**
   * @param {string} path
   * @param {{ commit?: string, machine: object }} origin of what is to be measured now
   * @param {{ resume: boolean, suite?: import('./suite.mjs').Suite }} options whether what the file holds is kept
   */
  static begin(path, { commit, machine }, { resume, suite = kvSuite }) {
    const empty = { commit, machine, sessions: [], runs: [], failures: [], records: [] }
    if (!resume) return new ResultFile(path, empty, suite)
    const found = readResult(path)
    if (found === undefined) return new ResultFile(path, empty, suite)
    if (found.suite !== suite.name)
      throw new UsageError(
        `${path} is a result of the suite ${found.suite}, and this is ${suite.name}; name another file`,
      )
    if (found.commit === undefined || found.commit !== commit)
      throw new UsageError(
        `${path} was measured at commit ${found.commit}, and this is ${commit}: one result is of one commit. Check that one out, name another file, or leave out --resume to begin anew`,
      )
    if (JSON.stringify(found.machine) !== JSON.stringify(machine))
      throw new UsageError(
        `${path} was measured on another machine (${found.machine.processor}, ${found.machine.system}); name another file`,
      )
    // What failed is tried again.
    return new ResultFile(path, { ...found, failures: [] }, suite)
  }

  get runs() {
    return this.#content.runs
  }

  get failures() {
    return this.#content.failures
  }

  get records() {
    return this.#content.records
  }

  /** Keys of the runs it holds. */
  get done() {
    return new Set(this.#content.runs.map((run) => runKey(run, this.#suite)))
  }

  /** Notes when and under which load of the machine runs were measured; the last note may be written again. */
  beginSession(session) {
    this.#content.sessions.push(session)
  }

  endSession(details) {
    Object.assign(this.#content.sessions.at(-1), details)
    this.save()
  }

  addRun(run) {
    this.#content.runs.push({ ...run, metrics: rounded(run.metrics) })
    this.save()
  }

  addFailure(failure) {
    this.#content.failures.push(failure)
    this.save()
  }

  /** Makes the records anew and writes the whole, by way of another name, so that there is always a whole file. */
  save() {
    this.#content.records = summarize(this.#content.runs, this.#suite).records
    mkdirSync(dirname(this.#path), { recursive: true })
    writeFileSync(`${this.#path}.tmp`, textOf({ suite: this.#suite.name, ...this.#content }))
    renameSync(`${this.#path}.tmp`, this.#path)
  }
}

/** Six digits of a figure are more than any clock is worth. */
const rounded = (metrics) =>
  Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, value && Number(value.toPrecision(6))]))

/** JSON with a line for each run and record. */
function textOf(whole) {
  const fields = Object.entries(whole).map(([name, value]) => {
    const text = Array.isArray(value)
      ? `[${value.map((item) => `\n  ${JSON.stringify(item)}`).join(',')}\n ]`
      : JSON.stringify(value)
    return ` ${JSON.stringify(name)}: ${text}`
  })
  return `{\n${fields.join(',\n')}\n}\n`
}

/** @returns {object | undefined} nothing when there is no such file */
export function readResult(path) {
  let text
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
  try {
    const content = JSON.parse(text)
    if (Array.isArray(content.runs)) return content
  } catch {
    // Said below.
  }
  throw new UsageError(`${path} is no result of this bench; name another file, or remove it`)
}
