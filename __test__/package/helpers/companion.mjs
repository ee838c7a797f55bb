/** The packages of packages/ in node_modules as their users have them, beside the root and this platform's addon. */

import { cpSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { stagePackages } from '../../../scripts/shared/packages.mjs'
import { addonPath, companions, root } from '../../../scripts/shared/project.mjs'
import { project } from './published.mjs'

const { platformName } = createRequire(import.meta.url)('../../../lib/native/platform.cjs')

/** A package and all it names; copied, for one that is linked finds the others of the checkout. */
function copy(name, modules) {
  const source = join(root, 'node_modules', name)
  cpSync(source, join(modules, name), { recursive: true })
  const { dependencies = {} } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'))
  for (const other of Object.keys(dependencies)) copy(other, modules)
}

/** Puts what is published into the `node_modules` of a project, and of others' packages just what it depends on. */
export async function installCompanions(folder) {
  const modules = join(project(folder), 'node_modules')
  await stagePackages(modules, new Map([[platformName(), addonPath]]))
  for (const { manifest } of companions())
    for (const name of Object.keys(manifest.dependencies ?? {})) copy(name, modules)
}
