/** Nothing gets past a schema: a namespace that has one takes no streams. */
import { expect, it } from 'vitest'
import { codec, SledStore, type Schema } from '../../lib/index.js'

const short: Schema<Uint8Array> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      (value as Uint8Array).length < 10 ? { value: value as Uint8Array } : { issues: [{ message: 'long' }] },
  },
}

it('putStream is refused, put checks', async () => {
  const store = SledStore.memory()
  const files = store.namespace('files', { value: codec.bytes(), schema: short })
  await expect(files.putStream('file', [new Uint8Array(100)])).rejects.toThrow(TypeError)
  await expect(files.putStream('file', [new Uint8Array(1)])).rejects.toThrow(TypeError)
  await expect(files.put('file', new Uint8Array(100))).rejects.toMatchObject({ code: 'SCHEMA_INVALID' })
  expect(files.count()).toBe(0)
  await files.put('file', new Uint8Array(5))
  let bytes = 0
  for await (const part of (await files.getStream('file'))!) bytes += (part as Uint8Array).length
  expect(bytes).toBe(5)
  await store.close()
})
