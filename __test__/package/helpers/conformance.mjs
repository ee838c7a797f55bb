/** The conformance suite as one file that any runtime or test runner can run, over the built package. */

import { join } from 'node:path'

/** The one test that must fail where no runner counts, or nothing could. */
export const plantedFault = 'planted: fails'

/**
 * Over the package in dist/, without a runner: prints one line of JSON, `{ passed, failed }`, and ends with 0 when nothing but
 * the planted fault failed.
 */
export async function bundlePlainSuite(root, target) {
  const contents = `
import { tests } from './suite.js'
const planted = { name: '${plantedFault}', run: async () => { throw new Error('as it should') } }
async function runAll() {
  let passed = 0
  const failed = []
  for (const { name, run } of [...tests, planted]) {
    try {
      await run()
      passed++
    } catch (error) {
      failed.push({ name, reason: error?.stack ?? String(error) })
    }
  }
  console.log(JSON.stringify({ passed, failed }))
  process.exitCode = failed.map(({ name }) => name).join() === '${plantedFault}' ? 0 : 1
}
runAll()`
  await bundleSuite(root, target, contents, { sledstore: join(root, 'dist', 'index.js') })
}

/** Over an installed package, for a runner whose module has `it`: `vitest` itself, or `bun:test`. */
export async function bundleModuleSuite(root, target, module) {
  const contents = `import { it } from '${module}'\n${declareAll}`
  await bundleSuite(root, target, contents, { sledstore: 'sledstore', external: [module] })
}

/** Over an installed package, for a runner whose functions are global. */
export async function bundleGlobalSuite(root, target) {
  await bundleSuite(root, target, declareAll, { sledstore: 'sledstore', format: 'cjs' })
}

const declareAll = `
import { tests } from './suite.js'
for (const { name, run } of tests) it(name, run)`

async function bundleSuite(root, target, contents, { sledstore, ...options }) {
  const { build } = await import('esbuild')
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

/** What the suite imports of lib/ comes from the built package. */
function builtPackage(path) {
  return {
    name: 'built-package',
    setup(builder) {
      builder.onResolve({ filter: /^\.\.\/\.\.\/lib\// }, () => ({ path, external: true }))
    },
  }
}
