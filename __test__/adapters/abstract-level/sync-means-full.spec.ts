/** A write with `sync: true` is on disk when it is answered; any other is with the kernel. */
import { expect, it } from 'vitest'
import { SledLevel } from 'sledstore/abstract-level'
import { freshFolders } from '../../helpers/folder.js'

const folder = freshFolders()

type Write = (db: SledLevel, options: { sync?: boolean }) => Promise<void>

const writes: [name: string, write: Write][] = [
  ['put', (db, options) => db.put('a', '1', options)],
  ['del', (db, options) => db.del('a', options)],
  ['batch', (db, options) => db.batch([{ type: 'put', key: 'a', value: '2' }], options)],
  ['a chained batch', (db, options) => db.batch().put('a', '3').write(options)],
  ['an operation of a batch', (db, options) => db.batch([{ type: 'put', key: 'a', value: '4', ...options }])],
  ['clear', (db, options) => db.clear(options)],
  ['clear with a limit', (db, options) => db.clear({ limit: 1, ...options })],
  ['put of a sublevel', (db, options) => db.sublevel('part').put('a', '1', options as object)],
]

it.each(writes)('%s', async (_, write) => {
  const db = new SledLevel(folder())
  await db.batch([
    { type: 'put', key: 'a', value: '0' },
    { type: 'put', key: 'b', value: '0' },
  ])
  const behind = () => {
    const { visibleSeq, durableSeq } = db.store.stats().counts
    return visibleSeq - durableSeq
  }
  await db.store.flush()
  const before = db.store.stats().counts.visibleSeq
  await write(db, {})
  expect(db.store.stats().counts.visibleSeq).toBeGreaterThan(before)
  expect(behind()).toBeGreaterThan(0)
  await write(db, { sync: false })
  expect(behind()).toBeGreaterThan(0)
  await write(db, { sync: true })
  expect(behind()).toBe(0)
  await db.close()
})
