/**
 * The one error class of the package, its stable codes, and the sentences of `TypeError` and `RangeError`.
 * Codes and classes mirror `crate/engine/src/error.rs`; a test compares the two.
 */

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

const classes: Readonly<Record<ErrorCode, ErrorClass>> = {
  CONFLICT: 'retry',
  STORAGE_FAILED: 'reopen',
  CLOSED: 'reopen',
  CORRUPTION: 'restore',
  KEY_TOO_LARGE: 'misuse',
  VALUE_TOO_LARGE: 'misuse',
  TOO_LARGE: 'misuse',
  NOT_SORTED: 'misuse',
  READ_ONLY: 'misuse',
  OPTIONS_MISMATCH: 'misuse',
  NAMESPACE_DROPPED: 'misuse',
  NAMESPACE_MISMATCH: 'misuse',
  NAMESPACE_EXISTS: 'misuse',
  ENDED: 'misuse',
  STALE_HANDLE: 'misuse',
  INVALID_ARGUMENT: 'misuse',
  NOT_FOUND: 'misuse',
  UNIQUE_VIOLATION: 'misuse',
  SCHEMA_INVALID: 'misuse',
  CODEC_FAILED: 'misuse',
  QUERY_FAILED: 'misuse',
  ABORTED: 'misuse',
  EXISTS: 'misuse',
  LOCKED: 'environment',
  NOT_A_STORE: 'environment',
  FORMAT_TOO_NEW: 'environment',
  DISK_FULL: 'environment',
  PERMISSION_DENIED: 'environment',
  INSECURE_FOLDER: 'environment',
  IO_FAILED: 'environment',
  UNSUPPORTED: 'environment',
  INTERNAL: 'bug',
}

/** Every code, in the order of the reference table. */
export const errorCodes = Object.freeze(Object.keys(classes)) as readonly ErrorCode[]

/**
 * What the caller can do about an error of this code.
 *
 * @example
 * ```ts
 * errorClass('CONFLICT') // 'retry'
 * ```
 */
export function errorClass(code: ErrorCode): ErrorClass {
  return classes[code]
}

/** Whether a string is one of the codes. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(classes, text)
}

/** One complaint of a schema: what is wrong, and where in the value. */
export interface SchemaIssue {
  readonly message: string
  /** Property names and array positions from the value's root to the place; empty for the value itself. */
  readonly path: readonly PropertyKey[]
}

/** What openCypher calls an error of a query, and where it is: counted from one, zero where no place is known. */
export interface QueryErrorDetails {
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
export class SledStoreError extends Error {
  readonly code: ErrorCode
  /** The schema's complaints; only with code `SCHEMA_INVALID`. */
  declare readonly issues?: readonly SchemaIssue[]
  /** What the language says; only of queries. */
  declare readonly query?: QueryErrorDetails

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      readonly cause?: unknown
      readonly issues?: readonly SchemaIssue[]
      readonly query?: QueryErrorDetails
    } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    if (options.issues !== undefined) this.issues = options.issues
    if (options.query !== undefined) this.query = options.query
  }

  /** What the caller can do about it. */
  get class(): ErrorClass {
    return errorClass(this.code)
  }

  static {
    // On the prototype, so that printing an error does not list it as a field.
    Object.defineProperty(SledStoreError.prototype, 'name', {
      value: 'SledStoreError',
      configurable: true,
      writable: true,
    })
  }
}

const coded = <E extends Error>(error: E) => Object.assign(error, { code: 'INVALID_ARGUMENT' } as const)

/** A `TypeError` with the code `INVALID_ARGUMENT`. */
export const typeError = (message: string) => coded(new TypeError(message))

/** A `RangeError` with the code `INVALID_ARGUMENT`. */
export const rangeError = (message: string) => coded(new RangeError(message))

/**
 * A `TypeError` that names the argument, what was expected, and what came.
 *
 * @example
 * ```ts
 * wrongType('key', 'a string', 7).message // 'key must be a string, but is the number 7'
 * ```
 */
export function wrongType(argument: string, expected: string, value: unknown): TypeError {
  return typeError(`${argument} must be ${expected}, but is ${describe(value)}`)
}

/**
 * A `RangeError` that names the argument, what was expected, and what came.
 *
 * @example
 * ```ts
 * outOfRange('limit', 'at least 0', -1).message // 'limit must be at least 0, but is the number -1'
 * ```
 */
export function outOfRange(argument: string, expected: string, value: unknown): RangeError {
  return rangeError(`${argument} must be ${expected}, but is ${describe(value)}`)
}

/** A `TypeError` for an option nobody knows; offers the nearest known name. */
export function unknownOption(where: string, name: string, known: readonly string[]): TypeError {
  const near = nearest(name, known)
  const hint = near === undefined ? `known options are ${known.join(', ')}` : `did you mean "${near}"?`
  return typeError(`${where} has no option "${name}"; ${hint}`)
}

/** Says in a few words what a value is, for error messages; long texts are cut. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `the string ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value)}`
    case 'number':
      return `the number ${Object.is(value, -0) ? '-0' : String(value)}`
    case 'bigint': {
      const digits = value.toString()
      return `the bigint ${digits.length > 40 ? `${digits.slice(0, 40)}...` : digits}n`
    }
    case 'boolean':
      return `the boolean ${String(value)}`
    case 'function':
      return value.name === '' ? 'a function' : `the function ${value.name}`
    case 'symbol':
      return `the ${String(value)}`.replace('the Symbol', 'the symbol ')
    case 'undefined':
      return 'undefined'
    case 'object':
      return value === null ? 'null' : describeObject(value)
  }
}

function describeObject(value: object): string {
  if (Array.isArray(value)) return `an array of length ${value.length}`
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : 'a Date'
  const prototype: unknown = Object.getPrototypeOf(value)
  const constructor = (prototype as { constructor?: unknown } | null)?.constructor
  const name = typeof constructor === 'function' ? constructor.name : ''
  if (name === '' || name === 'Object') return 'an object'
  return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`
}

/** The known name closest to `name` within two edits (or a different case), if there is one. */
function nearest(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = 3
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
