/** Every state of a store × every operation: it works, or answers with its one code and changes nothing. */
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { codec } from '../../lib/codec.js'
import { SledStoreError } from '../../lib/errors.js'
import { SledStore, type Transaction } from '../../lib/index.js'
import { native } from '../../lib/internal/native.js'
import { freshFolders } from '../helpers/folder.js'
import { interfaces, openScene, operations, operationsOfClosed, type Kind, type Scene } from './operations.js'

const folder = freshFolders()
const scene = (): Promise<Scene> => openScene(folder())
const all = [...operations, ...operationsOfClosed]

async function codeOf(run: () => unknown): Promise<string> {
  try {
    await run()
    return 'works'
  } catch (error) {
    if (error instanceof SledStoreError) return error.code
    throw error
  }
}

/** The methods of an interface of the typings, without those it has of the language's own. */
function methodsOf(checker: ts.TypeChecker, type: ts.Type): string[] {
  return checker.getPropertiesOfType(type).flatMap((member) => {
    const place = member.declarations?.[0]
    if (place === undefined || member.name.startsWith('__') || place.getSourceFile().fileName.includes('node_modules'))
      return []
    return checker.getTypeOfSymbol(member).getCallSignatures().length > 0 ? [member.name] : []
  })
}

it('the matrix has every method of the public API', () => {
  const path = fileURLToPath(new URL('../../index.d.ts', import.meta.url))
  const program = ts.createProgram([path], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ['lib.es2022.d.ts', 'lib.esnext.disposable.d.ts'],
    types: ['node'],
  })
  const checker = program.getTypeChecker()
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(path)!)!)
  const expected = Object.entries(interfaces).flatMap(([owner, name]) => {
    const symbol = exported.find((candidate) => candidate.name === name)!
    const meant = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    return methodsOf(checker, checker.getDeclaredTypeOfSymbol(meant)).map((method) => `${owner}.${method}`)
  })
  // `close` makes the states.
  const known = [...all.map(([name]) => name), 'store.close']
  expect(known.sort()).toEqual(expected.sort())
})

describe('open, iterating and in a transaction', () => {
  it.each(all)('%s', async (_name, { run }) => {
    const here = await scene()
    expect(here.store.status).toBe('open')
    const rows = here.namespace.keys({ prefix: 'row' })
    rows.next()
    expect(await codeOf(() => run(here))).toBe('works')
    expect([...rows]).toHaveLength(499)
    expect(['committed', 'CONFLICT']).toContain(await here.end())
    await here.store.close()
  })
})

/** What a store answers that a failure has poisoned; what is read is right where it is answered. */
const whenPoisoned: Record<Kind, readonly string[]> = {
  read: ['works', 'STORAGE_FAILED'],
  write: ['STORAGE_FAILED'],
  record: ['works', 'STORAGE_FAILED'],
  local: ['works'],
}

describe('poisoned', () => {
  it.each(all)('%s', async (_name, { kind, run }) => {
    const here = await scene()
    const { path } = here.store
    // Any failure would do; this one needs no broken disk (see errors/panics.spec.ts).
    native.panic()
    expect(here.store.status).toBe('poisoned')
    expect(whenPoisoned[kind]).toContain(await codeOf(() => run(here)))
    expect(await here.end()).toBe('STORAGE_FAILED')
    expect(await codeOf(() => here.store.close())).toBe('STORAGE_FAILED')
    const again = await SledStore.open(path)
    const rows = again.namespace('rows', { value: codec.utf8() })
    expect([rows.count(), rows.get('key')]).toEqual([501, 'value'])
    expect([again.graph('graph').countNodes(), again.graph('graph').countEdges()]).toEqual([2, 1])
    await again.close()
  })
})

describe.each(['closing', 'closed'] as const)('%s', (state) => {
  it.each(all)('%s', async (name, { run }) => {
    const here = await scene()
    const closing = here.store.close()
    if (state === 'closed') await closing
    expect(here.store.status).toBe(state)
    expect(await codeOf(() => run(here))).toBe(operationsOfClosed.has(name) ? 'works' : 'CLOSED')
    expect(here.store.close()).toBe(closing)
    await closing
    expect(here.store.status).toBe('closed')
    expect(await here.end()).toBe('CLOSED')
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
