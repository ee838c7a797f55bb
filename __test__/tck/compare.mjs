/** Holds what an engine answered against what the kit expects. */

import { Node, Path, Relationship, Temporal, format, isMap } from './values.mjs'

/** How many rows a failure shows of each side. */
const rowsShown = 5

/**
 * Whether an engine's value is the expected one. Integers and floats differ, NaN equals NaN, labels are a set. An expected
 * 0.0 takes either zero, for the kit writes the value of -0.0 so; an expected -0.0 takes no other.
 *
 * @param {unknown} expected by `parseValue`
 * @param {unknown} actual
 * @param {boolean} [anyElementOrder] takes the elements of every list, however deep, in any order
 * @returns {boolean}
 */
export function matches(expected, actual, anyElementOrder = false) {
  const same = (one, other) => matches(one, other, anyElementOrder)
  if (typeof expected === 'string') return actual instanceof Temporal ? actual.text === expected : actual === expected
  if (typeof expected === 'number') return typeof actual === 'number' && floatsMatch(expected, actual)
  if (Array.isArray(expected))
    return Array.isArray(actual) && (anyElementOrder ? bagsMatch : sequencesMatch)(expected, actual, same)
  if (expected instanceof Node)
    return (
      actual instanceof Node &&
      setsMatch(expected.labels, actual.labels) &&
      mapsMatch(expected.properties, actual.properties, same)
    )
  if (expected instanceof Relationship)
    return (
      actual instanceof Relationship &&
      expected.type === actual.type &&
      mapsMatch(expected.properties, actual.properties, same)
    )
  if (expected instanceof Path) return actual instanceof Path && pathsMatch(expected, actual, same)
  if (isMap(expected)) return isMap(actual) && mapsMatch(expected, actual, same)
  return expected === actual // null, booleans and integers
}

function floatsMatch(expected, actual) {
  return expected === actual ? !Object.is(expected, -0) || Object.is(actual, -0) : Object.is(expected, actual)
}

function sequencesMatch(expected, actual, same) {
  return expected.length === actual.length && expected.every((one, at) => same(one, actual[at]))
}

function setsMatch(expected, actual) {
  return expected.length === actual.length && expected.every((one) => actual.includes(one))
}

function mapsMatch(expected, actual, same) {
  const keys = Object.keys(expected)
  return (
    keys.length === Object.keys(actual).length &&
    keys.every((key) => Object.hasOwn(actual, key) && same(expected[key], actual[key]))
  )
}

function pathsMatch(expected, actual, same) {
  return (
    sequencesMatch(expected.nodes, actual.nodes, same) &&
    sequencesMatch(expected.relationships, actual.relationships, same) &&
    expected.relationships.every((_, at) => {
      const { forward, backward } = actual.directions(at)
      return expected.directions(at).forward ? forward : backward
    })
  )
}

function bagsMatch(expected, actual, same) {
  return expected.length === actual.length && pair(expected, actual, same).missing.length === 0
}

/**
 * Pairs as many expected things with different actual ones as can be, by augmenting paths, for one actual thing may be
 * right for several expectations. Gives what is left on both sides.
 */
function pair(expected, actual, same) {
  const owner = new Array(actual.length).fill(-1)
  const assign = (one, tried) =>
    actual.some((other, at) => {
      if (tried.has(at) || !same(expected[one], other)) return false
      tried.add(at)
      if (owner[at] !== -1 && !assign(owner[at], tried)) return false
      owner[at] = one
      return true
    })
  const missing = expected.filter((_, one) => !assign(one, new Set()))
  return { missing, surplus: actual.filter((_, at) => owner[at] === -1) }
}

/**
 * What is wrong with a result; undefined when nothing is.
 *
 * @param {{ columns: string[], rows: unknown[][], inOrder: boolean, anyElementOrder: boolean }} expected
 * @param {import('./engine.mjs').Result} actual
 * @returns {string | undefined}
 */
export function resultFailure(expected, actual) {
  const { columns, rows } = actual
  if (!Array.isArray(columns) || !Array.isArray(rows)) return 'the engine gives no columns and rows'
  if (rows.some((row) => !Array.isArray(row) || row.length !== columns.length))
    return 'the engine gives rows with another number of values than columns'
  if (!sequencesMatch(expected.columns, columns, Object.is))
    return `columns ${list(columns)} instead of ${list(expected.columns)}`
  const same = (one, other) => sequencesMatch(one, other, (a, b) => matches(a, b, expected.anyElementOrder))
  return (expected.inOrder ? sequenceFailure : bagFailure)(expected.rows, rows, same)
}

function sequenceFailure(expected, actual, same) {
  const at = expected.findIndex((row, place) => place >= actual.length || !same(row, actual[place]))
  if (at === -1 && actual.length === expected.length) return undefined
  const place = at === -1 ? expected.length : at
  const [wanted, given] = [expected, actual].map((rows) => (place < rows.length ? formatRow(rows[place]) : 'none'))
  return `row ${place + 1} of ${expected.length} in order is ${given} instead of ${wanted}`
}

function bagFailure(expected, actual, same) {
  const { missing, surplus } = pair(expected, actual, same)
  if (missing.length === 0 && surplus.length === 0) return undefined
  return `${actual.length} rows for ${expected.length}; missing: ${some(missing)}; surplus: ${some(surplus)}`
}

function some(rows) {
  if (rows.length === 0) return 'none'
  const shown = rows.slice(0, rowsShown).map(formatRow).join(' ')
  return rows.length > rowsShown ? `${shown} and ${rows.length - rowsShown} more` : shown
}

function formatRow(row) {
  return `| ${row.map(format).join(' | ')} |`
}

function list(columns) {
  return columns.length === 0 ? 'none' : columns.join(', ')
}
