/** Refusals of the store carry their code, and leave everything as it was. */
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { codec, key, SledStore, SledStoreError } from '../../lib/index.js'
import { runScript } from '../helpers/child.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()

async function codeOf(call: () => unknown): Promise<string> {
  try {
    await call()
    return 'works'
  } catch (error) {
    if (!(error instanceof SledStoreError)) throw error
    expect(error.message.length).toBeGreaterThan(20)
    return error.code
  }
}

it('a key over its limit', async () => {
  const store = SledStore.memory()
  const rows = store.namespace('rows', { value: codec.utf8() })
  await rows.put('k'.repeat(1_536), 'longest')
  for (const long of ['k'.repeat(1_537), 'é'.repeat(769), 'k'.repeat(100_000)]) {
    for (const call of [
      () => rows.put(long, ''),
      () => rows.putSync(long, ''),
      () => rows.get(long),
      () => rows.has(long),
      () => rows.getAsync(long),
      () => rows.delete(long),
      () => rows.scan({ gt: long }),
      () => rows.scan({ lt: long }),
      () => store.batch((batch) => batch.put(rows, long, '')),
      () => store.transaction((tx) => tx.put(rows, long, '')),
      () => store.bulkLoad(rows, [[long, '']]),
    ]) {
      expect(await codeOf(call)).toBe('KEY_TOO_LARGE')
    }
  }
  expect([...rows.values()]).toEqual(['longest'])
  await store.close()
})

it('a value over its limit', async () => {
  const store = SledStore.memory()
  const rows = store.namespace('rows', { value: codec.bytes() })
  const long = new Uint8Array(257 << 20)
  expect(await codeOf(() => rows.put('key', long))).toBe('VALUE_TOO_LARGE')
  expect(await codeOf(() => rows.putStream('key', [long.subarray(0, 200 << 20), long.subarray(0, 57 << 20)]))).toBe(
    'VALUE_TOO_LARGE',
  )
  expect(rows.has('key')).toBe(false)
  await store.close()
})

it('a batch and a transaction over half the budget', async () => {
  const store = await SledStore.open(folder(), { profile: 'embedded' })
  const rows = store.namespace('rows', { value: codec.utf8() })
  const value = 'v'.repeat(10_000)
  expect(
    await codeOf(() =>
      store.batch((batch) => {
        for (let i = 0; i < 2_000; i++) batch.put(rows, `k${i}`, value)
      }),
    ),
  ).toBe('TOO_LARGE')
  expect(
    await codeOf(() =>
      store.transaction((tx) => {
        for (let i = 0; i < 2_000; i++) tx.put(rows, `k${i}`, value)
      }),
    ),
  ).toBe('TOO_LARGE')
  expect(rows.count()).toBe(0)
  await store.close()
})

it('a bulk load out of order', async () => {
  const store = SledStore.memory()
  const rows = store.namespace('rows', { value: codec.utf8() })
  expect(
    await codeOf(() =>
      store.bulkLoad(rows, [
        ['b', ''],
        ['a', ''],
      ]),
    ),
  ).toBe('NOT_SORTED')
  expect(
    await codeOf(() =>
      store.bulkLoad(rows, [
        ['b', ''],
        ['b', ''],
      ]),
    ),
  ).toBe('NOT_SORTED')
  expect(rows.count()).toBe(0)
  await store.close()
})

it('a transaction that conflicts too often', async () => {
  const store = SledStore.memory()
  const rows = store.namespace<string, number>('rows')
  let tries = 0
  const losing = store.transaction(
    async (tx) => {
      tries++
      const n = tx.get(rows, 'n') ?? 0
      await rows.put('n', n + 100)
      tx.put(rows, 'n', n + 1)
    },
    { retries: 3 },
  )
  expect(await codeOf(() => losing)).toBe('CONFLICT')
  expect(tries).toBe(4)
  expect(rows.get('n')).toBe(400)
  await store.close()
})

it('a transaction ended by its signal', async () => {
  const store = SledStore.memory()
  const rows = store.namespace<string, number>('rows')
  const ending = new AbortController()
  const losing = store.transaction(
    async (tx) => {
      tx.put(rows, 'n', 1)
      ending.abort()
    },
    { signal: ending.signal },
  )
  expect(await codeOf(() => losing)).toBe('ABORTED')
  expect(rows.has('n')).toBe(false)
  await store.close()
})

it('a namespace opened with another codec', async () => {
  const store = SledStore.memory()
  store.namespace('rows', { key: key.string, value: codec.utf8() })
  expect(await codeOf(() => store.namespace('rows', { key: key.number, value: codec.utf8() }))).toBe(
    'NAMESPACE_MISMATCH',
  )
  expect(await codeOf(() => store.namespace('rows', { key: key.string, value: codec.json() }))).toBe(
    'NAMESPACE_MISMATCH',
  )
  await store.close()
})

it('renaming what is not there, or onto what is', async () => {
  const store = SledStore.memory()
  store.namespace('one')
  store.namespace('two')
  expect(await codeOf(() => store.renameNamespace('three', 'four'))).toBe('NOT_FOUND')
  expect(await codeOf(() => store.renameNamespace('one', 'two'))).toBe('NAMESPACE_EXISTS')
  await store.renameNamespace('one', 'uno')
  expect(store.namespaces().map(({ name }) => name)).toEqual(['two', 'uno'])
  await store.close()
})

