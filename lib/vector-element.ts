/** The components of an index's vectors: what is taken for them, and how they cross over. */
import { outOfRange, wrongType } from './errors.js'
import type { ValueWriter } from './value-writer.js'
import { readFloats, toFloat32, writeFloats } from './vector-codec.js'
import type { VectorElement } from './vector-options.js'

/** A vector as it crosses over; bits lie eight in a byte, the first one highest. */
export type Components = Float32Array | Int8Array | Uint8Array

/** What of an index's shape components need. */
export interface ElementShape {
  readonly dimensions: number
  readonly element: VectorElement
}

/** Above this a number is none of 16 bits any more. */
const HALF_BOUND = 65_520

/** What a component must be, beside a number that f32 can hold. */
const elements = {
  f32: undefined,
  f16: {
    needs: 'a number that f16 can hold, up to ±65504',
    takes: (x: number) => Math.abs(Math.fround(x)) < HALF_BOUND,
  },
  i8: { needs: 'a whole number from -128 to 127', takes: (x: number) => x === (x << 24) >> 24 },
  binary: { needs: '0 or 1', takes: (x: number) => x === 0 || x === 1 },
} as const

/** Names of elements. */
export const elementNames = Object.keys(elements) as readonly VectorElement[]

/** The bytes of a vector on its way. */
export function componentBytes({ dimensions, element }: ElementShape): number {
  if (element === 'binary') return dimensions / 8
  return element === 'i8' ? dimensions : 4 * dimensions
}

/** A vector of the right dimensions whose components the element has. */
export function toComponents(what: string, value: unknown, { dimensions, element }: ElementShape): Components {
  if (element === 'i8' && value instanceof Int8Array) return ofLength(what, value, dimensions)
  // Not as a Buffer, whose slices are no copies.
  if (element === 'binary' && value instanceof Uint8Array) return bytesOf(ofLength(what, value, dimensions / 8))
  if (isNarrow(value)) {
    const own = { f32: '', f16: '', i8: 'an Int8Array, ', binary: 'a Uint8Array of packed bits, ' }[element]
    throw wrongType(what, `${own}a Float32Array, a Float64Array or an array of numbers`, value)
  }
  const vector = toFloat32(what, value, dimensions)
  const asked = elements[element]
  if (asked === undefined) return vector
  // What was given, for rounding to f32 may make a whole number of it.
  const given = value as ArrayLike<number>
  for (let index = 0; index < dimensions; index++) {
    if (!asked.takes(given[index] as number)) throw outOfRange(`${what}[${index}]`, asked.needs, given[index])
  }
  if (element === 'f16') return vector
  return element === 'i8' ? Int8Array.from(vector) : packed(vector)
}

const isNarrow = (value: unknown): value is Int8Array | Uint8Array =>
  value instanceof Int8Array || value instanceof Uint8Array

function ofLength<T extends Int8Array | Uint8Array>(what: string, value: T, length: number): T {
  if (value.length !== length) throw outOfRange(what, `of length ${length}`, [...value])
  return value
}

function packed(bits: Float32Array): Uint8Array {
  const bytes = new Uint8Array(bits.length / 8)
  bits.forEach((bit, at) => {
    if (bit === 1) bytes[at >> 3] = (bytes[at >> 3] as number) | (128 >> (at & 7))
  })
  return bytes
}

/** Appends the components. */
export function writeComponents(vector: Components, writer: ValueWriter): void {
  if (vector instanceof Float32Array) writeFloats(vector, writer)
  else writer.writeBytes(bytesOf(vector))
}

const bytesOf = (vector: Int8Array | Uint8Array) => new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)

/** Reads the components in `[start, end)`, always as a fresh array. */
export function readComponents(source: Uint8Array, start: number, end: number, element: VectorElement): Components {
  if (element === 'f32' || element === 'f16') return readFloats(source, start, end)
  const copy = new Uint8Array(end - start)
  copy.set(source.subarray(start, end))
  return element === 'i8' ? new Int8Array(copy.buffer) : copy
}
