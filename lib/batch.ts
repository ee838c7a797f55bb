/**
 * Batches: writes to any namespaces of a store that become visible and durable together.
 */
import { ValueWriter } from './codec.js'
import { SledStoreError, typeError } from './errors.js'
import { type StoreCore } from './internal/lifecycle.js'
import { coreOf, type NamespaceCore } from './internal/namespace-core.js'
import { END_KEY_AT, FAILED, keys, native } from './internal/native.js'
import { KEY_BYTES_MAX, keyTooLarge } from './key-codec.js'
import type { Namespace } from './namespace-types.js'
import { onlyTtlOf, type TtlOptions } from './put-options.js'
import { encoded, encodeRange, type Range } from './range.js'

/** Takes writes of one atomic group, as the methods of {@link Namespace} do; later ones replace earlier ones. */
export interface Writer {
  put<K, V, P, I>(namespace: Namespace<K, V, P, I>, key: K, value: I, options?: TtlOptions): void
  delete<K, V, P, I>(namespace: Namespace<K, V, P, I>, key: K): void
  clear<K, V, P, I>(namespace: Namespace<K, V, P, I>, range?: Range<K, P>): void
}

/** What `store.batch` hands to its function; it ends with it. */
export interface Batch extends Writer {
  /** How many writes it holds. */
  readonly length: number
}

/** Operation kinds, as in `crate/engine/src/batch.rs`. */
const Kind = { Put: 1, Delete: 2, Clear: 3, ClearToEnd: 4, PutExpiring: 5 } as const
/** kind u8, namespace u32, key length u16, value length u32. */
const HEADER_BYTES = 11
/** Between header and key of what expires: how many milliseconds it lives, u64. */
const TTL_BYTES = 8

/** Buffers of batches that have ended. */
const pool: ValueWriter[] = []
const POOLED_MAX = 4

class BatchCore implements Batch {
  length = 0
  readonly #store: StoreCore
  #writer: ValueWriter | undefined
  readonly #namespaces = new Set<NamespaceCore>()
  #last: NamespaceCore | undefined

  constructor(store: StoreCore) {
    this.#store = store
    this.#writer = pool.pop() ?? new ValueWriter()
    this.#writer.reset()
  }