it('a value that does not fit its schema', async () => {
  const store = SledStore.memory()
  const users = store.namespace('users', { schema: z.object({ age: z.number() }) })
  const wrong = { age: 'old' } as never
  for (const call of [
    () => users.put('ann', wrong),
    () => users.putSync('ann', wrong),
    () => store.batch((batch) => batch.put(users, 'ann', wrong)),
    () => store.transaction((tx) => tx.put(users, 'ann', wrong)),
    () => store.bulkLoad(users, [['ann', wrong]]),
  ]) {
    expect(await codeOf(call)).toBe('SCHEMA_INVALID')
  }
  expect(users.has('ann')).toBe(false)
  await store.close()
})

it('an async schema is awaited in put and refused elsewhere', async () => {
  const store = SledStore.memory()
  const late = z.object({ n: z.number().refine(async (n) => n > 0) })
  const rows = store.namespace('rows', { schema: late })
  await rows.put('a', { n: 1 })
  expect(rows.get('a')).toEqual({ n: 1 })
  expect(await codeOf(() => rows.put('b', { n: -1 }))).toBe('SCHEMA_INVALID')
  expect(() => rows.putSync('b', { n: 1 })).toThrow(TypeError)
  await expect(store.batch((batch) => batch.put(rows, 'b', { n: 1 }))).rejects.toThrow(TypeError)
  await expect(store.transaction((tx) => tx.put(rows, 'b', { n: 1 }))).rejects.toThrow(TypeError)
  expect(rows.has('b')).toBe(false)
  await store.close()
})

it('validateOnRead checks what is there already', async () => {
  const store = SledStore.memory()
  await store.namespace('users').put('ann', { age: 'old' })
  const schema = z.object({ age: z.number() })
  const strict = store.namespace('users', { schema, validateOnRead: true })
  expect(await codeOf(() => strict.get('ann'))).toBe('SCHEMA_INVALID')
  expect(await codeOf(() => [...strict.scan()])).toBe('SCHEMA_INVALID')
  expect(store.namespace('users', { schema }).get('ann')).toEqual({ age: 'old' })
  await store.close()
})

it('folders that cannot be opened', async () => {
  const missing = folder()
  expect(await codeOf(() => SledStore.open(missing, { createIfMissing: false }))).toBe('NOT_A_STORE')
  expect(existsSync(missing)).toBe(false)

  const file = folder()
  writeFileSync(file, 'a file')
  expect(['NOT_A_STORE', 'IO_FAILED']).toContain(await codeOf(() => SledStore.open(file)))

  const other = folder()
  mkdirSync(other)
  writeFileSync(join(other, 'notes.txt'), 'not ours')
  expect(await codeOf(() => SledStore.open(other))).toBe('NOT_A_STORE')
  expect(readdirSync(other).filter((name) => name !== 'LOCK')).toEqual(['notes.txt'])

  const existing = folder()
  await (await SledStore.open(existing)).close()
  expect(await codeOf(() => SledStore.open(existing, { errorIfExists: true }))).toBe('EXISTS')
})

it.runIf(process.getuid !== undefined)('a folder that may not be written', async () => {
  const path = folder()
  mkdirSync(path)
  chmodSync(path, 0o500)
  // The mode does not hold root back, so root becomes somebody else first.
  const script = `
    if (process.getuid() === 0) process.seteuid(65534)
    await SledStore.open(process.argv[1]).catch(error => console.log(error.code))`
  const ended = await runScript(script, { arguments: [join(path, 'store')] })
  expect(ended.output.trim()).toBe('PERMISSION_DENIED')
})

it.runIf(process.platform === 'linux')('a file that may not grow poisons the store once', async () => {
  const path = folder()
  const script = `
    const store = await SledStore.open(process.argv[1])
    const rows = store.namespace('rows', { value: codec.utf8() })
    let events = 0
    store.on('error', error => { events++; console.log('event', error.code) })
    let answered = 0
    let failure
    while (failure === undefined) await rows.put('k' + answered, 'v'.repeat(60000)).then(() => answered++, error => (failure = error))
    await new Promise(resolve => setTimeout(resolve, 50))
    console.log(failure.code, store.status, events, answered > 10, rows.get('k0').length, rows.has('k' + answered))
    for (const call of [() => rows.putSync('a', 'b'), () => rows.put('a', 'b'), () => rows.delete('a'), () => rows.clear(), () => store.flush(),
      () => store.batch(b => b.put(rows, 'a', 'b')), () => store.transaction(tx => tx.put(rows, 'a', 'b')), () => rows.compareAndSet('a', undefined, 'b')]) {
      await (async () => call())().then(() => console.log('works?'), error => { if (error.code !== 'STORAGE_FAILED') console.log(error) })
    }
    await store.close().then(() => console.log('closed'), error => console.log('close', error.code))
    console.log(store.status)`
  const around = `trap '' XFSZ; ulimit -f 4096; exec "$@"`
  const ended = await runScript(script, { arguments: [path], around })
  expect(ended.output.trim().split('\n')).toEqual([
    'event STORAGE_FAILED',
    'STORAGE_FAILED poisoned 1 true 60000 false',
    'close STORAGE_FAILED',
    'closed',
  ])
  expect(ended).toMatchObject({ code: 0, signal: null })
  const store = await SledStore.open(path)
  expect(store.namespace('rows', { value: codec.utf8() }).count()).toBeGreaterThan(10)
  await store.close()
})

it('a block size out of its bounds, by the name it was given under', async () => {
  for (const blockBytes of [100, 8_193]) {
    const code = 'INVALID_ARGUMENT'
    const message = expect.stringContaining('tuning.blockBytes')
    expect(() => SledStore.memory({ tuning: { blockBytes } })).toThrow(expect.objectContaining({ code, message }))
    await expect(SledStore.open(folder(), { tuning: { blockBytes } })).rejects.toMatchObject({ code, message })
  }
})
