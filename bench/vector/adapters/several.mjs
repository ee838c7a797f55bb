/** Searches that are asked for at once, for engines whose calls give promises and run on other threads. */

const atOnce = 4

/**
 * @param {unknown[]} vectors
 * @param {(vector: unknown) => Promise<Iterable<number>>} search
 */
export async function searchAtOnce(vectors, search) {
  const found = Array.from({ length: vectors.length })
  let next = 0
  const run = async () => {
    while (next < vectors.length) {
      const at = next++
      found[at] = await search(vectors[at])
    }
  }
  await Promise.all(Array.from({ length: atOnce }, run))
  return found
}
