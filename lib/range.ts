/**
 * Ranges of keys: what a caller may say of one, and how it travels to the addon.
 */
import { typeError } from './errors.js'
import type { NamespaceCore } from './internal/namespace-core.js'
import { END_KEY_AT, keys, native } from './internal/native.js'
import { KEY_BYTES_MAX, keyTooLarge, type KeyCodecCore } from './key-codec.js'
import { checkBoolean, checkCount, checkNames } from './options.js'

/** Which keys of a namespace are meant. The bounds of a `prefix` may be narrowed by the others. */
export interface Range<K, P = never> {
  /** Keys above this one. */
  readonly gt?: K
  /** This key and those above it. */
  readonly gte?: K
  /** Keys below this one. */
  readonly lt?: K
  /** This key and those below it. */
  readonly lte?: K
  /** Keys that begin with this text or these bytes, or tuples that begin with these parts. */
  readonly prefix?: P
}

/** Which keys, in which order, and how many. */
export interface ScanOptions<K, P = never> extends Range<K, P> {
  /** From the last key to the first. */
  readonly reverse?: boolean
  /** At most this many rows. */
  readonly limit?: number
}

/** Bits of a range's flags; `crate/node/src/page.rs` names the same. */
export const Flag = { StartExcluded: 1, EndIncluded: 2, NoEnd: 4, Reverse: 8, NoValues: 16 } as const

const rangeNames = ['gt', 'gte', 'lt', 'lte', 'prefix'] as const satisfies readonly (keyof Range<unknown>)[]
const scanNames = [...rangeNames, 'reverse', 'limit'] as const satisfies readonly (keyof ScanOptions<unknown>)[]

/** A range as {@link encodeRange} and {@link encodeScan} left it in the key buffer. */
export const encoded = { startLength: 0, endLength: 0, flags: 0, limit: Infinity }

const NO_BOUND = -1
/** Where a second bound of the same side is put to be compared with the first. */
const OTHER_AT = END_KEY_AT / 2

/** Writes the bounds of a range into the key buffer and describes them in {@link encoded}. */
export function encodeRange<K, P>(codec: KeyCodecCore<K, P>, where: string, range: Range<K, P> | undefined): void {
  if (range !== undefined) checkNames(where, range, rangeNames)
  encodeBounds(codec, where, range ?? {})
  encoded.limit = Infinity
}

/** As {@link encodeRange}, with order and limit. */
export function encodeScan<K, P>(
  codec: KeyCodecCore<K, P>,
  where: string,
  options: ScanOptions<K, P> | undefined,
): void {
  if (options === undefined) {
    encodeBounds(codec, where, {})
    encoded.limit = Infinity
    return
  }
  checkNames(where, options, scanNames)
  const { reverse, limit } = options
  encodeBounds(codec, where, options)
  if (checkBoolean('reverse', reverse, false)) encoded.flags |= Flag.Reverse
  encoded.limit = limit === undefined || limit === Infinity ? Infinity : checkCount('limit', limit, 0)
}

function encodeBounds<K, P>(codec: KeyCodecCore<K, P>, where: string, range: Range<K, P>): void {
  const { gt, gte, lt, lte, prefix } = range
  if (gt !== undefined && gte !== undefined) throw typeError(`${where} takes gt or gte, not both`)
  if (lt !== undefined && lte !== undefined) throw typeError(`${where} takes lt or lte, not both`)
  let flags = 0
  let startLength = 0
  let endLength = NO_BOUND
  if (prefix !== undefined) {
    startLength = checkedLength(codec.encodePrefix(prefix, keys, 0))
    const end = codec.encodePrefixEnd(prefix, keys, END_KEY_AT)
    // An exclusive end is one byte longer than the prefix at most.
    if (end !== -1) endLength = end - END_KEY_AT
  }
  const low = gt ?? gte
  if (low !== undefined) {
    const length = checkedLength(codec.encode(low, keys, OTHER_AT) - OTHER_AT)
    if (keys.compare(keys, 0, startLength, OTHER_AT, OTHER_AT + length) >= 0) {
      keys.copyWithin(0, OTHER_AT, OTHER_AT + length)
      startLength = length
      if (gt !== undefined) flags |= Flag.StartExcluded
    }
  }
  const high = lt ?? lte
  if (high !== undefined) {
    const at = END_KEY_AT + OTHER_AT
    const length = checkedLength(codec.encode(high, keys, at) - at)
    if (endLength === NO_BOUND || keys.compare(keys, END_KEY_AT, END_KEY_AT + endLength, at, at + length) < 0) {
      keys.copyWithin(END_KEY_AT, at, at + length)
      endLength = length
      if (lte !== undefined) flags |= Flag.EndIncluded
    }
  }
  encoded.startLength = startLength
  encoded.endLength = endLength === NO_BOUND ? 0 : endLength
  encoded.flags = endLength === NO_BOUND ? flags | Flag.NoEnd : flags
}

/** A key's length, if it is within the limit. */
export function checkedLength(length: number): number {
  if (length > KEY_BYTES_MAX) throw keyTooLarge(length)
  return length
}

/** Copies of the bounds that {@link encoded} describes, for calls that outlive the key buffer's content. */
export function boundCopies(): [start: Buffer, end: Buffer] {
  return [
    Buffer.from(keys.subarray(0, encoded.startLength)),
    Buffer.from(keys.subarray(END_KEY_AT, END_KEY_AT + encoded.endLength)),
  ]
}

/** How many keys of a range a reader sees; it walks them. */
export function countRange(
  namespace: NamespaceCore,
  range: Range<unknown, unknown> | undefined,
  reader: number,
): number {
  encodeRange(namespace.key, 'count', range)
  const [start, end] = boundCopies()
  const { flags } = encoded
  return namespace.store.call(() => native.count(namespace.handle, reader, start, end, flags))
}

/** As {@link countRange}, on another thread, for the newest state. */
export function countRangeAsync(namespace: NamespaceCore, range: Range<unknown, unknown> | undefined): Promise<number> {
  encodeRange(namespace.key, 'countAsync', range)
  const [start, end] = boundCopies()
  const { flags } = encoded
  return namespace.store.job(() => native.countAsync(namespace.handle, 0, start, end, flags))
}

/** Removes the keys of a range; `mode` as for `NamespaceCore.write`. */
export function clearRange(namespace: NamespaceCore, range: Range<unknown, unknown> | undefined, mode: number): number {
  encodeRange(namespace.key, 'clear', range)
  const [start, end] = boundCopies()
  const { flags } = encoded
  return namespace.store.call(() => native.clear(namespace.handle, start, end, flags, mode))
}
