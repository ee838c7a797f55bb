/** An import in steps, each a commit of its own, that tells exactly what is in when it fails. */
import type { SledStore, Vectors, WorkOptions } from 'sledstore'
import { checkWhole, invalid, throwIfAborted, type Rows, type VectorRow } from './shared.js'

/** How far an import is. */
export interface ImportProgress {
  /** Rows that are committed. */
  readonly rows: number
  /** Of them in a second. */
  readonly rate: number
}

/** How an import is made. */
export interface ImportOptions extends WorkOptions<ImportProgress> {
  /** Rows of a commit: all of them or none. Default: 1,000. */
  readonly step?: number
}

/** An import that has failed; its `cause` says why. */
export class ImportError extends Error {
  /** Rows that are in: so many of the first, and none behind them. */
  readonly rows: number

  constructor(rows: number, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super(`the import ended behind ${rows} rows, which are in the store: ${why}`, { cause })
    this.name = 'ImportError'
    this.rows = rows
  }
}

/**
 * Imports rows from an iterable or an async one, step by step; gives how many.
 *
 * @example
 * ```ts
 * await importVectors(store, words, rows, { onProgress: ({ rows, rate }) => show(rows, rate) })
 * ```
 * @throws ImportError whose `rows` says exactly what is in
 */
export async function importVectors<A extends object, K>(
  store: SledStore,
  vectors: Vectors<A, K>,
  rows: Rows<VectorRow<K, A>>,
  options: ImportOptions = {},
): Promise<number> {
  const step = checkWhole('step', options.step ?? 1_000, 1)
  const began = performance.now()
  let [done, waiting]: [number, VectorRow<K, A>[]] = [0, []]
  const commit = async (): Promise<void> => {
    throwIfAborted(options.signal)
    const some = waiting
    waiting = []
    await store.transaction((transaction) => {
      const index = vectors.in(transaction)
      for (const [key, vector, attributes] of some) index.upsert(key, vector, attributes)
    })
    done += some.length
    options.onProgress?.({ rows: done, rate: done / ((performance.now() - began) / 1_000) })
  }
  try {
    for await (const row of rows) {
      if (!Array.isArray(row)) throw notARow
      waiting.push(row as VectorRow<K, A>)
      if (waiting.length === step) await commit()
    }
    if (waiting.length > 0) await commit()
    return done
  } catch (error) {
    throw new ImportError(done, error)
  }
}

const notARow = invalid('a row of an import is an array [key, vector, attributes]')
