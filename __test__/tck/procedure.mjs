/** Procedures that the kit asks for: their signatures, and what they answer. */

import { matches } from './compare.mjs'

/**
 * @typedef {{ name: string, type: string, nullable: boolean }} Field `type` is 'INTEGER', 'LIST OF STRING' and the like
 * @typedef {{ name: string, parameters: Field[], results: Field[] }} Signature
 */

const signature = /^\s*([\w.]+)\s*\(([^()]*)\)\s*::\s*\(([^()]*)\)\s*$/
const field = /^\s*(\w+)\s*::\s*([A-Z]+(?: [A-Z]+)*)(\??)\s*$/

/**
 * Reads `test.my.proc(in :: INTEGER?) :: (out :: STRING?)`.
 *
 * @param {string} text
 * @returns {Signature}
 */
export function parseSignature(text) {
  const [, name, parameters, results] = signature.exec(text) ?? []
  if (name === undefined) throw new Error(`${text} is no signature of a procedure`)
  return { name, parameters: fields(parameters, text), results: fields(results, text) }
}

function fields(list, text) {
  if (list.trim() === '') return []
  return list.split(',').map((one) => {
    const [, name, type, nullable] = field.exec(one) ?? []
    if (name === undefined) throw new Error(`${text}: ${one.trim()} is no name and type`)
    return { name, type, nullable: nullable === '?' }
  })
}

/**
 * The signature as text again.
 *
 * @param {Signature} signature
 */
export function textOf({ name, parameters, results }) {
  const [taken, given] = [parameters, results].map((fields) =>
    fields.map((one) => `${one.name} :: ${one.type}${one.nullable ? '?' : ''}`).join(', '),
  )
  return `${name}(${taken}) :: (${given})`
}

/**
 * A procedure as a function: takes the arguments of a call, gives the results of the rows that begin with them. An integer
 * and a float are the same argument when they are the same number, for a FLOAT takes integers.
 *
 * @param {Signature} signature
 * @param {unknown[][]} rows
 * @returns {(parameters: unknown[]) => unknown[][]}
 */
export function answersOf({ parameters }, rows) {
  const count = parameters.length
  return (given) =>
    rows
      .filter((row) => row.slice(0, count).every((one, at) => isArgument(one, given[at])))
      .map((row) => row.slice(count))
}

function isArgument(expected, given) {
  const areNumbers = [expected, given].every((one) => typeof one === 'bigint' || typeof one === 'number')
  // oxlint-disable-next-line eqeqeq -- the one comparison of an integer and a float that loses nothing
  return areNumbers ? expected == given : matches(expected, given)
}
