/**
 * Builds the addon for other systems from Debian on x64, and runs it where an emulator can. For maintainers, and for a check
 * of the package that does part of it; what it makes is never published. docs/internals/releases.md says what came out.
 */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { perform } from './cross/perform.mjs'
import { crossTargets } from './cross/targets.mjs'
import { home } from './cross/toolchain.mjs'
import { SetupError, setup } from './shared/prepare.mjs'

const help = `node scripts/cross.mjs [target …] [options]

  --only-link  builds and runs nothing
  --list       names the targets
  --help       this text

Without a target it takes all of them: ${Object.keys(crossTargets).join(', ')}.
`

const options = {
  'only-link': { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
}

function asked() {
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    for (const name of positionals) if (crossTargets[name] === undefined) throw new Error(`there is no target ${name}`)
    return { ...values, names: positionals.length === 0 ? Object.keys(crossTargets) : positionals }
  } catch (error) {
    console.error(`${error.message}\n\n${help}`)
    process.exit(2)
  }
}

function said({ programs, under, tests }) {
  if (under === undefined) return 'only linked'
  const more = tests === undefined ? '' : `, ${tests} tests of Rust passed`
  return `${programs} programs ran under ${under}${more}`
}

async function main() {
  const wanted = asked()
  if (wanted.help) return void console.log(help)
  if (wanted.list) return void console.log(Object.keys(crossTargets).join('\n'))
  await setup()
  const results = []
  for (const name of wanted.names) {
    try {
      const result = await perform(name, { onlyLink: wanted['only-link'] })
      const { linker, seconds, bytes, note } = result
      const ran = said(result)
      const size = `${(bytes / 2 ** 20).toFixed(1)} MiB`
      console.log(
        `${name}: linked by ${linker} in ${seconds} s, ${size}; ${ran}${note === undefined ? '' : ` (${note})`}`,
      )
      results.push(result)
    } catch (error) {
      if (!(error instanceof SetupError)) throw error
      console.log(`${name}: FAILED\n${error.message}`)
      process.exitCode = 1
    }
  }
  writeFileSync(join(home, 'report.json'), `${JSON.stringify(results, null, 2)}\n`)
}

try {
  await main()
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  console.error(`cross: ${error.message}`)
  process.exitCode = 1
}
