/** A Node for peers whose addons want 22 or newer: this one, or the one among the packages of the checks. */

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export function newerNode() {
  const own = Number(process.versions.node.split('.')[0])
  if (own >= 22) return process.execPath
  const packaged = fileURLToPath(new URL('node_modules/node-24/bin/node', import.meta.url))
  if (existsSync(packaged)) return packaged
  throw new Error('node-24 is not installed; run "node scripts/setup.mjs --with __test__/package"')
}
