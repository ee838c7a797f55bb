/**
 * Text inside keys: UTF-8, whose byte order is the order of code points. Short strings are encoded and decoded in
 * plain loops, which beats a call into native code below about 64 characters.
 */
import { SledStoreError, typeError } from './errors.js'
import { isWellFormed, readUtf8 } from './utf8.js'

/** Largest encoded key, in bytes (E14). Mirrors `KEY_BYTES_MAX` of the engine. */
export const KEY_BYTES_MAX = 1_536

const SHORT_CHARACTERS = 64
const encoder = new TextEncoder()

/** The error for a key whose encoded form passes {@link KEY_BYTES_MAX}. */
export function keyTooLarge(bytes?: number): SledStoreError {
  const size = bytes === undefined ? 'too long' : `${bytes.toLocaleString('en-US')} bytes long`
  return new SledStoreError(
    'KEY_TOO_LARGE',
    `the encoded key is ${size}; at most ${KEY_BYTES_MAX.toLocaleString('en-US')} bytes are allowed: ` +
      'shorten it, or use a hash of it as the key and keep the long form in the value',
  )
}

/** The error for stored key bytes that the codec cannot have written. */
export function unreadableKey(what: string): SledStoreError {
  return new SledStoreError(
    'CODEC_FAILED',
    `a stored key cannot be decoded: ${what}; open the namespace with the key codec it was created with`,
  )
}

/**
 * Writes text as UTF-8 and returns the offset after it. With `escaped`, U+0000 becomes `00 FF`, so that a
 * terminating `00` sorts before every continuation.
 */
export function writeText(text: string, target: Uint8Array, offset: number, escaped: boolean): number {
  const length = text.length
  if (length >= SHORT_CHARACTERS || offset + 3 * length > target.length) {
    return writeLongText(text, target, offset, escaped)
  }
  let at = offset
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80) {
      target[at++] = unit
      if (unit === 0 && escaped) target[at++] = 0xff
    } else if (unit < 0x800) {
      target[at++] = 0xc0 | (unit >> 6)
      target[at++] = 0x80 | (unit & 0x3f)
    } else if ((unit & 0xf800) !== 0xd800) {
      target[at++] = 0xe0 | (unit >> 12)
      target[at++] = 0x80 | ((unit >> 6) & 0x3f)
      target[at++] = 0x80 | (unit & 0x3f)
    } else {
      at = writePair(unit, text.charCodeAt(++index), target, at)
    }
  }
  return at
}

function writePair(high: number, low: number, target: Uint8Array, at: number): number {
  // `low` is NaN past the end of the text, which fails the mask as well.
  if ((high & 0xfc00) !== 0xd800 || (low & 0xfc00) !== 0xdc00) throw loneSurrogateRefused()
  const point = 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff)
  target[at] = 0xf0 | (point >> 18)
  target[at + 1] = 0x80 | ((point >> 12) & 0x3f)
  target[at + 2] = 0x80 | ((point >> 6) & 0x3f)
  target[at + 3] = 0x80 | (point & 0x3f)
  return at + 4
}

function writeLongText(text: string, target: Uint8Array, offset: number, escaped: boolean): number {
  if (text.length > target.length - offset) throw keyTooLarge()
  if (!isWellFormed(text)) throw loneSurrogateRefused()
  let at = offset
  const pieces = escaped ? text.split('\0') : [text]
  for (let index = 0; index < pieces.length; index++) {
    const piece = pieces[index] ?? ''
    if (index > 0) {
      if (at + 2 > target.length) throw keyTooLarge()
      target[at++] = 0x00
      target[at++] = 0xff
    }
    const { read, written } = encoder.encodeInto(piece, target.subarray(at))
    if (read < piece.length) throw keyTooLarge()
    at += written
  }
  return at
}

function loneSurrogateRefused(): TypeError {
  return typeError('key must be well-formed text, but has a lone surrogate; use toWellFormed() or key.bytes')
}

/** Reads the UTF-8 text in `[start, end)`. */
export function readText(source: Uint8Array, start: number, end: number): string {
  return readUtf8(source, start, end, notUtf8)
}

function notUtf8(): SledStoreError {
  return unreadableKey('its text is not UTF-8')
}
