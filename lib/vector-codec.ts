/** The payload of a vector: its components as f32, little-endian. */
import type { CodecCore } from './codec.js'
import type { VectorInput } from './codec-types.js'
import { outOfRange, SledStoreError, wrongType } from './errors.js'
import type { ValueWriter } from './value-writer.js'

const VECTOR_ID = 6
const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

/** Makes the codec for vectors of `dimensions` components, or of any length. */
export function vectorCodec(dimensions?: number): CodecCore<Float32Array, VectorInput> {
  if (dimensions !== undefined && (!Number.isInteger(dimensions) || dimensions < 1)) {
    throw outOfRange('dimensions', 'a positive integer', dimensions)
  }
  return Object.freeze<CodecCore<Float32Array, VectorInput>>({
    id: VECTOR_ID,
    name: dimensions === undefined ? 'vector' : `vector(${dimensions})`,
    encode(value, writer) {
      writeFloats(toFloat32('value', value, dimensions), writer)
      return VECTOR_ID
    },
    decode(source, start, end) {
      const bytes = end - start
      if (bytes % 4 !== 0 || (dimensions !== undefined && bytes !== 4 * dimensions)) {
        throw new SledStoreError('CODEC_FAILED', `a stored vector has ${bytes} bytes, not 4 for each dimension`)
      }
      return readFloats(source, start, end)
    },
  })
}

/** A vector as f32; refuses what f32 cannot hold, and any other number of dimensions. */
export function toFloat32(what: string, value: unknown, dimensions?: number): Float32Array {
  if (!(value instanceof Float32Array || value instanceof Float64Array || Array.isArray(value))) {
    throw wrongType(what, 'a Float32Array, a Float64Array or an array of numbers', value)
  }
  if (dimensions !== undefined && value.length !== dimensions) {
    throw outOfRange(what, `a vector of ${dimensions} dimensions`, [...(value as ArrayLike<number> & Iterable<number>)])
  }
  if (Array.isArray(value)) {
    for (const component of value as unknown[]) {
      if (typeof component !== 'number') throw wrongType(`every component of ${what}`, 'a number', component)
    }
  }
  const vector = value instanceof Float32Array ? value : new Float32Array(value as ArrayLike<number>)
  for (let index = 0; index < vector.length; index++) {
    if (!Number.isFinite(vector[index])) {
      throw outOfRange(`${what}[${index}]`, 'a number that f32 can hold', (value as ArrayLike<number>)[index])
    }
  }
  return vector
}

/** Appends the components, little-endian. */
export function writeFloats(vector: Float32Array, writer: ValueWriter): void {
  const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)
  writer.writeBytes(littleEndian ? bytes : swapped(bytes))
}

/** Reads the components in `[start, end)`. */
export function readFloats(source: Uint8Array, start: number, end: number): Float32Array {
  // Always a fresh array: the source is reused, and need not be aligned.
  const copy = new Uint8Array(end - start)
  copy.set(source.subarray(start, end))
  return new Float32Array((littleEndian ? copy : swapped(copy)).buffer)
}

function swapped(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes, (_, index) => bytes[index ^ 3] as number)
}
