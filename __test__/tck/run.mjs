/** Runs a kit's scenarios in processes of their own, each with a time limit. */

import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath, pathToFileURL } from 'node:url'

const worker = fileURLToPath(new URL('worker.mjs', import.meta.url))

/** The engine under test. */
export const engineFile = fileURLToPath(new URL('engine.mjs', import.meta.url))

/** How long a scenario may take. */
export const limitMs = 20_000

/** How long an engine may take to open and to close. */
const openMs = 60_000

/** More processes do not make a run shorter by much. */
const lanesMax = 4

/** How much of what a process printed is told when it dies. */
const printedMax = 2_000

/** No scenario was run; the message says why. */
export class Skipped extends Error {}

/** The engine does not open, or does not close. */
export class BrokenEngine extends Error {}

/**
 * @typedef {import('./kit.mjs').Scenario} Scenario
 * @typedef {{ id: string, folder: string, failure: string | undefined }} Outcome
 */

/**
 * Runs scenarios and gives their outcomes in the same order.
 *
 * @param {import('./kit.mjs').Kit} kit
 * @param {{ engine?: string, limit?: number, lanes?: number, hear?: (outcome: Outcome, done: number) => void }} [options]
 *   `engine` is a module like engine.mjs, `limit` the milliseconds of a scenario
 * @returns {Promise<Outcome[]>}
 */
export async function runKit({ scenarios, graphs }, options = {}) {
  const { engine = engineFile, limit = limitMs, hear = () => {} } = options
  const lanes = Math.min(options.lanes ?? lanesMax, availableParallelism(), scenarios.length)
  const outcomes = []
  let next = 0
  let done = 0
  let broken
  const stop = new AbortController()
  const lane = async () => {
    const subject = new Subject(pathToFileURL(engine).href, graphs, stop.signal)
    try {
      while (next < scenarios.length && !stop.signal.aborted) {
        const at = next++
        const { id, folder } = scenarios[at]
        outcomes[at] = { id, folder, failure: await subject.run(scenarios[at], limit) }
        hear(outcomes[at], ++done)
      }
      await subject.close()
    } catch (error) {
      broken ??= error
      stop.abort() // the other lanes would only find the same
    } finally {
      subject.kill()
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  if (broken !== undefined) throw broken
  return outcomes
}

/** A process with an engine; a new one after one that had to be ended. */
class Subject {
  #child
  #printed = ''
  #killed = () => this.kill()

  constructor(engineUrl, graphs, signal) {
    this.engineUrl = engineUrl
    this.graphs = graphs
    this.signal = signal
  }

  /** Runs a scenario; gives what failed. */
  async run(scenario, limit) {
    if (this.#child === undefined) await this.#open()
    const answer = await this.#ask({ steps: scenario.steps }, limit)
    if (answer.done) return answer.failure
    this.kill()
    return answer.hung ? `no answer within ${limit / 1000} s` : `the engine's process died: ${answer.died}`
  }

  async #open() {
    this.#printed = ''
    const child = fork(worker, [this.engineUrl, this.graphs], {
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child = child
    child.on('error', () => {}) // who waits for an answer hears it, too
    process.once('exit', this.#killed)
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => (this.#printed = `${this.#printed}${chunk}`.slice(-printedMax)))
    const answer = await this.#ask(undefined, openMs)
    if (answer.absent !== undefined) throw new Skipped(answer.absent)
    if (!answer.ready) throw new BrokenEngine(`the engine does not open: ${this.#tell(answer)}`)
  }

  /** Closes the engine, if one is open, and waits for its process to leave by itself. */
  async close() {
    if (this.#child === undefined) return
    const answer = await this.#ask(null, openMs)
    const left = answer.closed ? await this.#ask(undefined, openMs) : answer
    if (left.code !== 0) throw new BrokenEngine(`the engine does not close: ${this.#tell(left)}`)
    this.kill()
  }

  kill() {
    process.off('exit', this.#killed)
    this.#child?.kill('SIGKILL')
    this.#child = undefined
  }

  #tell({ broken, hung, died }) {
    return broken ?? (hung ? 'no answer' : died)
  }

  /** Sends a message and waits for the answer, the process's end or the time limit. */
  #ask(message, limit) {
    const child = this.#child
    return new Promise((done) => {
      const finish = (answer) => {
        clearTimeout(timer)
        this.signal.removeEventListener('abort', aborted)
        child.off('message', finish)
        child.off('close', closed)
        child.off('error', failed)
        done(answer)
      }
      const closed = (code, signal) =>
        finish({ code, died: `${signal ?? `exit code ${code}`}\n${this.#printed}`.trim() })
      const failed = (error) => finish({ died: error.message })
      const aborted = () => finish({ died: 'the run was ended' })
      const timer = setTimeout(() => finish({ hung: true }), limit)
      child.on('message', finish)
      child.on('close', closed)
      child.on('error', failed)
      this.signal.addEventListener('abort', aborted)
      if (message !== undefined) child.send(message, (error) => error && failed(error))
    })
  }
}
