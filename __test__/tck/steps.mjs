/** Every form of step that the kit's format has, and what each asks for. */

import { details, kinds, phases } from './error-names.mjs'
import { parseSignature } from './procedure.mjs'
import { parseValue } from './parse-value.mjs'
import { metrics } from './side-effects.mjs'

/** A step that no form fits, or whose table or text is not what its form takes. */
export class StepError extends Error {}

/**
 * @typedef {{ text: string, docString?: string, table?: string[][] }} RawStep
 * @typedef {{ is: 'graph', name: string | undefined }
 *   | { is: 'setup', query: string }
 *   | { is: 'parameters', values: Record<string, unknown> }
 *   | { is: 'procedure', signature: import('./procedure.mjs').Signature, rows: unknown[][] }
 *   | { is: 'csv', parameter: string, rows: string[][] }
 *   | { is: 'query', query: string, control: boolean }
 *   | { is: 'result', columns: string[], rows: unknown[][], inOrder: boolean, anyElementOrder: boolean }
 *   | { is: 'effects', effects: Record<string, number> }
 *   | { is: 'error', kind: string, phase: string, detail: string }
 *   | { is: 'gql error', status: string, message: string | undefined }} Step
 */

/** `takes` is what stands below the step; `read` makes a step of the pattern's groups and of that. */
const forms = [
  { form: /^an empty graph$/, read: () => ({ is: 'graph', name: undefined }) },
  { form: /^any graph$/, read: () => ({ is: 'graph', name: undefined }) },
  { form: /^the (\S+) graph$/, read: ([name]) => ({ is: 'graph', name }) },
  { form: /^(?:after )?having executed:$/, takes: 'text', read: (_, query) => ({ is: 'setup', query }) },
  {
    form: /^parameter(?: value)?s are:$/,
    takes: 'table',
    read: (_, table) => ({ is: 'parameters', values: values(table) }),
  },
  { form: /^there exists a procedure (.+?) ?:$/, takes: 'table', read: procedure },
  {
    form: /^there exists a CSV file with URL as \$(\w+), with rows:$/,
    takes: 'table',
    read: ([parameter], rows) => ({ is: 'csv', parameter, rows }),
  },
  { form: /^executing query:$/, takes: 'text', read: (_, query) => ({ is: 'query', query, control: false }) },
  { form: /^executing control query:$/, takes: 'text', read: (_, query) => ({ is: 'query', query, control: true }) },
  { form: /^the result should be empty$/, read: () => result([[]]) },
  { form: /^the result should be, in any order:$/, takes: 'table', read: (_, table) => result(table) },
  { form: /^the result should be, in order:$/, takes: 'table', read: (_, table) => result(table, { inOrder: true }) },
  {
    form: /^the result should be \(ignoring element order for lists\):$/,
    takes: 'table',
    read: (_, table) => result(table, { anyElementOrder: true }),
  },
  {
    form: /^the result should be, in order \(ignoring element order for lists\):$/,
    takes: 'table',
    read: (_, table) => result(table, { inOrder: true, anyElementOrder: true }),
  },
  { form: /^no side effects$/, read: () => ({ is: 'effects', effects: {} }) },
  {
    form: /^the side effects should be:$/,
    takes: 'table',
    read: (_, table) => ({ is: 'effects', effects: effects(table) }),
  },
  {
    form: /^an? (.+) should be raised at (.+): (.+)$/,
    read: ([kind, phase, detail]) => ({
      is: 'error',
      kind: known(kinds, 'kind of error', kind),
      phase: known(phases, 'phase', phase),
      detail: known(details, 'detail of an error', detail),
    }),
  },
  {
    form: /^an? error with GQL code (\w+) should be raised(?: with message matching: (.+))?$/,
    read: ([status, message]) => ({ is: 'gql error', status, message }),
  },
]

/**
 * Recognizes a step.
 *
 * @param {RawStep} raw
 * @returns {Step}
 */
export function readStep({ text, docString, table }) {
  const trimmed = text.trim()
  for (const { form, takes, read } of forms) {
    const groups = form.exec(trimmed)?.slice(1)
    if (groups === undefined) continue
    const given = docString !== undefined ? 'text' : table !== undefined ? 'table' : undefined
    if (given !== takes)
      throw new StepError(`"${trimmed}" takes ${takes ?? 'nothing'} below it, not ${given ?? 'nothing'}`)
    try {
      return read(groups, docString ?? table)
    } catch (error) {
      throw new StepError(`"${trimmed}": ${error.message}`, { cause: error })
    }
  }
  throw new StepError(`unknown step: ${trimmed}`)
}

function known(names, what, name) {
  if (!names.has(name)) throw new Error(`${name} is no ${what} of the kit`)
  return name
}

function pairs(table) {
  if (table.some((row) => row.length !== 2)) throw new Error('a row has another number of cells than two')
  const names = new Set(table.map(([name]) => name))
  if (names.size !== table.length) throw new Error('a name stands there twice')
  return table
}

function values(table) {
  return Object.fromEntries(pairs(table).map(([name, value]) => [name, parseValue(value)]))
}

function effects(table) {
  return Object.fromEntries(
    pairs(table).map(([name, count]) => {
      if (!/^[+-]/.test(name) || !metrics.includes(name.slice(1))) throw new Error(`${name} is no side effect`)
      if (!/^\d+$/.test(count)) throw new Error(`${count} is no number of ${name}`)
      return [name, Number(count)]
    }),
  )
}

function result([columns, ...rows], { inOrder = false, anyElementOrder = false } = {}) {
  return { is: 'result', columns, rows: rows.map((row) => row.map(parseValue)), inOrder, anyElementOrder }
}

/** The table's columns are the parameters, then the results; those of a procedure without either are none. */
function procedure([text], [columns, ...rows]) {
  const signature = parseSignature(text)
  const fields = [...signature.parameters, ...signature.results].map(({ name }) => name)
  if (columns.join() !== fields.join()) throw new Error(`the columns are ${columns.join()} instead of ${fields.join()}`)
  return { is: 'procedure', signature, rows: rows.map((row) => row.map(parseValue)) }
}
