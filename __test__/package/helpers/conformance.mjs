/** The conformance suite as one file that any runtime or test runner can run, over the built package. */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Compares what processes print that each choose another kernel of Rust, which is no matter of the runtime. */
const notOfRuntimes = new Set(['vector-kernels.spec.ts'])
/** Holds the suite's functions against the reference in memory too; here they are called without vitest. */
const ownEntry = 'conformance.spec.ts'

/** The one test that must fail under the plain runner, or nothing could. */
export const plantedFault = 'planted > fails'

/** The files of the suite that run, by name. */
function suiteFiles(root) {
  return readdirSync(join(root, '__test__', 'conformance'))
    .filter((name) => name.endsWith('.spec.ts') && name !== ownEntry && !notOfRuntimes.has(name))
    .sort()
}

/**
 * Over the package in dist/, with a runner of its own: prints one line of JSON, `{ passed, failed }`, and ends with 0 when
 * nothing but the planted fault failed.
 */
export async function bundlePlainSuite(root, target) {
  await bundleSuite(root, target, {
    sledstore: join(root, 'dist', 'index.js'),
    alias: { vitest: join(root, '__test__', 'package', 'helpers', 'plain-runner.mjs') },
    define: { 'import.meta.url': JSON.stringify(import.meta.url) }, // packages are found from here
    last: `
describe('planted', () => it('fails', () => expect(1).toBe(2)))
runAll().then((outcome) => {
  console.log(JSON.stringify(outcome))
  process.exitCode = outcome.failed.map((test) => test.name).join() === '${plantedFault}' ? 0 : 1
})`,
  })
}

/** Over an installed package, for a runner whose module has vitest's functions: `vitest` itself, or `bun:test`. */
export async function bundleModuleSuite(root, target, module) {
  const alias = module === 'vitest' ? {} : { vitest: module }
  await bundleSuite(root, target, { sledstore: 'sledstore', external: [module], alias })
}

/** Over an installed package, for a runner whose functions are global. */
export async function bundleGlobalSuite(root, target) {
  const runner = join(root, '__test__', 'package', 'helpers', 'global-runner.mjs')
  await bundleSuite(root, target, { sledstore: 'sledstore', alias: { vitest: runner }, format: 'cjs' })
}

async function bundleSuite(root, target, { sledstore, last = '', ...options }) {
  const { build } = await import('esbuild')
  const contents = entry(suiteFiles(root)) + last
  await build({
    stdin: { contents, resolveDir: join(root, '__test__', 'conformance'), loader: 'ts' },
    outfile: target,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node18',
    logLevel: 'error',
    plugins: [builtPackage(sledstore)],
    ...options,
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

/** What a file declares at its top belongs to a suite of its own, hooks too: so each is evaluated inside one. */
function entry(files) {
  const loads = files.map((name) => `describe('${name}', () => void require('./${name}'))`)
  return `
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, expect, runAll } from 'vitest'
import { SledStore } from '../../lib/store.js'
import { cases } from './cases.js'

const small = { memtableBytes: 64 << 10, blockBytes: 512 }
const subjects = [
  ['a store in a folder', (folder) => SledStore.open(folder)],
  ['a store in memory', async () => SledStore.memory()],
  ['a store of small blocks', (folder) => SledStore.open(folder, { profile: 'embedded', durability: 'os', tuning: small })],
]
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
${loads.join('\n')}
`
}
