/**
 * A stand-in for an embedding model: a text becomes the counts of its letter triples, hashed into 256 numbers. Texts
 * with the same words, or words of the same stem, come out near each other; a real model would know their meaning.
 */

export const dimensions = 256

export function embed(text) {
  const vector = new Float32Array(dimensions)
  for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) {
    const padded = `<${word}>`
    for (let at = 0; at + 3 <= padded.length; at++) vector[hash(padded.slice(at, at + 3)) % dimensions]++
  }
  return vector
}

/** FNV-1a, 32 bits. */
function hash(text) {
  let value = 0x811c9dc5
  for (const letter of text) value = Math.imul(value ^ letter.charCodeAt(0), 0x01000193) >>> 0
  return value
}
