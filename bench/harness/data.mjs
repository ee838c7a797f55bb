/**
 * Keys and values that are the same in every run of one seed. Keys are 16 hexadecimal digits, scattered over the key
 * space; values are text of which half cannot be compressed, the same as bytes, or objects that hold it. All are flat
 * and made before anything is timed.
 */

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-'
/** Different values at hand: more than any engine keeps in one block, and no more than fit in memory. */
const poolSizeMax = 16_384
const poolBytesMax = 64 << 20
/** Rows whose keys are all kept at hand; of larger stores each is made when it is asked for, off the clock. */
const keysKeptMax = 2_000_000
/** What the fields of an object other than its text take, about. */
const objectFieldBytes = 50

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
const keyBytes = Buffer.allocUnsafe(16)

function makeKey(row, seed) {
  keyBytes.latin1Write(hex(scatter(row)) + hex(scatter(row ^ seed)), 0)
  return keyBytes.latin1Slice(0, 16)
}

/**
 * Keys of the rows `from` to `from + count`; rows that were never written make missing keys of the same kind.
 *
 * @returns {string[]}
 */
export function makeKeys(count, { from = 0, seed }) {
  return Array.from({ length: count }, (_, row) => makeKey(from + row, seed))
}

/** The keys of a store, row by row. */
export class Keys {
  #kept
  #seed

  constructor(rows, seed) {
    this.#seed = seed
    if (rows <= keysKeptMax) this.#kept = makeKeys(rows, { seed })
  }

  at(row) {
    return this.#kept === undefined ? makeKey(row, this.#seed) : this.#kept[row]
  }

  /** Those of the rows `from` to `from + count`. */
  slice(from, count) {
    return Array.from({ length: count }, (_, index) => this.at(from + index))
  }

  /**
   * Those of some rows, in their order.
   *
   * @param {Uint32Array} rows
   */
  of(rows) {
    return Array.from(rows, (row) => this.at(row))
  }
}

/** What can be put: each kind by the text it carries, and by how a value read is weighed against it. */
const kinds = {
  string: { make: (text) => text, weigh: (value) => value.length, overhead: 0 },
  binary: { make: (text) => Buffer.from(text, 'latin1'), weigh: (value) => value.length, overhead: 0 },
  object: {
    make: (text, number) => ({ id: number, name: `n${number}`, active: number % 2 === 0, score: number / 7, text }),
    weigh: (value) => value.text.length,
    overhead: objectFieldBytes,
  },
}

export const kindNames = Object.keys(kinds)

/**
 * Values; `at(n)` differs from one n to the next, so that no engine may skip a write that changes nothing. `weigh` gives
 * of every value the same `weight`, by which a read is checked.
 */
export function makeValues(valueBytes, { seed, kind = 'string' }) {
  const { make, weigh, overhead } = kinds[kind]
  const random = randomNumbers(seed)
  const bytes = Buffer.alloc(Math.max(2, valueBytes - overhead), 'x')
  const pool = new Array(Math.max(2, Math.min(poolSizeMax, Math.floor(poolBytesMax / valueBytes))))
  for (let index = 0; index < pool.length; index++) {
    for (let at = 0; at < bytes.length / 2; at++) bytes[at] = alphabet.charCodeAt(random() & 63)
    pool[index] = make(bytes.latin1Slice(0, bytes.length), index)
  }
  return { at: (number) => pool[number % pool.length], valueBytes, weigh, weight: bytes.length }
}

/** Row numbers below `rows`, uniformly drawn. */
export function makeOrder(count, rows, seed) {
  const random = randomNumbers(seed)
  return Uint32Array.from({ length: count }, () => random() % rows)
}

/**
 * Row numbers drawn so that few rows are asked for most of the time: Zipf's law with exponent 0.99, by the method of
 * Gray et al., "Quickly generating billion-record synthetic databases", as YCSB draws them. Popular rows are scattered
 * over the store.
 */
export function makeZipfianOrder(count, rows, seed) {
  const theta = 0.99
  let zeta = 0
  for (let rank = 1; rank <= rows; rank++) zeta += rank ** -theta
  const alpha = 1 / (1 - theta)
  const eta = (1 - (2 / rows) ** (1 - theta)) / (1 - (1 + 0.5 ** theta) / zeta)
  const random = randomNumbers(seed)
  return Uint32Array.from({ length: count }, () => {
    const part = random() / 2 ** 32
    const weighed = part * zeta
    let rank = Math.floor(rows * (eta * part - eta + 1) ** alpha)
    if (weighed < 1) rank = 0
    else if (weighed < 1 + 0.5 ** theta) rank = 1
    return scatter(Math.min(rank, rows - 1)) % rows
  })
}

/** All row numbers below `rows`, each once, in an order of the seed. */
export function makePermutation(rows, seed) {
  const random = randomNumbers(seed)
  const order = Uint32Array.from({ length: rows }, (_, row) => row)
  for (let last = rows - 1; last > 0; last--) {
    const other = random() % (last + 1)
    const row = order[last]
    order[last] = order[other]
    order[other] = row
  }
  return order
}
