/** The command line. */

import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { engines } from '../adapters/index.mjs'
import { graphEngines } from '../graph/adapters/index.mjs'
import { graphSizes, quickGraphSize, social } from '../graph/sizes.mjs'
import { graphWorkloads } from '../graph/workloads/index.mjs'
import { vectorEngines } from '../vector/adapters/index.mjs'
import { quickVectorSize, vectors, vectorSizes } from '../vector/sizes.mjs'
import { vectorWorkloads } from '../vector/workloads/index.mjs'
import { workloads } from '../workloads/index.mjs'
import { quickSize, sizes } from './sizes.mjs'

const here = dirname(dirname(fileURLToPath(import.meta.url)))
export const resultsFolder = join(here, 'results')

const profiles = ['embedded', 'mobile', 'desktop', 'server']
const list = (names) => names.map(({ name }) => name)
const indent = ' '.repeat(22)
const wrap = (names) => names.join(', ').replaceAll(/(.{20,80}), /g, `$1,\n${indent}`)
const times = (rounds) => (rounds === 1 ? '1 round' : `${rounds} rounds`)

/**
 * What a suite that is planned can be told: its sizes, which of them are usual, and how a size is made of numbers.
 *
 * @typedef {object} Catalog
 * @property {string[]} engines
 * @property {{ name: string }[]} workloads
 * @property {(import('./sizes.mjs').Size | import('../graph/sizes.mjs').GraphSize)[]} sizes
 * @property {number} usual so many of the sizes are measured where none is named
 * @property {object} quick
 * @property {string[]} numbers that make a size of its own
 * @property {(rows: number, size: object) => object} ofRows
 */

/** @type {Catalog} */
const kvCatalog = {
  engines,
  workloads,
  sizes,
  usual: 1,
  quick: quickSize,
  numbers: ['rows', 'value-bytes', 'memory-mib'],
  ofRows: (rows) => ({ rows }),
}

/** @type {Catalog} */
const graphCatalog = {
  engines: graphEngines,
  workloads: graphWorkloads,
  sizes: graphSizes,
  usual: graphSizes.length,
  quick: quickGraphSize,
  numbers: ['rows', 'memory-mib'],
  ofRows: social,
}

/** @type {Catalog} */
const vectorCatalog = {
  engines: vectorEngines,
  workloads: vectorWorkloads,
  sizes: vectorSizes,
  usual: 1,
  quick: quickVectorSize,
  numbers: ['rows', 'memory-mib'],
  ofRows: (rows, { set, queries }) => vectors(set, rows, queries),
}

const catalogs = { graph: graphCatalog, vector: vectorCatalog }

const lines = (all) =>
  all.map(({ name, title, rounds }) => `${indent}${name.padEnd(14)} ${title}; ${times(rounds)}`).join('\n')

export const help = `npm run bench -- kv [options]      keys and values: SledStore beside the stores people would take instead
npm run bench -- graph [options]   graphs: SledStore beside embedded graph databases, every answer checked
npm run bench -- vector [options]  vectors: SledStore beside libraries and stores that find the nearest ones
npm run bench -- micro [options]   what the way from JavaScript into the engine costs (N7): 100,000 rows
npm run bench -- memory [options]  what a store adds to a small process: embedded, 10,000 rows
npm run bench -- level [options]   the adapter to abstract-level beside classic-level: 100,000 rows
npm run bench -- views [options]   large values of a published file, as views and as copies
npm run bench -- report [files]    writes the tables and pictures of the documentation from bench/results
npm run bench -- settings          how each engine is set up, and why

  --quick             kv: the short list of workloads, 100,000 rows; graph: the small graph alone; 3 rounds;
                      vector: 10,000 rows of MNIST, 200 queries, 1 round
  --sizes a,b         kv: instead of the first of these:
${lines(sizes)}
                      graph: instead of all of these:
${lines(graphSizes)}
                      vector: instead of the first of these:
${lines(vectorSizes)}
  --full              all sizes
  --rows N            rows of the store, --value-bytes N of each value, --memory-mib N of each engine: another size;
                      of a graph: a social one of N nodes and 5 N edges; of vectors: the first N of the set
  --rounds N          runs of each engine and workload, interleaved
  --engines a,b       kv: some of: ${engines.join(', ')}
                      graph: some of: ${graphEngines.join(', ')}
                      vector: some of: ${wrap(vectorEngines)}
  --workloads a,b     kv: some of: ${wrap(list(workloads))}
                      graph: some of: ${wrap(list(graphWorkloads))}
                      vector: some of: ${wrap(list(vectorWorkloads))}
  --json FILE         keeps every run there as soon as it is measured (bench/data/<suite>.json)
  --resume            goes on with what the file holds of the same commit, and leaves out what it has measured
  --profile P         of the memory suite's store: embedded, mobile, desktop or server (embedded)
  --data FOLDER       the stores are made in its subfolder "sledstore-bench" and removed after (bench/data)
  --seed N            of keys, values and order (1)
  --help              this

Ctrl-C ends a run of kv, graph or vector early and keeps what it has measured: the same command with --resume goes on.`

