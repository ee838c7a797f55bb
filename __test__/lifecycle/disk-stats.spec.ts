import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { codec } from '../../lib/codec.js'
import { SledStore } from '../../lib/index.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()

it('stats tell what is on disk and what of it is live', async () => {
  const path = folder()
  const store = await SledStore.open(path)
  expect(store.stats().disk.live).toBe(0)
  const rows = store.namespace('rows', { value: codec.bytes() })
  const value = (at: number) => Buffer.from(Array.from({ length: 300 }, (_, byte) => `${at * byte}`).join(' '))
  await Promise.all(Array.from({ length: 200 }, (_, at) => rows.put(`key-${at}`, value(at))))
  await store.compact()
  const { disk } = store.stats()
  expect(disk.live).toBeGreaterThan(100_000)
  expect(disk.live).toBeLessThan(400_000)
  expect(disk.sled).toBe(statSync(join(path, 'sled', 'db')).size)
  const files = readdirSync(join(path, 'blocks'))
  expect(disk.blocks).toBe(files.reduce((sum, name) => sum + statSync(join(path, 'blocks', name)).size, 0))
  expect(disk.total).toBe(disk.blocks + disk.sled + disk.journal)
  expect(disk.isGrowingWithoutReclaim).toBe(false)
  await store.close()
})
