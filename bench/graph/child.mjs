/**
 * One run of the graph suite in a process of its own: takes the job as JSON in its argument, and prints what came of it
 * as JSON.
 */

import { readFileSync } from 'node:fs'
import { graphAdapters } from './adapters/index.mjs'
import { reference } from './reference.mjs'
import { answer, load, measure } from './task.mjs'
import { graphWorkloads } from './workloads/index.mjs'

/** @type {import('./task.mjs').GraphJob} */
const job = JSON.parse(process.argv[2])
const adapter = [...graphAdapters, reference].find(({ packageName }) => packageName === job.packageName)
const workload = graphWorkloads.find(({ name }) => name === job.workload)
const tasks = { load, answer, measure }
const result = await tasks[job.task](adapter, job, workload)
console.log(JSON.stringify({ ...result, version: packageVersion() }))

function packageVersion() {
  if (adapter === reference) return undefined
  // Not by require: a package may not export its package.json.
  const path = new URL(`../node_modules/${adapter.packageName}/package.json`, import.meta.url)
  return JSON.parse(readFileSync(path, 'utf8')).version
}
