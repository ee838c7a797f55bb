/** Calls and words that have no place, each with what to do instead. */

import { codeOf, productionCodeOf } from './rust-source.mjs'
import { lineAt, matching } from './tree.mjs'

const word = (name) => `\\b${name}\\b`
const macro = (name) => `\\b${name}!`

/** Joined here so that this file does not hold what it forbids. */
const reminders = [
  ['TO', 'DO'],
  ['FIX', 'ME'],
  ['X', 'XX'],
]
  .map((halves) => word(halves.join('')))
  .join('|')

/** Rust that ships: not the tests that stand in files of their own beside it. */
const rustSources = /^crate\/[^/]+\/src\/(?!(?:.*\/)?(?:\w+_)?tests?(?:\.rs$|\/)).*\.rs$/
const rustFiles = /^crate\/.*\.rs$/
/** What users load. */
const library = /^(?:packages\/[^/]+\/)?lib\//
const scripts = /^(?:lib|packages|scripts|bench|examples|__test__)\/.*\.(?:ts|mts|mjs|cjs|js|sh)$/

const bans = [
  {
    where: rustSources,
    view: productionCodeOf,
    what: ['println', 'print', 'eprintln', 'eprint', 'dbg'].map(macro).join('|'),
    instead: 'a library does not print; return an error or count it in the statistics',
  },
  {
    where: rustFiles,
    view: codeOf,
    what: ['todo', 'unimplemented'].map(macro).join('|'),
    instead: 'write it, or return an error',
  },
  {
    where: rustSources,
    view: productionCodeOf,
    what: 'process::(?:abort|exit)\\b',
    instead: 'poison the store and return an error',
  },
  {
    where: rustFiles,
    view: codeOf,
    what: '#\\[ignore',
    instead: 'mend the test, or remove it with its reason in the commit',
  },
  { where: library, what: '\\bconsole\\.', instead: 'throw an error or emit an event' },
  { where: library, what: '\\bprocess\\.(?:exit|abort)\\b', instead: 'throw an error' },
  {
    where: /^lib\/(?!adapters\/|native\/|errors\.ts$)/,
    what: '\\bnew (?:Type|Range)Error\\(',
    instead: 'call typeError or rangeError of errors.ts, which give it a code',
  },
  {
    where: /^__test__\//,
    what: '\\b(?:it|test|describe|suite)\\.(?:only|skip|todo)\\b',
    instead: 'run it; a test that needs a missing tool says so by needsTool',
  },
  { where: scripts, what: '^\\s*debugger\\b', instead: 'remove it' },
  { where: /\.(?:rs|ts|mts|mjs|cjs|js|sh|toml)$/, what: reminders, instead: 'do it now, or write down why not' },
]

export function nothingBanned(tree) {
  const violations = []
  for (const { where, view, what, instead } of bans) {
    for (const path of matching(tree, where)) {
      const text = view === undefined ? tree.read(path) : view(tree.read(path))
      for (const match of text.matchAll(new RegExp(what, 'gm'))) {
        violations.push(`${path}:${lineAt(text, match.index)} ${match[0].trim()}: ${instead}`)
      }
    }
  }
  return violations
}
