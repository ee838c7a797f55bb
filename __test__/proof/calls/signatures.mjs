/** What the addon's functions take, from the declarations that `lib/` is checked against: a new one is fuzzed by itself. */
import { readFileSync } from 'node:fs'

/** Functions that panic on purpose, and the one that takes every answer away from the package. */
const left = new Set(['panic', 'panicOnPurpose', 'connect'])

/** What a number given back is, where it is not plain. */
const gives = {
  openMemory: 'store',
  namespace: 'namespace',
  snapshot: 'reader',
  begin: 'transaction',
  graph: 'graph',
  vectors: 'vectors',
  beginScan: 'scan',
  beginBulkLoad: 'load',
  openValueWriter: 'writer',
}

/** Jobs, and what their answer is. */
const jobs = {
  open: 'store',
  openSnapshot: 'store',
  restore: '',
  close: '',
  watchErrors: '',
  flush: '',
  compact: '',
  verify: '',
  publish: '',
  backup: '',
  sync: '',
  askGraphAsync: '',
  createGraphIndex: '',
  dropGraphIndex: '',
  dropNamedGraphIndex: '',
  askVectorsAsync: '',
  countAsync: '',
  getAsync: '',
  getManyAsync: '',
  scanPageAsync: '',
  bulkLoadPage: '',
  finishBulkLoad: '',
  writeValuePart: '',
  finishValue: '',
  openValueReader: 'valueReader',
  readValuePart: '',
}

/** Every function: `{ name, isHot, parameters: [{ name, type }], gives, answers }`. */
export function signatures() {
  const text = readFileSync(new URL('../../../lib/internal/binding.d.ts', import.meta.url), 'utf8')
  const hot = /interface Hot \{([\s\S]*?)\n {2}\}/.exec(text)[1]
  const cold = /interface Binding extends Hot \{([\s\S]*?)\n {2}\}/.exec(text)[1]
  return [...functionsOf(hot, true), ...functionsOf(cold, false)].filter(({ name }) => !left.has(name))
}

function functionsOf(body, isHot) {
  const found = []
  for (const [, name, list] of body.matchAll(/^ {4}(\w+)\(([^()]*(?:\([^()]*\)[^()]*)*)\):/gm)) {
    const parameters = [...list.matchAll(/(\w+): ([^,]+)/g)].map(([, parameter, type]) => ({
      name: name === 'readValuePart' && parameter === 'reader' ? 'valueReader' : parameter,
      type: type.trim(),
    }))
    found.push({ name, isHot, parameters, gives: gives[name], answers: jobs[name] })
  }
  return found
}
