/**
 * Values as streams: long ones go part by part and are never whole in memory.
 */
import { typeError } from './errors.js'
import type { Readable } from 'node:stream'
import { CodecId } from './codec.js'
import type { NamespaceCore } from './internal/namespace-core.js'
import { native, release, releaseWith } from './internal/native.js'

/** Where a streamed value comes from: a Node or web stream, or anything that yields bytes. */
export type ValueSource = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/** Bytes that are handed over at once. */
const PART_BYTES = 256 << 10
/** Codec, flags and schema version before the bytes themselves. */
const header = Buffer.from([CodecId.Bytes, 0, 0])

/**
 * Stores what `source` yields under `key`; nothing is visible before it has ended, from when `ttl` counts, if it is not 0.
 * Does not wait for durability.
 */
export async function storeStream(
  namespace: NamespaceCore,
  key: unknown,
  source: ValueSource,
  ttl: number,
): Promise<void> {
  checkBytes(namespace, 'putStream')
  namespace.checkNoSchema('putStream')
  if (source === null || typeof source !== 'object' || !(Symbol.asyncIterator in source || Symbol.iterator in source)) {
    throw typeError('putStream takes a stream, or an iterable of Uint8Array')
  }
  const { store } = namespace
  const keyBytes = namespace.keyCopy(key)
  const handle = await store.job<number>(() => native.openValueWriter(namespace.handle))
  const owner = {}
  releaseWith(owner, handle)
  const write = (part: Buffer): Promise<void> => store.job(() => native.writeValuePart(handle, part))
  try {
    let parts: Uint8Array[] = [header]
    let bytes = header.length
    for await (const part of source) {
      if (!(part instanceof Uint8Array)) throw typeError('what putStream is given must yield Uint8Array')
      // A copy, for some sources use one buffer again and again.
      parts.push(Uint8Array.from(part))
      bytes += part.length
      if (bytes < PART_BYTES) continue
      await write(Buffer.concat(parts))
      parts = []
      bytes = 0
    }
    if (bytes > 0) await write(Buffer.concat(parts))
    await store.job<void>(() => native.finishValue(handle, keyBytes, ttl === 0 ? undefined : ttl))
  } finally {
    release(owner, handle)
  }
}

/** The bytes under `key` as a stream; nothing when the key is missing. */
export async function openStream(namespace: NamespaceCore, key: unknown): Promise<Readable | undefined> {
  checkBytes(namespace, 'getStream')
  const keyBytes = namespace.keyCopy(key)
  const handle = await namespace.store.job<number>(() => native.openValueReader(namespace.handle, keyBytes))
  // Loaded when it is wanted: streams take half a megabyte, and few programs read values through them.
  const { Readable } = await import('node:stream')
  if (handle !== 0) {
    const stream = Readable.from(parts(namespace, handle), { objectMode: false })
    releaseWith(stream, handle) // for a stream that nobody reads
    return stream
  }
  const whole = (await namespace.readAsync(key, 0)) as Uint8Array | undefined
  return whole === undefined ? undefined : Readable.from([Buffer.from(whole)], { objectMode: false })
}

async function* parts(namespace: NamespaceCore, handle: number): AsyncGenerator<Buffer> {
  try {
    let skip = header.length
    for (;;) {
      const part = await namespace.store.job<Buffer | undefined>(() => native.readValuePart(handle, PART_BYTES))
      if (part === undefined) return
      if (skip === header.length) namespace.decode(part, 0, header.length)
      yield part.subarray(skip)
      skip = 0
    }
  } finally {
    native.release(handle)
  }
}

function checkBytes(namespace: NamespaceCore, where: string): void {
  if (namespace.value.id === CodecId.Bytes) return
  throw typeError(
    `${where} needs a namespace of codec.bytes(), but ${namespace.name} has codec.${namespace.value.name}`,
  )
}
