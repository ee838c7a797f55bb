/** The conformance kit on disk: its scenarios, and the graphs some of them begin with. */

import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { root } from '../../scripts/shared/project.mjs'

const require = createRequire(import.meta.url)

/** Where the kit lies when nothing else is said. */
export const kitFolder = resolve(root, '..', 'shared', 'opencypher-tck')

/** A kit that cannot be read. */
export class KitError extends Error {}

/**
 * @typedef {object} Scenario
 * @property {string} id its feature's path without the ending, its name and, of an outline, the number of its example
 * @property {string} folder of its feature, from the folder of the features on
 * @property {string} feature path of the file from there on
 * @property {import('./steps.mjs').RawStep[]} steps
 *
 * @typedef {{ scenarios: Scenario[], graphs: string }} Kit `graphs` is the folder of the named graphs
 */

/**
 * Reads every scenario below a folder, in the order of paths and lines; undefined when there is no such folder. The folder
 * is a kit, its `features`, or a part of them: a scenario has the same id whichever it is read from.
 *
 * @param {string} folder
 * @returns {Kit | undefined}
 */
export function readKit(folder) {
  if (!existsSync(folder)) return undefined
  const inside = join(folder, 'features')
  const start = existsSync(inside) ? inside : folder
  const features = rootOf(resolve(start))
  const scenarios = featuresBelow(resolve(start)).flatMap((file) =>
    readFeature(readFileSync(file, 'utf8'), relative(features, file).split(sep).join('/')),
  )
  if (scenarios.length === 0) throw new KitError(`${folder} holds no scenario; name a folder of feature files`)
  const kit = basename(features) === 'features' ? dirname(features) : features
  return { scenarios, graphs: join(kit, 'graphs') }
}

/** The folder `features` that a place lies in or is; the place itself when there is none. */
function rootOf(place) {
  for (let folder = place; folder !== dirname(folder); folder = dirname(folder)) {
    if (basename(folder) === 'features') return folder
  }
  return statSync(place).isDirectory() ? place : dirname(place)
}

function featuresBelow(place) {
  if (!statSync(place).isDirectory()) return [place]
  const paths = readdirSync(place, { recursive: true }).filter((path) => path.endsWith('.feature'))
  return paths.sort().map((path) => join(place, path))
}

/**
 * The scenarios of one feature.
 *
 * @param {string} text
 * @param {string} path from the folder of the features on
 * @returns {Scenario[]}
 */
export function readFeature(text, path) {
  // Here, since scripts/tck.mjs loads this file before it installs packages.
  const { AstBuilder, GherkinClassicTokenMatcher, Parser, compile } = require('@cucumber/gherkin')
  const { IdGenerator } = require('@cucumber/messages')
  const newId = IdGenerator.incrementing()
  const parser = new Parser(new AstBuilder(newId), new GherkinClassicTokenMatcher())
  let document
  try {
    document = parser.parse(text)
  } catch (error) {
    throw new KitError(`${path} is no feature: ${error.message}`, { cause: error })
  }
  const written = new Map(scenariosOf(document.feature?.children ?? []).map((one) => [one.id, one]))
  const counts = new Map()
  return compile(document, path, newId).map(({ astNodeIds, steps }) => {
    const { name, examples } = written.get(astNodeIds[0])
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    const number = examples.length > 0 || count > 1 ? ` #${count}` : ''
    return {
      id: `${path.replace(/\.feature$/, '')}: ${name}${number}`,
      folder: path.includes('/') ? dirname(path) : '.',
      feature: path,
      steps: steps.map(rawStep),
    }
  })
}

function scenariosOf(children) {
  return children.flatMap(({ scenario, rule }) => (rule ? scenariosOf(rule.children) : scenario ? [scenario] : []))
}

function rawStep({ text, argument }) {
  const { docString, dataTable } = argument ?? {}
  return {
    text,
    ...(docString === undefined ? {} : { docString: docString.content }),
    ...(dataTable === undefined ? {} : { table: dataTable.rows.map(({ cells }) => cells.map(({ value }) => value)) }),
  }
}

/**
 * The queries that make a named graph.
 *
 * @param {string} graphs
 * @param {string} name
 * @returns {string[]}
 */
export function namedGraph(graphs, name) {
  const folder = join(graphs, name)
  const metadata = join(folder, `${name}.json`)
  if (!existsSync(metadata)) throw new KitError(`the kit has no graph ${name}: ${metadata} is missing`)
  const { scripts } = JSON.parse(readFileSync(metadata, 'utf8'))
  return scripts.flatMap((script) => {
    const text = readFileSync(join(folder, `${script}.cypher`), 'utf8')
    return text
      .split(';')
      .map((query) => query.trim())
      .filter((query) => query !== '')
  })
}
