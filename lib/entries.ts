/**
 * Entries on their way into the store, from an iterable or an async one, until a signal ends it.
 */
import { wrongType } from './errors.js'
import { aborted, throwIfAborted } from './options.js'

/** Where many entries come from. */
export type Entries<E> = Iterable<E> | AsyncIterable<E>

/**
 * Calls `take` with one entry after the other, and waits where it gives a promise. A signal ends it between two
 * entries, and while the next one is awaited.
 */
export async function takeEach(
  where: string,
  entries: Entries<unknown>,
  signal: AbortSignal | undefined,
  take: (entry: unknown) => Promise<void> | undefined,
): Promise<void> {
  throwIfAborted(signal)
  if (!isAsync(where, entries)) {
    for (const entry of entries) {
      const busy = take(entry)
      if (busy !== undefined) await busy
      throwIfAborted(signal)
    }
    return
  }
  const iterator = entries[Symbol.asyncIterator]()
  let ended = false
  try {
    for (;;) {
      const step = await untilAborted(Promise.resolve(iterator.next()), signal)
      ended = step.done === true
      if (step.done === true) break
      const busy = take(step.value)
      if (busy !== undefined) await busy
      throwIfAborted(signal)
    }
  } finally {
    // Not awaited: a source that is waiting itself would never answer.
    if (!ended) void Promise.resolve(iterator.return?.()).catch(() => {})
  }
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(aborted(signal))
    signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

function isAsync<E>(where: string, entries: Entries<E>): entries is AsyncIterable<E> {
  if (entries !== null && typeof entries === 'object') {
    if (Symbol.asyncIterator in entries) return true
    if (Symbol.iterator in entries) return false
  }
  throw wrongType(`what ${where} takes`, 'an iterable, or an async iterable, of entries', entries)
}
