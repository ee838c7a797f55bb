/**
 * What lives as long as a store is open: its handle, its state, and the promises of its writes.
 */
import { SledStoreError } from '../errors.js'
import type { ValueReads } from '../value-cache.js'
import { atOnce } from './event-loop.js'
import {
  answered,
  cold,
  FAILED,
  HOLD,
  job,
  lastError,
  longJob,
  native,
  procedures,
  stampsOf,
  type Progress,
} from './native.js'

/** The state of a store. */
export type StoreStatus = 'open' | 'poisoned' | 'closing' | 'closed'

const statuses = ['open', 'poisoned', 'closing', 'closed'] as const

/** The writes of one event turn at one level: they share one promise (N4). */
class Turn {
  readonly promise: Promise<void>
  resolve!: () => void
  reject!: (error: unknown) => void

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }
}

/** The `mode` of an asynchronous write at a level: applied now, its durability asked for at the end of the turn. */
export function modeOf(level: number): number {
  return level === 0 ? -4 : 0
}

/** Asks for durability once a turn and level; what comes while a request runs waits for the next one. */
class Turns {
  readonly #core: StoreCore
  readonly #level: number
  #waiting: Turn | undefined
  #running: Turn | undefined

  constructor(core: StoreCore, level: number) {
    this.#core = core
    this.#level = level
  }

  join(): Promise<void> {
    let turn = this.#waiting
    if (turn === undefined) {
      turn = this.#waiting = new Turn()
      if (this.#running === undefined) queueMicrotask(() => this.#submit())
    }
    return turn.promise
  }

  #submit(): void {
    const turn = this.#waiting
    if (turn === undefined || this.#running !== undefined) return
    this.#waiting = undefined
    const number = native.sync(this.#core.handle, this.#level)
    if (number === FAILED) {
      turn.reject(this.#core.failure())
      return
    }
    if (number === 0) {
      void atOnce().then(turn.resolve)
      return
    }
    this.#running = turn
    const next = (): void => {
      this.#running = undefined
      this.#submit()
    }
    answered(number).then(
      () => {
        turn.resolve()
        next()
      },
      (error: unknown) => {
        turn.reject(error)
        next()
      },
    )
  }

  /** The store is closing, which makes everything durable: what waits for a request shares that answer. */
  handOver(closing: Promise<void>): void {
    const turn = this.#waiting
    this.#waiting = undefined
    if (turn !== undefined) closing.then(turn.resolve, turn.reject)
  }
}

/** An open store, as the parts of this package share it. */
export class StoreCore {
  /** The addon's handle. */
  readonly handle: number
  /** How messages name the store. */
  readonly place: string
  /** Level of writes that name none. */
  readonly level: number
  /** Largest batch; half the memory budget. */
  readonly batchBytesMax: number
  /** The published file that it is, where values are given without a copy. */
  readonly views: Uint8Array | undefined
  /** How often namespaces that keep values had them. */
  readonly valueReads: ValueReads = { hits: 0, misses: 0 }
  /** The numbers of its procedures by their names. */
  readonly procedures = new Map<string, number>()
  readonly #turns: readonly [Turns, Turns, Turns]
  /** By the addon's handles: no two arrays are over the same memory. */
  readonly #stamps = new Map<number, Int32Array | undefined>()
  #closing: Promise<void> | undefined
  #closed = false

  constructor(handle: number, place: string, level: number, memoryBudget: number, views?: Uint8Array) {
    this.handle = handle
    this.views = views
    this.place = place
    this.level = level
    this.batchBytesMax = memoryBudget / 2
    this.#turns = [new Turns(this, 0), new Turns(this, 1), new Turns(this, 2)]
  }

  /** The stamps of a namespace's keys, where the runtime allows memory of the addon's. */
  stampsOf(namespace: number): Int32Array | undefined {
    if (!this.#stamps.has(namespace)) this.#stamps.set(namespace, stampsOf(namespace))
    return this.#stamps.get(namespace)
  }

  get status(): StoreStatus {
    if (this.#closed) return 'closed'
    if (this.#closing !== undefined) return 'closing'
    return statuses[cold(() => native.status(this.handle))] ?? 'closed'
  }

  /** Whether `close` has not been called. */
  get isOpen(): boolean {
    return this.#closing === undefined
  }

  /**
   * The promise of a write that `answer` came from: that everything so far is durable at `level`. At level `none` it
   * only waits when memory is short (E18).
   */
  durable(level: number, answer = 0): Promise<void> {
    return level === 0 && answer !== HOLD ? atOnce() : this.#turns[level]!.join()
  }

  /** Refuses a store that is closed. */
  checkOpen(): void {
    if (this.#closing !== undefined) throw this.#closedError()
  }

  /** The error of the last hot call that failed. */
  failure(): SledStoreError {
    return this.explain(lastError())
  }

  /** A handle gone stale because the store was closed is told as that. */
  explain(error: SledStoreError): SledStoreError {
    if (this.#closing === undefined || (error.code !== 'STALE_HANDLE' && error.code !== 'ENDED')) return error
    return this.#closedError()
  }

  /** Throws the last hot call's error if its answer says that it failed. */
  check(answer: number): number {
    if (answer === FAILED) throw this.failure()
    return answer
  }

  /** Runs a cold call. */
  call<T>(call: () => T): T {
    this.checkOpen()
    return cold(call)
  }

  /** Starts a job. */
  job<T>(start: () => number): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(this.#closedError())
    return job(start)
  }

  /** Starts a job that reports how far it is, and that a signal ends. */
  longJob<T>(start: () => number, progress: Progress, signal: AbortSignal | undefined): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(this.#closedError())
    return longJob(start, progress, signal)
  }

  /** Ends everything opened from the store, waits for its writes, and closes it. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  async #close(): Promise<void> {
    // The addon forgets the store's objects before this call returns, so that nothing can be read or written any more.
    const closing = job<void>(() => native.close(this.handle))
    for (const turns of this.#turns) turns.handOver(closing)
    try {
      await closing
    } finally {
      this.#closed = true
      // Not before, for queries that still run find them.
      for (const number of this.procedures.values()) procedures.delete(number)
    }
  }

  #closedError(): SledStoreError {
    return new SledStoreError('CLOSED', `the store at ${this.place} is closed; open it again with SledStore.open`)
  }
}

/** `Symbol.dispose` where the runtime, or a polyfill loaded before, has it (T5). */
export const dispose: typeof Symbol.dispose | undefined = Symbol.dispose
/** `Symbol.asyncDispose` where the runtime, or a polyfill loaded before, has it (T5). */
export const asyncDispose: typeof Symbol.asyncDispose | undefined = Symbol.asyncDispose

/**
 * Gives a class the methods that `using` and `await using` call, where the runtime has them. A class whose `close` is
 * async gets no synchronous one, which could not wait for it.
 */
export function closable(prototype: { close(): unknown }, { sync = true } = {}): void {
  const define = (name: symbol | undefined, value: () => unknown): void => {
    if (name !== undefined) Object.defineProperty(prototype, name, { value, configurable: true, writable: true })
  }
  if (sync) {
    define(dispose, function (this: { close(): unknown }) {
      this.close()
    })
  }
  define(asyncDispose, async function (this: { close(): unknown }) {
    await this.close()
  })
}
