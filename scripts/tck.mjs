/** Runs the scenarios of the openCypher TCK; see docs/internals/testing.md. */

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { SetupError, setup } from './shared/prepare.mjs'
import { inSeconds } from './shared/process.mjs'
import { KitError, kitFolder, readKit } from '../__test__/tck/kit.mjs'
import { problemsOf, readFailing, summarize } from '../__test__/tck/report.mjs'
import { BrokenEngine, Skipped, limitMs, runKit } from '../__test__/tck/run.mjs'

const help = `npm run tck -- [options]

  --dir DIR        the kit, or a part of it; ../shared/opencypher-tck when not given
  --only TEXT      scenarios with this text in their id
  --json           ends with one line of JSON: { passed, failed, total, folders, failing }, and error when there was no run
  --require        a kit that is not there is a failure, not skipped
  --limit SECONDS  the longest a scenario may take; ${limitMs / 1000} when not given
  --engine FILE    another engine than SledStore: a module like __test__/tck/engine.mjs
  --help           this text

A scenario that fails makes the exit code 1, unless __test__/tck/failing.json lists it; so does one that is listed and passes.
`

const options = {
  dir: { type: 'string' },
  only: { type: 'string' },
  json: { type: 'boolean', default: false },
  require: { type: 'boolean', default: false },
  limit: { type: 'string' },
  engine: { type: 'string' },
  help: { type: 'boolean', default: false },
}

/** What was asked for cannot be done. */
class Refused extends Error {}

function refuse(message) {
  throw new Refused(message)
}

function asked() {
  try {
    return parseArgs({ options }).values
  } catch (error) {
    return refuse(error.message)
  }
}

function milliseconds(text) {
  const seconds = Number(text)
  if (!(seconds > 0)) refuse('--limit takes a number of seconds')
  return seconds * 1000
}

/** The scenarios asked for. */
function scenariosOf(folder, wanted) {
  const kit = readKit(folder)
  const scenarios = kit.scenarios.filter(({ id }) => id.includes(wanted.only ?? ''))
  if (scenarios.length === 0) refuse(`no scenario has "${wanted.only}" in its id`)
  return { ...kit, scenarios }
}

/** Tells at a terminal how far it is, in place. */
class ProgressLine {
  #shown = 0

  constructor(total) {
    this.total = total
    this.failed = 0
  }

  show({ failure }, done) {
    if (failure !== undefined) this.failed++
    if (!process.stderr.isTTY || performance.now() - this.#shown < 200) return
    this.#shown = performance.now()
    process.stderr.write(`\r${done} of ${this.total} scenarios, ${this.failed} failed\u001B[K`)
  }

  clear() {
    if (process.stderr.isTTY) process.stderr.write('\r\u001B[K')
  }
}

async function perform(kit, wanted) {
  const progress = new ProgressLine(kit.scenarios.length)
  const { engine } = wanted
  const limit = wanted.limit === undefined ? limitMs : milliseconds(wanted.limit)
  try {
    const hear = (outcome, done) => progress.show(outcome, done)
    return await runKit(kit, { limit, hear, ...(engine === undefined ? {} : { engine }) })
  } finally {
    progress.clear()
  }
}

function tell(summary, problems, seconds) {
  for (const problem of problems) console.log(problem)
  const width = 2 + Math.max(...Object.keys(summary.folders).map((folder) => folder.length))
  for (const [folder, { passed, failed }] of Object.entries(summary.folders))
    console.log(`${folder.padEnd(width)}${passed} of ${passed + failed}`)
  console.log(`openCypher TCK scenarios passed, ${summary.passed} of ${summary.total}, ${inSeconds(seconds)}`)
}

async function main() {
  const wanted = asked()
  if (wanted.help) return void console.log(help)
  let summary = summarize([])
  try {
    const folder = wanted.dir ?? kitFolder
    if (!existsSync(folder))
      throw new Skipped(`there is no ${folder}; get the kit from opencypher/openCypher, folder tck`)
    if (wanted.engine === undefined) await setup()
    const kit = scenariosOf(folder, wanted)
    const started = performance.now()
    const outcomes = await perform(kit, wanted)
    const whole = resolve(folder) === kitFolder && wanted.only === undefined
    const problems = problemsOf(outcomes, readFailing(), { whole })
    summary = summarize(outcomes)
    tell(summary, problems, (performance.now() - started) / 1000)
    if (problems.length > 0) process.exitCode = 1
  } catch (error) {
    if (!(error instanceof Skipped)) throw error
    console.log(`skipped: ${error.message}`)
    summary = { ...summary, skipped: error.message, ...(wanted.require ? { error: error.message } : {}) }
    if (wanted.require) process.exitCode = 1
  }
  if (wanted.json) console.log(JSON.stringify(summary))
}

try {
  await main()
} catch (error) {
  const isTold = [SetupError, BrokenEngine, KitError, Refused].some((kind) => error instanceof kind)
  const isRefused = error instanceof Refused
  console.error(`tck: ${isTold ? error.message : error.stack}${isRefused ? `\n\n${help}` : ''}`)
  process.exitCode = isRefused ? 2 : 1
  // Whoever reads the last line finds there what went wrong.
  if (process.argv.includes('--json')) console.log(JSON.stringify({ ...summarize([]), error: error.message }))
}
