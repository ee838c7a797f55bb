/** Numbers that are the same for a seed: xorshift32, by Marsaglia. */

/** @returns {() => number} from 0, below 1 */
export function randomOf(seed) {
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) >>> 0 || 1
  return () => {
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 2 ** 32
  }
}

/** The numbers from 0 to `count - 1` in random order: Fisher and Yates. */
export function shuffled(count, random) {
  const order = Uint32Array.from({ length: count }, (_, at) => at)
  for (let at = count - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1))
    const kept = order[at]
    order[at] = order[other]
    order[other] = kept
  }
  return order
}
