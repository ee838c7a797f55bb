/** Runs one proof harness; see docs/internals/testing.md. */

import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { SetupError, setup } from './shared/prepare.mjs'
import { currentCommit, findHarnesses, kinds, lineOf, positionOf, proofFolder, readRuns } from './shared/proof.mjs'
import { runHarness, writeRuns } from './shared/proof.mjs'
import { publish } from './shared/proof-report.mjs'

const help = `npm run proof -- NAME [options]

  --cycles N    how many cycles; the number of the published run when not given. With --resume the number in all
  --seed S      the first cycle's seed; each cycle takes the next one. Random when not given
  --json FILE   writes the sums and every run to a file
  --resume      goes on behind the last seed in that file, and sums up what was run on the same commit
  --small       as many cycles as "npm test" runs
  --list        names the harnesses, and runs none
  --publish     runs none, and writes the results kept in docs/internals/proof into docs/internals/testing.md
  --from FOLDER harnesses of another folder than __test__/proof
  --help        this text

Ctrl-C ends a run early and keeps what was run. The exit code is 0 when nothing was found.
`

const options = {
  cycles: { type: 'string' },
  seed: { type: 'string' },
  json: { type: 'string' },
  resume: { type: 'boolean', default: false },
  small: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  publish: { type: 'boolean', default: false },
  from: { type: 'string', default: proofFolder },
  help: { type: 'boolean', default: false },
}

/** Seeds begin at a multiple of this, so that harnesses whose cycles share a store begin with a new one. */
const seedStep = 1_000

function refuse(message) {
  console.error(`${message}\n\n${help}`)
  process.exit(2)
}

function asked() {
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    return { ...values, names: positionals }
  } catch (error) {
    return refuse(error.message)
  }
}

function wholeNumber(text, name, least) {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < least) refuse(`--${name} takes a whole number from ${least} on`)
  return number
}

/** Which cycles to run: those asked for, or what is left of them. */
async function plan(harness, wanted, runs) {
  const cycles = wanted.small ? harness.small : wholeNumber(wanted.cycles ?? harness.full, 'cycles', 1)
  const given = wanted.seed ?? process.env.SLEDSTORE_SEED
  const seed = given === undefined ? randomInt(1, 1_000_000) * seedStep : wholeNumber(given, 'seed', 0)
  if (runs.length === 0) return { seed, cycles }
  const { done, next } = positionOf(runs, await currentCommit())
  return { seed: next ?? seed, cycles: Math.max(0, cycles - done) }
}

/** Tells how far it is: in place at a terminal, now and then elsewhere. */
class ProgressLine {
  #shown = performance.now()

  constructor(unit, cycles) {
    this.unit = unit
    this.cycles = cycles
  }

  show(tally) {
    const now = performance.now()
    if (now - this.#shown < (process.stdout.isTTY ? 200 : 30_000)) return
    this.#shown = now
    const found = kinds.map((kind) => `${tally[kind]} ${kind}`).join(', ')
    const line = `${tally.cycles} of ${this.cycles} ${this.unit}, ${found}`
    process.stdout.write(process.stdout.isTTY ? `\r${line}\u001B[K` : `${line}\n`)
  }

  clear() {
    if (process.stdout.isTTY) process.stdout.write('\r\u001B[K')
  }
}

/** Sooner than anybody presses Ctrl-C again: npm passes on what the terminal has sent already. */
const oneKeyMs = 500

/** A signal that Ctrl-C aborts; a second Ctrl-C ends the process. */
function interruption() {
  const controller = new AbortController()
  let first
  const interrupt = () => {
    if (first !== undefined && performance.now() - first > oneKeyMs) process.exit(130)
    first ??= performance.now()
    controller.abort()
  }
  for (const name of ['SIGINT', 'SIGTERM']) process.on(name, interrupt)
  return controller.signal
}

async function perform(harness, { seed, cycles, scale }) {
  const progress = new ProgressLine(harness.unit, cycles)
  const hear = (report, tally, found) => {
    if (found) {
      progress.clear()
      const what = kinds.filter((kind) => report[kind] > 0).map((kind) => `${report[kind]} ${kind}`)
      console.log(`FOUND ${what.join(', ')}: ${report.note ?? 'no note'}`)
      console.log(`repeat it: npm run proof -- ${harness.name} --seed ${report.seed} --cycles ${report.cycles}`)
    }
    progress.show(tally)
  }
  console.log(`${harness.name}: ${harness.title}; ${cycles} ${harness.unit} from seed ${seed}`)
  const ran = await runHarness(harness, { seed, cycles, scale, signal: interruption(), hear })
  progress.clear()
  return ran
}

async function main() {
  const wanted = asked()
  if (wanted.help) return void console.log(help)
  if (wanted.publish) return publish()
  const harnesses = await findHarnesses(wanted.from)
  if (wanted.list) {
    for (const { name, title, unit, small, full } of harnesses)
      console.log(`${name}: ${title} (${full} ${unit}, ${small} in npm test)`)
    return
  }
  const harness = harnesses.find(({ name }) => wanted.names.length === 1 && name === wanted.names[0])
  if (harness === undefined) refuse(`name one harness: ${harnesses.map(({ name }) => name).join(', ')}`)
  if (wanted.resume && wanted.json === undefined) refuse('--resume goes on with what --json FILE names')
  await setup({ tools: true })
  const runs = wanted.resume ? readRuns(wanted.json) : []
  const cycles = await plan(harness, wanted, runs)
  if (cycles.cycles === 0) return void console.log(`${harness.name}: all ${harness.unit} of this commit were run`)
  const { folder, ...ran } = await perform(harness, { ...cycles, scale: wanted.small ? 'small' : 'full' })
  if (wanted.json !== undefined) writeRuns(wanted.json, harness.name, [...runs, ran])
  if (ran.error !== undefined) console.log(ran.error)
  if (folder !== undefined) console.log(`what was found lies in ${folder}`)
  console.log(lineOf(harness, ran))
  if (ran.error !== undefined || kinds.some((kind) => ran[kind] > 0)) process.exitCode = 1
}

try {
  await main()
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  console.error(`setup: ${error.message}`)
  process.exitCode = 1
}
