/**
 * Errors as applications of abstract-level know them: the codes of classic-level, with the store's own error as cause.
 */
import { SledStoreError, type ErrorCode } from 'sledstore'

const codes: Partial<Record<ErrorCode, string>> = {
  LOCKED: 'LEVEL_LOCKED',
  CORRUPTION: 'LEVEL_CORRUPTION',
  IO_FAILED: 'LEVEL_IO_ERROR',
  DISK_FULL: 'LEVEL_IO_ERROR',
  PERMISSION_DENIED: 'LEVEL_IO_ERROR',
  INSECURE_FOLDER: 'LEVEL_IO_ERROR',
  STORAGE_FAILED: 'LEVEL_IO_ERROR',
  CLOSED: 'LEVEL_DATABASE_NOT_OPEN',
  KEY_TOO_LARGE: 'LEVEL_INVALID_KEY',
  VALUE_TOO_LARGE: 'LEVEL_INVALID_VALUE',
}

class LevelError extends Error {
  readonly code: string

  constructor(message: string, code: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

/** The error under the code that abstract-level has for its kind; one without such a code stays as it is. */
export function levelError(error: unknown): unknown {
  if (!(error instanceof SledStoreError)) return error
  const code = codes[error.code]
  return code === undefined ? error : new LevelError(error.message, code, error)
}

/** The error of an operation on a database that is not open. */
export function notOpen(): Error {
  return new LevelError('the database is not open; wait for open()', 'LEVEL_DATABASE_NOT_OPEN')
}

/** The error of a read that its signal has ended. */
export function aborted(signal: AbortSignal): Error {
  const error = new LevelError('the operation was ended by its signal', 'LEVEL_ABORTED', signal.reason)
  error.name = 'AbortError' // as the web names it, and abstract-level
  return error
}
