/** Iterators and snapshots hold old versions of the store only until they, or the database, are closed. */
import { expect, it } from 'vitest'
import { SledStore } from 'sledstore'
import { SledLevel } from 'sledstore/abstract-level'

it('their snapshots are counted, and gone afterwards', async () => {
  const store = SledStore.memory()
  const db = new SledLevel(store)
  await db.put('a', 'b')
  const held = () => store.stats().readers.snapshots
  const iterators = [db.iterator(), db.keys(), db.values()]
  const snapshot = db.snapshot()
  const borrowing = db.iterator({ snapshot })
  expect(held()).toBe(4)
  await borrowing.close()
  expect(held()).toBe(4)
  await iterators[0]!.close()
  await iterators[1]!.all()
  for await (const _ of iterators[2] as AsyncIterable<unknown>) break
  expect(held()).toBe(1)
  await snapshot.close()
  await db.getMany(['a', 'b'])
  await db.hasMany(['a', 'b'])
  expect(held()).toBe(0)

  db.iterator()
  db.snapshot()
  expect(held()).toBe(2)
  await db.close()
  expect(held()).toBe(0)
  await store.close()
})
