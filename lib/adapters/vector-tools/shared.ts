/** What the tools have in common: rows from anywhere, and checks of what is given. */
import { SledStoreError, type VectorElement, type VectorInput, type VectorReader } from 'sledstore'

/** A vector under its key, as `upsertMany` takes it. */
export type VectorRow<K, A = unknown> = readonly [key: K, vector: VectorInput, attributes?: A | undefined]

/** The error for what a caller must not give. */
export const invalid = (message: string): SledStoreError => new SledStoreError('INVALID_ARGUMENT', message)

/** Where rows come from. */
export type Rows<R> = Iterable<R> | AsyncIterable<R>

/** All vectors of an index as rows. */
export function* rowsOf<A extends object, K>(vectors: VectorReader<A, K, VectorElement>): Generator<VectorRow<K>> {
  for (const [key, { vector }] of vectors.entries()) yield [key, vector as VectorInput]
}

/** The id of the node that a key names. */
export function nodeIdOf<K>(key: K, nodeOf: (key: K) => number): number {
  const id = nodeOf(key)
  if (Number.isSafeInteger(id) && id >= 0) return id
  throw invalid(`${String(key)} is the id of no node; give nodeOf, which tells it`)
}

/** Refuses what is no whole number of at least `min`. */
export function checkWhole(name: string, value: number, min: number): number {
  if (Number.isSafeInteger(value) && value >= min) return value
  throw invalid(`${name} must be a whole number, at least ${min}, but is ${String(value)}`)
}

/** Refuses what is no number, or below `min`. */
export function checkNumber(name: string, value: number, min: number): number {
  if (typeof value === 'number' && value >= min) return value
  throw invalid(`${name} must be a number, at least ${min}, but is ${String(value)}`)
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return
  throw new SledStoreError('ABORTED', 'the operation was ended by its signal', { cause: signal.reason })
}

const turnMilliseconds = 12

/** Gives way to everything else that waits, now and then; and ends the work when its signal says so. */
export function turns(signal: AbortSignal | undefined): () => Promise<void> | undefined {
  let began = performance.now()
  throwIfAborted(signal)
  return () => {
    if (performance.now() - began < turnMilliseconds) return undefined
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      throwIfAborted(signal)
      began = performance.now()
    })
  }
}
