/**
 * Values that write themselves.
 */

/** A value of the query language that JavaScript has no type for: a float that is whole, a time, a duration, a point. */
export abstract class Encoded {
  /** Its MessagePack. */
  protected abstract packed(): Uint8Array

  /** The MessagePack of a value, which is written as it is. */
  static bytesOf(value: Encoded): Uint8Array {
    return value.packed()
  }
}
