/**
 * The whole suite as plain functions: each case against each store. vitest calls them in conformance.spec.ts; every other
 * runner and runtime in a file that scripts/bundle-conformance.mjs writes. Some runners load the addon in another realm than
 * the cases: what comes from it whole, an array or a plain object, is spread before it is compared.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SledStore } from '../../lib/index.js'
import { cases } from './cases.js'
import { graphBadInputCases } from './graph-bad-input-cases.js'
import { graphBytesCases } from './graph-bytes-cases.js'
import { graphCases } from './graph-cases.js'
import { graphIndexCases } from './graph-index-cases.js'
import { graphPropertiesCases } from './graph-properties-cases.js'
import { graphTransactionsCases } from './graph-transactions-cases.js'
import { keptValuesCases } from './kept-values-cases.js'
import { publishedCases } from './published-cases.js'
import type { Case, StoreCase } from './subject.js'
import { vectorBadInputCases } from './vector-bad-input-cases.js'
import { vectorCases } from './vector-cases.js'
import { vectorElementCases } from './vector-element-cases.js'
import { vectorTransactionsCases } from './vector-transactions-cases.js'

/** A case against a store. */
export interface Test {
  readonly name: string
  readonly run: () => Promise<void>
}

const groups: readonly (readonly [name: string, cases: readonly StoreCase[]])[] = [
  ['namespaces', cases],
  ['namespaces that keep values', keptValuesCases],
  ['graph', graphCases],
  ['graph, in transactions', graphTransactionsCases],
  ['graph, properties', graphPropertiesCases],
  ['graph, indexes', graphIndexCases],
  ['graph, bad input', graphBadInputCases],
  ['bytes', graphBytesCases],
  ['published files', publishedCases],
  ['vectors', vectorCases],
  ['vectors, in transactions', vectorTransactionsCases],
  ['vectors, bad input', vectorBadInputCases],
  ['vectors, of other elements', vectorElementCases],
]

const small = { memtableBytes: 64 << 10, blockBytes: 512 }

const stores: readonly (readonly [name: string, open: (folder: string) => Promise<SledStore>])[] = [
  ['a store in a folder', (folder) => SledStore.open(folder)],
  ['a store in memory', async () => SledStore.memory()],
  [
    'a store of small blocks',
    (folder) => SledStore.open(folder, { profile: 'embedded', durability: 'os', tuning: small }),
  ],
]

/** Runs a case against a store of its own. */
async function perform<Store extends { close(): Promise<void> }>(
  open: (folder: string) => Promise<Store>,
  { run }: Case<Store>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sledstore-'))
  const store = await open(join(folder, 'store'))
  try {
    await run(store, folder)
  } finally {
    await store.close()
    rmSync(folder, { recursive: true })
  }
}

/** The tests of one store, by a group of cases. */
export function testsOf<Store extends { close(): Promise<void> }>(
  name: string,
  open: (folder: string) => Promise<Store>,
  group: string,
  members: readonly Case<Store>[],
): Test[] {
  return members.map((member) => ({
    name: `${name} > ${group} > ${member.name}`,
    run: () => perform(open, member),
  }))
}

/** Every case against every real store. */
export const tests: readonly Test[] = stores.flatMap(([name, open]) =>
  groups.flatMap(([group, members]) => testsOf(name, open, group, members)),
)
