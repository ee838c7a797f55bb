/** Files hold one noun, functions fit a screen. */

import { codeOf, rustFunctions } from './rust-source.mjs'
import { lineAt, matching } from './tree.mjs'
import { functionsOf } from './typescript-source.mjs'

const fileLinesMax = 600
const functionLinesMax = 70

/** Functions that may be longer, each with its reason: `path name`. */
const longFunctions = new Map([])

/** The typings of the packages. */
const typingsFile = /^(?:index|types\/(?:adapters\/)?[\w-]+|packages\/[\w-]+\/index)\.d\.ts$/
/** Five minutes, at the 250 to 300 words a minute that people read. */
const typingsWordsMax = 1_500

const script = /^(?:lib|packages|scripts|bench|examples|__test__)\/.*(?<!\.d)\.(?:ts|mts|mjs|cjs|js)$/

export function filesHoldOneNoun(tree) {
  const violations = []
  for (const path of matching(tree, /\.(?:rs|ts|mts|mjs|cjs|js|sh)$/)) {
    if (typingsFile.test(path)) continue // generated, and bounded in words
    const lines = tree.read(path).split('\n').length - 1
    if (lines > fileLinesMax)
      violations.push(`${path} has ${lines} lines; above ${fileLinesMax} a file holds two nouns`)
  }
  return violations
}

export function typingsReadInFiveMinutes(tree) {
  const violations = []
  for (const path of matching(tree, typingsFile)) {
    const words = tree.read(path).match(/[\p{L}\p{N}_$’'-]+/gu)?.length ?? 0
    if (words > typingsWordsMax)
      violations.push(
        `${path} has ${words} words; ${typingsWordsMax} are read in five minutes: hide, shorten or divide`,
      )
  }
  return violations
}

export function functionsFitAScreen(tree) {
  const violations = []
  const report = (path, name, line, lines) => {
    if (lines <= functionLinesMax || longFunctions.has(`${path} ${name}`)) return
    violations.push(`${path}:${line} ${name} has ${lines} lines; ${functionLinesMax} fit a screen`)
  }
  for (const path of matching(tree, /^crate\/.*\.rs$/)) {
    const code = codeOf(tree.read(path))
    for (const { name, start, end } of rustFunctions(code)) {
      const line = lineAt(code, start)
      report(path, name, line, lineAt(code, end) - line + 1)
    }
  }
  for (const path of matching(tree, script)) {
    for (const { name, line, lines } of functionsOf(path, tree.read(path))) report(path, name, line, lines)
  }
  return violations
}
