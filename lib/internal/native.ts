/**
 * The only importer of the addon: its buffers, its errors and the promises of its jobs.
 */
import { createRequire } from 'node:module'
import type * as workers from 'node:worker_threads'
import binding, { type Binding } from '#binding'
import { isErrorCode, SledStoreError, type ErrorCode, type QueryErrorDetails } from '../errors.js'
import { throwIfAborted } from '../options.js'
import { ValueWriter } from '../value-writer.js'

/** Answer of a read that found nothing. */
export const MISSING = -1
/** Answer of a read whose value waits to be taken with {@link takeLongValue}. */
export const PARKED = -2
/** Answer of a call that failed; {@link lastError} tells why. */
export const FAILED = -3
/** Answer of a write whose promise is to wait until there is room (E18). */
export const HOLD = 1
/** Answer of a cached read whose value is on disk. */
export const NEEDS_PAGE_IN = -4
/** Answer of a read whose value is to be read where it lies in the published file. */
export const IN_FILE = -5

/** As the reader of a call: the newest state, with the key's hash and stamp among the state words, odd for what is not to be kept. */
export const STAMPED = -1

/** Where the second key of a call begins in the key buffer. */
export const END_KEY_AT = 4_096

/** Words of {@link state}. */
export const StateWord = { Length: 0, Scan: 1, Bytes: 2, Finished: 3, Place: 4, Hash: 5, Stamp: 6, Ascii: 7 } as const

const VALUE_BUFFER_BYTES = 64 << 10
/** Largest buffer that is kept for reads; longer values travel by themselves. */
const VALUE_BUFFER_BYTES_MAX = 1 << 20

const AnswerKind = { Nothing: 0, Number: 1, Bytes: 2, Progress: 3, Call: 4, Failed: -3 } as const

interface Job {
  resolve(answer: unknown): void
  reject(error: unknown): void
  progress: Progress | undefined
  /** {@link settle} of the copy of this module that started it, whose errors are of the class its caller knows. */
  settle: typeof settle
}

/** Takes what is done so far, and what there is in all. */
export type Progress = (done: number, total: number) => void

/** A call of a procedure by a query; `crate/node/src/binding_procedure.rs` documents the answers. Nothing in it throws. */
export interface ProcedureCall {
  /** The next rows, at most so many. */
  more(wanted: number): Uint8Array
  /** No more are wanted. */
  end(): void
  readonly isDone: boolean
}

/** Rows of the first answer of a call; a query that needs few does not wait for many. */
const FIRST_ROWS = 16
/** Errors of procedures that are kept until their queries tell them. */
const THROWN_MAX = 64

/** What all copies of this module in one environment share, because the addon knows one set of buffers. */
interface Shared {
  readonly keys: Buffer
  /** Values on their way out of the addon; reads reuse it. */
  values: Buffer
  /** Values on their way into the addon. Apart from `values`, for a `toJSON` may read while a value is being written. */
  readonly writer: ValueWriter
  readonly state: Int32Array
  readonly jobs: Map<number, Job>
  readonly finalizers: FinalizationRegistry<number>
  /** By the addon's numbers: what begins a call with the arguments. */
  readonly procedures: Map<number, (request: Buffer) => ProcedureCall>
  readonly calls: Map<number, ProcedureCall>
  /** What procedures threw, by numbers of its own. */
  readonly thrown: Map<number, unknown>
  lastThrown: number
}

const sharedName: unique symbol = Symbol.for('sledstore.environment')

function connect(): Shared {
  const holder = binding as Binding & { [sharedName]?: Shared }
  const existing = holder[sharedName]
  if (existing !== undefined) return existing
  const shared: Shared = {
    keys: lastingBuffer(2 * END_KEY_AT),
    values: lastingBuffer(VALUE_BUFFER_BYTES),
    writer: new ValueWriter({ allocate: lastingBuffer, onReplace: () => registerBuffers(shared) }),
    state: new Int32Array(lastingMemory(64)),
    jobs: new Map(),
    finalizers: new FinalizationRegistry((handle) => binding.release(handle)),
    procedures: new Map(),
    calls: new Map(),
    thrown: new Map(),
    lastThrown: 0,
  }
  registerBuffers(shared)
  binding.connect((number, kind, value, total) => {
    if (kind === AnswerKind.Call) return serve(shared, total, value)
    const job = shared.jobs.get(number)
    job?.settle(number, job, kind, value, total)
  })
  binding.connectProcedures((request, length) => serve(shared, request, length))
  process.on('exit', () => {
    // The last chance of this thread: what was answered at level "none" goes to the kernel. The module comes only now,
    // for it takes half a megabyte.
    const { isMainThread } = createRequire(process.execPath)('node:worker_threads') as typeof workers
    binding.writeOut(isMainThread)
  })
  holder[sharedName] = shared
  return shared
}

