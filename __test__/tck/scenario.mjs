/** Runs one scenario on a graph, and says what is wrong. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { resultFailure } from './compare.mjs'
import { errorFailure, gqlErrorFailure, isLanguageError, tellError } from './query-error.mjs'
import { KitError, namedGraph } from './kit.mjs'
import { difference, measure, sideEffectFailure } from './side-effects.mjs'
import { StepError, readStep } from './steps.mjs'

/** A scenario that does not hold. */
class Failure extends Error {}

/**
 * Runs a scenario in a graph of its own.
 *
 * @param {{ steps: import('./steps.mjs').RawStep[] }} scenario
 * @param {import('./engine.mjs').Engine} engine
 * @param {string} graphs the folder of the named graphs
 * @returns {Promise<string | undefined>} what failed
 */
export async function runScenario(scenario, engine, graphs) {
  let graph
  const files = new Files()
  try {
    const steps = scenario.steps.map(readStep)
    graph = await engine.graph()
    const run = new Run(graph, graphs, files)
    for (const step of steps) await run.step(step)
    run.end()
    return await droppingFailure(graph)
  } catch (error) {
    await droppingFailure(graph)
    const isTold = error instanceof Failure || error instanceof StepError || error instanceof KitError
    return isTold ? error.message : tellError(error)
  } finally {
    files.remove()
  }
}

/** Drops a graph; what is wrong when that fails is told only if nothing else was. */
async function droppingFailure(graph) {
  try {
    await graph?.drop()
    return undefined
  } catch (error) {
    return `the graph cannot be dropped: ${tellError(error)}`
  }
}

class Run {
  parameters = {}
  /** What the graph held before the query under test. */
  before = undefined
  /** The last query's outcome: `{ result }` or `{ error }`, and whether a step has looked at it. */
  outcome = undefined
  isControl = false
  wasLookedAt = false

  constructor(graph, graphs, files) {
    this.graph = graph
    this.graphs = graphs
    this.files = files
  }

  async step(step) {
    switch (step.is) {
      case 'graph':
        return step.name === undefined ? undefined : this.setup(namedGraph(this.graphs, step.name))
      case 'setup':
        return this.setup([step.query])
      case 'parameters':
        return void Object.assign(this.parameters, step.values)
      case 'procedure':
        return this.graph.registerProcedure(step.signature, step.rows)
      case 'csv':
        return void (this.parameters[step.parameter] = this.files.csv(step.parameter, step.rows))
      case 'query':
        return this.query(step)
      case 'result':
        return this.expect(resultFailure(step, this.result()))
      case 'effects':
        return this.effects(step.effects)
      case 'error':
        return this.error((error) => errorFailure(step, error))
      case 'gql error':
        return this.error((error) => gqlErrorFailure(step, error))
    }
  }

  async setup(queries) {
    for (const query of queries) {
      try {
        await this.graph.query(query, this.parameters)
      } catch (error) {
        throw new Failure(`what is executed beforehand failed: ${tellError(error)}`)
      }
    }
  }

  /** The query under test is measured; a control query looks at what it left, and its own side effects are not told. */
  async query({ query, control }) {
    if (this.outcome !== undefined) this.end()
    if (!control) this.before = await this.measure()
    try {
      this.outcome = { result: await this.graph.query(query, this.parameters) }
    } catch (error) {
      this.outcome = { error }
    }
    this.isControl = control
    this.wasLookedAt = false
  }

  async measure() {
    try {
      return await measure(this.graph)
    } catch (error) {
      throw new Failure(`the graph cannot be listed: ${tellError(error)}`)
    }
  }

  expect(failure) {
    if (failure !== undefined) throw new Failure(failure)
  }

  /** The last query's result, for a step that expects one. */
  result() {
    if (this.outcome === undefined) throw new Failure('nothing was executed')
    if (this.outcome.result === undefined) throw new Failure(`an error: ${tellError(this.outcome.error)}`)
    this.wasLookedAt = true
    return this.outcome.result
  }

  async effects(expected) {
    if (this.before === undefined) throw new Failure('side effects are expected of nothing')
    if (!this.wasLookedAt) this.result()
    this.expect(sideEffectFailure(expected, difference(this.before, await this.measure())))
  }

  /** A query that fails has no side effects. */
  async error(check) {
    if (this.outcome === undefined) throw new Failure('nothing was executed')
    const { error, result } = this.outcome
    if (result !== undefined) throw new Failure(`no error, but ${result.rows?.length} rows`)
    this.wasLookedAt = true
    this.expect(isLanguageError(error) ? check(error) : `no error of the language: ${tellError(error)}`)
    if (!this.isControl) await this.effects({})
  }

  /** A scenario that asks nothing of its query would pass whatever it did. */
  end() {
    if (this.outcome === undefined) throw new Failure('the scenario executes no query')
    if (this.wasLookedAt) return
    this.result()
    throw new Failure('the scenario expects nothing of its query')
  }
}

/** CSV files that a scenario reads by their URL. */
class Files {
  folder = undefined

  csv(name, rows) {
    this.folder ??= mkdtempSync(join(tmpdir(), 'sledstore-tck-'))
    const path = join(this.folder, `${name}.csv`)
    const cell = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
    writeFileSync(path, rows.map((row) => `${row.map(cell).join(',')}\n`).join(''))
    return pathToFileURL(path).href
  }

  remove() {
    if (this.folder !== undefined) rmSync(this.folder, { recursive: true, force: true })
  }
}
