/** The packages of packages/: each stands on what its package.json names, and nothing below knows them. */

import { importedFile } from './layers-lib.mjs'
import { matching } from './tree.mjs'
import { importsOf } from './typescript-source.mjs'

const sources = /^packages\/[^/]+\/lib\/.*(?<!\.d)\.ts$/

/** The folder of packages/ a file lies in. */
function folderOf(path) {
  return path.split('/').slice(0, 2).join('/')
}

/** What a package may import; typings name packages as well as code does. */
function namedBy(tree, folder) {
  const { dependencies, peerDependencies } = JSON.parse(tree.read(`${folder}/package.json`) || '{}')
  return Object.keys({ ...dependencies, ...peerDependencies })
}

function packageOf(specifier) {
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0]
}

export function packagesImportWhatTheyName(tree) {
  const violations = []
  for (const path of matching(tree, sources)) {
    const folder = folderOf(path)
    const named = namedBy(tree, folder)
    for (const { specifier, line } of importsOf(path, tree.read(path))) {
      const file = importedFile(path, specifier)
      const isNamed = specifier.startsWith('node:') || named.includes(packageOf(specifier))
      if (file === undefined ? isNamed : file.startsWith(`${folder}/lib/`)) continue
      violations.push(`${path}:${line} imports ${specifier}; name it in ${folder}/package.json, or keep it in its lib/`)
    }
  }
  return violations
}

export function libKnowsNoPackagesAbove(tree) {
  const manifests = matching(tree, /^packages\/[^/]+\/package\.json$/).map((path) => JSON.parse(tree.read(path)))
  const violations = []
  for (const path of matching(tree, /^lib\/.*\.ts$/)) {
    for (const { specifier, line } of importsOf(path, tree.read(path))) {
      const isAbove = manifests.some(({ name }) => name === packageOf(specifier))
      if (isAbove || importedFile(path, specifier)?.startsWith('packages/'))
        violations.push(`${path}:${line} imports ${specifier}, which stands on it`)
    }
  }
  return violations
}