/** Answers a request that a query makes of a procedure. */
function serve({ procedures, calls }: Shared, number: number, length: number): void {
  const request = takeParked(length)
  const [operation, first, second] = [request[0], request.readUInt32BE(1), request.readUInt32BE(5)]
  if (operation === 0) {
    const call = procedures.get(first)?.(request.subarray(9)) ?? gone
    const answer = call.more(FIRST_ROWS)
    if (!call.isDone) calls.set(second, call)
    binding.answerProcedure(number, answer)
    return
  }
  const call = calls.get(first) ?? gone
  if (operation === 1) binding.answerProcedure(number, call.more(second))
  else call.end()
  if (call.isDone) calls.delete(first)
}

/** The answer of a procedure that was removed: a failure whose cause nobody knows, without a message. */
const gone: ProcedureCall = { more: () => Uint8Array.of(2, 0, 0, 0, 0, 0xa0), end: () => {}, isDone: true }

/**
 * Memory that the addon goes on using between calls: nothing can transfer, resize or free it, as `structuredClone` can
 * an `ArrayBuffer`. Where a page of a browser's making has no shared memory, it must do without.
 */
function lastingMemory(bytes: number): ArrayBufferLike {
  return typeof SharedArrayBuffer === 'undefined' ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes)
}

function lastingBuffer(bytes: number): Buffer {
  return Buffer.from(lastingMemory(bytes))
}

function registerBuffers({ keys, values, writer, state }: Shared): void {
  if (binding.register(keys, values, writer.buffer, state) === FAILED) throw lastError()
}

const shared = connect()

/** The addon's functions. */
export const native: Binding = binding
/** Keys on their way to the addon: the first at 0, the second at {@link END_KEY_AT}. */
export const keys: Buffer = shared.keys
/** Answers of a call beside its integer. */
export const state: Int32Array = shared.state

/** What values are encoded into before a put; its buffer is known to the addon. */
export const writer: ValueWriter = shared.writer

/** The buffer that reads fill; it is another one after a long value was read. */
export function values(): Buffer {
  return shared.values
}

/** Takes the value that the last read parked, and makes the value buffer longer when values of its kind may fit. */
export function takeLongValue(): Buffer {
  const length = state[StateWord.Length]!
  if (length > shared.values.length && length <= VALUE_BUFFER_BYTES_MAX) {
    shared.values = lastingBuffer(2 ** Math.ceil(Math.log2(length)))
    registerBuffers(shared)
  }
  return takeParked(length)
}

function takeParked(length: number): Buffer {
  const target = Buffer.allocUnsafe(length)
  if (native.take(target) < 0) throw lastError()
  return target
}

/**
 * The published file that a store is, in memory of which this heap has its own: what is written to it reaches nobody else.
 * Nothing where the runtime allows no such memory, or the file is too long for it.
 */
export function viewsOf(store: number): Uint8Array | undefined {
  const buffer = native.views(store)
  return typeof buffer === 'number' ? undefined : new Uint8Array(buffer)
}

/** The stamps of a namespace's keys, which its commits change; nothing where the runtime allows no such memory. */
export function stampsOf(namespace: number): Int32Array | undefined {
  const buffer = native.stamps(namespace)
  if (buffer === FAILED) throw lastError()
  return typeof buffer === 'number' ? undefined : new Int32Array(buffer)
}

/** What begins calls of the procedures that are registered, by their numbers. */
export const procedures: Map<number, (request: Buffer) => ProcedureCall> = shared.procedures

/** Keeps what a procedure threw until the query's error is made; gives its number. */
export function keepThrown(error: unknown): number {
  const { thrown } = shared
  const number = (shared.lastThrown % 0xffff_ffff) + 1
  shared.lastThrown = number
  thrown.set(number, error)
  if (thrown.size > THROWN_MAX) thrown.delete(thrown.keys().next().value!)
  return number
}

