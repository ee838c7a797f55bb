/** A store that this user may not write is refused, and left as it was. */
import { createHash } from 'node:crypto'
import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { codec, SledStore } from '../../lib/index.js'
import { runScript } from '../helpers/child.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()

function contents(path: string): Record<string, string> {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const hash = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex')
  return Object.fromEntries(
    files.map(({ parentPath, name }) => join(parentPath, name)).map((file) => [file, hash(file)]),
  )
}

function setModes(path: string, forFolders: number, forFiles: number): void {
  chmodSync(path, forFolders)
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? forFolders : forFiles)
  }
}

/** Opens as a user who owns nothing here, for modes do not hold root back, and gives the error's code. */
async function openedByAnother(path: string): Promise<string> {
  const ended = await runScript(
    `if (process.getuid() === 0) process.seteuid(65534)
    await SledStore.open(process.argv[1], { insecureFolder: 'warn' }).then(() => console.log('opened'), error => console.log(error.code))`,
    { arguments: [path] },
  )
  return ended.output.trim()
}

it.runIf(process.getuid !== undefined)('a store that may be read only', async () => {
  const path = folder()
  const store = await SledStore.open(path)
  await store.namespace('rows', { value: codec.utf8() }).put('key', 'value')
  await store.close()
  const before = contents(path)
  chmodSync(dirname(path), 0o755)
  setModes(path, 0o555, 0o444)
  const code = await openedByAnother(path)
  setModes(path, 0o755, 0o644)
  expect(code).toBe('PERMISSION_DENIED')
  expect(contents(path)).toEqual(before)
  const again = await SledStore.open(path)
  expect(again.namespace('rows', { value: codec.utf8() }).get('key')).toBe('value')
  await again.close()
})

const parts = ['journal', 'sled', 'sled/db', 'STORE', 'CHECKPOINT', '..']
it.runIf(process.getuid !== undefined).each(parts)('%s that may not be read', async (part) => {
  const path = join(folder(), 'store')
  const store = await SledStore.open(path)
  await store.namespace('rows', { value: codec.utf8() }).put('key', 'value')
  await store.close()
  const before = contents(path)
  chmodSync(dirname(dirname(path)), 0o755)
  chmodSync(dirname(path), 0o777)
  setModes(path, 0o777, 0o666)
  // Whoever may write the rest would change it, if anything did.
  const mode = statSync(join(path, part)).mode
  chmodSync(join(path, part), 0)
  const code = await openedByAnother(path)
  chmodSync(join(path, part), mode)
  expect(code).toBe('PERMISSION_DENIED')
  const after = contents(path)
  delete after[join(path, 'LOCK')]
  delete before[join(path, 'LOCK')]
  expect(after).toEqual(before)
})
