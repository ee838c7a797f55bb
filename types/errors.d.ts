// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.

/**
 * What the caller can do about an error: `retry` the call; close the store and `reopen` it; `restore` the folder from
 * a copy, for stored data is damaged; change the call, which was `misuse`; mend the `environment` (permissions, space, another
 * process) and try again; report a `bug` of SledStore.
 */
export type ErrorClass = 'retry' | 'reopen' | 'restore' | 'misuse' | 'environment' | 'bug'
/** Stable identifier of an error; a code never changes its meaning, a message may. */
export type ErrorCode =
  | 'CONFLICT'
  | 'STORAGE_FAILED'
  | 'CLOSED'
  | 'CORRUPTION'
  | 'KEY_TOO_LARGE'
  | 'VALUE_TOO_LARGE'
  | 'TOO_LARGE'
  | 'NOT_SORTED'
  | 'READ_ONLY'
  | 'OPTIONS_MISMATCH'
  | 'NAMESPACE_DROPPED'
  | 'NAMESPACE_MISMATCH'
  | 'NAMESPACE_EXISTS'
  | 'ENDED'
  | 'STALE_HANDLE'
  | 'INVALID_ARGUMENT'
  | 'NOT_FOUND'
  | 'UNIQUE_VIOLATION'
  | 'SCHEMA_INVALID'
  | 'CODEC_FAILED'
  | 'QUERY_FAILED'
  | 'ABORTED'
  | 'EXISTS'
  | 'LOCKED'
  | 'NOT_A_STORE'
  | 'FORMAT_TOO_NEW'
  | 'DISK_FULL'
  | 'PERMISSION_DENIED'
  | 'INSECURE_FOLDER'
  | 'IO_FAILED'
  | 'UNSUPPORTED'
  | 'INTERNAL'
/** Every code, in the order of the reference table. */
export declare const errorCodes: readonly ErrorCode[]
/** One complaint of a schema: what is wrong, and where in the value. */
export interface SchemaIssue {
  readonly message: string
  /** Property names and array positions from the value's root to the place; empty for the value itself. */
  readonly path: readonly PropertyKey[]
}
/** What openCypher calls an error of a query, and where it is: counted from one, zero where no place is known. */
interface QueryErrorDetails {
  /** `compile time` or `runtime`. */
  readonly phase: string
  readonly kind: string
  readonly detail: string
  readonly line: number
  readonly column: number
}
/**
 * An error of the store, its data or its surroundings. Mistakes in a call's arguments are `TypeError` or
 * `RangeError` instead, with the code `INVALID_ARGUMENT`.
 *
 * @example
 * ```ts
 * try {
 *   await store.transaction(move)
 * } catch (error) {
 *   if (error instanceof SledStoreError && error.code === 'CONFLICT') await later(move)
 *   else throw error
 * }
 * ```
 */
export declare class SledStoreError extends Error {
  readonly code: ErrorCode
  /** The schema's complaints; only with code `SCHEMA_INVALID`. */
  readonly issues?: readonly SchemaIssue[]
  /** What the language says; only of queries. */
  readonly query?: QueryErrorDetails
  constructor(
    code: ErrorCode,
    message: string,
    options?: {
      readonly cause?: unknown
      readonly issues?: readonly SchemaIssue[]
      readonly query?: QueryErrorDetails
    },
  )
  /** What the caller can do about it. */
  get class(): ErrorClass
}
export {}
