/** The suite of keys and values: plans, runs, keeps, and shows what was measured. */

import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { adapters } from '../adapters/index.mjs'
import { interruption } from '../harness/interruption.mjs'
import { commit, load, machine } from '../harness/machine.mjs'
import { planOf } from '../harness/plan.mjs'
import { endProgress, progress } from '../harness/progress.mjs'
import { ResultFile } from '../harness/result.mjs'
import { runPlan } from '../harness/runner.mjs'
import { ratioTable } from '../harness/table.mjs'
import { workloads } from '../workloads/index.mjs'

const here = dirname(dirname(fileURLToPath(import.meta.url)))

/** @param {ReturnType<typeof import('../harness/options.mjs').readOptions>} options */
export async function kv({ sizes, seed, json, resume, data }) {
  const result = ResultFile.begin(json, { commit: commit(here), machine: machine() }, { resume })
  const stages = planOf({ sizes, seed, adapters, workloads, done: result.done })
  const total = stages.reduce((sum, { runs }) => sum + runs.length, 0)
  if (result.runs.length > 0) console.error(`bench: ${result.runs.length} runs are measured already, ${total} are left`)
  const before = load()
  result.beginSession({ date: new Date().toISOString(), load: [before] })
  const stop = interruption()
  try {
    await runPlan({
      stages,
      home: join(data, 'sledstore-bench'),
      signal: stop.signal,
      say: progress(total),
      onRun: (run) => result.addRun(run),
      onFailure: (failure) => tell(result, failure),
    })
  } catch (error) {
    if (!stop.signal.aborted) throw error
  } finally {
    stop.end()
    endProgress()
    result.endSession({ load: [before, load()] })
  }
  show(result, { json, broken: stop.signal.aborted })
}

function tell(result, failure) {
  endProgress()
  console.error(`bench: ${failure.workload} of ${failure.package}, ${failure.setting}: ${failure.error}`)
  result.addFailure(failure)
}

function show(result, { json, broken }) {
  for (const [title, records] of bySize(result.records)) console.log(`\n${title}\n\n${ratioTable(records)}`)
  console.log('\nsledstore ÷ peer; + better, − worse. ± half the range of the rounds.')
  console.log(`Every run is kept in ${json}.`)
  if (result.failures.length > 0) {
    console.log(`${result.failures.length} did not run; --resume tries them again.`)
    process.exitCode = 1
  }
  if (broken) {
    console.log('Broken off: the same command with --resume goes on.')
    process.exitCode = 130
  }
}

/** Records by the size of their store, with what the size is. */
function bySize(records) {
  const groups = new Map()
  for (const record of records) {
    const { valueBytes, memoryBytes } = record.params
    const title = `${record.rows.toLocaleString('en')} rows, values of ${valueBytes} B, ${memoryBytes >> 20} MiB each`
    groups.set(title, [...(groups.get(title) ?? []), record])
  }
  return groups
}
