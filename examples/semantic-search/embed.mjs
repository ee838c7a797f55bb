/**
 * Vectors for texts: the sum of the vectors of their words. Frequent words say little, so each is weighted by how rare it
 * is (Arora, Liang, Ma: A simple but tough-to-beat baseline for sentence embeddings, 2017).
 */

export const dimensions = 100

/** The words of a text, in lower case. */
function wordsOf(text) {
  return text.toLowerCase().match(/[a-z]+/g) ?? []
}

/** Weight of a word by its place among all words, the most frequent first; its frequency goes down as that goes up. */
export function weightOf(place) {
  const frequency = 0.1 / (place + 1)
  return 0.001 / (0.001 + frequency)
}

/**
 * @param {import('sledstore').Namespace<string, Float32Array>} words weighted vectors
 * @returns {Float32Array | undefined} `undefined` when no word of the text is known
 */
export function embed(words, text) {
  const known = words.getMany(wordsOf(text)).filter((vector) => vector !== undefined)
  if (known.length === 0) return undefined
  const sum = new Float32Array(dimensions)
  for (const vector of known) {
    for (let at = 0; at < dimensions; at++) sum[at] += vector[at]
  }
  return sum
}
