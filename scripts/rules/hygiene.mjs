/** Nothing of one machine in the repository, and nothing that runs on the machines of those who install it. */

import { lineAt } from './tree.mjs'

const binary = /\.(?:node|png|jpg|gz|tgz|zip|sled|journal|bin)$/

/** Files of a store kept as a fixture are bytes, not text. */
function textFiles(tree) {
  return tree.paths.filter((path) => !binary.test(path) && !path.startsWith('__test__/fixtures/'))
}

function search(tree, paths, pattern, complaint) {
  const violations = []
  for (const path of paths) {
    const text = tree.read(path)
    for (const match of text.matchAll(pattern))
      violations.push(`${path}:${lineAt(text, match.index)} ${complaint}: ${match[0]}`)
  }
  return violations
}

export function noRegistryHosts(tree) {
  // Cargo.lock names the index by the one address every cargo uses, and only that.
  const paths = textFiles(tree).filter((path) => !path.endsWith('Cargo.lock'))
  return search(
    tree,
    paths,
    /\b(?:registry|static|index|npm|mirrors?)\.(?:[a-z\d-]+\.)*(?:org|com|io|net|dev|cn)\b/g,
    'names the host of a package registry',
  )
}

export function noMachinePaths(tree) {
  return search(
    tree,
    textFiles(tree),
    /(?<![\w.:/])(?:\/(?:home|Users)\/[\w.-]+|\/(?:root|work|workspace|mnt)\/[\w.-]+|[A-Z]:\\Users\\\w+)/g,
    'names a path of one machine',
  )
}

export function lockFilesNameNoHosts(tree) {
  const paths = tree.paths.filter((path) => /(?:^|\/)(?:package-lock|npm-shrinkwrap)\.json$/.test(path))
  return search(
    tree,
    paths,
    /"resolved": *"(?:https?|git)[^"]*"/g,
    'says where a package was fetched from (npm install with omit-lockfile-registry-resolved)',
  )
}

const installScripts = [
  'preinstall',
  'install',
  'postinstall',
  'preprepare',
  'prepare',
  'postprepare',
  'prepublish',
  'dependencies',
]

export function nothingRunsOnInstall(tree) {
  const violations = []
  for (const path of tree.paths.filter((name) => /(?:^|\/)package\.json$/.test(name))) {
    const { scripts = {} } = JSON.parse(tree.read(path))
    for (const name of installScripts) {
      if (name in scripts) violations.push(`${path} has a script "${name}", which npm runs when it installs`)
    }
  }
  return violations
}

export function dependenciesArePinned(tree) {
  const violations = []
  for (const path of tree.paths.filter((name) => /(?:^|\/)package\.json$/.test(name))) {
    const { dependencies = {}, devDependencies = {}, optionalDependencies = {} } = JSON.parse(tree.read(path))
    for (const [name, range] of Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })) {
      if (!/^(?:\d+\.\d+\.\d+(?:-[\w.]+)?|npm:.+@\d+\.\d+\.\d+|file:.+)$/.test(range))
        violations.push(`${path} asks for ${name} ${range}; name one version`)
    }
  }
  return violations
}
