/** For jest: two copies of the package in one test, each with classes of its own, on one engine. */

/* global expect, jest, test */
const { mkdtempSync, rmSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')

test('copies share the engine and have errors of their own', async () => {
  const home = mkdtempSync(join(tmpdir(), 'sledstore-'))
  const folder = join(home, 'store')
  const one = require('sledstore')
  const first = await one.SledStore.open(folder)
  jest.resetModules()
  const two = require('sledstore')
  expect(two.SledStore).not.toBe(one.SledStore)
  const second = await two.SledStore.open(folder)

  await first.namespace('rows').put('key', 'x'.repeat(300_000))
  expect(second.namespace('rows').get('key')).toHaveLength(300_000)
  for (const { SledStore, SledStoreError } of [one, two]) {
    await expect(SledStore.open(folder, { errorIfExists: true })).rejects.toBeInstanceOf(SledStoreError)
    await expect(async () => first.namespace('rows', { key: one.key.number })).rejects.toBeInstanceOf(
      one.SledStoreError,
    )
  }
  await first.close()
  expect(second.namespace('rows').has('key')).toBe(true)
  await second.close()
  rmSync(home, { recursive: true })
})
