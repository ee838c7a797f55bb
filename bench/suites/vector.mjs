/** The suite of vectors: plans, runs, keeps, and shows what was measured. */

import { lacking } from '../graph/lacking.mjs'
import { bySize, endSession, session } from '../harness/session.mjs'
import { align, ratioTable } from '../harness/table.mjs'
import { vectorAdapters } from '../vector/adapters/index.mjs'
import { standing, vectorGoals } from '../vector/goals.mjs'
import { runVectorPlan } from '../vector/runner.mjs'
import { vectorSuite } from '../vector/suite.mjs'
import { vectorWorkloads } from '../vector/workloads/index.mjs'

/** @param {ReturnType<typeof import('../harness/options.mjs').readOptions>} options */
export async function vector(options) {
  const about = { skipped: lacking(vectorAdapters, vectorWorkloads, options.sizes) }
  const work = { suite: vectorSuite, adapters: vectorAdapters, workloads: vectorWorkloads, options, about }
  const ended = await session({ ...work, run: runVectorPlan })
  const groups = bySize(ended.result.records, titleOf)
  for (const [title, records] of groups)
    console.log(`\n${title}\n\n${ratioTable(records, Object.keys(vectorSuite.units))}`)
  for (const [title, records] of groups) {
    console.log(`\n${title}: recall and rate by width\n\n${curveTable(records)}`)
    console.log(`\n${title}: what is promised\n\n${goalTable(records)}`)
  }
  console.log(
    '\nsledstore ÷ peer; + better, − worse. rate_995: queries a second at a recall of at least 0.995, and so on.',
  )
  for (const { engine, workloads, reason } of about.skipped)
    console.log(`no ${workloads.join(', ')} of ${engine}, ${reason}`)
  endSession(ended, options)
}

function titleOf({ rows, params: { set, queries, dimensions, memoryBytes } }) {
  return `${set}, ${rows.toLocaleString('en')} × ${dimensions}, ${queries} queries, a budget of ${memoryBytes >> 20} MiB`
}

/** Every point of every curve. */
function curveTable(records) {
  const points = records.filter(({ metric }) => metric === 'rate')
  const rows = points.map(({ workload, engine, value, recall, params: { setting, share, width } }) => [
    share === undefined ? workload : `${workload} 1/${share}`,
    `${engine} ${setting}`,
    String(width),
    recall.toFixed(4),
    value.toFixed(0),
  ])
  return align([['workload', 'engine', 'width', 'recall', 'queries/s'], ...rows])
}

function goalTable(records) {
  const rows = vectorGoals.map((goal) => {
    const found = standing(records, goal)
    const beside = goal.peer ?? goal.base ?? ''
    if (found === undefined) return [goal.title, beside, '–', '', '']
    const { value, limit, rises, isReached } = found
    return [goal.title, beside, value.toFixed(3), `${rises ? '≥' : '≤'} ${limit.toFixed(2)}`, isReached ? '+' : '−']
  })
  return align([['promise', 'beside', 'is', 'to be', ''], ...rows])
}
