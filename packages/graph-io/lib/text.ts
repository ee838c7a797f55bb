/** The text of a source: UTF-8, checked as it is read. */
import type { Readable } from 'node:stream'
import { malformed, streamOf, type FileSource, type Place } from './place.js'

/** A source that comes whole is taken in pieces all the same, so that its entries are never all in memory. */
const PIECE_BYTES = 64 << 10

/**
 * Gives the text of a source, piece by piece and without a byte order mark. It ends where the bytes are no UTF-8: readers
 * ask `checkEnd`, which then throws.
 */
export class Text {
  readonly #source: FileSource
  /** What it begins with, which may tell what it is instead. */
  #first: Buffer | undefined
  #isBegun = false
  #isBroken = false
  #stream: Readable | undefined

  constructor(source: FileSource) {
    this.#source = source
  }

  /** Lets the source go, also while it is waited for. */
  close(): void {
    this.#stream?.destroy()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string, void, undefined> {
    const stream = streamOf(this.#source)
    this.#stream = stream
    let rest: Buffer = Buffer.alloc(0)
    try {
      for await (const given of stream as AsyncIterable<Buffer | string>) {
        const whole = typeof given === 'string' ? Buffer.from(given) : given
        this.#first ??= whole
        for (let at = 0; at < whole.length; at += PIECE_BYTES) {
          const piece = whole.subarray(at, at + PIECE_BYTES)
          const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece])
          const end = bytes.length - unfinished(bytes)
          rest = bytes.subarray(end)
          yield this.#checked(bytes.subarray(0, end))
          if (this.#isBroken) return
        }
      }
      this.#isBroken = rest.length > 0
    } finally {
      stream.destroy()
    }
  }

  /** Throws if the text ended too early; `here` is the place behind what was given. */
  checkEnd(here: () => Place): void {
    if (!this.#isBroken) return
    const [one, two] = this.#first ?? []
    const isUtf16 = (one === 0xff && two === 0xfe) || (one === 0xfe && two === 0xff)
    const isGzip = one === 0x1f && two === 0x8b
    const looks = isUtf16 ? '; the file looks like UTF-16' : isGzip ? '; the file looks compressed by gzip' : ''
    throw malformed(here(), `the bytes are no text in UTF-8${looks}`)
  }

  #checked(bytes: Buffer): string {
    let text: string
    try {
      text = decoder.decode(bytes)
    } catch {
      text = decoder.decode(bytes.subarray(0, validLength(bytes)))
      this.#isBroken = true
    }
    if (this.#isBegun || text === '') return text
    this.#isBegun = true
    return text.startsWith('\ufeff') ? text.slice(1) : text
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** How many bytes at the end begin a character that goes on. */
function unfinished(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!
    if ((byte & 0xc0) === 0x80) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return length > back ? back : 0
  }
  return 0
}

/** How many bytes before the first that are no text. */
function validLength(bytes: Buffer): number {
  const isText = (length: number): boolean => {
    try {
      decoder.decode(bytes.subarray(0, length - unfinished(bytes.subarray(0, length))))
      return true
    } catch {
      return false
    }
  }
  let [valid, invalid] = [0, bytes.length]
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1
    if (isText(middle)) valid = middle
    else invalid = middle
  }
  return valid - unfinished(bytes.subarray(0, valid))
}

/** A longer line is no entry of a graph. */
const LINE_LENGTH_MAX = 1 << 28

/** The lines of a text, without their ends. */
export async function* linesOf(text: Text, file: string): AsyncGenerator<string> {
  let line = 1
  // A line may come in many pieces.
  let begun: string[] = []
  let length = 0
  for await (const piece of text) {
    const lines = piece.split('\n')
    const rest = lines.pop()!
    for (const end of lines) {
      const one = begun.length === 0 ? end : begun.join('') + end
      begun = []
      length = 0
      line++
      yield one.endsWith('\r') ? one.slice(0, -1) : one
    }
    if (rest !== '') begun.push(rest)
    length += rest.length
    if (length > LINE_LENGTH_MAX) {
      throw malformed({ file, line, column: 0 }, `the line is longer than ${LINE_LENGTH_MAX} characters`)
    }
  }
  text.checkEnd(() => ({ file, line, column: length + 1 }))
  if (length > 0) yield begun.join('')
}
