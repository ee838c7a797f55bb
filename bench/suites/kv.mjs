/** The suite of keys and values: plans, runs, keeps, and shows what was measured. */

import { adapters } from '../adapters/index.mjs'
import { runPlan } from '../harness/runner.mjs'
import { bySize, endSession, session } from '../harness/session.mjs'
import { kvSuite } from '../harness/suite.mjs'
import { ratioTable } from '../harness/table.mjs'
import { workloads } from '../workloads/index.mjs'

/** @param {ReturnType<typeof import('../harness/options.mjs').readOptions>} options */
export async function kv(options) {
  const ended = await session({ suite: kvSuite, adapters, workloads, options, run: runPlan })
  for (const [title, records] of bySize(ended.result.records, titleOf))
    console.log(`\n${title}\n\n${ratioTable(records)}`)
  console.log('\nsledstore ÷ peer; + better, − worse. ± half the range of the rounds.')
  endSession(ended, options)
}

function titleOf({ rows, params: { valueBytes, memoryBytes } }) {
  return `${rows.toLocaleString('en')} rows, values of ${valueBytes} B, ${memoryBytes >> 20} MiB each`
}
