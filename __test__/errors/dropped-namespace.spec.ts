/** A namespace that was dropped is named by its name, in a batch too and when its rows have been reclaimed. */
import { expect, it } from 'vitest'
import { SledStore, type Namespace } from '../../lib/index.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()

it('get, put, batch and transaction', async () => {
  const store = await SledStore.open(folder())
  const kept = store.namespace('kept')
  const gone = store.namespace('the one that goes')
  await gone.put('a', 1)
  let dropped = false
  const inside = store.transaction((tx) => {
    tx.put(gone, 'a', 2)
    if (!dropped) void store.dropNamespace(gone.name)
    dropped = true
  })
  await expect(inside).rejects.toMatchObject({ code: 'NAMESPACE_DROPPED', message: expect.stringContaining(gone.name) })
  const fill = (namespace: Namespace<string, unknown, string>) =>
    store.batch((batch) => {
      batch.put(kept, 'a', 1)
      batch.put(namespace, 'a', 1)
      batch.put(kept, 'b', 2)
    })
  const calls = [() => gone.get('a'), () => gone.put('a', 1), () => fill(gone)]
  for (let round = 0; round < 2; round++) {
    for (const call of calls) {
      await expect((async () => call())()).rejects.toMatchObject({
        code: 'NAMESPACE_DROPPED',
        message: expect.stringContaining(gone.name),
      })
    }
    await store.compact() // its rows are reclaimed
  }
  expect(kept.count()).toBe(0)
  await store.close()
})
