/** Every state of a store × every operation: it works, or answers with its one code and changes nothing. */
import { describe, expect, it } from 'vitest'
import { codec } from '../../lib/codec.js'
import { SledStoreError } from '../../lib/errors.js'
import { SledStore, type Namespace, type Scan, type Snapshot, type Transaction } from '../../lib/index.js'
import { freshFolders } from '../helpers/folder.js'

interface Scene {
  store: SledStore
  namespace: Namespace<string, string, string>
  snapshot: Snapshot
  scan: Scan<string>
}

type Operation = (scene: Scene) => unknown

const operations: Record<string, Operation> = {
  get: ({ namespace }) => namespace.get('key'),
  has: ({ namespace }) => namespace.has('key'),
  getMany: ({ namespace }) => namespace.getMany(['key']),
  scan: ({ namespace }) => [...namespace.scan()],
  count: ({ namespace }) => namespace.count(),
  getAsync: ({ namespace }) => namespace.getAsync('key'),
  getManyAsync: ({ namespace }) => namespace.getManyAsync(['key']),
  scanAsync: async ({ namespace }) => {
    for await (const row of namespace.scanAsync()) expect(row).toHaveLength(2)
  },
  countAsync: ({ namespace }) => namespace.countAsync(),
  put: ({ namespace }) => namespace.put('new', 'value'),
  putSync: ({ namespace }) => namespace.putSync('new', 'value'),
  delete: ({ namespace }) => namespace.delete('new'),
  deleteSync: ({ namespace }) => namespace.deleteSync('new'),
  clear: ({ namespace }) => namespace.clear({ prefix: 'new' }),
  compareAndSet: ({ namespace }) => namespace.compareAndSet('new', undefined, 'value'),
  batch: ({ store, namespace }) => store.batch((batch) => batch.put(namespace, 'new', 'value')),
  'empty batch': ({ store }) => store.batch(() => undefined),
  batchSync: ({ store, namespace }) => store.batchSync((batch) => batch.delete(namespace, 'new')),
  transaction: ({ store, namespace }) => store.transaction(async (tx) => tx.get(namespace, 'key')),
  transactionSync: ({ store, namespace }) => store.transactionSync((tx) => tx.put(namespace, 'new', 'value')),
  snapshot: ({ store }) => store.snapshot().close(),
  'snapshot.get': ({ namespace, snapshot }) => snapshot.get(namespace, 'key'),
  'snapshot.scan': ({ namespace, snapshot }) => [...snapshot.scan(namespace)],
  'scan.next': ({ scan }) => scan.next(),
  namespace: ({ store }) => store.namespace('other'),
  namespaces: ({ store }) => store.namespaces(),
  renameNamespace: ({ store }) => store.renameNamespace('spare', 'spare2'),
  dropNamespace: ({ store }) => store.dropNamespace('spare2'),
  bulkLoad: ({ store, namespace }) => store.bulkLoad(namespace, [['zz', 'value']]),
  flush: ({ store }) => store.flush(),
  compact: ({ store }) => store.compact(),
  stats: ({ store }) => store.stats(),
}

const folder = freshFolders()

async function scene(): Promise<Scene> {
  const store = await SledStore.open(folder())
  const namespace = store.namespace('rows', { value: codec.utf8() })
  store.namespace('spare')
  await store.batch((batch) => {
    batch.put(namespace, 'key', 'value')
    for (let index = 0; index < 500; index++) batch.put(namespace, `row${index}`, 'value')
  })
  const scan = namespace.keys()
  scan.next()
  return { store, namespace, snapshot: store.snapshot(), scan }
}

async function codeOf(run: () => unknown): Promise<string> {
  try {
    await run()
    return 'works'
  } catch (error) {
    if (error instanceof SledStoreError) return error.code
    throw error
  }
}

describe('open', () => {
  it.each(Object.entries(operations))('%s', async (_name, operation) => {
    const here = await scene()
    expect(here.store.status).toBe('open')
    if (operation === operations['dropNamespace']) await here.store.renameNamespace('spare', 'spare2')
    expect(await codeOf(() => operation(here))).toBe('works')
    await here.store.close()
  })
})

describe('in transaction and iterating', () => {
  it.each(Object.entries(operations))('%s', async (_name, operation) => {
    const here = await scene()
    const rows = here.namespace.keys()
    rows.next()
    await here.store.transaction(async (tx) => {
      tx.put(here.namespace, 'own', 'value')
      expect(await codeOf(() => operation(here))).toBe('works')
      expect(tx.get(here.namespace, 'own')).toBe('value')
    })
    expect([...rows]).toHaveLength(500)
    expect(here.namespace.get('own')).toBe('value')
    await here.store.close()
  })
})

