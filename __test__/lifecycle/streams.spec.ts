import { pipeline } from 'node:stream/promises'
import { Readable, Writable } from 'node:stream'
import { expect, it, vi } from 'vitest'
import { codec, SledStore } from '../../lib/index.js'
import { native } from '../../lib/internal/native.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()

function pattern(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => (index * 7 + (index >> 8)) & 0xff)
}

async function collect(stream: Readable): Promise<Buffer> {
  const parts: Buffer[] = []
  await pipeline(
    stream,
    new Writable({
      write(part: Buffer, _encoding, done) {
        parts.push(part)
        done()
      },
    }),
  )
  return Buffer.concat(parts)
}

it.each([0, 1, 4_000, 65_000, 300_000, 3_000_000])('%i bytes go in and out as a stream', async (bytes) => {
  const store = await SledStore.open(folder())
  const files = store.namespace('files', { value: codec.bytes() })
  const content = pattern(bytes)
  const source = Readable.from(
    [...Array(Math.ceil(bytes / 50_000)).keys()].map((n) =>
      Buffer.from(content.subarray(n * 50_000, (n + 1) * 50_000)),
    ),
  )
  await files.putStream('file', source)
  expect(Buffer.compare(await collect((await files.getStream('file'))!), content)).toBe(0)
  expect(Buffer.compare(files.get('file')!, content)).toBe(0)
  await store.close()
})

it('a value put whole is read as a stream', async () => {
  const store = await SledStore.open(folder())
  const files = store.namespace('files', { value: codec.bytes() })
  const content = pattern(500_000)
  await files.put('file', content)
  const stream = (await files.getStream('file'))!
  await files.put('file', pattern(10))
  expect(Buffer.compare(await collect(stream), content)).toBe(0)
  expect(await files.getStream('missing')).toBe(undefined)
  await store.close()
})

it('a source that fails leaves the old value', async () => {
  const store = await SledStore.open(folder())
  const files = store.namespace('files', { value: codec.bytes() })
  await files.put('file', pattern(3))
  const failing = async function* () {
    yield pattern(400_000)
    throw new RangeError('on purpose')
  }
  await expect(files.putStream('file', failing())).rejects.toThrow(RangeError)
  expect(files.get('file')).toEqual(pattern(3))
  expect(native.counts().streams).toBe(0)
  await store.close()
})

it('a stream that is not read to its end holds nothing', async () => {
  const store = await SledStore.open(folder())
  const files = store.namespace('files', { value: codec.bytes() })
  await files.put('file', pattern(2_000_000))
  for await (const part of (await files.getStream('file'))!) {
    expect((part as Buffer).length).toBeGreaterThan(0)
    break
  }
  await vi.waitFor(() => expect(native.counts().streams).toBe(0))
  await store.close()
})

it('closing the store ends a stream', async () => {
  const store = await SledStore.open(folder())
  const files = store.namespace('files', { value: codec.bytes() })
  await files.put('file', pattern(2_000_000))
  const stream = (await files.getStream('file'))!
  await store.close()
  await expect(collect(stream)).rejects.toMatchObject({ code: 'CLOSED' })
})

it('a value that is put as a stream can live for a time', async () => {
  const store = SledStore.memory()
  const files = store.namespace('files', { value: codec.bytes() })
  await files.putStream('kept', [new Uint8Array(300_000)], { ttl: 3_600_000 })
  await files.putStream('short', [new Uint8Array(300_000)], { ttl: 50 })
  await expect(files.putStream('wrong', [], { ttl: 0 })).rejects.toThrow(RangeError)
  await vi.waitUntil(() => !files.has('short'), { timeout: 60_000 })
  expect(await files.getStream('short')).toBe(undefined)
  expect([...files.keys()]).toEqual(['kept'])
  await store.compact()
  expect((await store.verify()).findings).toEqual([])
  await store.close()
})

it('bulk load takes sorted entries from anywhere', async () => {
  const store = await SledStore.open(folder())
  const rows = store.namespace('rows', { value: codec.utf8() })
  const progress: number[] = []
  const entries = function* (name: string) {
    for (let index = 10_000; index < 40_000; index++) yield [`${name}${index}`, `value ${index}`] as const
  }
  expect(await store.bulkLoad(rows, entries('a'), { onProgress: ({ rows }) => progress.push(rows) })).toBe(30_000)
  expect(await store.bulkLoad(rows, Readable.from(entries('b')) as AsyncIterable<readonly [string, string]>)).toBe(
    30_000,
  )
  expect(await store.bulkLoad(rows, [])).toBe(0)
  expect(rows.count()).toBe(60_000)
  expect(rows.get('b39999')).toBe('value 39999')
  expect(progress.length).toBeGreaterThan(1)
  const ending = new AbortController()
  const ended = store.bulkLoad(rows, entries('c'), { signal: ending.signal, onProgress: () => ending.abort() })
  await expect(ended).rejects.toMatchObject({ code: 'ABORTED' })
  expect(native.counts().streams).toBe(0)
  await store.close()
})
