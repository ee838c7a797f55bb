/** `has` looks at the row of a long value, and reads none of its chunks. */
import { expect, it } from 'vitest'
import { codec, SledStore } from '../../lib/index.js'
import { native } from '../../lib/internal/native.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()

it('in a store, a snapshot and a transaction', async () => {
  const path = folder()
  const first = await SledStore.open(path)
  await first.namespace('files', { value: codec.bytes() }).put('file', new Uint8Array(4 << 20).fill(7))
  await first.close()

  const store = await SledStore.open(path)
  const files = store.namespace('files', { value: codec.bytes() })
  const snapshot = store.snapshot()
  const read = (run: () => unknown): number => {
    const before = native.counts().sledReads
    run()
    return native.counts().sledReads - before
  }
  const few = 5
  expect(read(() => expect(files.has('file')).toBe(true))).toBeLessThan(few)
  expect(read(() => expect(snapshot.has(files, 'file')).toBe(true))).toBeLessThan(few)
  store.transactionSync((tx) => {
    expect(read(() => expect(tx.has(files, 'file')).toBe(true))).toBeLessThan(few)
    tx.delete(files, 'file')
    expect(tx.has(files, 'file')).toBe(false)
    tx.put(files, 'own', new Uint8Array(100_000))
    expect(tx.has(files, 'own')).toBe(true)
  })
  expect([files.has('file'), files.has('own'), snapshot.has(files, 'file'), snapshot.has(files, 'own')]).toEqual([
    false,
    true,
    true,
    false,
  ])
  // What the counts above are small beside.
  expect(read(() => expect(snapshot.get(files, 'file')).toHaveLength(4 << 20))).toBeGreaterThan(100)
  snapshot.close()
  await store.close()
})

it('a transaction that asked meets who writes the key', async () => {
  const store = SledStore.memory()
  const rows = store.namespace('rows')
  const work = store.transaction(
    async (tx) => {
      expect(tx.has(rows, 'a')).toBe(false)
      await rows.put('a', 1)
      tx.put(rows, 'b', 2)
    },
    { retries: 0 },
  )
  await expect(work).rejects.toMatchObject({ code: 'CONFLICT' })
  await store.close()
})
