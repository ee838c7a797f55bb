/** A folder that every user of the system may write to is refused, or opened with a warning. */
import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { codec, SledStore, SledStoreError, type StoreOptions } from '../../lib/index.js'
import { SledLevel } from '../../lib/adapters/abstract-level.js'
import { freshFolders } from '../helpers/folder.js'
import { runScript } from '../helpers/child.js'

const folder = freshFolders()
const hasModes = process.platform !== 'win32'

async function refusalOf(path: string, options?: StoreOptions): Promise<unknown> {
  const error: unknown = await SledStore.open(path, options).then(
    (store) => store.close(),
    (reason: unknown) => reason,
  )
  return error instanceof SledStoreError ? error.code : error
}

function openToAll(): string {
  const path = folder()
  mkdirSync(path)
  chmodSync(path, 0o777)
  return path
}

it.runIf(hasModes)('it is refused by itself, and when it is asked for', async () => {
  const path = openToAll()
  expect(await refusalOf(path)).toBe('INSECURE_FOLDER')
  expect(await refusalOf(path, { insecureFolder: 'refuse' })).toBe('INSECURE_FOLDER')
  const level = new SledLevel(path)
  await expect(level.open()).rejects.toMatchObject({ cause: { code: 'LEVEL_IO_ERROR' } })
})

it.runIf(hasModes)('a warning has a code, and comes only where there is something to warn of', async () => {
  const ended = await runScript(
    `const codes = []
    process.on('warning', (warning) => codes.push(warning.code))
    for (const path of process.argv.slice(1)) {
      const store = await SledStore.open(path, { insecureFolder: 'warn' })
      await store.close()
      await new Promise(setImmediate)
      console.log(JSON.stringify(codes.splice(0)))
    }`,
    { arguments: [openToAll(), folder()], flags: ['--no-warnings'] },
  )
  expect(ended.output.trim().split('\n')).toEqual(['["SLEDSTORE_INSECURE_FOLDER"]', '[]'])
})

it.runIf(hasModes)('a link inside is refused with either', async () => {
  const path = folder()
  const store = await SledStore.open(path)
  await store.namespace('rows', { value: codec.utf8() }).put('key', 'value')
  await store.close()
  const elsewhere = folder()
  writeFileSync(elsewhere, '')
  symlinkSync(elsewhere, join(path, 'link'))
  expect(await refusalOf(path)).toBe('INSECURE_FOLDER')
  expect(await refusalOf(path, { insecureFolder: 'warn' })).toBe('INSECURE_FOLDER')
})

it.runIf(hasModes)('what is made is its owner’s alone, whatever the umask', async () => {
  const path = folder()
  const ended = await runScript(
    `process.umask(0)
    const store = await SledStore.open(process.argv[1])
    await store.namespace('rows').put('key', 'value')
    await store.publish(process.argv[1] + '.published')
    await store.close()`,
    { arguments: [path] },
  )
  expect(ended.output).toBe('')
  expect(statSync(path).mode & 0o777).toBe(0o700)
  for (const file of ['LOCK', 'STORE', 'CHECKPOINT', 'sled/db', 'sled/conf'])
    expect([file, statSync(join(path, file)).mode & 0o777]).toEqual([file, 0o600])
  expect(statSync(`${path}.published`).mode & 0o777).toBe(0o600)
})

it('another word for the option is a mistake of the caller', async () => {
  for (const insecureFolder of ['allow', true, null])
    expect(await refusalOf(folder(), { insecureFolder } as unknown as StoreOptions)).toBeInstanceOf(RangeError)
})