/** The error of the last call that failed, with its causes. */
export function lastError(): SledStoreError {
  const details = binding.lastError()
  if (details === null) return new SledStoreError('INTERNAL', 'a native call failed without saying why')
  let cause: Error | undefined
  for (const { code, message } of details.causes.reverse()) {
    const options = cause === undefined ? {} : { cause }
    cause = code === undefined ? new Error(message, options) : new SledStoreError(knownCode(code), message, options)
  }
  const { thrown, ...query } = details.query ?? {}
  const options = {
    ...(cause === undefined ? {} : { cause }),
    ...(details.query && { query: query as QueryErrorDetails }),
  }
  if (thrown !== undefined && shared.thrown.has(thrown)) Object.assign(options, { cause: shared.thrown.get(thrown) })
  if (thrown !== undefined) shared.thrown.delete(thrown)
  return new SledStoreError(knownCode(details.code), details.message, options)
}

function knownCode(code: string): ErrorCode {
  return isErrorCode(code) ? code : 'INTERNAL'
}

/** Throws the last hot call's error if its answer says that it failed. */
export function check(answer: number): number {
  if (answer === FAILED) throw lastError()
  return answer
}

/** Runs a cold call and turns what it throws into a `SledStoreError`. */
export function cold<T>(call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw fromNative(error)
  }
}

function fromNative(error: unknown): unknown {
  // The addon throws neither of the last two with one of our codes, but what it calls may.
  if (error instanceof SledStoreError || error instanceof TypeError || error instanceof RangeError) return error
  // The addon's errors are of the realm it was loaded in, which under some test runners is not this one.
  const code = (error as { code?: unknown } | undefined)?.code
  return typeof code === 'string' && isErrorCode(code) ? lastError() : error
}

/** Starts a job and gives the promise of its answer: nothing, a number or bytes. */
export function job<T>(start: () => number): Promise<T> {
  return new Promise((resolve, reject) => {
    wait(cold(start), resolve as Job['resolve'], reject)
  })
}

/** As {@link job}, for work that reports how far it is, and that a signal ends at once with `ABORTED`. */
export async function longJob<T>(start: () => number, progress: Progress, signal: AbortSignal | undefined): Promise<T> {
  throwIfAborted(signal)
  const number = cold(start)
  const stop = (): void => binding.cancel(number)
  signal?.addEventListener('abort', stop, { once: true })
  try {
    return await new Promise<T>((resolve, reject) => {
      wait(number, resolve as Job['resolve'], reject, progress)
    })
  } catch (error) {
    if (error instanceof SledStoreError && error.code === 'ABORTED') throwIfAborted(signal)
    throw error
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

/** As {@link job}, for the number of a job that runs already. */
export function answered(number: number): Promise<void> {
  return new Promise((resolve, reject) => {
    wait(number, resolve as Job['resolve'], reject)
  })
}

function wait(number: number, resolve: Job['resolve'], reject: Job['reject'], progress?: Progress): void {
  shared.jobs.set(number, { resolve, reject, progress, settle })
}

function settle(number: number, waiting: Job, kind: number, value: number, total: number): void {
  if (kind === AnswerKind.Progress) {
    try {
      waiting.progress?.(value, total)
    } catch (error) {
      // The caller's own function failed: nothing waits for the job any more.
      shared.jobs.delete(number)
      binding.cancel(number)
      waiting.reject(error)
    }
    return
  }
  shared.jobs.delete(number)
  switch (kind) {
    case AnswerKind.Failed:
      waiting.reject(lastError())
      break
    case AnswerKind.Bytes:
      try {
        waiting.resolve(takeParked(value))
      } catch (error) {
        waiting.reject(error)
      }
      break
    case AnswerKind.Number:
      waiting.resolve(value)
      break
    default:
      waiting.resolve(undefined)
  }
}

/** Releases the handle when `owner` is collected without having been closed. */
export function releaseWith(owner: object, handle: number): void {
  shared.finalizers.register(owner, handle, owner)
}

/** Releases the handle now. */
export function release(owner: object, handle: number): void {
  shared.finalizers.unregister(owner)
  native.release(handle)
}

/** Forgets the finalizer of a handle that the addon has taken back itself. */
export function forget(owner: object): void {
  shared.finalizers.unregister(owner)
}
