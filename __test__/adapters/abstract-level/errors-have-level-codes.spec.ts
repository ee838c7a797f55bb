/** Errors have the codes that applications of classic-level look for, and the store's own error as cause. */
import { readdirSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { key, SledStore, SledStoreError } from 'sledstore'
import { SledLevel } from 'sledstore/abstract-level'
import { runScript } from '../../helpers/child.js'
import { freshFolders } from '../../helpers/folder.js'

const folder = freshFolders()

async function errorOf(call: () => unknown): Promise<Error & { code?: string }> {
  try {
    await call()
  } catch (error) {
    return error as Error
  }
  throw new Error('it works')
}

it('LEVEL_LOCKED when another process has the store', async () => {
  const path = folder()
  const db = new SledLevel(path)
  await db.open()
  const script = `
    const { SledLevel } = require(require('node:path').join(process.argv[2], 'adapters/abstract-level.cjs'))
    await new SledLevel(process.argv[1]).open().catch((error) => console.log(error.code, error.cause.code, error.cause.cause.code))
  `
  const ended = await runScript(script, { arguments: [path, new URL('../../../dist', import.meta.url).pathname] })
  expect(ended.output).toBe('LEVEL_DATABASE_NOT_OPEN LEVEL_LOCKED LOCKED\n')
  await db.close()
})

it('LEVEL_CORRUPTION when the store is damaged', async () => {
  const path = folder()
  const db = new SledLevel(path)
  await db.put('a', 'b', { sync: true })
  await db.close()
  for (const name of readdirSync(join(path, 'journal'))) {
    const file = join(path, 'journal', name)
    truncateSync(file, statSync(file).size - 1)
  }
  truncateSync(join(path, 'sled', 'db'), 100)
  const error = await errorOf(() => new SledLevel(path).open())
  expect(error).toMatchObject({ code: 'LEVEL_DATABASE_NOT_OPEN', cause: { code: 'LEVEL_CORRUPTION' } })
  expect((error.cause as Error).cause).toBeInstanceOf(SledStoreError)
})

it('LEVEL_IO_ERROR when the folder cannot be made', async () => {
  const error = await errorOf(() => new SledLevel(join(new URL(import.meta.url).pathname, 'below-a-file')).open())
  expect(error).toMatchObject({ code: 'LEVEL_DATABASE_NOT_OPEN', cause: { code: 'LEVEL_IO_ERROR' } })
})

it('LEVEL_INVALID_KEY above the length of keys, at any way in', async () => {
  const db = new SledLevel(folder())
  await db.open()
  const long = 'k'.repeat(1_537)
  const expected = { code: 'LEVEL_INVALID_KEY', cause: { code: 'KEY_TOO_LARGE' } }
  expect(await errorOf(() => db.put(long, ''))).toMatchObject(expected)
  expect(await errorOf(() => db.batch([{ type: 'put', key: long, value: '' }]))).toMatchObject(expected)
  expect(await errorOf(() => db.del(long))).toMatchObject(expected)
  expect(await errorOf(() => db.get(long))).toMatchObject(expected)
  expect(await errorOf(() => db.getSync(Buffer.from(long), { keyEncoding: 'buffer' }))).toMatchObject(expected)
  expect(await errorOf(() => db.has(long))).toMatchObject(expected)
  expect(await errorOf(() => db.iterator({ gte: long }).next())).toMatchObject(expected)
  const longest = 'k'.repeat(1_536)
  await db.put(longest, 'fits')
  expect(await db.get(longest)).toBe('fits')
  await db.close()
})

it('LEVEL_DATABASE_NOT_OPEN when a given store was closed', async () => {
  const store = SledStore.memory()
  const db = new SledLevel(store)
  await db.put('a', 'b')
  await store.close()
  const expected = { code: 'LEVEL_DATABASE_NOT_OPEN', cause: { code: 'CLOSED' } }
  expect(await errorOf(() => db.get('a'))).toMatchObject(expected)
  expect(await errorOf(() => db.put('a', 'b'))).toMatchObject(expected)
  expect(await errorOf(() => db.iterator())).toMatchObject(expected)
  expect(await errorOf(() => db.snapshot())).toMatchObject(expected)
  await db.close()
})

it('the code of the store where abstract-level has none', async () => {
  const store = SledStore.memory()
  store.namespace('level', { key: key.number })
  const error = await errorOf(() => new SledLevel(store).open())
  expect(error).toMatchObject({ code: 'LEVEL_DATABASE_NOT_OPEN', cause: { code: 'NAMESPACE_MISMATCH' } })
})
