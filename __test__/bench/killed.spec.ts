/** What must be found after a kill is what the killed process had written last. */

import { expect, it } from 'vitest'
import { benchModule } from './modules.js'

interface Size {
  readonly rows: number
  readonly seed: number
}
const { killedBatches, lastKilled } = await benchModule<{
  killedBatches(job: Size): Iterable<{ rows: Uint32Array; values: number[] }>
  lastKilled(job: Size): { row: number; value: number }[]
}>('harness/killed.mjs')

it('names each row of the last batch with the value it was given last', () => {
  // So few rows that some are written several times, also within a batch.
  for (const size of [
    { rows: 30, seed: 1 },
    { rows: 2_500, seed: 1 },
    { rows: 1_200_000, seed: 1 },
  ]) {
    const batches = [...killedBatches(size)]
    const state = new Map<number, number>()
    for (const { rows, values } of batches) rows.forEach((row, index) => state.set(row, values[index]!))
    expect(batches.reduce((sum, { rows }) => sum + rows.length, 0)).toBe(Math.min(size.rows / 10, 100_000))
    const last = lastKilled(size)
    expect(new Set(last.map(({ row }) => row))).toEqual(new Set(batches.at(-1)!.rows))
    for (const { row, value } of last) expect(state.get(row)).toBe(value)
  }
})
