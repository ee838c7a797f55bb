/** A Node for peers whose addons want 22 or newer: this one, or the one among the packages of the checks. */

import { node } from './runtimes.mjs'

export function newerNode() {
  return Number(process.versions.node.split('.')[0]) >= 22 ? process.execPath : node(24).binary
}
