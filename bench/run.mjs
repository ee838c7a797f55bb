/** SledStore and its peers side by side: what the commands of the bench do. */

import { join } from 'node:path'
import { adapters } from './adapters/index.mjs'
import { graphAdapters } from './graph/adapters/index.mjs'
import { vectorAdapters } from './vector/adapters/index.mjs'
import { load } from './harness/machine.mjs'
import { UsageError, help, readOptions } from './harness/options.mjs'
import { endProgress, progress } from './harness/progress.mjs'
import { originOf, writeRecords } from './harness/records.mjs'
import { writeReport } from './harness/report.mjs'
import { levelTable, memoryTable, microTable, settingsTable, viewsTable } from './harness/table.mjs'
import { graph } from './suites/graph.mjs'
import { kv } from './suites/kv.mjs'
import { vector } from './suites/vector.mjs'
import { measureLevel } from './suites/level.mjs'
import { measureMemory, programs } from './suites/memory.mjs'
import { measureMicro } from './suites/micro.mjs'
import { measureViews } from './suites/views.mjs'

const memoryBytes = 128 << 20
const roundsUsual = 5

const commands = {
  kv,
  graph,
  vector,
  memory,
  level,
  micro,
  views,
  report: ({ files }) => writeReport(files),
  settings: () => console.log([adapters, graphAdapters, vectorAdapters].map(settingsTable).join('\n\n')),
  help: () => console.log(help),
}

async function memory({ given, profile, data, json }) {
  const rows = given.rows ?? 10_000
  const rounds = given.rounds ?? roundsUsual
  const measure = (say) => measureMemory({ rows, rounds, profile, home: join(data, 'sledstore-bench'), say })
  const { records, origin } = await measured(measure, json, { suite: 'memory', rows, rounds, profile })
  console.log(`\n${memoryTable(records, programs)}\n`)
  console.log(`above the same program without a store; ± half the range of ${rounds} rounds.`)
  console.log(`${rows} rows, profile ${profile}, load ${origin.load.join(' → ')}`)
}

async function level({ given, data, json }) {
  const rows = given.rows ?? 100_000
  const rounds = given.rounds ?? roundsUsual
  const measure = (say) => measureLevel({ rows, rounds, memoryBytes, home: join(data, 'sledstore-bench'), say })
  const { records, origin } = await measured(measure, json, { suite: 'level', rows, rounds, memoryBytes })
  console.log(`\n${levelTable(records)}\n`)
  console.log(`microseconds a row or call, medians of ${rounds} rounds; sledstore ÷ classic-level: + better, − worse.`)
  console.log(`${rows} rows, sync: false, ${memoryBytes >> 20} MiB each, load ${origin.load.join(' → ')}`)
}

async function micro({ given, data, json }) {
  const rows = given.rows ?? 100_000
  const rounds = given.rounds ?? roundsUsual
  const measure = (say) => measureMicro({ rows, rounds, home: join(data, 'sledstore-bench'), say })
  const { records, origin } = await measured(measure, json, { suite: 'micro', rows, rounds })
  console.log(`\n${microTable(records)}\n`)
  console.log(`nanoseconds a call or row, the best of ${rounds} rounds; budget: what may be above the engine (N7).`)
  console.log(`${rows} rows, load ${origin.load.join(' → ')}`)
}

async function views({ given, data, json }) {
  const rounds = given.rounds ?? roundsUsual
  const measure = (say) => measureViews({ rounds, home: join(data, 'sledstore-bench'), say })
  const { records, origin } = await measured(measure, json, { suite: 'views', rounds })
  console.log(`\n${viewsTable(records)}\n`)
  console.log(`nanoseconds of the processor a get, medians of ${rounds} rounds; load ${origin.load.join(' → ')}`)
}

/** Measures, and keeps the records with where they come from. */
async function measured(measure, json, about) {
  const before = load()
  const records = await measure(progress(0))
  endProgress()
  const origin = originOf(before)
  writeRecords(json, { ...about, ...origin, records })
  return { records, origin }
}

try {
  const options = readOptions(process.argv.slice(2))
  const command = commands[options.command]
  if (command === undefined)
    throw new UsageError(
      `${options.command === '' ? 'name a suite' : `there is no command "${options.command}"`}; npm run bench -- --help lists what there is`,
    )
  await command(options)
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`bench: ${error.message}`)
  process.exitCode = 2
}
