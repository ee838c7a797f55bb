/**
 * The options of puts: how they are answered, and how long what they put lives.
 */
import { checkCount, checkNames, levelOf, type WriteOptions } from './options.js'

/** How long a value lives. */
export interface TtlOptions {
  /**
   * Milliseconds from the put, a whole number of at least 1, after which the value is gone: the present goes by the clock,
   * a snapshot or transaction by the time it began. Default: it stays.
   */
  readonly ttl?: number
}

/** How a value is put. */
export interface PutOptions extends WriteOptions, TtlOptions {}

const ttlNames = ['ttl'] as const satisfies readonly (keyof TtlOptions)[]
const putNames = ['durability', 'ttl'] as const satisfies readonly (keyof PutOptions)[]

/** The level that a put's options name, as the addon's number; `inherited` when they name none. */
export function putLevel(where: string, options: PutOptions | undefined, inherited: number): number {
  if (options === undefined) return inherited
  checkNames(where, options, putNames)
  return levelOf(options.durability, inherited)
}

/** How many milliseconds a put's options, whose names were checked, let the value live; 0 when it does not expire. */
export function ttlOf(options: TtlOptions | undefined): number {
  return options?.ttl === undefined ? 0 : checkCount('ttl', options.ttl, 1)
}

/** As {@link ttlOf}, of options that hold nothing else. */
export function onlyTtlOf(where: string, options: TtlOptions | undefined): number {
  if (options !== undefined) checkNames(where, options, ttlNames)
  return ttlOf(options)
}
