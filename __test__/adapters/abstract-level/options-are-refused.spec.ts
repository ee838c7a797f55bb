/** Options that mean nothing to the store are refused, wherever another store of the family would take them. */
import { expect, it } from 'vitest'
import { SledStore } from 'sledstore'
import { SledLevel } from 'sledstore/abstract-level'
import { freshFolders } from '../../helpers/folder.js'

const folder = freshFolders()

/** Options as plain JavaScript passes them. */
const loose = (options: object) => options as never

async function refusal(call: () => unknown): Promise<unknown> {
  try {
    await call()
  } catch (error) {
    return error
  }
  return undefined
}

it.each([
  { cacheSize: 8 << 20 },
  { writeBufferSize: 8 << 20 },
  { blockSize: 4096 },
  { blockRestartInterval: 16 },
  { maxOpenFiles: 1000 },
  { maxFileSize: 2 << 20 },
  { infoLogLevel: 'debug' },
  { readOnly: true },
  { durability: 'full' },
])('%o of a new database', (options) => {
  expect(() => new SledLevel(folder(), loose(options))).toThrow(TypeError)
})

it.each([{ creatIfMissing: true }, { multithreading: false }, { memoryBudget: '24' }, { compression: 'snappy' }])(
  '%o of open',
  async (options) => {
    const error = await refusal(() => new SledLevel(folder(), loose(options)).open())
    expect(error).toMatchObject({ code: 'LEVEL_DATABASE_NOT_OPEN' })
    expect((error as Error).cause).toSatisfy((cause) => cause instanceof TypeError || cause instanceof RangeError)
  },
)

it('of a database over an open store: what only opening could decide', () => {
  const store = SledStore.memory()
  for (const options of [{ createIfMissing: true }, { memoryBudget: 24 << 20 }, { compression: true }])
    expect(() => new SledLevel(store, loose(options))).toThrow(TypeError)
})

it.each([undefined, '', 7, {}])('%o as the location', (location) => {
  expect(() => new SledLevel(loose(location as object))).toThrow(TypeError)
})

it('of reads', async () => {
  const db = new SledLevel(folder())
  await db.open()
  for (const options of [{ fillCache: false }, { asyncReads: true }, { keyEncodin: 'json' }]) {
    expect(await refusal(() => db.get('a', loose(options)))).toBeInstanceOf(TypeError)
    expect(await refusal(() => db.getSync('a', loose(options)))).toBeInstanceOf(TypeError)
    expect(await refusal(() => db.getMany(['a'], loose(options)))).toBeInstanceOf(TypeError)
    expect(await refusal(() => db.has('a', loose(options)))).toBeInstanceOf(TypeError)
    expect(await refusal(() => db.hasMany(['a'], loose(options)))).toBeInstanceOf(TypeError)
    expect(await refusal(() => db.iterator(loose(options)))).toBeInstanceOf(TypeError)
    expect(await refusal(() => db.keys(loose(options)))).toBeInstanceOf(TypeError)
    expect(await refusal(() => db.values(loose(options)))).toBeInstanceOf(TypeError)
    expect(await refusal(() => db.sublevel('part').get('a', loose(options)))).toBeInstanceOf(TypeError)
  }
  const foreign = new SledLevel(folder())
  await foreign.open()
  const snapshot = foreign.snapshot()
  expect(await refusal(() => db.get('a', { snapshot }))).toMatchObject({ code: 'STALE_HANDLE' })
  await Promise.all([db.close(), foreign.close()])
})

it('of writes', async () => {
  const db = new SledLevel(folder())
  for (const options of [{ durability: 'full' }, { fillCache: true }, { sync: 1 }]) {
    expect(await refusal(() => db.put('a', 'b', loose(options)))).toBeInstanceOf(TypeError)
    expect(await refusal(() => db.del('a', loose(options)))).toBeInstanceOf(TypeError)
    expect(await refusal(() => db.batch([{ type: 'put', key: 'a', value: 'b' }], loose(options)))).toBeInstanceOf(
      TypeError,
    )
    expect(await refusal(() => db.batch().put('a', 'b').write(loose(options)))).toBeInstanceOf(TypeError)
    expect(await refusal(() => db.clear(loose(options)))).toBeInstanceOf(TypeError)
  }
  expect(await db.get('a')).toBeUndefined()
  await db.close()
})

it('names that hooks and listeners receive are let through', async () => {
  const seen: unknown[] = []
  const db = new SledLevel(folder(), loose({ ours: 1 }))
  db.hooks.postopen.add(async (options) => void seen.push((options as { ours?: unknown }).ours))
  await db.open()
  db.hooks.prewrite.add((operation) => void seen.push((operation as { ours?: unknown }).ours))
  await db.put('a', 'b', loose({ ours: 2 }))
  expect(seen).toEqual([1, 2])
  await db.close()
})

it('those that mean the same here are taken', async () => {
  const path = folder()
  for (const options of [
    { multithreading: true as const, compression: false },
    { compression: true },
    { passive: false },
  ]) {
    const db = new SledLevel(path, loose(options))
    await db.open()
    await db.close()
  }
})
