/** Programs of `__test__/package/level`, which find the packages of that folder by their names. */

import { fileURLToPath } from 'node:url'

/** Where a program is. */
export function program(name) {
  return fileURLToPath(new URL(`../level/programs/${name}`, import.meta.url))
}
