/** The suite of graphs: plans, runs, checks the answers, keeps, and shows what was measured. */

import { graphAdapters } from '../graph/adapters/index.mjs'
import { lacking } from '../graph/lacking.mjs'
import { runGraphPlan } from '../graph/runner.mjs'
import { graphSuite } from '../graph/suite.mjs'
import { betterPeerTable } from '../graph/table.mjs'
import { graphWorkloads } from '../graph/workloads/index.mjs'
import { bySize, endSession, session } from '../harness/session.mjs'
import { ratioTable } from '../harness/table.mjs'

/** @param {ReturnType<typeof import('../harness/options.mjs').readOptions>} options */
export async function graph(options) {
  const about = { skipped: lacking(graphAdapters, graphWorkloads, options.sizes) }
  const work = { suite: graphSuite, adapters: graphAdapters, workloads: graphWorkloads, options, about }
  const ended = await session({ ...work, run: runGraphPlan })
  const groups = bySize(ended.result.records, titleOf)
  for (const [title, records] of groups)
    console.log(`\n${title}\n\n${ratioTable(records, Object.keys(graphSuite.units))}`)
  for (const [title, records] of groups)
    console.log(`\n${title}: against the better peer\n\n${betterPeerTable(records)}`)
  console.log('\nsledstore ÷ peer; + better, − worse. ± half the range of the rounds. Times are those of one call.')
  for (const { engine, workloads, reason } of about.skipped)
    console.log(`${engine} skips ${workloads.length}, ${reason}: ${workloads.join(', ')}`)
  if (ended.result.failures.length === 0 && !ended.broken) console.log('Every answer was the right one.')
  endSession(ended, options)
}

function titleOf({ params: { graph, nodes, edges, memoryBytes } }) {
  const [count, ofEdges] = [nodes, edges].map((number) => number.toLocaleString('en'))
  return `${graph}, ${count} nodes and ${ofEdges} edges, ${memoryBytes >> 20} MiB each`
}
