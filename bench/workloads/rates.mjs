/** What writes are measured by, and how many of them. */

import { cpuSeconds } from '../harness/figures.mjs'
import { percentiles } from '../harness/timing.mjs'

export const batchRows = 100
/** Writes of one run: enough that memtables fill, are written out and are compacted many times. */
export const writesMax = 1_000_000

/**
 * Measures writes twice: to the last answer, and until nothing goes on in the background.
 *
 * @param {object} count
 * @param {number} count.rows written, or removed
 * @param {number} [count.valueBytes] of each; left out where none is written
 * @param {() => Promise<{ total: number, times: Float64Array }>} measure
 * @param {() => Promise<void>} idle
 */
export async function rates({ rows, valueBytes }, measure, idle) {
  const cpu = cpuSeconds()
  const { total, times } = await measure()
  const started = performance.now()
  const cpuBurst = cpuSeconds() - cpu
  await idle()
  const drained = total + (performance.now() - started) * 1000
  return {
    throughput: (rows * 1e6) / total,
    throughput_drained: (rows * 1e6) / drained,
    mean: total / rows,
    cpu_burst: cpuBurst,
    ...percentiles(times),
    ...(valueBytes === undefined ? {} : { user_bytes: rows * (16 + valueBytes) }),
  }
}
