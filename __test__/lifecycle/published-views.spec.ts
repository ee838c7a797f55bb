/** Views of published files: large values of bytes where they lie in the mapped file. */
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { codec, SledStore, type Namespace, type SnapshotFileOptions } from '../../lib/index.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()
const large = Uint8Array.from({ length: 100_000 }, (_, at) => at % 251)
const small = Uint8Array.of(1, 2, 3)

async function published(compression: 'none' | 'lz4' = 'none'): Promise<string> {
  const store = SledStore.memory()
  const bytes = store.namespace('bytes', { value: codec.bytes() })
  await bytes.put('large', large)
  await bytes.put('other', large)
  await bytes.put('small', small)
  await store.namespace('texts', { value: codec.utf8() }).put('large', 'x'.repeat(100_000))
  const file = folder()
  await store.publish(file, { compression })
  await store.close()
  return file
}

interface Opened {
  snapshot: SledStore
  bytes: Namespace<string, Uint8Array, Uint8Array>
}

async function open(file: string, options: SnapshotFileOptions = { views: true }): Promise<Opened> {
  const snapshot = await SledStore.openSnapshot(file, options)
  return { snapshot, bytes: snapshot.namespace('bytes', { value: codec.bytes() }) }
}

/** How often a file is mapped into this process. */
const mapsOf = (file: string) => readFileSync('/proc/self/maps', 'utf8').split(file).length - 1

/** Bytes that the process has of a file by itself, since they were written to. */
function ownBytesOf(file: string): number {
  const smaps = readFileSync('/proc/self/smaps', 'utf8').split(/^(?=[\da-f]+-[\da-f]+ )/m)
  const dirty = smaps.filter((map) => map.includes(file)).map((map) => /^Private_Dirty: +(\d+)/m.exec(map)?.[1])
  return dirty.reduce((sum, kilobytes) => sum + Number(kilobytes) * 1024, 0)
}

describe('large values', () => {
  it('are views of one buffer, which is the file', async () => {
    const file = await published()
    const { snapshot, bytes } = await open(file)
    const [one, same, other] = [bytes.get('large')!, bytes.get('large')!, bytes.get('other')!]
    expect(one).toEqual(large)
    expect(one.constructor).toBe(Uint8Array)
    expect([same.buffer, other.buffer]).toEqual([one.buffer, one.buffer])
    expect(same.byteOffset).toBe(one.byteOffset)
    expect(one.buffer.byteLength).toBe(readFileSync(file).length)
    const place = readFileSync(file).subarray(one.byteOffset, one.byteOffset + one.length)
    expect(place.equals(large)).toBe(true)
    await snapshot.close()
  })

  it.each([
    ['without the option', 'none', {}],
    ['of a compressed file', 'lz4', { views: true }],
  ] as const)('are copies %s', async (_, compression, options) => {
    const { snapshot, bytes } = await open(await published(compression), options)
    const one = bytes.get('large')!
    expect(one).toEqual(large)
    expect([one.buffer.byteLength, bytes.get('large')!.buffer === one.buffer]).toEqual([large.length, false])
    await snapshot.close()
  })

  it('are copies where another reads them, and where they are small', async () => {
    const { snapshot, bytes } = await open(await published())
    const reads = [bytes.get('small')!, (await bytes.getAsync('large'))!, bytes.getMany(['small'])[0]!]
    reads.push([...bytes.values()][0]!, snapshot.snapshot().get(bytes, 'large')!)
    for (const read of reads) expect(read.buffer.byteLength).toBe(read.length)
    expect(snapshot.namespace('texts', { value: codec.utf8() }).get('large')).toHaveLength(100_000)
    await snapshot.close()
  })

  it('are read with the codec that wrote them alone', async () => {
    const { snapshot } = await open(await published())
    const texts = snapshot.namespace('texts', { value: codec.utf8() })
    expect(texts.get('large')).toBe('x'.repeat(100_000))
    expect(() => snapshot.namespace('texts', { value: codec.bytes() })).toThrow(
      expect.objectContaining({ code: 'NAMESPACE_MISMATCH' }) as Error,
    )
    await snapshot.close()
  })
})

describe.runIf(existsSync('/proc/self/maps'))('the mapped file', () => {
  it('stays while a view does, whatever is closed, and then goes', async () => {
    const file = await published()
    let view: Uint8Array | undefined
    await (async () => {
      const { snapshot, bytes } = await open(file)
      view = bytes.get('large')!
      await snapshot.close()
    })()
    for (let round = 0; round < 5; round++) {
      global.gc!()
      await sleep(1)
    }
    expect(view).toEqual(large)
    expect(mapsOf(file)).toBe(1)
    view = undefined
    while (mapsOf(file) > 0) {
      global.gc!()
      await sleep(1)
    }
  })

  it('is copied by the page, where somebody writes', async () => {
    const file = await published()
    const before = readFileSync(file)
    const { snapshot, bytes } = await open(file)
    const view = bytes.get('large')!
    expect(view.reduce((sum, byte) => sum + byte, 0)).toBeGreaterThan(0)
    expect(ownBytesOf(file)).toBe(0)
    view[0] = 77
    expect(ownBytesOf(file)).toBe(4_096)
    expect(readFileSync(file).equals(before)).toBe(true)
    await snapshot.close()
  })
})

it('worker threads have views of their own, and may end at any time', async () => {
  const file = await published()
  const { snapshot, bytes } = await open(file)
  const view = bytes.get('large')!
  const script = `
    const { parentPort, workerData } = require('node:worker_threads')
    import(workerData.library).then(async ({ SledStore, codec }) => {
      const snapshot = await SledStore.openSnapshot(workerData.file, { views: true })
      globalThis.view = snapshot.namespace('bytes', { value: codec.bytes() }).get('large')
      const sum = view.reduce((sum, byte) => sum + byte, 0)
      view.fill(1)
      parentPort.postMessage(sum)
      setInterval(() => {}, 1000)
    })`
  const library = new URL('../../dist/index.js', import.meta.url).href
  const worker = new Worker(script, { eval: true, workerData: { file, library } })
  const sum = await new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  expect(sum).toBe(large.reduce((total, byte) => total + byte, 0))
  await worker.terminate()
  expect(view).toEqual(large)
  expect(bytes.get('large')).toEqual(large)
  await snapshot.close()
})

it('options that are none are refused', async () => {
  const file = await published()
  const wrong = (options: object) => SledStore.openSnapshot(file, options as SnapshotFileOptions)
  await expect(wrong({ views: 1 })).rejects.toThrow(TypeError)
  await expect(wrong({ view: true })).rejects.toThrow(TypeError)
  const store = SledStore.memory()
  await expect(store.publish(folder(), { compression: 'zip' as 'none' })).rejects.toThrow(RangeError)
  await expect(store.publish(folder(), { compress: 'none' } as object)).rejects.toThrow(TypeError)
  await store.close()
})
