/** The package in node_modules as its users have it: what `npm pack` takes, and the platform's package beside it. */

import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { npm } from '../../../scripts/shared/process.mjs'

const { addonFileName, platformName } = createRequire(import.meta.url)('../../../lib/native/platform.cjs')

/** Name of the package that holds this platform's addon. */
export const platformPackage = `sledstore-${platformName()}`
/** Name of the addon's file in it. */
export const addonFile = addonFileName()

/** `npm pack` of a folder, whatever its scripts; gives the tarball's name. */
export async function packInto(target, folder) {
  const { code, output, stdout } = await npm([
    'pack',
    '--json',
    '--ignore-scripts',
    '--pack-destination',
    target,
    folder,
  ])
  if (code !== 0) throw new Error(`npm pack of ${folder} failed\n${output}`)
  return JSON.parse(stdout)[0].filename
}

/** Puts both packages into `folder/node_modules`, which a `package.json` makes a project. */
export async function installInto(folder, { root, run }) {
  const modules = join(folder, 'node_modules')
  const home = join(modules, 'sledstore')
  mkdirSync(home, { recursive: true })
  const filename = await packInto(modules, root)
  await run('tar', ['-xzf', join(modules, filename), '-C', home, '--strip-components=1'])

  const platform = join(modules, platformPackage)
  mkdirSync(platform)
  const manifest = { name: platformPackage, version: '0.1.0', main: addonFile, files: [addonFile] }
  writeFileSync(join(platform, 'package.json'), JSON.stringify(manifest))
  copyFileSync(join(root, 'lib', 'native', addonFile), join(platform, addonFile))
  if (!existsSync(join(folder, 'package.json')))
    writeFileSync(join(folder, 'package.json'), '{ "name": "user", "private": true }')
}