/** A command line that means nothing; its message says the next step. */
export class UsageError extends Error {}

const numbers = ['rows', 'value-bytes', 'memory-mib', 'rounds', 'seed']
const texts = ['sizes', 'engines', 'workloads', 'profile', 'json', 'data']
const flags = ['quick', 'full', 'resume', 'help']

/** @param {string[]} words */
export function readOptions(words) {
  const option = (type) => (name) => [name, { type }]
  const { values, positionals } = parse(words, {
    ...Object.fromEntries(flags.map(option('boolean'))),
    ...Object.fromEntries([...numbers, ...texts].map(option('string'))),
  })
  const [command, ...files] = positionals
  if (values.help || command === 'help') return { command: 'help' }
  const data = resolve(values.data ?? join(here, 'data'))
  const given = Object.fromEntries(numbers.map((name) => [name, wholeNumber(name, values[name])]))
  return {
    command: command ?? '',
    files,
    data,
    given,
    resume: values.resume === true,
    profile: chosen('profile', values.profile, profiles)?.[0] ?? 'embedded',
    json: resolve(values.json ?? join(data, `${command}.json`)),
    seed: given.seed ?? 1,
    sizes: sizesOf(values, given, catalogs[command] ?? kvCatalog),
  }
}

function parse(words, options) {
  try {
    return parseArgs({ args: words, allowPositionals: true, options })
  } catch (error) {
    throw new UsageError(`${error.message}; npm run bench -- --help lists what there is`)
  }
}

function wholeNumber(name, text) {
  if (text === undefined) return undefined
  const number = Number(text.replaceAll(/[_,]/g, ''))
  if (!Number.isSafeInteger(number) || number < 1)
    throw new UsageError(`--${name} takes a whole number above 0, not "${text}"`)
  return number
}

/** Names out of a list, given with commas between them. */
function chosen(option, text, known) {
  if (text === undefined) return undefined
  const names = text.split(',')
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new UsageError(`--${option}: no "${unknown}"; known are ${known.join(', ')}`)
  return names
}

/** The sizes that are asked for, each with the engines and workloads of it that are asked for. */
function sizesOf(values, given, catalog) {
  const { sizes, engines, workloads } = catalog
  const named = chosen('sizes', values.sizes, list(sizes))
  const ways = [named !== undefined && '--sizes', values.full && '--full', values.quick && '--quick'].filter(Boolean)
  if (ways.length > 1) throw new UsageError(`${ways.join(' and ')} exclude each other; give one of them`)
  const asked = named ?? (values.full ? list(sizes) : list(sizes.slice(0, catalog.usual)))
  const base = values.quick ? [catalog.quick] : sizes.filter(({ name }) => asked.includes(name))
  const measured = kvCatalog.numbers.filter((name) => given[name] !== undefined)
  const foreign = measured.find((name) => !catalog.numbers.includes(name))
  if (foreign !== undefined) throw new UsageError(`--${foreign} is of kv alone; leave it out`)
  if (base.length > 1 && measured.length > 0) {
    if (ways.length > 0)
      throw new UsageError(`--${measured[0]} makes one size of its own; leave out --sizes and --full`)
    base.splice(1)
  }
  const wanted = {
    engines: chosen('engines', values.engines, engines),
    workloads: chosen('workloads', values.workloads, list(workloads)),
  }
  return base.map((size) => ({
    ...size,
    ...(given.rows === undefined ? {} : catalog.ofRows(given.rows, size)),
    ...(given['value-bytes'] === undefined ? {} : { valueBytes: given['value-bytes'] }),
    memoryBytes: given['memory-mib'] === undefined ? size.memoryBytes : given['memory-mib'] << 20,
    rounds: given.rounds ?? size.rounds,
    engines: wanted.engines?.filter((name) => named === undefined || size.engines.includes(name)) ?? size.engines,
    // With --quick a workload may be named that is not on its short list.
    workloads: wanted.workloads?.filter((name) => values.quick || size.workloads.includes(name)) ?? size.workloads,
  }))
}
