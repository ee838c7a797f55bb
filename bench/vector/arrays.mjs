/** The arrays of a set, each in a file of its own. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const arrays = { rows: Float32Array, queries: Float32Array, attributes: Uint16Array, asked: Uint16Array }

/** Reads some of the arrays of a set. */
export function readSet(path, names = Object.keys(arrays)) {
  return Object.fromEntries(
    names.map((name) => {
      const bytes = readFileSync(join(path, name))
      const own = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
      return [name, new arrays[name](own)]
    }),
  )
}
