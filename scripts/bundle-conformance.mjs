/**
 * Writes the conformance suite as one file that any runtime can run over the package in dist/:
 *
 *   node scripts/bundle-conformance.mjs <file>
 *
 * The file names places of this checkout, so a container that runs it has the checkout at the same path.
 */

import { resolve } from 'node:path'
import { SetupError, setup } from './shared/prepare.mjs'
import { root } from './shared/project.mjs'

const [file, ...surplus] = process.argv.slice(2)
if (file === undefined || surplus.length > 0) {
  console.error('node scripts/bundle-conformance.mjs <file>')
  process.exit(2)
}
try {
  await setup({ with: ['__test__/package'] })
  const { bundlePlainSuite } = await import('../__test__/package/helpers/conformance.mjs')
  await bundlePlainSuite(root, resolve(file))
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  console.error(`setup: ${error.message}`)
  process.exitCode = 1
}
