/** `clear` with a limit or from a snapshot removes just those rows, in as many batches as it takes. */
import { expect, it } from 'vitest'
import { SledStore } from 'sledstore'
import { SledLevel } from 'sledstore/abstract-level'

const nameOf = (index: number) => String(index).padStart(5, '0')

async function filled(count: number): Promise<SledLevel> {
  const db = new SledLevel(SledStore.memory())
  await db.batch(Array.from({ length: count }, (_, index) => ({ type: 'put', key: nameOf(index), value: '' }) as const))
  return db
}

it.each([1, 999, 1_000, 1_001, 2_500, 4_000])('a limit of %i of 3,000', async (limit) => {
  for (const reverse of [false, true]) {
    const db = await filled(3_000)
    await db.clear({ limit, reverse })
    const left = await db.keys().all()
    expect(left).toHaveLength(Math.max(0, 3_000 - limit))
    if (left.length > 0) expect(left[0]).toBe(nameOf(reverse ? 0 : limit))
    await db.close()
  }
})

it('what was written after the snapshot stays', async () => {
  const db = await filled(2_200)
  const snapshot = db.snapshot()
  await db.put('later', '')
  await db.clear({ snapshot, gte: nameOf(100) })
  expect(await db.keys().all()).toEqual([...Array.from({ length: 100 }, (_, index) => nameOf(index)), 'later'])
  await db.close()
})

it('without either it is one write, however many rows there are', async () => {
  const db = await filled(3_000)
  const { commits } = db.store.stats().counts
  await db.clear({ gte: nameOf(1_000) })
  expect(db.store.stats().counts.commits - commits).toBe(1)
  expect(await db.keys().all()).toHaveLength(1_000)
  await db.close()
})
