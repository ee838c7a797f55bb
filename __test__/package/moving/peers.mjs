/** The peers as the examples have them installed. */

import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

const example = (name) => new URL(`../../../examples/moving/${name}`, import.meta.url)

/** Path of an example's program. */
export function program(name) {
  return fileURLToPath(example(`${name}.mjs`))
}

/** A peer's module. */
export async function peer(name) {
  const { resolve } = createRequire(example('package.json'))
  return import(pathToFileURL(resolve(name)).href)
}
