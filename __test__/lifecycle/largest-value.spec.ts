/** The largest value goes in and out as a stream; one byte more is refused. */
import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { codec, SledStore } from '../../lib/index.js'
import { VALUE_BYTES_MAX } from '../../lib/value-writer.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()
/** Codec, flags and schema version stand before the bytes, and count. */
const HEADER_BYTES = 3

function source(bytes: number): Readable {
  const part = Buffer.alloc(1 << 20, 7)
  return Readable.from(
    (function* () {
      for (let left = bytes; left > 0; left -= part.length) yield part.subarray(0, Math.min(left, part.length))
    })(),
  )
}

async function lengthOf(stream: AsyncIterable<Uint8Array> | undefined): Promise<number> {
  let bytes = 0
  for await (const part of stream ?? []) bytes += part.length
  return bytes
}

it('the limit is exact', async () => {
  const store = await SledStore.open(folder())
  const files = store.namespace('files', { value: codec.bytes() })
  const largest = VALUE_BYTES_MAX - HEADER_BYTES
  const tooLarge = { code: 'VALUE_TOO_LARGE' }
  await expect(files.putStream('file', source(largest + 1))).rejects.toMatchObject(tooLarge)
  expect(files.has('file')).toBe(false)
  await files.putStream('file', source(largest))
  expect(await lengthOf(await files.getStream('file'))).toBe(largest)
  await expect(files.put('other', new Uint8Array(largest + 1))).rejects.toMatchObject(tooLarge)
  expect([...files.keys()]).toEqual(['file'])
  await store.close()
})
