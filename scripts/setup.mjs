/**
 * Makes a checkout ready to run: npm packages, the addon, the package in dist/. Does only what is missing or out of
 * date, and says nothing when all is there.
 *
 *   scripts/setup                        what demo, tests and benches need
 *   scripts/setup --with examples/wordnet   and the npm packages of that folder
 *   scripts/setup --tools                and the system tools some tests want
 *   scripts/setup --rebuild              builds addon and dist whatever their age, and writes index.d.ts
 */

import { SetupError, setup } from './shared/prepare.mjs'

function parseArguments(words) {
  const wanted = { with: [], tools: false, rebuild: false }
  for (let at = 0; at < words.length; at++) {
    if (words[at] === '--tools') wanted.tools = true
    else if (words[at] === '--rebuild') wanted.rebuild = true
    else if (words[at] === '--with' && words[at + 1] !== undefined) wanted.with.push(words[++at])
    else throw new SetupError(`unknown argument ${words[at]}; known are --with <folder>, --tools, --rebuild`)
  }
  return wanted
}

try {
  await setup(parseArguments(process.argv.slice(2)))
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  console.error(`setup: ${error.message}`)
  process.exitCode = 1
}
