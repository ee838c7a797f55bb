/**
 * What the runner asks of a query engine, and the engine it runs: SledStore's. Everything else in this folder knows an
 * engine by these types alone.
 *
 * Values in parameters, rows of procedures and results:
 *
 * | The language's | Here |
 * |---|---|
 * | null, boolean, string | the same in JavaScript |
 * | integer | `bigint`, always |
 * | float | `number`, whole ones too |
 * | list | an array |
 * | map | a plain object |
 * | node, relationship, path | `Node`, `Relationship`, `Path` of values.mjs |
 * | date, time, duration and the like | `Temporal` of values.mjs |
 *
 * @typedef {object} Engine
 * @property {() => Promise<Graph>} graph an empty graph; the runner has one at a time of each engine
 * @property {() => Promise<void>} close
 *
 * @typedef {object} Graph
 * @property {(text: string, parameters: Record<string, unknown>) => Promise<Result>} query runs one query to its end; the
 *   kit's own queries, which list what a graph holds, measure side effects
 * @property {(signature: import('./procedure.mjs').Signature, rows: unknown[][]) => Promise<void>} registerProcedure for
 *   this graph's queries; a row holds an argument for each parameter, then a value for each result (see `answersOf`)
 * @property {() => Promise<void>} drop
 *
 * @typedef {{ columns: string[], rows: unknown[][] }} Result
 *
 * @typedef {object} QueryError what `query` throws; anything else is a failure of the engine
 * @property {string} code the package's
 * @property {'compile time' | 'runtime'} phase
 * @property {string} kind 'SyntaxError' and the like
 * @property {string} detail 'UndefinedVariable' and the like
 * @property {{ line: number, column: number }} [position]
 * @property {string} [gqlStatus] the status code of GQL, where an engine has them
 * @property {string} message
 */

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { answersOf, textOf } from './procedure.mjs'
import { isMap, Node, Path, Relationship, Temporal } from './values.mjs'

/** There is no engine to run; its message says why. */
export class NoEngine extends Error {}

/**
 * Opens the engine under test.
 *
 * @returns {Promise<Engine>}
 */
export async function openEngine() {
  const built = new URL('../../dist/index.js', import.meta.url)
  if (!existsSync(fileURLToPath(built))) throw new NoEngine('the package is not built: npm run build')
  const package_ = await import(built.href)
  const store = await package_.SledStore.memory()
  let next = 0
  return {
    graph: async () => graphOf(store, `graph${next++}`, package_),
    close: () => store.close(),
  }
}

/** @returns {Graph} */
function graphOf(store, name, package_) {
  const graph = store.graph(name)
  const procedures = []
  return {
    async query(text, parameters) {
      try {
        const { columns, rows } = await graph.query(text, parametersOf(parameters, package_), { integers: 'bigint' })
        return {
          columns: [...columns],
          rows: rows.map((row) => columns.map((column) => valueOf(row[column], package_))),
        }
      } catch (error) {
        throw errorOf(error)
      }
    },
    async registerProcedure(signature, rows) {
      const answers = answersOf(signature, rows)
      const given = (...values) => answers(valueOf(values, package_)).map((row) => parametersOf(row, package_))
      store.registerProcedure(textOf(signature), given, { integers: 'bigint' })
      procedures.push(signature.name)
    },
    async drop() {
      for (const procedure of procedures) store.removeProcedure(procedure)
      await store.dropGraph(name)
    },
  }
}

/** Whole numbers of the kit's parameters are floats, for its integers are bigints. */
function parametersOf(value, package_) {
  if (typeof value === 'number') return package_.float(value)
  if (Array.isArray(value)) return value.map((item) => parametersOf(item, package_))
  if (!isMap(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, parametersOf(item, package_)]))
}

function valueOf(value, package_) {
  const { QueryNode, QueryPath, QueryRelationship, QueryTyped } = package_
  const node = ({ id, labels, properties }) => new Node(id, [...labels], valueOf(properties, package_))
  const relationship = ({ id, source, target, type, properties }) =>
    new Relationship(id, source, target, type, valueOf(properties, package_))
  if (value instanceof QueryNode) return node(value)
  if (value instanceof QueryRelationship) return relationship(value)
  if (value instanceof QueryPath) return new Path(value.nodes.map(node), value.relationships.map(relationship))
  if (value instanceof QueryTyped) return new Temporal(String(value))
  if (Array.isArray(value)) return value.map((item) => valueOf(item, package_))
  if (!isMap(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, valueOf(item, package_)]))
}

/** @returns {QueryError | Error} */
function errorOf(error) {
  if (error.query === undefined) return error
  const { phase, kind, detail, line, column } = error.query
  return Object.assign(error, { phase, kind, detail, ...(line > 0 && { position: { line, column } }) })
}
