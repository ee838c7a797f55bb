/** Errors of queries: which are the language's, and whether one is the expected one. */

/** Whether something thrown says what an error of the language says. */
export function isLanguageError(error) {
  return (
    typeof error === 'object' &&
    error !== null &&
    typeof error.kind === 'string' &&
    typeof error.detail === 'string' &&
    (error.phase === 'compile time' || error.phase === 'runtime')
  )
}

/** What is wrong with an error; undefined when nothing is. */
export function errorFailure({ kind, phase, detail }, error) {
  const isExpected =
    error.kind === kind &&
    (phase === 'any time' || error.phase === phase) &&
    (detail === '*' || error.detail === detail)
  return isExpected ? undefined : `${tellError(error)} instead of ${kind} at ${phase}: ${detail}`
}

/** The same of an error that is expected by its code in GQL. */
export function gqlErrorFailure({ status, message }, error) {
  if (error.gqlStatus !== status) return `GQL code ${String(error.gqlStatus)} instead of ${status}: ${tellError(error)}`
  if (message === undefined || new RegExp(message, 'u').test(error.message)) return undefined
  return `the message "${error.message}" instead of one that matches ${message}`
}

/** An error in one line; one that is not the language's with where it came from. */
export function tellError(error) {
  if (isLanguageError(error)) return `${error.kind} at ${error.phase}: ${error.detail} (${error.message})`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
