/** A session of a suite whose runs are kept one by one: it measures what a result does not hold yet. */

import { join } from 'node:path'
import { interruption } from './interruption.mjs'
import { commit, load, machine } from './machine.mjs'
import { planOf } from './plan.mjs'
import { endProgress, progress } from './progress.mjs'
import { ResultFile } from './result.mjs'
import { resultsFolder } from './options.mjs'

/**
 * @param {object} work
 * @param {import('./suite.mjs').Suite} work.suite
 * @param {object[]} work.adapters
 * @param {object[]} work.workloads
 * @param {ReturnType<typeof import('./options.mjs').readOptions>} work.options
 * @param {(plan: object) => Promise<void>} work.run runs a plan, as `runPlan` does
 * @param {object} [work.about] what else is noted of the session
 * @returns {Promise<{ result: ResultFile, broken: boolean }>} whether it was broken off
 */
export async function session({ suite, adapters, workloads, options, run, about = {} }) {
  const { sizes, seed, json, resume, data } = options
  const result = ResultFile.begin(json, { commit: commit(resultsFolder), machine: machine() }, { resume, suite })
  const stages = planOf({ sizes, seed, adapters, workloads, done: result.done, suite })
  const total = stages.reduce((sum, { runs }) => sum + runs.length, 0)
  if (result.runs.length > 0) console.error(`bench: ${result.runs.length} runs are measured already, ${total} are left`)
  const before = load()
  result.beginSession({ date: new Date().toISOString(), load: [before], ...about })
  const stop = interruption()
  try {
    await run({
      stages,
      home: join(data, 'sledstore-bench'),
      signal: stop.signal,
      say: progress(total),
      onRun: (one) => result.addRun(one),
      onFailure: (failure) => tell(result, failure),
    })
  } catch (error) {
    if (!stop.signal.aborted) throw error
  } finally {
    stop.end()
    endProgress()
    result.endSession({ load: [before, load()] })
  }
  return { result, broken: stop.signal.aborted }
}

function tell(result, failure) {
  endProgress()
  console.error(`bench: ${failure.workload} of ${failure.package}, ${failure.setting}: ${failure.error}`)
  result.addFailure(failure)
}

/** Says where the runs are, and what is left of them; the process tells by its end whether anything is. */
export function endSession({ result, broken }, { json }) {
  console.log(`Every run is kept in ${json}.`)
  if (result.failures.length > 0) {
    console.log(`${result.failures.length} did not run, or answered wrong; --resume tries them again.`)
    process.exitCode = 1
  }
  if (broken) {
    console.log('Broken off: the same command with --resume goes on.')
    process.exitCode = 130
  }
}

/** Records by the size of their store, with the title that says it. */
export function bySize(records, titleOf) {
  const groups = new Map()
  for (const record of records) {
    const title = titleOf(record)
    groups.set(title, [...(groups.get(title) ?? []), record])
  }
  return groups
}
