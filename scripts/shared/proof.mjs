/**
 * Finds and runs the proof harnesses of `__test__/proof`: each a module that exports `title` (what one cycle is), `unit`
 * ('kills', 'images', …), `small` (cycles of `npm test`), `full` (cycles of the published run), `run(context)` and, if it
 * needs it, `prepare(context)`. What a cycle does follows from its seed, so that one is repeated by its seed alone.
 */

import { existsSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { run } from './process.mjs'
import { root } from './project.mjs'

/** Where the repository keeps its harnesses. */
export const proofFolder = join(root, '__test__', 'proof')

/** What a cycle may bring to light; a clean run has none of them. */
export const kinds = ['lost', 'wrong', 'aborted', 'hung']

/** How many findings a file of results describes; the sums count all. */
const describedMax = 50

/**
 * @typedef {{ file: string, name: string, title: string, unit: string, small: number, full: number }} Harness
 * @typedef {{ seed: number, cycles: number, lost: number, wrong: number, aborted: number, hung: number,
 *   seconds: number, commit: string, date: string, counts: Record<string, number>, findings: object[],
 *   skipped?: string, error?: string }} Run
 */

/** Ends a harness that this machine cannot run. */
class Skipped extends Error {}

/**
 * The harnesses of a folder, in the order of their names.
 *
 * @returns {Promise<Harness[]>}
 */
export async function findHarnesses(folder = proofFolder) {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.mjs')) : []
  return Promise.all(names.sort().map((name) => describe(join(folder, name), name.slice(0, -'.mjs'.length))))
}

async function describe(file, name) {
  const { title, unit, small, full, run: perform } = await import(pathToFileURL(file).href)
  const complaints = [
    typeof title === 'string' && title !== '' ? [] : ['title'],
    typeof unit === 'string' && unit !== '' ? [] : ['unit'],
    Number.isInteger(small) && small > 0 ? [] : ['small'],
    Number.isInteger(full) && full > 0 ? [] : ['full'],
    typeof perform === 'function' ? [] : ['run'],
  ].flat()
  if (complaints.length > 0) throw new Error(`${file} does not export what a harness exports: ${complaints.join(', ')}`)
  return { file, name, title, unit, small, full }
}

/** The commit a run belongs to; what is not committed makes it another one. */
export async function currentCommit() {
  const { code, stdout } = await run('git', ['describe', '--always', '--dirty', '--abbrev=40', '--exclude=*'])
  return code === 0 ? stdout.trim() : 'unknown'
}

/** Runs a command and throws, with all it printed, when its exit code is not among `codes` (0 alone when not given). */
async function runOrThrow(command, parameters, { codes = [0], ...options } = {}) {
  const result = await run(command, parameters, options)
  if (codes.includes(result.code)) return result
  throw new Error(`${[command, ...parameters].join(' ')}\nended with ${result.code}\n${result.output}`)
}

/** Sums what a harness reports; a report is what `cycles` cycles from `seed` on brought to light. */
export class Tally {
  constructor(seed) {
    this.seed = seed
    this.cycles = 0
    this.counts = {}
    this.findings = []
    for (const kind of kinds) this[kind] = 0
  }

  /** Adds a report; gives whether anything was found. */
  add({ seed, cycles, counts = {}, note, ...found }) {
    if (!Number.isInteger(seed) || !Number.isInteger(cycles) || cycles < 1)
      throw new Error('a report names its seed and how many cycles it stands for')
    for (const kind of kinds) {
      if (!Number.isInteger(found[kind]) || found[kind] < 0) throw new Error(`a report counts what is ${kind}`)
      this[kind] += found[kind]
    }
    this.cycles += cycles
    for (const [name, count] of Object.entries(counts)) this.counts[name] = (this.counts[name] ?? 0) + count
    const isClean = kinds.every((kind) => found[kind] === 0)
    if (!isClean && this.findings.length < describedMax) this.findings.push({ seed, cycles, ...pick(found), note })
    return !isClean
  }

  get isClean() {
    return kinds.every((kind) => this[kind] === 0)
  }
}

function pick(found) {
  return Object.fromEntries(kinds.map((kind) => [kind, found[kind]]))
}

/**
 * Runs some cycles of a harness. Its folder stays when something was found, for what lies in it is the evidence.
 *
 * @param {Harness} harness
 * @param {{ seed: number, cycles: number, scale?: 'small' | 'full', signal: AbortSignal, hear?: (report: object, tally: Tally, found: boolean) => void }} asked
 * @returns {Promise<Run & { folder?: string }>}
 */
export async function runHarness(harness, { seed, cycles, scale = 'full', signal, hear = () => {} }) {
  const folder = mkdtempSync(join(tmpdir(), `sledstore-proof-${harness.name}-`))
  const started = performance.now()
  const tally = new Tally(seed)
  const outcome = { commit: await currentCommit(), date: new Date().toISOString() }
  const report = (said) => hear(said, tally, tally.add(said))
  try {
    const module = await import(pathToFileURL(harness.file).href)
    await cyclesOf(module, { root, folder, seed, cycles, scale, signal, report })
  } catch (error) {
    if (error instanceof Skipped) outcome.skipped = error.message
    else if (!signal.aborted) outcome.error = error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
  const keep = !tally.isClean && existsSync(folder) && readdirSync(folder).length > 0
  if (!keep) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  return { ...tally, ...outcome, seconds: (performance.now() - started) / 1000, ...(keep ? { folder } : {}) }
}

async function cyclesOf({ prepare, run: perform }, { root, folder, scale, ...asked }) {
  const skip = (reason) => {
    throw new Skipped(reason)
  }
  const prepared = await prepare?.({ root, folder, run: runOrThrow, skip, scale })
  try {
    await perform({ root, folder, prepared, ...asked })
  } finally {
    await prepared?.close?.()
  }
}

/** The runs a file of results holds; none when there is no such file yet. */
export function readRuns(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).runs : []
}

/**
 * What goes into a file of results: the sums over the runs of the newest run's commit, and every run.
 *
 * @param {string} name
 * @param {Run[]} runs
 */
export function summary(name, runs) {
  const newest = runs.at(-1)
  const same = runs.filter(({ commit }) => commit === newest.commit)
  const sum = (of) => same.reduce((total, one) => total + of(one), 0)
  const counts = {}
  for (const [name, count] of same.flatMap((one) => Object.entries(one.counts)))
    counts[name] = (counts[name] ?? 0) + count
  return {
    name,
    cycles: sum((one) => one.cycles),
    seed: same[0].seed,
    ...Object.fromEntries(kinds.map((kind) => [kind, sum((one) => one[kind])])),
    seconds: Math.round(sum((one) => one.seconds) * 10) / 10,
    ...(newest.skipped === undefined ? {} : { skipped: newest.skipped }),
    ...(newest.error === undefined ? {} : { error: newest.error }),
    commit: newest.commit,
    date: newest.date,
    counts,
    runs,
  }
}

/** Writes a file of results; a run that is ended in between leaves the old one whole. */
export function writeRuns(file, name, runs) {
  writeFileSync(`${file}.new`, `${JSON.stringify(summary(name, runs), null, 2)}\n`)
  renameSync(`${file}.new`, file)
}

/** The seed behind the last one run on a commit, and how many cycles of it there are. */
export function positionOf(runs, commit) {
  const same = runs.filter((one) => one.commit === commit)
  const last = runs.at(-1)
  return {
    done: same.reduce((sum, { cycles }) => sum + cycles, 0),
    next: last === undefined ? undefined : last.seed + last.cycles,
  }
}

/** A run as one line. */
export function lineOf({ title, unit }, run) {
  if (run.skipped !== undefined) return `skipped  ${title} … ${run.skipped}`
  const isClean = run.error === undefined && kinds.every((kind) => run[kind] === 0)
  const found = kinds.map((kind) => `${run[kind]} ${kind}`).join(', ')
  return `${isClean ? 'ok ' : 'FAILED '} ${title} … ${run.cycles} ${unit} from seed ${run.seed}, ${found}, ${run.seconds.toFixed(0)} s`
}
