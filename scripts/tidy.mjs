/** Checks the repository's own rules (scripts/rules) and lists every violation with its place. */

import { checkRepository } from './rules/index.mjs'

let failed = 0
for (const { name, violations } of checkRepository()) {
  if (violations.length === 0) continue
  failed++
  console.log(`${name}:`)
  for (const violation of violations) console.log(`  ${violation}`)
}
if (failed > 0) {
  console.log(`\n${failed} rules broken`)
  process.exitCode = 1
}
