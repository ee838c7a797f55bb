/** The Node that a peer's addon runs under: the bench's own copies where they exist, else the one that runs now. */

import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** @param {20 | 24} major */
export function nodePath(major) {
  try {
    return require.resolve(`node-${major}/bin/node`)
  } catch {
    return process.execPath
  }
}
