/**
 * Records of comma-separated values, as RFC 4180 has them, read strictly: a field in quotes may hold delimiters, line ends
 * and doubled quotes; what breaks the rules is an error with its place. Lines end with LF, CR LF or CR, and empty ones are
 * left out.
 */
import { malformed, type ImportError, type Place } from './place.js'
import type { Text } from './text.js'

/** A record. */
export interface Row {
  /** `null` for one with nothing in it, where quotes around nothing are an empty text. */
  readonly fields: readonly (string | null)[]
  readonly file: string
  /** The line it begins on. */
  readonly line: number
}

/** Most characters of a record: one past that has a quote that is not closed. */
const RECORD_LENGTH_MAX = 16 << 20

const QUOTE = 0x22
const LF = 0x0a
const CR = 0x0d

/** The place of a field, which may begin some lines below its record; that of the record without one. */
export function placeOf({ fields, file, line }: Row, at = -1): Place {
  const above = fields.slice(0, Math.max(at, 0)).reduce((sum, field) => sum + lineEnds(field ?? ''), 0)
  return { file, line: line + above, column: at + 1 }
}

function lineEnds(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0
}

/** Gives what may stand between fields. */
export function checkDelimiter(delimiter: string): string {
  if (delimiter.length === 1 && !'"\r\n'.includes(delimiter)) return delimiter
  throw new RangeError('delimiter must be one character, and neither a quote nor a line end')
}

/** Reads text that comes in pieces. */
class RowReader {
  readonly #file: string
  readonly #delimiter: number
  #rows: Row[] = []
  #fields: (string | null)[] = []
  #field = ''
  /** Where in a field the next character stands; `closed` is behind a quote that may be the first of two. */
  #state: 'start' | 'plain' | 'quoted' | 'closed' = 'start'
  /** The line the record begins on, the line ends in its fields, and its length without the present piece. */
  #line = 1
  #within = 0
  #length = 0
  /** Whether the last record ended with CR, to which an LF may belong. */
  #isBehindCr = false
  #failure: Error | undefined

  constructor(file: string, delimiter: string) {
    this.#file = file
    this.#delimiter = checkDelimiter(delimiter).charCodeAt(0)
  }

  /** Where the field that is read begins. */
  place(): Place {
    return { file: this.#file, line: this.#line + this.#within, column: this.#fields.length + 1 }
  }

  /** Reads on; gives the records that are whole by then, up to a fault. */
  read(text: string): Row[] {
    try {
      this.#read(text)
    } catch (error) {
      this.#failure = error as Error
    }
    return this.#taken()
  }

  /** The last record, whose line may have no end. */
  end(): Row[] {
    if (this.#state === 'quoted') {
      this.#failure = this.#fault('the file ends inside a field in quotes; close it with a quote')
    } else if (this.#state !== 'start' || this.#fields.length > 0) this.#endRecord()
    return this.#taken()
  }

  /** Throws the fault that reading has met. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  #read(text: string): void {
    let at = 0
    if (this.#isBehindCr && text !== '') {
      this.#isBehindCr = false
      if (text.charCodeAt(0) === LF) at = 1
    }
    let began = at
    while (at < text.length) {
      at = this.#state === 'quoted' ? this.#quoted(text, at) : this.#step(text, at)
      if (this.#state === 'start' && this.#fields.length === 0) began = at
    }
    this.#length = (began === 0 ? this.#length : 0) + text.length - began
    if (this.#length > RECORD_LENGTH_MAX)
      throw this.#fault(`a record is longer than ${RECORD_LENGTH_MAX} characters; is a quote missing?`)
  }

  #taken(): Row[] {
    const rows = this.#rows
    this.#rows = []
    return rows
  }

  #fault(message: string): ImportError {
    return malformed(this.place(), message)
  }

  /** Takes text inside of quotes; gives where it goes on. */
  #quoted(text: string, at: number): number {
    const end = text.indexOf('"', at)
    this.#field += text.slice(at, end === -1 ? text.length : end)
    if (end === -1) return text.length
    this.#state = 'closed'
    return end + 1
  }

  #step(text: string, at: number): number {
    const code = text.charCodeAt(at)
    if (code === this.#delimiter) {
      this.#endField()
      return at + 1
    }
    if (code === LF || code === CR) return this.#lineEnd(text, at, code)
    if (code === QUOTE) return this.#quote(at)
    if (this.#state === 'closed') throw this.#fault('only a delimiter may follow the quote that closes a field')
    let end = at + 1
    for (; end < text.length; end++) {
      const next = text.charCodeAt(end)
      if (next === this.#delimiter || next === LF || next === CR || next === QUOTE) break
    }
    this.#field += text.slice(at, end)
    this.#state = 'plain'
    return end
  }

  #quote(at: number): number {
    if (this.#state === 'plain')
      throw this.#fault('a quote stands inside a field without quotes; put the field in quotes and double it')
    if (this.#state === 'closed') this.#field += '"'
    this.#state = 'quoted'
    return at + 1
  }

  #lineEnd(text: string, at: number, code: number): number {
    if (this.#state === 'start' && this.#fields.length === 0) this.#line++
    else this.#endRecord()
    if (code === LF) return at + 1
    if (at + 1 === text.length) this.#isBehindCr = true
    return text.charCodeAt(at + 1) === LF ? at + 2 : at + 1
  }

  #endField(): void {
    if (this.#state === 'closed') this.#within += lineEnds(this.#field)
    this.#fields.push(this.#state === 'start' ? null : this.#field)
    this.#field = ''
    this.#state = 'start'
  }

  #endRecord(): void {
    this.#endField()
    this.#rows.push({ fields: this.#fields, file: this.#file, line: this.#line })
    this.#line += this.#within + 1
    this.#fields = []
    this.#within = 0
  }
}

/** The records of a file, all of one length, as they come: those before a fault, and then the fault. */
export async function* rowsOf(text: Text, file: string, delimiter: string): AsyncGenerator<readonly Row[]> {
  const reader = new RowReader(file, delimiter)
  let length: number | undefined
  function* give(rows: readonly Row[]): Generator<readonly Row[]> {
    const wanted = (length ??= rows[0]?.fields.length)
    const odd = rows.find((row) => row.fields.length !== wanted)
    yield odd === undefined ? rows : rows.slice(0, rows.indexOf(odd))
    if (odd !== undefined && wanted !== undefined) {
      const { length: found } = odd.fields
      throw malformed(placeOf(odd, Math.min(found, wanted)), `the record has ${found} fields, and the header ${wanted}`)
    }
    reader.check()
  }
  for await (const piece of text) yield* give(reader.read(piece))
  text.checkEnd(() => reader.place())
  yield* give(reader.end())
}
