/** UTF-8 for keys and values: short text in plain loops, long text in native code, nothing replaced silently. */

const CODES_MAX = 40
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const loneSurrogate = /\p{Surrogate}/u

/** Whether a string has no lone surrogate, so that UTF-8 can hold it. */
export const isWellFormed: (text: string) => boolean =
  typeof (String.prototype as { isWellFormed?: unknown }).isWellFormed === 'function'
    ? (text) => (text as unknown as { isWellFormed(): boolean }).isWellFormed()
    : (text) => !loneSurrogate.test(text) // Node 18

// One array of each length, so that `apply` makes a flat string in one step.
const codesOfLength: readonly number[][] = Array.from({ length: CODES_MAX }, (_, length) =>
  Array<number>(length).fill(0),
)

/** Reads the UTF-8 text in `[start, end)`; throws what `invalid` makes if it is not UTF-8. */
export function readUtf8(source: Uint8Array, start: number, end: number, invalid: () => Error): string {
  const length = end - start
  if (length >= CODES_MAX) return readLongUtf8(source, start, end, invalid)
  const codes = codesOfLength[length] as number[]
  let union = 0
  for (let index = 0; index < length; index++) union |= codes[index] = source[start + index] as number
  if (union > 0x7f) return readLongUtf8(source, start, end, invalid)
  return String.fromCharCode.apply(null, codes)
}

function readLongUtf8(source: Uint8Array, start: number, end: number, invalid: () => Error): string {
  const text = utf8Slice(nodeBuffer(source), start, end)
  // The lenient native decoder is several times faster; only what it replaced needs the strict one.
  if (!text.includes('\uFFFD')) return text
  try {
    return strictDecoder.decode(source.subarray(start, end))
  } catch {
    throw invalid()
  }
}

// `toString` costs twice what the method under it does, which is old and everywhere but not documented.
const utf8Slice: (buffer: Buffer, start: number, end: number) => string =
  'utf8Slice' in Buffer.prototype
    ? (buffer, start, end) =>
        (buffer as Buffer & { utf8Slice(start: number, end: number): string }).utf8Slice(start, end)
    : (buffer, start, end) => buffer.toString('utf8', start, end)

/** The text of ASCII bytes in `[start, end)`. */
export const readAscii: (buffer: Buffer, start: number, end: number) => string =
  'latin1Slice' in Buffer.prototype
    ? (buffer, start, end) =>
        (buffer as Buffer & { latin1Slice(start: number, end: number): string }).latin1Slice(start, end)
    : (buffer, start, end) => buffer.toString('latin1', start, end)

let lastPlain: Uint8Array | undefined
let lastPlainBuffer: Buffer | undefined

/** A `Buffer` over the same bytes, made once for a source that is used again and again. */
function nodeBuffer(source: Uint8Array): Buffer {
  if (source instanceof Buffer) return source
  if (source !== lastPlain || lastPlainBuffer === undefined) {
    lastPlainBuffer = Buffer.from(source.buffer, source.byteOffset, source.byteLength)
    lastPlain = source
  }
  return lastPlainBuffer
}

let lastBuffer: Uint8Array | undefined
let lastBufferPlain: Uint8Array | undefined

/** A plain `Uint8Array` over the same bytes: slices of it are plain too, and are copies. */
export function plainBytes(source: Uint8Array): Uint8Array {
  if (!(source instanceof Buffer)) return source
  if (source !== lastBuffer || lastBufferPlain === undefined) {
    lastBufferPlain = new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    lastBuffer = source
  }
  return lastBufferPlain
}
