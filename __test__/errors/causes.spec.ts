/** An error that another one caused has it as its cause, with its code: from hot calls, ordinary ones and jobs. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { codec, SledStore, SledStoreError } from '../../lib/index.js'
import { native } from '../../lib/internal/native.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()

async function errorOf(run: () => unknown): Promise<SledStoreError> {
  const error: unknown = await (async () => run())().then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(SledStoreError)
  return error as SledStoreError
}

it('the failure that stopped a store', async () => {
  const store = await SledStore.open(folder())
  const rows = store.namespace('rows', { value: codec.utf8() })
  let heard: SledStoreError | undefined
  store.on('error', (error) => (heard = error))
  native.panic()
  const failures = [
    await errorOf(() => rows.putSync('a', 'b')), // hot
    await errorOf(() => store.renameNamespace('rows', 'others')), // ordinary
    await errorOf(() => store.flush()), // a job
    await errorOf(() => store.close()),
    heard!,
  ]
  for (const failure of failures) {
    expect(failure.code).toBe('STORAGE_FAILED')
    expect(failure.cause).toBeInstanceOf(SledStoreError)
    expect(failure.cause).toMatchObject({ code: 'INTERNAL', class: 'bug' })
    // The cause's own next step is not in the message; it has one of its own.
    expect(failure.message.match(/; /g)).toHaveLength(1)
  }
})

it('an error without a cause has none', async () => {
  const store = SledStore.memory()
  const error = await errorOf(() => store.renameNamespace('nobody', 'other'))
  expect(error.code).toBe('NOT_FOUND')
  expect('cause' in error).toBe(false)
  await store.close()
})

it('what the operating system said is an ordinary error', async () => {
  const path = folder()
  mkdirSync(path)
  writeFileSync(join(path, 'file'), '')
  const error = await errorOf(() => SledStore.open(join(path, 'file', 'below')))
  expect(error.class).toBe('environment')
  expect(error.cause).toBeInstanceOf(Error)
  expect(error.cause).not.toBeInstanceOf(SledStoreError)
})
