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
  throw new NoEngine('the package has no queries yet')
}
