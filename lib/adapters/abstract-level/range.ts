/**
 * Ranges: what `gt`, `gte`, `lt` and `lte` say together, and whether a key lies within.
 */
import type { Range } from 'sledstore'
import type { Data } from './formats.js'

/** A range as abstract-level hands it over: encoded, in the format of the iterator. */
export interface Bounds {
  readonly gt?: Data
  readonly gte?: Data
  readonly lt?: Data
  readonly lte?: Data
}

/** One bound a side: `gte` comes before `gt`, and `lte` before `lt`, when a caller gives both. */
export function rangeOf({ gt, gte, lt, lte }: Bounds): Range<Data> {
  return {
    ...(gte !== undefined ? { gte } : gt !== undefined ? { gt } : {}),
    ...(lte !== undefined ? { lte } : lt !== undefined ? { lt } : {}),
  }
}

function bytesOf(data: Data): Uint8Array {
  return typeof data === 'string' ? Buffer.from(data) : data
}

/** Whether a key lies within a range of {@link rangeOf}. */
export function isWithin({ gt, gte, lt, lte }: Range<Data>, key: Data): boolean {
  const bytes = bytesOf(key)
  const order = (bound: Data): number => Buffer.compare(bytes, bytesOf(bound))
  if (gte !== undefined && order(gte) < 0) return false
  if (gt !== undefined && order(gt) <= 0) return false
  if (lte !== undefined && order(lte) > 0) return false
  return lt === undefined || order(lt) < 0
}

/** The part of a range from a key within it on, in the direction of the iterator. */
export function narrowed({ gt, gte, lt, lte }: Range<Data>, from: Data, reverse: boolean): Range<Data> {
  if (reverse) return { ...(gte !== undefined ? { gte } : gt !== undefined ? { gt } : {}), lte: from }
  return { gte: from, ...(lte !== undefined ? { lte } : lt !== undefined ? { lt } : {}) }
}
