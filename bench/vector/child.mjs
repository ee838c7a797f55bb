/**
 * One run of the vector suite in a process of its own: takes the job as JSON in its argument, and prints what came of it as
 * JSON.
 */

import { readFileSync } from 'node:fs'
import { vectorAdapters } from './adapters/index.mjs'
import { load, measure } from './task.mjs'
import { vectorWorkloads } from './workloads/index.mjs'

/** @type {import('./task.mjs').VectorJob} */
const job = JSON.parse(process.argv[2])
const adapter = vectorAdapters.find(({ engine }) => engine === job.engine)
const workload = vectorWorkloads.find(({ name }) => name === job.workload)
const result = await (job.task === 'load' ? load(adapter, job) : measure(adapter, job, workload))
console.log(JSON.stringify({ ...result, version: packageVersion() }))
// A peer's threads must not keep the process.
process.exit(0)

function packageVersion() {
  // Not by require: a package may not export its package.json.
  const path = new URL(`../node_modules/${adapter.packageName}/package.json`, import.meta.url)
  return JSON.parse(readFileSync(path, 'utf8')).version
}
