/** A database may live in a namespace of a store that has others, and leaves that store open. */
import { expect, it } from 'vitest'
import { codec, key, SledStore } from 'sledstore'
import { SledLevel } from 'sledstore/abstract-level'
import { freshFolders } from '../../helpers/folder.js'

const folder = freshFolders()

it('shares the store with namespaces and other databases', async () => {
  const store = await SledStore.open(folder())
  const users = new SledLevel(store, { namespace: 'users', valueEncoding: 'json' })
  const posts = new SledLevel(store, { namespace: 'posts' })
  await users.put('ann', { name: 'Ann' } as never)
  await posts.put('ann', 'Hello')
  expect(await users.get('ann')).toEqual({ name: 'Ann' })
  expect(await posts.get('ann')).toBe('Hello')
  expect(users.location).toBe(store.path)
  expect(users.store).toBe(store)
  expect(store.namespaces().map(({ name, key, value }) => [name, key, value])).toEqual([
    ['posts', 'bytes', 'bytes'],
    ['users', 'bytes', 'bytes'],
  ])

  const bytes = store.namespace('posts', { key: key.bytes, value: codec.bytes() })
  expect(bytes.get(Buffer.from('ann'))).toEqual(new Uint8Array(Buffer.from('Hello')))
  store.batchSync((batch) => batch.put(bytes, Buffer.from('bob'), Buffer.from('Hi')))
  expect(posts.getSync('bob')).toBe('Hi')

  await users.close()
  expect(store.status).toBe('open')
  await users.open()
  expect(await users.get('ann')).toEqual({ name: 'Ann' })
  await Promise.all([users.close(), posts.close()])
  await store.close()
})

it('what a folder holds is there when the database is opened by its name', async () => {
  const path = folder()
  const store = await SledStore.open(path)
  await new SledLevel(store).put('a', 'b')
  await store.close()
  const db = new SledLevel(path, { createIfMissing: false })
  expect(await db.get('a')).toBe('b')
  await db.close()
  expect(() => db.store).toThrow(expect.objectContaining({ code: 'LEVEL_DATABASE_NOT_OPEN' }))
})

it('says whether it outlives the process', async () => {
  expect(new SledLevel(SledStore.memory()).supports.permanence).toBe(false)
  const db = new SledLevel(folder())
  expect(db.supports.permanence).toBe(true)
  await db.close()
})