  put(namespace: unknown, key: unknown, value: unknown, options?: TtlOptions): void {
    const writer = this.#use()
    const core = coreOf(namespace, this.#store)
    const ttl = onlyTtlOf('put', options)
    const checked = core.checkValue(key, value)
    const start = writer.position
    try {
      // The key is in the batch before the value is encoded, which may run the user's code and use the key buffer.
      const keyLength = this.#writeKey(writer, core.encodeKey(key), ttl)
      const valueStart = writer.position
      core.encodeInto(checked, writer)
      const kind = ttl === 0 ? Kind.Put : Kind.PutExpiring
      this.#finish(writer, start, kind, core, keyLength, writer.position - valueStart)
    } catch (error) {
      writer.position = start
      throw error
    }
  }

  delete(namespace: unknown, key: unknown): void {
    const writer = this.#use()
    const core = coreOf(namespace, this.#store)
    const start = writer.position
    const keyLength = this.#writeKey(writer, core.encodeKey(key))
    this.#finish(writer, start, Kind.Delete, core, keyLength, 0)
  }

  clear(namespace: unknown, range?: Range<unknown, unknown>): void {
    const writer = this.#use()
    const core = coreOf(namespace, this.#store)
    encodeRange(core.key, 'clear', range)
    const start = writer.position
    const { startLength, endLength, kind } = halfOpen()
    const keyLength = this.#writeKey(writer, startLength)
    writer.writeBytes(keys.subarray(END_KEY_AT, END_KEY_AT + endLength))
    this.#finish(writer, start, kind, core, keyLength, endLength)
  }

  /** Applies the batch; `mode` as in `crate/node/src/hot.rs`. */
  commit(mode: number): number {
    const writer = this.#use()
    if (this.length === 0) return 0
    const answer = native.commit(this.#store.handle, writer.buffer, writer.position, mode)
    if (answer === FAILED) throw this.#failure()
    return answer
  }

  /** Why it could not be applied; the addon knows its namespaces by their numbers alone. */
  #failure(): SledStoreError {
    const error = this.#store.failure()
    if (error.code !== 'NAMESPACE_DROPPED') return error
    return [...this.#namespaces].find((namespace) => namespace.isDropped)?.droppedError() ?? error
  }

  /** Makes the batch unusable and gives its buffer back. */
  end(): void {
    const writer = this.#writer
    this.#writer = undefined
    if (writer === undefined) return
    writer.reset()
    if (pool.length < POOLED_MAX) pool.push(writer)
  }

  #use(): ValueWriter {
    this.#store.checkOpen()
    if (this.#writer === undefined) {
      throw new SledStoreError('ENDED', 'the batch has ended; use it only inside the function given to store.batch')
    }
    if (this.#writer.busy) {
      throw typeError('a value was put while another is being encoded; do not write from a getter or from toJSON')
    }
    return this.#writer
  }

  /** Copies the key of `length` bytes out of the key buffer, after room for the header and the time to live. */
  #writeKey(writer: ValueWriter, length: number, ttl = 0): number {
    if (length > KEY_BYTES_MAX + 1) throw keyTooLarge(length)
    const before = ttl === 0 ? HEADER_BYTES : HEADER_BYTES + TTL_BYTES
    writer.reserve(before + length)
    if (ttl !== 0) writer.buffer.writeBigUInt64LE(BigInt(ttl), writer.position + HEADER_BYTES)
    keys.copy(writer.buffer, writer.position + before, 0, length)
    writer.position += before + length
    return length
  }

  #finish(
    writer: ValueWriter,
    start: number,
    kind: number,
    namespace: NamespaceCore,
    keyLength: number,
    valueLength: number,
  ): void {
    if (writer.position > this.#store.batchBytesMax && this.length > 0) {
      writer.position = start
      throw new SledStoreError(
        'TOO_LARGE',
        `the batch has more than ${this.#store.batchBytesMax} bytes, half the memory budget; split it, or use bulkLoad`,
      )
    }
    const { buffer } = writer
    buffer[start] = kind
    buffer.writeUInt32LE(namespace.id, start + 1)
    buffer.writeUInt16LE(keyLength, start + 5)
    buffer.writeUInt32LE(valueLength, start + 7)
    if (namespace !== this.#last) this.#namespaces.add((this.#last = namespace))
    this.length++
  }
}

/** The range in {@link encoded} as an inclusive start and an exclusive end, in the key buffer. */
function halfOpen(): { startLength: number; endLength: number; kind: number } {
  let { startLength, endLength } = encoded
  const { flags } = encoded
  // The successor of a key is the key and a zero byte.
  if ((flags & 1) !== 0) keys[startLength++] = 0
  if ((flags & 2) !== 0) keys[END_KEY_AT + endLength++] = 0
  return { startLength, endLength, kind: (flags & 4) === 0 ? Kind.Clear : Kind.ClearToEnd }
}

/** Runs `fill` with a fresh batch and applies what it wrote; nothing is written when it throws. */
export function runBatch(store: StoreCore, where: string, fill: (batch: Batch) => unknown, mode: number): number {
  if (typeof fill !== 'function') throw typeError(`${where} takes a function that writes to the batch it is given`)
  store.checkOpen()
  const batch = new BatchCore(store)
  try {
    const result = fill(batch as unknown as Batch)
    if (typeof (result as { then?: unknown } | undefined)?.then === 'function') {
      throw typeError(`the function given to ${where} must not be async; use transaction, or prepare its data before`)
    }
    return batch.commit(mode)
  } finally {
    batch.end()
  }
}
