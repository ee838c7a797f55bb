/**
 * Validation by Standard Schema: zod, valibot, arktype and others fit without being known here.
 * The interface is version 1 of https://standardschema.dev, reduced to what is used.
 */
import { describe, SledStoreError, typeError, wrongType, type SchemaIssue } from './errors.js'

/** A schema of any library that follows Standard Schema, version 1. */
export interface Schema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** What a schema says of a value. */
type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }

interface StandardIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** What a schema accepts: the type of a value that is put. */
export type InferInput<S extends Schema> = NonNullable<S['~standard']['types']>['input']
/** What a schema makes of it: the type of a value that is stored and read. */
export type InferOutput<S extends Schema> = NonNullable<S['~standard']['types']>['output']

const ISSUES_SHOWN = 5

/** Whether something is a schema; some libraries' schemas are functions. */
export function isSchema(value: unknown): value is Schema {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  const standard = (value as { '~standard'?: unknown })['~standard'] as Partial<Schema['~standard']> | null | undefined
  return (
    typeof standard === 'object' &&
    standard !== null &&
    standard.version === 1 &&
    typeof standard.validate === 'function'
  )
}

/**
 * Checks a value and returns what the schema makes of it: its output, with defaults filled in and transformations
 * done. In mode `async` the result may be a promise.
 *
 * `subject` names the value in messages, for instance `value of "ann" in users`.
 *
 * @throws SledStoreError `SCHEMA_INVALID`, with `issues`
 * @throws TypeError in mode `sync`, if the schema answers with a promise
 *
 * @example
 * ```ts
 * const User = z.object({ name: z.string(), age: z.number().default(0) })
 * validate(User, { name: 'Ann' }, 'sync') // { name: 'Ann', age: 0 }
 * ```
 */
export function validate<S extends Schema>(schema: S, value: unknown, mode: 'sync', subject?: string): InferOutput<S>
export function validate<S extends Schema>(
  schema: S,
  value: unknown,
  mode: 'async',
  subject?: string,
): InferOutput<S> | Promise<InferOutput<S>>
export function validate(schema: Schema, value: unknown, mode: 'sync' | 'async', subject = 'value'): unknown {
  const result = schema['~standard'].validate(value)
  if (!isPromise(result)) return accepted(result, subject)
  if (mode === 'async') return result.then((late) => accepted(late, subject))
  // Nobody will look at the answer, which must not end the process as an unhandled rejection.
  result.then(undefined, () => undefined)
  throw typeError(
    `the schema of ${subject} is asynchronous, which works only in put and compareAndSet; validate the value before, ` +
      'or use a synchronous schema',
  )
}

function isPromise<T>(result: T | Promise<T>): result is Promise<T> {
  return typeof (result as { then?: unknown } | null)?.then === 'function'
}

function accepted(result: SchemaResult<unknown>, subject: string): unknown {
  if (typeof result !== 'object' || result === null) {
    throw wrongType(
      `what the schema of ${subject} answers`,
      'a result of Standard Schema, { value } or { issues }',
      result,
    )
  }
  if (result.issues === undefined) return result.value
  const issues = result.issues.map(toIssue)
  const shown = issues.slice(0, ISSUES_SHOWN).map((issue) => `${pathText(issue.path)}${issue.message}`)
  if (issues.length > ISSUES_SHOWN) shown.push(`and ${issues.length - ISSUES_SHOWN} more`)
  const message = `${subject} does not fit its schema: ${shown.join('; ')}`
  throw new SledStoreError('SCHEMA_INVALID', message, { issues })
}

function toIssue(issue: StandardIssue): SchemaIssue {
  // Array.from, for a library's path may be a subclass of Array, which map would keep.
  const path = Array.from(issue.path ?? [], (step) => (typeof step === 'object' ? step.key : step))
  return { message: String(issue.message), path }
}

/** `users[3].name: `, or nothing for the value itself. */
function pathText(path: readonly PropertyKey[]): string {
  if (path.length === 0) return ''
  const text = path.map((step, index) => {
    if (typeof step === 'string' && /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(step))
      return index === 0 ? step : `.${step}`
    return typeof step === 'symbol' ? `[${describe(step)}]` : `[${JSON.stringify(step)}]`
  })
  return `${text.join('')}: `
}
