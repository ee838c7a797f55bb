/**
 * What dates, times, durations and points have in common: JavaScript has no type for them, so each is a small class whose
 * objects never change. `crate/graph/src/extension.rs` documents their bytes.
 */
import { Encoded } from './encoded.js'

/** What {@link QueryTyped.type} may be: the names that the language has for its types. */
export type TypedName = 'date' | 'localtime' | 'time' | 'localdatetime' | 'datetime' | 'duration' | 'point'

/** A date, a time, a duration or a point. It never changes, and may be a parameter and a property. */
export abstract class QueryTyped extends Encoded {
  /** What the language calls it. */
  abstract readonly type: TypedName

  /** As the language writes it, which is ISO 8601 but for points. */
  abstract override toString(): string

  toJSON(): unknown {
    return this.toString()
  }

  /** Whether it is the same value: the same type, and every field the same. */
  equals(other: unknown): boolean {
    return other instanceof QueryTyped && other.type === this.type && other.toString() === this.toString()
  }
}

/** The bytes of an extension, with its head. */
export function extension(number: number, length: number, write: (bytes: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(3 + length)
  bytes[0] = 0xc7
  bytes[1] = length
  bytes[2] = number
  write(new DataView(bytes.buffer, 3))
  return bytes
}
