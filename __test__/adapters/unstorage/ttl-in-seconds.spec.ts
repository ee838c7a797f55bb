/** The time to live of unstorage is in seconds: of a call, or of the driver. */
import { createStorage } from 'unstorage'
import { expect, it, vi } from 'vitest'
import { sledDriver } from 'sledstore/unstorage'
import { freshFolders } from '../../helpers/folder.js'

const folder = freshFolders()

it('items go by their own time, else by that of the driver', async () => {
  const storage = createStorage({ driver: sledDriver({ path: folder(), ttl: 3_600 }) })
  await storage.setItem('kept', 'value')
  await storage.setItem('item', 'value', { ttl: 0.05 })
  await storage.setItemRaw('raw', Buffer.from('value'), { ttl: 0.05 })
  await storage.setItems([
    { key: 'one', value: 'value', options: { ttl: 0.05 } },
    { key: 'other', value: 'value' },
  ])
  await vi.waitUntil(async () => (await storage.getKeys()).length === 2, { timeout: 60_000 })
  expect(await storage.getKeys()).toEqual(['kept', 'other'])
  expect(await storage.getItems(['item', 'raw', 'one'])).toEqual(
    ['item', 'raw', 'one'].map((key) => ({ key, value: null })),
  )
  await storage.dispose()
})
