/** Times of calls as the suite records them. */

import { percentiles } from '../../harness/timing.mjs'

/**
 * @param {number} mean in microseconds
 * @param {Float64Array} times in milliseconds
 * @returns {{ mean: number, p50: number, p99: number }} in milliseconds
 */
export function milliseconds(mean, times) {
  const { p50, p99 } = percentiles(times)
  return { mean: mean / 1000, p50: p50 / 1000, p99: p99 / 1000 }
}
