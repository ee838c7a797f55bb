/** The growing buffer that values are encoded into on their way to the engine. */
import { SledStoreError } from './errors.js'

/** Largest value, in bytes. Mirrors `VALUE_BYTES_MAX` of the engine. */
export const VALUE_BYTES_MAX = 256 * 1024 * 1024

const SHORT_CHARACTERS = 64
const EXACT_ABOVE_CHARACTERS = 4_096

/** The error for a value above {@link VALUE_BYTES_MAX}. */
export function valueTooLarge(bytes: number): SledStoreError {
  return new SledStoreError(
    'VALUE_TOO_LARGE',
    `the encoded value has at least ${bytes.toLocaleString('en-US')} bytes; at most ` +
      `${VALUE_BYTES_MAX.toLocaleString('en-US')} are allowed: split it over several keys`,
  )
}

/** How a {@link ValueWriter} is made. */
export interface ValueWriterOptions {
  /** First size of the buffer, in bytes; 64 KiB if left out. */
  readonly bytes?: number
  /** Makes its buffers; `Buffer.allocUnsafeSlow` if left out, for memory that belongs to nobody else. */
  readonly allocate?: (bytes: number) => Buffer
  /** Called with the new buffer whenever it has been replaced by a larger or smaller one. */
  readonly onReplace?: (buffer: Buffer) => void
}

/**
 * A buffer that grows, and the position up to which it is written. One is used for many values: the caller sets
 * `position` before each, and takes `buffer` anew after it, for growing replaces it.
 *
 * @example
 * ```ts
 * const writer = new ValueWriter()
 * encodeValue(codec.utf8(), 'hello', writer)
 * native.put(handle, keyLength, writer.position)
 * ```
 */
export class ValueWriter {
  /** The bytes; those up to `position` are written. */
  buffer: Buffer
  /** Where the next byte goes. */
  position = 0
  /** Where the value being written began; its size is counted from here. */
  valueStart = 0
  /** Whether a value is being written, so that a getter or `toJSON` that puts another one is noticed. */
  busy = false

  readonly #bytes: number
  readonly #allocate: (bytes: number) => Buffer
  readonly #onReplace: ((buffer: Buffer) => void) | undefined

  constructor(options: ValueWriterOptions = {}) {
    this.#bytes = options.bytes ?? 64 * 1024
    this.#allocate = options.allocate ?? Buffer.allocUnsafeSlow
    this.#onReplace = options.onReplace
    this.buffer = this.#allocate(this.#bytes)
  }

  /** Starts again at the beginning, and gives back a buffer that had to grow beyond `keepBytes`. */
  reset(keepBytes = 1024 * 1024): void {
    this.position = 0
    if (this.buffer.length > Math.max(keepBytes, this.#bytes)) this.#replace(this.#allocate(this.#bytes))
  }

  /** Makes room for `bytes` more after `position`. */
  reserve(bytes: number): void {
    const end = this.position + bytes
    if (end <= this.buffer.length) return
    if (end - this.valueStart > VALUE_BYTES_MAX + 16) throw valueTooLarge(end - this.valueStart)
    const larger = this.#allocate(Math.max(end, Math.min(2 * this.buffer.length, this.buffer.length + (64 << 20))))
    this.buffer.copy(larger, 0, 0, this.position)
    this.#replace(larger)
  }

  /** Writes one byte. */
  writeByte(byte: number): void {
    this.reserve(1)
    this.buffer[this.position++] = byte
  }

  /** Writes an unsigned integer below 2⁵³, seven bits a byte, the lowest first. */
  writeVarint(value: number): void {
    let rest = value
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) this.writeByte((rest % 0x80) | 0x80)
    this.writeByte(rest)
  }

  /** Writes bytes. */
  writeBytes(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.buffer.set(bytes, this.position)
    this.position += bytes.length
  }

  /** Writes well-formed text as UTF-8. */
  writeText(text: string): void {
    const length = text.length
    // Three bytes a character are room enough; only for long text is it worth counting them.
    this.reserve(length > EXACT_ABOVE_CHARACTERS ? Buffer.byteLength(text) : 3 * length)
    if (length < SHORT_CHARACTERS && this.writeAscii(text)) return
    this.position += this.buffer.write(text, this.position, 'utf8')
  }

  /** Writes text that is ASCII, for which there is room; of any other nothing counts, and the answer is false. */
  writeAscii(text: string): boolean {
    const { buffer, position } = this
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index)
      if (unit > 0x7f) return false
      buffer[position + index] = unit
    }
    this.position += text.length
    return true
  }

  #replace(buffer: Buffer): void {
    this.buffer = buffer
    this.#onReplace?.(buffer)
  }
}