describe.each(['closing', 'closed'] as const)('%s', (state) => {
  it.each(Object.entries(operations))('%s', async (_name, operation) => {
    const here = await scene()
    const closing = here.store.close()
    if (state === 'closed') await closing
    expect(here.store.status).toBe(state)
    expect(await codeOf(() => operation(here))).toBe('CLOSED')
    expect(here.store.close()).toBe(closing)
    await closing
    expect(here.store.status).toBe('closed')
  })

  it('writes that were not answered yet are', async () => {
    const here = await scene()
    const path = here.store.path
    const writes = [
      here.namespace.put('a', 'full'),
      here.namespace.put('b', 'os', { durability: 'os' }),
      here.namespace.put('c', 'none', { durability: 'none' }),
    ]
    const closing = here.store.close()
    if (state === 'closed') await closing
    await Promise.all(writes)
    await closing
    const again = await SledStore.open(path)
    expect(again.namespace('rows', { value: codec.utf8() }).getMany(['a', 'b', 'c'])).toEqual(['full', 'os', 'none'])
    await again.close()
  })

  it('ends the transaction that is running', async () => {
    const here = await scene()
    let inside: Transaction | undefined
    const running = here.store.transaction(async (tx) => {
      inside = tx
      tx.put(here.namespace, 'own', 'value')
      const closing = here.store.close()
      if (state === 'closed') await closing
      return tx.get(here.namespace, 'own')
    })
    await expect(running).rejects.toMatchObject({ code: 'CLOSED' })
    expect(() => inside!.get(here.namespace, 'own')).toThrow(expect.objectContaining({ code: 'CLOSED' }))
    await here.store.close()
  })
})

describe('things used after their end', () => {
  it('a batch', async () => {
    const { store, namespace } = await scene()
    let kept: Parameters<Parameters<SledStore['batch']>[0]>[0] | undefined
    await store.batch((batch) => {
      kept = batch
    })
    expect(() => kept!.put(namespace, 'key', 'value')).toThrow(expect.objectContaining({ code: 'ENDED' }))
    await store.close()
  })

  it('a transaction', async () => {
    const { store, namespace } = await scene()
    let kept: Transaction | undefined
    await store.transaction((tx) => {
      kept = tx
    })
    for (const use of [
      () => kept!.get(namespace, 'key'),
      () => kept!.put(namespace, 'key', 'value'),
      () => kept!.delete(namespace, 'key'),
      () => kept!.clear(namespace),
      () => kept!.scan(namespace),
    ]) {
      expect(use).toThrow(expect.objectContaining({ code: 'ENDED' }))
    }
    await store.close()
  })

  it('a scan of a transaction that has ended', async () => {
    const { store, namespace } = await scene()
    const rows = await store.transaction((tx) => tx.keys(namespace))
    expect(() => rows.next()).toThrow(expect.objectContaining({ code: 'ENDED' }))
    await store.close()
  })

  it('a snapshot', async () => {
    const { store, namespace, snapshot } = await scene()
    const rows = snapshot.keys(namespace)
    rows.next()
    snapshot.close()
    snapshot.close()
    expect(() => snapshot.get(namespace, 'key')).toThrow(expect.objectContaining({ code: 'ENDED' }))
    await expect(snapshot.getAsync(namespace, 'key')).rejects.toMatchObject({ code: 'ENDED' })
    await store.close()
  })

  it('a namespace that was dropped', async () => {
    const { store, namespace } = await scene()
    expect(await store.dropNamespace('rows')).toBe(true)
    expect(await store.dropNamespace('rows')).toBe(false)
    for (const use of [
      () => namespace.get('key'),
      () => namespace.putSync('key', 'value'),
      () => namespace.scan(),
      () => store.batchSync((batch) => batch.put(namespace, 'key', 'value')),
    ]) {
      expect(use).toThrow(expect.objectContaining({ code: 'NAMESPACE_DROPPED' }))
    }
    expect(store.namespace('rows', { value: codec.utf8() }).count()).toBe(0)
    await store.close()
  })

  it('a namespace of another store', async () => {
    const one = await scene()
    const two = await scene()
    const uses = [
      () => one.snapshot.get(two.namespace, 'key'),
      () => one.store.batchSync((batch) => batch.put(two.namespace, 'key', 'value')),
    ]
    for (const use of uses) expect(use).toThrow(expect.objectContaining({ code: 'STALE_HANDLE' }))
    await expect(one.store.transaction((tx) => tx.get(two.namespace, 'key'))).rejects.toMatchObject({
      code: 'STALE_HANDLE',
    })
    await one.store.close()
    await two.store.close()
  })
})
