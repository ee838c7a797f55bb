/** Every Rust file is part of a crate. */

import { childModules } from './rust-source.mjs'
import { matching } from './tree.mjs'

/** Files cargo itself starts from. */
const roots =
  /^crate\/[^/]+\/(?:build\.rs|src\/(?:lib|main)\.rs|src\/bin\/(?:[^/]+|[^/]+\/main)\.rs|(?:tests|benches|examples|fuzz_targets)\/(?:[^/]+|[^/]+\/main)\.rs)$/

export function everyRustFileIsReached(tree) {
  const files = matching(tree, /^crate\/.*\.rs$/)
  const known = new Set(files)
  const reached = new Set()
  const waiting = files.filter((path) => roots.test(path))
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue
    reached.add(path)
    for (const candidates of childModules(path, tree.read(path)))
      waiting.push(...candidates.filter((file) => known.has(file)))
  }
  return files.filter((path) => !reached.has(path)).map((path) => `${path} is named by no mod`)
}
