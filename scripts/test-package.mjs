/** Runs the checks of the package, one after the other, a line each; see docs/internals/testing.md. */

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { checksFolder, findChecks, lineOf, needsOf, runCheck } from './shared/package-checks.mjs'
import { SetupError, setup } from './shared/prepare.mjs'

const help = `npm run test:package -- [options]

  --only WORD   just the checks with this word in their name or title
  --quick       just the checks that "npm test" runs
  --list        names the checks, and runs none
  --json FILE   writes what each check answered to a file, too
  --from FOLDER checks of another folder than __test__/package/checks
  --help        this text
`

const options = {
  only: { type: 'string' },
  quick: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  json: { type: 'string' },
  from: { type: 'string', default: checksFolder },
  help: { type: 'boolean', default: false },
}

function asked() {
  try {
    return parseArgs({ options }).values
  } catch (error) {
    console.error(`${error.message}\n\n${help}`)
    process.exit(2)
  }
}

function isWanted({ name, title, quick }, wanted) {
  if (wanted.quick && !quick) return false
  const word = wanted.only?.toLowerCase() ?? ''
  return name.toLowerCase().includes(word) || title.toLowerCase().includes(word)
}

async function perform(checks) {
  const outcomes = []
  for (const check of checks) {
    const outcome = await runCheck(check)
    outcomes.push(outcome)
    console.log(lineOf(outcome))
    if (outcome.status === 'failed') console.log(`${outcome.reason}\n${outcome.output}`.trimEnd())
  }
  return outcomes
}

function report(outcomes) {
  const tally = (status) => outcomes.filter((outcome) => outcome.status === status).length
  if (tally('failed') > 0) process.exitCode = 1
  console.log(`\n${tally('ok')} passed, ${tally('failed')} failed, ${tally('skipped')} skipped`)
}

/** What the checks answered, for other programs; what they printed is left out unless they failed. */
function asJson(outcomes) {
  const checks = outcomes.map(({ output, ...rest }) => (rest.status === 'failed' ? { ...rest, output } : rest))
  return `${JSON.stringify({ platform: process.platform, arch: process.arch, node: process.version, checks }, null, 2)}\n`
}

async function main() {
  const wanted = asked()
  if (wanted.help) return void console.log(help)
  const checks = (await findChecks(wanted.from)).filter((check) => isWanted(check, wanted))
  if (checks.length === 0) {
    console.error('no check has that name; --list names them')
    process.exitCode = 2
    return
  }
  if (wanted.list) {
    for (const { name, title, minutes, quick } of checks)
      console.log(`${name}: ${title} (${quick ? 'quick' : 'long'}, at most ${minutes} min)`)
    return
  }
  try {
    await setup({ with: needsOf(checks), tools: true })
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    console.error(`setup: ${error.message}`)
    process.exitCode = 1
    return
  }
  const outcomes = await perform(checks)
  if (wanted.json !== undefined) writeFileSync(wanted.json, asJson(outcomes))
  report(outcomes)
}

await main()
