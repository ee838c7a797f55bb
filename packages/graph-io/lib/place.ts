/**
 * Files to read from and write to, and errors that name a place in one.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { SledStoreError, type LoadEdge, type LoadNode } from 'sledstore'

/** What is read: a file by its path or URL, or its content, whole or piece by piece. */
export type FileSource = string | URL | { readonly name?: string; readonly content: FileContent }
/** Text or UTF-8, whole or in pieces. */
export type FileContent = string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>

/** Where to write: a file by its path or URL, which takes its name when it is complete, or a stream. */
export type FileTarget = string | URL | Writable

/** A place in a file; lines and columns count from one. */
export interface Place {
  readonly file: string
  readonly line: number
  /** In CSV the field, else the character; 0 for the line as a whole. */
  readonly column: number
}

/** What is wrong with a file, and where. */
export type ImportError = SledStoreError & { readonly place: Place }

function at(place: Place, code: SledStoreError['code'], message: string, cause?: unknown): ImportError {
  const { file, line, column } = place
  const text = `${file}:${line}${column === 0 ? '' : `:${column}`}: ${message}`
  const error = new SledStoreError(code, text, cause === undefined ? {} : { cause })
  return Object.assign(error, { place })
}

/** The error of a file that cannot be read. */
export function malformed(place: Place, message: string, cause?: unknown): ImportError {
  return at(place, 'INVALID_ARGUMENT', message, cause)
}

/** What the graph says of an entry while it is taken; what else goes wrong in a load has no place in a file. */
const codesOfEntries: readonly string[] = ['NOT_FOUND', 'SCHEMA_INVALID']

/** Follows which entry is being taken, so that what the graph says of it gets its place. */
export class Places {
  #current: Place | undefined
  /** Of an error about the entry the column, where one can be told. */
  #columnOf: ((error: Error) => number) | undefined
  readonly #opened: { close(): void }[] = []

  /** Closes it when the load ends: one that its signal ended would wait for a source that has stopped otherwise. */
  opens<T extends { close(): void }>(one: T): T {
    this.#opened.push(one)
    return one
  }

  /** Runs a load. */
  async run<R>(load: () => Promise<R>): Promise<R> {
    try {
      return await load()
    } catch (error) {
      const current = this.#current
      if (current === undefined || !(error instanceof Error) || 'place' in error) throw error
      const code = error instanceof SledStoreError ? error.code : 'INVALID_ARGUMENT'
      const isOfEntry =
        error instanceof SledStoreError
          ? codesOfEntries.includes(code)
          : error instanceof TypeError || error instanceof RangeError
      if (!isOfEntry) throw error
      const column = this.#columnOf?.(error) ?? current.column
      throw at({ ...current, column }, code, error.message, error)
    } finally {
      for (const one of this.#opened) one.close()
    }
  }

  /** Gives an entry out: while its taker has it, errors are of its place. Names stand in the column of `namePlace`. */
  *give<E extends LoadNode | LoadEdge>(
    entry: E,
    place: Place,
    namePlace: Place = place,
    columnOf?: (error: Error) => number,
  ): Generator<E, void, undefined> {
    if ('type' in entry) checkName('an edge type', entry.type, namePlace)
    else for (const label of [entry.labels ?? []].flat()) checkName('a label', label, namePlace)
    this.#current = place
    this.#columnOf = columnOf
    yield entry
    this.#current = undefined
  }
}

/** Most bytes of a label and of a type; a load is told of longer ones at its end alone. */
const NAME_BYTES_MAX = 1_024

function checkName(what: string, name: string, place: Place): void {
  const bytes = name.length > 0 && name.length * 3 <= NAME_BYTES_MAX ? 1 : Buffer.byteLength(name)
  if (bytes > 0 && bytes <= NAME_BYTES_MAX) return
  throw malformed(place, `${what} has 1 to ${NAME_BYTES_MAX} bytes of UTF-8; this one has ${bytes}`)
}

/** How messages name a source. */
export function nameOf(source: FileSource): string {
  if (typeof source === 'string') return source
  if (source instanceof URL) return fileURLToPath(source)
  return source.name ?? 'input'
}

/** The bytes of a source, as a stream. */
export function streamOf(source: FileSource): Readable {
  if (typeof source === 'string' || source instanceof URL) return createReadStream(source)
  const { content } = source
  if (content instanceof Readable) return content
  if (typeof content === 'string' || content instanceof Uint8Array)
    return Readable.from([content], { objectMode: false })
  return Readable.from(content, { objectMode: false })
}

const PIECE = 1 << 16

/** Writes text; a file of that name is replaced when all is written, and stays as it was when that fails. */
export async function writeAll(
  target: FileTarget,
  texts: Iterable<string>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const from = Readable.from(pieces(texts), { objectMode: false })
  const options = signal === undefined ? {} : { signal }
  if (typeof target !== 'string' && !(target instanceof URL)) {
    await ended(pipeline(from, target, { ...options, end: false }), signal)
    return
  }
  const path = target instanceof URL ? fileURLToPath(target) : target
  const part = `${path}.${process.pid}-${++parts}.part`
  try {
    await ended(pipeline(from, createWriteStream(part, { flags: 'wx' }), options), signal)
    await makeDurable(part)
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

/** How many files were begun, so that two exports to one name do not meet. */
let parts = 0

/** Without it, a power cut could leave an empty file under the name. */
async function makeDurable(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

async function ended(writing: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  try {
    await writing
  } catch (error) {
    if (signal?.aborted === true) {
      throw new SledStoreError('ABORTED', 'the operation was ended by its signal', { cause: signal.reason })
    }
    throw error
  }
}

function* pieces(texts: Iterable<string>): Generator<string> {
  let piece = ''
  for (const text of texts) {
    piece += text
    if (piece.length < PIECE) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}
