/** Reports of several lanes, told in the order of their seeds, so that a run that ends early has no gap. */

/**
 * A function that takes reports of one cycle each, in any order, and hands them on in order from `seed` on.
 *
 * @param {number} seed
 * @param {(report: object) => void} report
 */
export function inOrder(seed, report) {
  const waiting = new Map()
  let next = seed
  return (told) => {
    waiting.set(told.seed, told)
    for (; waiting.has(next); next++) {
      report(waiting.get(next))
      waiting.delete(next)
    }
  }
}
