/**
 * Bulk load: sorted entries on their way into blocks, a page at a time.
 */
import { ValueWriter } from './codec.js'
import { takeEach, type Entries } from './entries.js'
import { wrongType } from './errors.js'
import { type StoreCore } from './internal/lifecycle.js'
import { coreOf } from './internal/namespace-core.js'
import { keys, native, release, releaseWith } from './internal/native.js'
import { checkFunction, checkNames, checkSignal, throwIfAborted, type WorkOptions } from './options.js'

/** How a bulk load is followed and ended. */
export interface BulkLoadOptions extends WorkOptions<{ readonly rows: number }> {}

/** Bytes of a page on its way to the engine. */
const PAGE_BYTES = 256 << 10
/** Row header in a page: key length (u16) and value length (u32), little-endian. */
const ROW_HEADER_BYTES = 6

/** Loads entries with ascending keys; gives how many there were. */
export async function loadSorted(
  store: StoreCore,
  namespace: unknown,
  entries: Entries<readonly [unknown, unknown]>,
  options: BulkLoadOptions = {},
): Promise<number> {
  const core = coreOf(namespace, store)
  checkNames('bulkLoad', options, ['onProgress', 'signal'])
  const { onProgress, signal } = options
  checkFunction('onProgress', onProgress)
  checkSignal(signal)
  throwIfAborted(signal)
  const handle = store.call(() => native.beginBulkLoad(core.handle))
  const owner = {}
  releaseWith(owner, handle)
  const page = new ValueWriter({ bytes: PAGE_BYTES + (PAGE_BYTES >> 2) })
  let rows = 0
  const send = async (): Promise<void> => {
    const bytes = page.buffer.subarray(0, page.position)
    await store.job<void>(() => native.bulkLoadPage(handle, bytes))
    page.reset()
    onProgress?.({ rows })
  }
  const add = (entry: unknown): Promise<void> | undefined => {
    if (!Array.isArray(entry) || entry.length !== 2) {
      throw wrongType('an entry of bulkLoad', 'an array [key, value]', entry)
    }
    const [key, value] = entry as unknown[]
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
    return page.position >= PAGE_BYTES ? send() : undefined
  }
  try {
    await takeEach('bulkLoad', entries, signal, add)
    if (page.position > 0) await send()
    return await store.job<number>(() => native.finishBulkLoad(handle))
  } finally {
    release(owner, handle)
  }
}
