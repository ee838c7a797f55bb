/**
 * Transactions: reads and writes that happen as if nobody else were there (E5).
 */
import type { Writer } from './batch.js'
import { SledStoreError, typeError } from './errors.js'
import { type StoreCore } from './internal/lifecycle.js'
import { coreOf } from './internal/namespace-core.js'
import { cold, forget, native, release, releaseWith } from './internal/native.js'
import {
  aborted,
  checkCount,
  checkNames,
  checkSignal,
  throwIfAborted,
  writeLevel,
  type WriteOptions,
} from './options.js'
import { onlyTtlOf, type TtlOptions } from './put-options.js'
import { clearRange, type Range } from './range.js'
import { ReaderCore, type Reader } from './snapshot.js'

/**
 * What `store.transaction` hands to its function: it reads the state at its beginning with its own writes on top.
 * It ends with the function.
 */
export interface Transaction extends Reader, Writer {}

/** How a transaction runs. */
export interface TransactionOptions extends WriteOptions {
  /** How often the function is run again after a conflict, before `CONFLICT` is thrown. Default: 15. */
  readonly retries?: number
  /** Ends it before its next try and before its commit, with `ABORTED`; the function that runs is not ended. */
  readonly signal?: AbortSignal
}

class TransactionCore extends ReaderCore {
  #ended = false

  constructor(store: StoreCore) {
    super(
      store,
      store.call(() => native.begin(store.handle)),
    )
    releaseWith(this, this.reader)
  }

  checkUsable(): void {
    this.store.checkOpen()
    if (this.#ended) {
      throw new SledStoreError('ENDED', 'the transaction has ended; use it only inside the function it was given to')
    }
  }

  put(namespace: unknown, key: unknown, value: unknown, options?: TtlOptions): void {
    this.checkUsable()
    const core = coreOf(namespace, this.store)
    core.write(key, core.checkValue(key, value), this.reader, onlyTtlOf('put', options))
  }

  delete(namespace: unknown, key: unknown): void {
    this.checkUsable()
    coreOf(namespace, this.store).erase(key, this.reader)
  }

  clear(namespace: unknown, range?: Range<unknown, unknown>): void {
    this.checkUsable()
    clearRange(coreOf(namespace, this.store), range, this.reader)
  }

  /** Checks what was read and applies what was written. */
  commit(): number {
    this.checkUsable()
    this.#ended = true
    forget(this)
    return cold(() => native.commitTransaction(this.reader))
  }

  abort(): void {
    if (this.#ended) return
    this.#ended = true
    release(this, this.reader)
  }
}

const RETRIES = 15
const optionNames = ['durability', 'retries', 'signal'] as const satisfies readonly (keyof TransactionOptions)[]

interface CheckedOptions {
  level: number
  retries: number
  signal: AbortSignal | undefined
}

function checkOptions(where: string, run: unknown, options: TransactionOptions, store: StoreCore): CheckedOptions {
  if (typeof run !== 'function') throw typeError(`${where} takes a function that uses the transaction it is given`)
  checkNames(where, options, optionNames)
  const { durability, retries = RETRIES, signal } = options
  checkSignal(signal)
  const level = writeLevel(where, durability === undefined ? undefined : { durability }, store.level)
  return { level, retries: checkCount('retries', retries, 0), signal }
}

/** Runs `run` in transactions until one commits. */
export async function runTransaction<T>(
  store: StoreCore,
  run: (transaction: Transaction) => T | Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const { level, retries, signal } = checkOptions('transaction', run, options, store)
  for (let attempt = 0; ; attempt++) {
    throwIfAborted(signal)
    const transaction = new TransactionCore(store)
    try {
      const result = await run(transaction as unknown as Transaction)
      throwIfAborted(signal)
      await store.durable(level, transaction.commit())
      return result
    } catch (error) {
      if (!isConflict(error) || attempt >= retries) throw error
    } finally {
      transaction.abort()
    }
    await backOff(attempt, signal)
  }
}

/** As {@link runTransaction}, without waiting between tries. */
export function runTransactionSync<T>(
  store: StoreCore,
  run: (transaction: Transaction) => T,
  options: TransactionOptions = {},
): T {
  const { level, retries, signal } = checkOptions('transactionSync', run, options, store)
  for (let attempt = 0; ; attempt++) {
    throwIfAborted(signal)
    const transaction = new TransactionCore(store)
    try {
      const result = run(transaction as unknown as Transaction)
      if (typeof (result as { then?: unknown } | undefined)?.then === 'function') {
        throw typeError('the function given to transactionSync must not be async; use transaction')
      }
      throwIfAborted(signal)
      transaction.commit()
      cold(() => native.waitSync(store.handle, level))
      return result
    } catch (error) {
      if (!isConflict(error) || attempt >= retries) throw error
    } finally {
      transaction.abort()
    }
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof SledStoreError && error.code === 'CONFLICT'
}

const BACK_OFF_MS_MAX = 64

/** Waits a random time that grows with the tries; without it, the same transactions would meet again. */
function backOff(attempt: number, signal: AbortSignal | undefined): Promise<void> {
  const limit = Math.min(2 ** attempt, BACK_OFF_MS_MAX)
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, Math.random() * limit)
    const stop = (): void => {
      clearTimeout(timer)
      reject(aborted(signal!))
    }
    signal?.addEventListener('abort', stop, { once: true })
  })
}
