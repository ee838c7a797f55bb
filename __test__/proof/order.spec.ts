/** What the lanes of a harness report comes in the order of its seeds. */

import { expect, it } from 'vitest'

interface Report {
  readonly seed: number
}

const helper = new URL('helpers/order.mjs', import.meta.url).href

async function told(seeds: number[]): Promise<number[]> {
  const { inOrder } = (await import(helper)) as {
    inOrder: (seed: number, report: (report: Report) => void) => (report: Report) => void
  }
  const heard: number[] = []
  const tell = inOrder(7, ({ seed }) => heard.push(seed))
  for (const seed of seeds) tell({ seed })
  return heard
}

it('is told in order whichever lane comes first', async () => {
  expect(await told([10, 8, 7, 9, 11])).toEqual([7, 8, 9, 10, 11])
})

it('is held back behind a gap', async () => {
  expect(await told([8, 9])).toEqual([])
  expect(await told([7, 9, 10])).toEqual([7])
})
