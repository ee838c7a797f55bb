/**
 * Keys and values that are the same in every run of one seed. Keys are 16 hexadecimal digits, scattered over the key
 * space; values are text of which half cannot be compressed. All are flat strings made before anything is timed.
 */

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-'
/** Different values at hand: more than any engine keeps in one block. */
const poolSize = 16_384

/** A generator of 32-bit numbers: mulberry32. */
export function randomNumbers(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}

/** A permutation of the 32-bit numbers, so that different rows get different keys. */
function scatter(number) {
  let mixed = number >>> 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

const hex = (number) => number.toString(16).padStart(8, '0')

/**
 * Keys of the rows `from` to `from + count`; rows that were never written make missing keys of the same kind.
 *
 * @returns {string[]}
 */
export function makeKeys(count, { from = 0, seed }) {
  const bytes = Buffer.allocUnsafe(16)
  const keys = new Array(count)
  for (let row = 0; row < count; row++) {
    bytes.latin1Write(hex(scatter(from + row)) + hex(scatter((from + row) ^ seed)), 0)
    keys[row] = bytes.latin1Slice(0, 16)
  }
  return keys
}

/** Values; `at(n)` differs from one n to the next, so that no engine may skip a write that changes nothing. */
export function makeValues(valueBytes, { seed }) {
  const random = randomNumbers(seed)
  const bytes = Buffer.alloc(valueBytes, 'x')
  const pool = new Array(poolSize)
  for (let index = 0; index < poolSize; index++) {
    for (let at = 0; at < valueBytes / 2; at++) bytes[at] = alphabet.charCodeAt(random() & 63)
    pool[index] = bytes.latin1Slice(0, valueBytes)
  }
  return { at: (number) => pool[number % poolSize], valueBytes }
}

/** Row numbers below `rows`, uniformly drawn. */
export function makeOrder(count, rows, seed) {
  const random = randomNumbers(seed)
  return Uint32Array.from({ length: count }, () => random() % rows)
}
