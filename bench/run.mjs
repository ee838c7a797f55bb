/** SledStore and its peers side by side: the command line. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { adapters, engines } from './adapters/index.mjs'
import { commit, load, machine } from './harness/machine.mjs'
import { runPlan, variantsOf } from './harness/plan.mjs'
import { summarize } from './harness/summary.mjs'
import { levelTable, memoryTable, ratioTable, settingsTable, viewsTable } from './harness/table.mjs'
import { measureLevel } from './level/run.mjs'
import { measureMemory, programs } from './memory/run.mjs'
import { measureViews } from './views/run.mjs'
import { workloads } from './workloads/index.mjs'

const help = `npm run bench -- kv [options]      keys and values: SledStore beside lmdb and RocksDB
npm run bench -- memory [options]  what a store adds to a small process: embedded, 10,000 rows
npm run bench -- level [options]   the adapter to abstract-level beside classic-level: 100,000 rows
npm run bench -- views [options]   large values of a published file, as views and as copies
npm run bench -- settings          how each engine is set up, and why

  --quick             the short list of workloads, 100,000 rows, 3 rounds
  --rows N            rows of the store (1,000,000)
  --rounds N          runs of each engine and workload, interleaved (5)
  --engines a,b       some of: ${engines.join(', ')}
  --workloads a,b     some of: ${workloads.map(({ name }) => name).join(', ')}
  --profile P         of the memory suite's store: embedded, mobile, desktop or server (embedded)
  --json FILE         write the records there
  --data FOLDER       the stores are made in its subfolder "sledstore-bench" and removed after (bench/data)
  --seed N            of keys, values and order (1)`

const here = dirname(fileURLToPath(import.meta.url))
const valueBytes = 100
const memoryBytes = 128 << 20
const profiles = ['embedded', 'mobile', 'desktop', 'server']

class UsageError extends Error {}

function readOptions(words) {
  const text = { type: 'string' }
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      ...Object.fromEntries(
        ['rows', 'rounds', 'engines', 'workloads', 'profile', 'json', 'data', 'seed'].map((name) => [name, text]),
      ),
    },
  })
  const whole = (name, fallback) => {
    const number = values[name] === undefined ? fallback : Number(values[name].replaceAll(/[_,]/g, ''))
    if (!Number.isSafeInteger(number) || number < 1) throw new UsageError(`--${name} takes a whole number above 0`)
    return number
  }
  const command = values.help ? 'help' : positionals.join(' ')
  const rows = { memory: 10_000, level: 100_000 }[command] ?? (values.quick ? 100_000 : 1_000_000)
  return {
    command,
    quick: values.quick,
    profile: chosen('profile', values.profile, profiles)?.[0] ?? 'embedded',
    json: values.json,
    data: resolve(values.data ?? resolve(here, 'data')),
    engines: chosen('engines', values.engines, engines) ?? engines,
    workloads: chosen(
      'workloads',
      values.workloads,
      workloads.map(({ name }) => name),
    ),
    sizes: {
      rows: whole('rows', rows),
      rounds: whole('rounds', values.quick ? 3 : 5),
      seed: whole('seed', 1),
      valueBytes,
      memoryBytes,
    },
  }
}

/** Names out of a list, given with commas between them. */
function chosen(option, text, known) {
  if (text === undefined) return undefined
  const names = text.split(',')
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new UsageError(`--${option}: no ${unknown}; known are ${known.join(', ')}`)
  return names
}

async function kv(options) {
  const selected = workloads.filter(({ name, quick }) => options.workloads?.includes(name) ?? (!options.quick || quick))
  const loadBefore = load()
  const results = await runPlan({
    variants: variantsOf(adapters, options.engines),
    workloads: selected,
    sizes: options.sizes,
    home: join(options.data, 'sledstore-bench'),
    say: progress(),
  })
  const { records, others } = summarize(results)
  const origin = { ...originOf(loadBefore), ...options.sizes }
  console.log(`\n${ratioTable(records)}\n`)
  console.log(`sledstore ÷ peer; + better, − worse. ± half the range of ${options.sizes.rounds} rounds.`)
  console.log(
    `${options.sizes.rows} rows, durability os, ${memoryBytes >> 20} MiB each, load ${origin.load.join(' → ')}`,
  )
  if (options.json !== undefined) writeRecords(options.json, { ...origin, records, others })
}

async function memory(options) {
  const loadBefore = load()
  const { rows, rounds } = options.sizes
  const home = join(options.data, 'sledstore-bench')
  const records = await measureMemory({ rows, rounds, profile: options.profile, home, say: progress() })
  const origin = { ...originOf(loadBefore), rows, rounds, profile: options.profile }
  console.log(`\n${memoryTable(records, programs)}\n`)
  console.log(`above the same program without a store; ± half the range of ${rounds} rounds.`)
  console.log(`${rows} rows, profile ${options.profile}, load ${origin.load.join(' → ')}`)
  if (options.json !== undefined) writeRecords(options.json, { ...origin, records })
}

async function level(options) {
  const loadBefore = load()
  const { rows, rounds } = options.sizes
  const home = join(options.data, 'sledstore-bench')
  const records = await measureLevel({ rows, rounds, memoryBytes, home, say: progress() })
  const origin = { ...originOf(loadBefore), rows, rounds, memoryBytes }
  console.log(`\n${levelTable(records)}\n`)
  console.log(`microseconds a row or call, medians of ${rounds} rounds; sledstore ÷ classic-level: + better, − worse.`)
  console.log(`${rows} rows, sync: false, ${memoryBytes >> 20} MiB each, load ${origin.load.join(' → ')}`)
  if (options.json !== undefined) writeRecords(options.json, { ...origin, records })
}

async function views(options) {
  const loadBefore = load()
  const { rounds } = options.sizes
  const records = await measureViews({ rounds, home: join(options.data, 'sledstore-bench'), say: progress() })
  const origin = { ...originOf(loadBefore), rounds }
  console.log(`\n${viewsTable(records)}\n`)
  console.log(`processor of a get, medians of ${rounds} rounds; load ${origin.load.join(' → ')}`)
  if (options.json !== undefined) writeRecords(options.json, { ...origin, records })
}

function originOf(loadBefore) {
  return {
    date: new Date().toISOString(),
    commit: commit(here),
    machine: machine(),
    load: [loadBefore, load()].map((value) => Number(value.toFixed(2))),
  }
}

function writeRecords(path, result) {
  mkdirSync(dirname(resolve(path)), { recursive: true })
  writeFileSync(path, `${JSON.stringify(result, null, 1)}\n`)
}

/** One line that changes on a terminal; silent elsewhere. */
function progress() {
  if (!process.stderr.isTTY) return () => {}
  return (text) => process.stderr.write(`\r\x1b[K${text}`)
}

try {
  const options = readOptions(process.argv.slice(2))
  if (options.command === 'kv') await kv(options)
  else if (options.command === 'memory') await memory(options)
  else if (options.command === 'level') await level(options)
  else if (options.command === 'views') await views(options)
  else if (options.command === 'settings') console.log(settingsTable(adapters))
  else if (options.command === 'help') console.log(help)
  else
    throw new UsageError(`${options.command === '' ? 'name a suite' : `unknown command ${options.command}`}\n\n${help}`)
} catch (error) {
  if (!(error instanceof UsageError) && error.code?.startsWith('ERR_PARSE_ARGS') !== true) throw error
  console.error(`bench: ${error.message}`)
  process.exitCode = 2
}
