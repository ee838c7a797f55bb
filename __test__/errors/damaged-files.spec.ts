/** Whatever happens to one file of a closed store, it opens with its data or says CORRUPTION, and stays as it was. */
import { cpSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { codec, SledStore, SledStoreError } from '../../lib/index.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()
const seed = Number(process.env['SLEDSTORE_SEED'] ?? Date.now() % 1_000_000)
const rounds = Number(process.env['SLEDSTORE_RUNS'] ?? 60)
let state = seed + 1
const random = (limit: number): number => (state = (state * 48_271) % 2_147_483_647) % limit

let sound = ''
let files: string[] = []
let right: unknown

function filesOf(path: string): string[] {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return entries.map((entry) => relative(path, join(entry.parentPath, entry.name))).sort()
}

/** What an open may not change when it fails: all but the lock, and what sled does to its own files. */
function ours(path: string): Record<string, string> {
  const names = filesOf(path).filter((name) => name !== 'LOCK' && !name.startsWith('sled'))
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(path, name), 'base64')]))
}

async function read(path: string): Promise<unknown> {
  const store = await SledStore.open(path)
  try {
    return store.namespaces().map(({ name }) => [name, ...store.namespace(name, { value: codec.utf8() }).scan()])
  } finally {
    await store.close()
  }
}

/** `right`, or the code of the error. */
async function outcome(path: string): Promise<string> {
  const before = ours(path)
  let opened = false
  try {
    const store = await SledStore.open(path)
    opened = true
    await store.close()
    expect(await read(path)).toEqual(right)
    return 'right'
  } catch (error) {
    if (!(error instanceof SledStoreError)) throw error
    if (!opened) expect(ours(path)).toEqual(before)
    return error.code
  }
}

beforeAll(async () => {
  console.log(`SLEDSTORE_SEED=${seed}`)
  sound = folder()
  const store = await SledStore.open(sound, { tuning: { memtableBytes: 64 << 10, blockBytes: 512 } })
  for (const name of ['one', 'two']) {
    const rows = store.namespace(name, { value: codec.utf8() })
    for (let row = 0; row < 1_000; row++)
      rows.putSync(`key${row}`, `value ${row * 7}`.repeat(5), { durability: 'none' })
    rows.putSync('long', 'long '.repeat(30_000))
  }
  await store.close()
  files = filesOf(sound).filter((name) => name !== 'LOCK')
  right = await read(copy())
})

function copy(): string {
  const path = folder()
  cpSync(sound, path, { recursive: true })
  return path
}

it('a changed byte, a cut end', async () => {
  const seen = new Set<string>()
  for (let round = 0; round < rounds; round++) {
    const path = copy()
    const name = files[round % files.length]!
    const file = join(path, name)
    const at = random(statSync(file).size)
    if (round % 4 === 3) {
      truncateSync(file, at)
    } else {
      const bytes = readFileSync(file)
      bytes[at]! ^= 1 + random(255)
      writeFileSync(file, bytes)
    }
    const found = await outcome(path)
    seen.add(found)
    // A digit of its version can be the one that changed.
    const allowed = name === 'STORE' ? ['right', 'CORRUPTION', 'FORMAT_TOO_NEW'] : ['right', 'CORRUPTION']
    expect(allowed, `round ${round}, ${name} at ${at}`).toContain(found)
    rmSync(path, { recursive: true })
  }
  expect(seen).toContain('CORRUPTION')
})

it('a missing file', async () => {
  const found: Record<string, string> = {}
  const newest = files.filter((name) => name.startsWith('journal')).at(-1)
  for (const name of files) {
    const path = copy()
    rmSync(join(path, name))
    const isOlder = name.startsWith('journal') && name !== newest
    found[isOlder ? 'journal' : name === newest ? 'newest of the journal' : name] = await outcome(path)
  }
  expect(found).toEqual({
    CHECKPOINT: 'right',
    STORE: 'NOT_A_STORE',
    'blocks/0000000000000001.blocks': 'CORRUPTION',
    journal: 'right',
    // It may have held more than the blocks do.
    'newest of the journal': 'CORRUPTION',
    [join('sled', 'conf')]: 'right',
    [join('sled', 'db')]: 'CORRUPTION',
  })
})
