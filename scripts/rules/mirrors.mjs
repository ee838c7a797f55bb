/** What is defined once in Rust says the same in lib/ and in the documents. */

import { proseOf } from './docs.mjs'
import { matching } from './tree.mjs'

const errorsRust = 'crate/engine/src/error.rs'
const errorsScript = 'lib/errors.ts'
const errorsPage = 'docs/reference/errors.md'
const optionsRust = 'crate/engine/src/options.rs'
const optionsScript = 'lib/options.ts'
const optionsPage = 'docs/reference/options.md'
const architecture = 'ARCHITECTURE.md'

/** Rows of the tables of a page: cells without their marks. */
function rowsOf(text) {
  const rows = proseOf(text).matchAll(/^\|(.+)\|\s*$/gm)
  return [...rows].map(([, row]) => row.split('|').map((cell) => cell.trim()))
}

function pairs(text, pattern) {
  return [...text.matchAll(pattern)].map(([, code, errorClass]) => `${code} ${errorClass.toLowerCase()}`)
}

function compare(expected, actual, place) {
  const missing = expected.filter((item) => !actual.includes(item)).map((item) => `${place} lacks ${item}`)
  const surplus = actual
    .filter((item) => !expected.includes(item))
    .map((item) => `${place} has ${item}, which ${errorsRust} has not`)
  return [...missing, ...surplus]
}

/** Codes and their classes, in Rust, in lib/ and in the table of the reference. */
export function errorCodesAgree(tree) {
  const expected = pairs(tree.read(errorsRust), /^\s*\w+ = "([A-Z_]+)", (\w+);/gm)
  const script = pairs(tree.read(errorsScript), /^\s*([A-Z_]+): '(\w+)',/gm)
  const table = rowsOf(tree.read(errorsPage)).flatMap(([code, errorClass]) => {
    const name = /^`([A-Z_]+)`$/.exec(code)?.[1]
    return name === undefined ? [] : [`${name} ${errorClass}`]
  })
  if (expected.length === 0) return [`${errorsRust} holds no codes that this rule can read`]
  const violations = [...compare(expected, script, errorsScript), ...compare(expected, table, errorsPage)]
  for (const [code, , meaning, step] of rowsOf(tree.read(errorsPage))) {
    if (/^`[A-Z_]+`$/.test(code) && (!meaning || !step))
      violations.push(`${errorsPage}: ${code} needs a meaning and a next step`)
  }
  return violations
}

/** The value of a constant like `256 << 20` or `SEGMENT_BYTES / 4 / 27`. */
function valueOf(expression, known) {
  const words = expression
    .replaceAll('_', (sign, at) => (/[A-Z]/.test(expression[at - 1] ?? '') ? sign : ''))
    .split(/\s+/)
  let value = Number(known.get(words[0]) ?? words[0])
  for (let at = 1; at < words.length; at += 2) {
    const right = Number(known.get(words[at + 1]) ?? words[at + 1])
    if (words[at] === '<<') value *= 2 ** right
    else if (words[at] === '*') value *= right
    else if (words[at] === '/') value = Math.floor(value / right)
    else return Number.NaN
  }
  return value
}

/** Every limit of the engine by its name. */
function limitsOf(tree) {
  const known = new Map()
  for (const [, name, expression] of tree.read(optionsRust).matchAll(/^pub const (\w+): \w+ = ([^;]+);/gm)) {
    known.set(name, valueOf(expression, known))
  }
  return known
}

/** Limits of the engine, as the table in the reference gives them: `NAME` and a number. */
export function limitsAgree(tree) {
  const known = limitsOf(tree)
  const violations = []
  const documented = new Set()
  for (const cells of rowsOf(tree.read(optionsPage))) {
    const name = cells.map((cell) => /^`([A-Z][A-Z_]+)`$/.exec(cell)?.[1]).find((found) => found !== undefined)
    if (name === undefined) continue
    documented.add(name)
    const written = Number(/^[\d,]+/.exec(cells.at(-1))?.[0].replaceAll(',', ''))
    if (written !== known.get(name))
      violations.push(`${optionsPage}: ${name} is ${known.get(name)} in ${optionsRust}, not ${written}`)
  }
  for (const name of known.keys()) {
    if (!documented.has(name)) violations.push(`${optionsPage} lacks ${name} of ${optionsRust}`)
  }
  return violations
}

/** Constants of lib/ that carry the name of a limit carry its value. */
export function limitsOfLibAgree(tree) {
  const known = limitsOf(tree)
  const violations = []
  for (const path of matching(tree, /^lib\/.*\.ts$/)) {
    for (const [, name, expression] of tree.read(path).matchAll(/^(?:export )?const ([A-Z][A-Z_]+) = ([\w <*/]+)$/gm)) {
      if (known.has(name) && valueOf(expression, known) !== known.get(name)) {
        violations.push(`${path}: ${name} is ${known.get(name)} in ${optionsRust}, not ${expression}`)
      }
    }
  }
  return violations
}

/** The options of a store are those the reference lists. */
export function optionsAgree(tree) {
  const body = /^export interface StoreOptions \{\n([\s\S]*?)^\}/m.exec(tree.read(optionsScript))?.[1]
  if (body === undefined) return [`${optionsScript} has no StoreOptions that this rule can read`]
  const taken = [...body.matchAll(/^ {2}readonly (\w+)\?:/gm)].map((match) => match[1])
  const listed = rowsOf(tree.read(optionsPage)).flatMap(([cell]) => /^`([a-z]\w+)`$/.exec(cell)?.[1] ?? [])
  const missing = taken
    .filter((name) => !listed.includes(name))
    .map((name) => `${optionsPage} lacks the option ${name}`)
  const surplus = listed
    .filter((name) => !taken.includes(name))
    .map((name) => `${optionsPage} has ${name}, which ${optionsScript} has not`)
  return [...missing, ...surplus]
}

/** What an invariant without a whole guard says: what is missing, and why. */
const unguarded = /\bnot guarded yet:\s*(.*)$/

/** Each invariant of the architecture names tests that exist, or says what none guards yet. */
export function invariantsAreGuarded(tree) {
  const violations = []
  for (const cells of rowsOf(tree.read(architecture))) {
    if (!/^[A-Z]\d+$/.test(cells[0])) continue
    const guard = cells.at(-1)
    const reason = unguarded.exec(guard)?.[1]
    const tests = [...guard.matchAll(/`([^`]+)`/g)].map((match) => match[1])
    if (reason === '') violations.push(`${architecture}: ${cells[0]} says "not guarded yet:" without what and why`)
    else if (tests.length === 0 && reason === undefined)
      violations.push(
        `${architecture}: ${cells[0]} names no test that guards it; say "not guarded yet: …" if none does`,
      )
    for (const test of tests) {
      if (!tree.paths.includes(test))
        violations.push(`${architecture}: ${cells[0]} names ${test}, which does not exist`)
    }
  }
  return violations
}
