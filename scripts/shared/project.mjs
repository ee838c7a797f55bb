/** Places and versions the repository's scripts share. */

import { readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

const { addonFileName } = createRequire(import.meta.url)('../../lib/native/platform.cjs')

/** Cargo profile of the addon that tests, demo and benches load; `release` is the one that is published. */
export const addonProfile = 'release'

/** Oldest Node that develops SledStore; users need only what `engines` in package.json says. */
export const nodeMajorMin = 20

/** Oldest Rust that builds it, as in Cargo.toml's `rust-version`. */
export const rustVersionMin = [1, 89]

/** The addon in the checkout. */
export const addonPath = join(root, 'lib', 'native', addonFileName())

/** The file cargo leaves for the addon's crate. */
export function cargoArtifactPath() {
  const target = resolve(root, process.env.CARGO_TARGET_DIR || 'target')
  const folder = addonProfile === 'dev' ? 'debug' : addonProfile
  const names = { win32: 'sledstore_node.dll', darwin: 'libsledstore_node.dylib' }
  return join(target, folder, names[process.platform] ?? 'libsledstore_node.so')
}

/** The package as the tests import it. */
export const distPath = join(root, 'dist')

/** Adapters to interfaces of others: each file of lib/adapters is the subpath of the package that has its name. */
export function adapterNames() {
  const files = readdirSync(join(root, 'lib', 'adapters'), { withFileTypes: true }).filter((entry) => entry.isFile())
  return files.map(({ name }) => name.replace(/\.ts$/, ''))
}

/** Packages that stand on the root's and are published beside it: a folder of packages/ each, with its manifest. */
export function companions() {
  return readdirSync(join(root, 'packages')).map((name) => {
    const folder = join(root, 'packages', name)
    return { folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }
  })
}
