/** Packs what is published: the root package, one for each platform whose addon is there, and those of packages/. */

import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { addonsIn, packStaged, stagePackages, targets } from './shared/packages.mjs'
import { root } from './shared/project.mjs'
import { SetupError, setup } from './shared/prepare.mjs'

const help = `node scripts/pack.mjs [options]

  --addons FOLDER  takes the addons that lie there, too (sledstore.<platform>.node); lib/native is always looked at
  --to FOLDER      where the packages go, as folders and as tarballs; target/packages when not given
  --release        fails unless every platform of lib/native/targets.cjs has its addon
  --help           this text
`

const options = {
  addons: { type: 'string', multiple: true, default: [] },
  to: { type: 'string', default: join(root, 'target', 'packages') },
  release: { type: 'boolean', default: false },
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

async function main() {
  const wanted = asked()
  if (wanted.help) return void console.log(help)
  await setup()
  const addons = addonsIn([...wanted.addons.map((folder) => resolve(folder)), join(root, 'lib', 'native')])
  const missing = Object.keys(targets).filter((name) => !addons.has(name))
  if (wanted.release && missing.length > 0)
    throw new SetupError(`no addon for ${missing.join(', ')}; a release has all of them`)
  const staged = join(wanted.to, 'folders')
  rmSync(staged, { recursive: true, force: true })
  const folders = await stagePackages(staged, addons)
  for (const { name, version, size, file } of await packStaged(folders, wanted.to))
    console.log(`${name} ${version}: ${(size / 1024).toFixed(0)} KiB packed, ${file}`)
  if (missing.length > 0) console.log(`without an addon here, so not packed: ${missing.join(', ')}`)
}

try {
  await main()
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  console.error(`pack: ${error.message}`)
  process.exitCode = 1
}
