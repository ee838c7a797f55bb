/** The payload of a vector: its components as f32, little-endian. */
import type { Codec } from './codec.js'
import { outOfRange, SledStoreError, wrongType } from './errors.js'

/** What can be written as a vector. */
export type VectorInput = Float32Array | Float64Array | readonly number[]

const VECTOR_ID = 6
const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

/** Makes the codec for vectors of `dimensions` components, or of any length. */
export function vectorCodec(dimensions?: number): Codec<Float32Array, VectorInput> {
  if (dimensions !== undefined && (!Number.isInteger(dimensions) || dimensions < 1)) {
    throw outOfRange('dimensions', 'a positive integer', dimensions)
  }
  return Object.freeze<Codec<Float32Array, VectorInput>>({
    id: VECTOR_ID,
    name: dimensions === undefined ? 'vector' : `vector(${dimensions})`,
    encode(value, writer) {
      const vector = toFloat32(value)
      if (dimensions !== undefined && vector.length !== dimensions) {
        throw outOfRange('value', `a vector of ${dimensions} dimensions`, [...vector])
      }
      const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)
      writer.writeBytes(littleEndian ? bytes : swapped(bytes))
      return VECTOR_ID
    },
    decode(source, start, end) {
      const bytes = end - start
      if (bytes % 4 !== 0 || (dimensions !== undefined && bytes !== 4 * dimensions)) {
        throw new SledStoreError('CODEC_FAILED', `a stored vector has ${bytes} bytes, not 4 for each dimension`)
      }
      // Always a fresh array: the source is reused, and need not be aligned.
      const copy = new Uint8Array(bytes)
      copy.set(source.subarray(start, end))
      return new Float32Array((littleEndian ? copy : swapped(copy)).buffer)
    },
  })
}

function toFloat32(value: unknown): Float32Array {
  if (!(value instanceof Float32Array || value instanceof Float64Array || Array.isArray(value))) {
    throw wrongType('value', 'a Float32Array, a Float64Array or an array of numbers', value)
  }
  if (Array.isArray(value)) {
    for (const component of value as unknown[]) {
      if (typeof component !== 'number') throw wrongType('every component of value', 'a number', component)
    }
  }
  const vector = value instanceof Float32Array ? value : Float32Array.from(value as ArrayLike<number>)
  for (let index = 0; index < vector.length; index++) {
    if (!Number.isFinite(vector[index])) {
      throw outOfRange(`value[${index}]`, 'a number that f32 can hold', (value as ArrayLike<number>)[index])
    }
  }
  return vector
}

function swapped(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes, (_, index) => bytes[index ^ 3] as number)
}
