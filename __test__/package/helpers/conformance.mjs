/** The conformance suite as one file that any runtime can run, over the built package. */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

/** Compares what processes print that each choose another kernel of Rust, which is no matter of the runtime. */
const notOfRuntimes = new Set(['vector-kernels.spec.ts'])
/** Holds the suite's functions against the reference in memory too; here they are called without vitest. */
const ownEntry = 'conformance.spec.ts'

/** The one test that must fail, or nothing could. */
export const plantedFault = 'planted > fails'

/** The files of the suite that run, by name. */
export function suiteFiles(root) {
  return readdirSync(join(root, '__test__', 'conformance'))
    .filter((name) => name.endsWith('.spec.ts') && name !== ownEntry && !notOfRuntimes.has(name))
    .sort()
}

/**
 * Bundles the suite into one ECMAScript module that runs it and prints one line of JSON: `{ passed, failed }`. The last
 * of its tests must fail: {@link plantedFault}.
 *
 * @param {string} root the checkout
 * @param {string} target the file to write
 */
export async function bundleSuite(root, target) {
  const helpers = join(root, '__test__', 'package', 'helpers')
  await build({
    stdin: { contents: entry(suiteFiles(root)), resolveDir: join(root, '__test__', 'conformance'), loader: 'ts' },
    outfile: target,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node18',
    logLevel: 'error',
    alias: { vitest: join(helpers, 'plain-runner.mjs') },
    define: { 'import.meta.url': JSON.stringify(import.meta.url) }, // packages are found from here
    plugins: [builtPackage(join(root, 'dist', 'index.js'))],
  })
}

/** What tests import of lib/ comes from the built package. */
function builtPackage(path) {
  return {
    name: 'built-package',
    setup(builder) {
      builder.onResolve({ filter: /^\.\.\/\.\.\/lib\// }, () => ({ path, external: true }))
    },
  }
}

function entry(files) {
  const loads = files.map((name) => `await file('${name}', () => import('./${name.replace(/\.ts$/, '.js')}'))`)
  return `
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, file, it, expect, runAll } from 'vitest'
import { SledStore } from '../../lib/store.js'
import { cases } from './cases.js'

const small = { memtableBytes: 64 << 10, blockBytes: 512 }
const subjects = [
  ['a store in a folder', (folder) => SledStore.open(folder)],
  ['a store in memory', async () => SledStore.memory()],
  ['a store of small blocks', (folder) => SledStore.open(folder, { profile: 'embedded', durability: 'os', tuning: small })],
]
await file('cases.ts', () => {
  describe.each(subjects)('%s', (_name, open) => {
    it.each(cases)('$name', async ({ run }) => {
      const folder = mkdtempSync(join(tmpdir(), 'sledstore-'))
      const store = await open(join(folder, 'store'))
      try {
        await run(store)
      } finally {
        await store.close()
        rmSync(folder, { recursive: true })
      }
    })
  })
})
${loads.join('\n')}
await file('planted', () => it('fails', () => expect(1).toBe(2)))
console.log(JSON.stringify(await runAll()))
`
}
