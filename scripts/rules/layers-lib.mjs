/** The layers of lib/: imports point down, and one file touches the addon. */

import { normalize } from './rust-source.mjs'
import { matching } from './tree.mjs'
import { importsOf } from './typescript-source.mjs'

/** From the bottom up; a file may import its own layer and those before it. */
const layers = [
  ['errors', 'options', 'published', 'report-types'],
  [
    'codec',
    'codec-types',
    'codecs',
    'key-codec',
    'key-text',
    'msgpack',
    'schema',
    'tuple',
    'utf8',
    'value-cache',
    'value-writer',
    'vector-codec',
  ],
  [
    'duration',
    'encoded',
    'graph-buffer',
    'graph-load-buffer',
    'graph-match-text',
    'graph-match-types',
    'graph-schema',
    'graph-types',
    'graph-value',
    'point',
    'query-value',
    'temporal',
    'temporal-parts',
    'typed-value',
    'vector-options',
    'vector-types',
  ],
  ['internal/'],
  [
    'put-options',
    'namespace-types',
    'range',
    'scan',
    'batch',
    'transaction',
    'snapshot',
    'entries',
    'bulk-load',
    'value-stream',
    'repair',
  ],
  ['namespace', 'namespace-name'],
  [
    'algorithms',
    'algorithms-results',
    'algorithms-types',
    'graph-core',
    'graph-description',
    'graph-index',
    'graph-load',
    'graph-match',
    'graph-match-core',
    'graph-merge',
    'graph-prepared',
    'graph-query',
    'query-stream',
    'graph-reader',
    'procedures',
    'graph-writer',
    'graph',
    'vector-element',
    'vector-buffer',
    'vector-core',
    'vector',
    'collection',
  ],
  ['store'],
  ['index'],
  ['adapters/'],
]

function layerOf(path) {
  const name = path.slice('lib/'.length).replace(/\.ts$/, '')
  return layers.findIndex((names) =>
    names.some((known) => (known.endsWith('/') ? name.startsWith(known) : name === known)),
  )
}

const sources = /^lib\/.*(?<!\.d)\.ts$/

/** The file of lib/ an import means, or undefined for a package. */
export function importedFile(path, specifier) {
  if (!specifier.startsWith('.')) return undefined
  return normalize(`${path.slice(0, path.lastIndexOf('/'))}/${specifier}`).replace(/\.js$/, '.ts')
}

export function libImportsDownwards(tree) {
  const violations = []
  for (const path of matching(tree, sources)) {
    const layer = layerOf(path)
    if (layer === -1) violations.push(`${path} has no layer; give it one in scripts/rules/layers-lib.mjs`)
    for (const { specifier, line } of importsOf(path, tree.read(path))) {
      const file = importedFile(path, specifier)
      if (file === undefined || layer === -1) continue
      if (layerOf(file) > layer) violations.push(`${path}:${line} imports ${file}, which lies above it`)
    }
  }
  return violations
}

export function oneFileImportsTheAddon(tree) {
  const violations = []
  for (const path of matching(tree, sources)) {
    if (path === 'lib/internal/native.ts') continue
    for (const { specifier, line } of importsOf(path, tree.read(path))) {
      if (specifier === '#binding' || specifier.endsWith('.node') || specifier.includes('native/binding')) {
        violations.push(`${path}:${line} imports the addon; only lib/internal/native.ts may`)
      }
    }
  }
  return violations
}

/** An adapter that imported other files of lib/ would bring a second copy of them into the process. */
export function adaptersLoadThePackage(tree) {
  const violations = []
  for (const path of matching(tree, /^lib\/adapters\/.*(?<!\.d)\.ts$/)) {
    for (const { specifier, line, isType } of importsOf(path, tree.read(path))) {
      const file = importedFile(path, specifier)
      if (isType || file === undefined || file.startsWith('lib/adapters/')) continue
      violations.push(`${path}:${line} imports ${file}; import values from 'sledstore', and types with "import type"`)
    }
  }
  return violations
}

/** What runs before anything is installed: the checks, whose list is read first, and the scripts that install. */
const runsFirst = /^(?:__test__\/package\/(?:checks|helpers)\/[^/]+|scripts\/test[^/]*)\.mjs$/
const installs = /^scripts\/[^/]+\.mjs$/

/** They load packages where they use them, and so does every file that loads with them. */
export function packagesLoadLate(tree) {
  const files = matching(tree, /\.mjs$/)
  const importsOfFile = (path) => importsOf(path, tree.read(path)).filter(({ isStatic }) => isStatic)
  const importsSetup = (path) => importsOfFile(path).some(({ specifier }) => specifier.endsWith('/prepare.mjs'))
  const violations = []
  const waiting = files.filter((path) => runsFirst.test(path) || (installs.test(path) && importsSetup(path)))
  const reached = new Set()
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path) || !files.includes(path)) continue
    reached.add(path)
    for (const { specifier, line } of importsOfFile(path)) {
      const file = importedFile(path, specifier)
      if (file !== undefined) waiting.push(file)
      else if (!specifier.startsWith('node:'))
        violations.push(`${path}:${line} imports ${specifier} before it is installed; import it where it is used`)
    }
  }
  return violations
}

/** What is imported by its name: the package, its adapters, and the packages that stand on it. */
const entries = /^lib\/(?:index\.ts|adapters\/[^/]+)$|^packages\/[^/]+\/lib\/index\.ts$/

export function everyLibFileIsImported(tree) {
  const files = matching(tree, /^(?:packages\/[^/]+\/)?lib\/.*(?<!\.d)\.ts$/)
  const reached = new Set()
  const waiting = files.filter((path) => entries.test(path))
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path) || !files.includes(path)) continue
    reached.add(path)
    for (const { specifier } of importsOf(path, tree.read(path))) waiting.push(importedFile(path, specifier) ?? '')
  }
  return files
    .filter((path) => !reached.has(path))
    .map((path) => `${path} is not reached from an index.ts or an adapter`)
}
