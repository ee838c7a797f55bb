/** Rows come without waiting, but a loop over many lets timers run and hears its signal. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { SledStore } from 'sledstore'
import { SledLevel } from 'sledstore/abstract-level'
import { turnsDuring } from '../../helpers/event-loop.js'

const rows = 20_000
const db = new SledLevel(SledStore.memory(), { valueEncoding: 'json' })

beforeAll(async () => {
  const operations = Array.from({ length: rows }, (_, value) => ({ type: 'put', key: String(value), value }) as const)
  await db.batch(operations as never)
})
afterAll(() => db.close())

it.each(['iterator', 'keys', 'values'] as const)('%s', async (kind) => {
  const loops = [
    async () => {
      let count = 0
      for await (const _ of db[kind]()) count++
      expect(count).toBe(rows)
    },
    async () => expect(await db[kind]().all()).toHaveLength(rows),
    async () => {
      const iterator = db[kind]()
      for (let left = rows; left > 0;) left -= (await iterator.nextv(700)).length
      await iterator.close()
    },
  ]
  for (const loop of loops) expect(await turnsDuring(loop)).toBeGreaterThanOrEqual(10)
})

it('a signal that comes in the middle ends the loop', async () => {
  const controller = new AbortController()
  setImmediate(() => controller.abort())
  let count = 0
  const loop = async () => {
    for await (const _ of db.keys({ signal: controller.signal })) count++
  }
  await expect(loop()).rejects.toMatchObject({ code: 'LEVEL_ABORTED', name: 'AbortError' })
  expect(count).toBeLessThan(rows)
  const late = new AbortController()
  setImmediate(() => late.abort())
  await expect(db.values({ signal: late.signal }).all()).rejects.toMatchObject({ code: 'LEVEL_ABORTED' })
})

it('nextv ends at the bytes it may read', async () => {
  const iterator = db.keys({ highWaterMarkBytes: 50 })
  expect((await iterator.nextv(1_000)).length).toBeLessThan(60)
  await iterator.close()
  const single = db.iterator({ highWaterMarkBytes: 0 })
  expect(await single.nextv(10)).toHaveLength(1)
  await single.close()
})
