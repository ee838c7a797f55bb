/**
 * Bulk load: sorted entries on their way into blocks, a page at a time.
 */
import { ValueWriter } from './codec.js'
import { type StoreCore } from './internal/lifecycle.js'
import { coreOf } from './internal/namespace-core.js'
import { keys, native, release, releaseWith } from './internal/native.js'
import { checkFunction, checkNames, checkSignal, type WorkOptions } from './options.js'
import { throwIfAborted } from './transaction.js'

/** How a bulk load is followed and ended. */
export interface BulkLoadOptions extends WorkOptions<{ readonly rows: number }> {}

/** Bytes of a page on its way to the engine. */
const PAGE_BYTES = 256 << 10
/** Row header in a page: key length (u16) and value length (u32), little-endian. */
const ROW_HEADER_BYTES = 6

type Entries = Iterable<readonly [unknown, unknown]> | AsyncIterable<readonly [unknown, unknown]>

/** Loads entries with ascending keys; gives how many there were. */
export async function loadSorted(
  store: StoreCore,
  namespace: unknown,
  entries: Entries,
  options: BulkLoadOptions = {},
): Promise<number> {
  const core = coreOf(namespace, store)
  checkNames('bulkLoad', options, ['onProgress', 'signal'])
  const { onProgress, signal } = options
  checkFunction('onProgress', onProgress)
  checkSignal(signal)
  const handle = store.call(() => native.beginBulkLoad(core.handle))
  const owner = {}
  releaseWith(owner, handle)
  const page = new ValueWriter({ bytes: PAGE_BYTES + (PAGE_BYTES >> 2) })
  let rows = 0
  const send = async (): Promise<void> => {
    throwIfAborted(signal)
    const bytes = page.buffer.subarray(0, page.position)
    await store.job<void>(() => native.bulkLoadPage(handle, bytes))
    page.reset()
    onProgress?.({ rows })
  }
  const add = (key: unknown, value: unknown): void => {
    const checked = core.checkValue(key, value)
    const start = page.position
    const keyLength = core.encodeKey(key)
    page.reserve(ROW_HEADER_BYTES + keyLength)
    keys.copy(page.buffer, start + ROW_HEADER_BYTES, 0, keyLength)
    page.position = start + ROW_HEADER_BYTES + keyLength
    core.encodeInto(checked, page)
    page.buffer.writeUInt16LE(keyLength, start)
    page.buffer.writeUInt32LE(page.position - start - ROW_HEADER_BYTES - keyLength, start + 2)
    rows++
  }
  try {
    if (isAsync(entries)) {
      for await (const [key, value] of entries) {
        add(key, value)
        if (page.position >= PAGE_BYTES) await send()
      }
    } else {
      for (const [key, value] of entries) {
        add(key, value)
        if (page.position >= PAGE_BYTES) await send()
      }
    }
    if (page.position > 0) await send()
    return await store.job<number>(() => native.finishBulkLoad(handle))
  } finally {
    release(owner, handle)
  }
}

function isAsync(entries: Entries): entries is AsyncIterable<readonly [unknown, unknown]> {
  if (entries !== null && typeof entries === 'object') {
    if (Symbol.asyncIterator in entries) return true
    if (Symbol.iterator in entries) return false
  }
  throw new TypeError('bulkLoad takes an iterable, or an async iterable, of [key, value] entries')
}
