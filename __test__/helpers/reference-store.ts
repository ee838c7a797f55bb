/**
 * A store in plain JavaScript: sorted arrays, copied for every snapshot. Slow, and simple enough to be right by
 * looking at it; the conformance suite holds the real store against it.
 */
import { codec, decodeValue, encodeValue, ValueWriter, type CodecCore } from '../../lib/codec.js'
import { key as keyCodecs, type KeyCodecCore } from '../../lib/key-codec.js'
import type { Subject } from '../conformance/subject.js'

/** `until` is when the value is gone, in milliseconds since 1970. */
type Row = readonly [key: Buffer, value: Buffer, until: number]
type Rows = readonly Row[]
interface PutOptions {
  ttl?: number
}
interface Range {
  gt?: unknown
  gte?: unknown
  lt?: unknown
  lte?: unknown
  prefix?: unknown
  reverse?: boolean
  limit?: number
}

class ReferenceNamespace {
  readonly key: KeyCodecCore<unknown, unknown>
  readonly value: CodecCore<unknown>
  readonly #store: ReferenceStore
  readonly name: string

  constructor(store: ReferenceStore, name: string, options: { key?: unknown; value?: unknown } = {}) {
    this.#store = store
    this.name = name
    this.key = (options.key ?? keyCodecs.string) as KeyCodecCore<unknown, unknown>
    this.value = (options.value ?? codec.msgpack()) as CodecCore<unknown>
  }

  get = (key: unknown) => this.#store.get(this, key)
  has = (key: unknown) => this.#store.has(this, key)
  getMany = (keys: Iterable<unknown>) => [...keys].map((key) => this.get(key))
  scan = (range?: Range) => this.#store.scan(this, range)
  keys = (range?: Range) => this.#store.keys(this, range)
  values = (range?: Range) => this.#store.values(this, range)
  count = (range?: Range) => this.#store.scan(this, range).length
  getAsync = async (key: unknown) => this.get(key)
  getManyAsync = async (keys: Iterable<unknown>) => this.getMany(keys)
  countAsync = async (range?: Range) => this.count(range)
  async *scanAsync(range?: Range) {
    yield* this.scan(range)
  }
  put = async (key: unknown, value: unknown, options?: PutOptions) => this.putSync(key, value, options)
  putSync = (key: unknown, value: unknown, options?: PutOptions) =>
    this.#store.batchSync((batch) => batch.put(this, key, value, options))
  delete = async (key: unknown) => this.#store.batchSync((batch) => batch.delete(this, key))
  deleteSync = (key: unknown) => this.#store.batchSync((batch) => batch.delete(this, key))
  clear = async (range?: Range) => this.#store.batchSync((batch) => batch.clear(this, range))
  clearSync = (range?: Range) => this.#store.batchSync((batch) => batch.clear(this, range))
  async compareAndSet(key: unknown, expected: unknown, value: unknown) {
    return this.compareAndSetSync(key, expected, value)
  }
  compareAndSetSync(key: unknown, expected: unknown, value: unknown) {
    const now = this.#store.rowsOf(this).find((row) => row[0].equals(this.keyBytes(key)))
    const same =
      expected === undefined ? now === undefined : now !== undefined && now[1].equals(this.valueBytes(expected))
    if (same)
      this.#store.batchSync((batch) => (value === undefined ? batch.delete(this, key) : batch.put(this, key, value)))
    return same
  }

  keyBytes(key: unknown): Buffer {
    const target = Buffer.alloc(4_096)
    return Buffer.from(target.subarray(0, this.key.encode(key, target, 0)))
  }

  valueBytes(value: unknown): Buffer {
    const writer = new ValueWriter()
    encodeValue(this.value, value, writer)
    return Buffer.from(writer.buffer.subarray(0, writer.position))
  }

  entryOf([key, value]: Row): [unknown, unknown] {
    return [this.key.decode(key, 0, key.length), decodeValue(this.value, value, 0, value.length)]
  }

  inside(range: Range = {}): (row: Row) => boolean {
    const tests: ((key: Buffer) => boolean)[] = []
    const { gt, gte, lt, lte, prefix } = range
    if (gt !== undefined) tests.push((key) => key.compare(this.keyBytes(gt)) > 0)
    if (gte !== undefined) tests.push((key) => key.compare(this.keyBytes(gte)) >= 0)
    if (lt !== undefined) tests.push((key) => key.compare(this.keyBytes(lt)) < 0)
    if (lte !== undefined) tests.push((key) => key.compare(this.keyBytes(lte)) <= 0)
    if (prefix !== undefined) {
      const low = Buffer.alloc(4_096)
      const high = Buffer.alloc(4_096)
      const lowEnd = this.key.encodePrefix(prefix, low, 0)
      const highEnd = this.key.encodePrefixEnd(prefix, high, 0)
      tests.push((key) => key.compare(low.subarray(0, lowEnd)) >= 0)
      if (highEnd !== -1) tests.push((key) => key.compare(high.subarray(0, highEnd)) < 0)
    }
    return (row) => tests.every((test) => test(row[0]))
  }
}

/** One state of the reference store, and reads of it. */
class ReferenceState {
  readonly rows: Map<string, Rows>

  /** The time it is read at; none for the present. */
  readonly #time: number | undefined

  constructor(rows: Map<string, Rows>, time?: number) {
    this.rows = rows
    this.#time = time
  }

  rowsOf(namespace: ReferenceNamespace): Rows {
    const time = this.#time ?? Date.now()
    return (this.rows.get(namespace.name) ?? []).filter((row) => row[2] > time)
  }

  get(namespace: ReferenceNamespace, key: unknown): unknown {
    const bytes = namespace.keyBytes(key)
    const row = this.rowsOf(namespace).find((row) => row[0].equals(bytes))
    return row === undefined ? undefined : namespace.entryOf(row)[1]
  }

  has = (namespace: ReferenceNamespace, key: unknown) => this.get(namespace, key) !== undefined
  getMany = (namespace: ReferenceNamespace, keys: Iterable<unknown>) => [...keys].map((key) => this.get(namespace, key))

  scan(namespace: ReferenceNamespace, range: Range = {}): [unknown, unknown][] {
    let rows = this.rowsOf(namespace).filter(namespace.inside(range))
    if (range.reverse === true) rows = [...rows].reverse()
    return rows.slice(0, range.limit ?? Infinity).map((row) => namespace.entryOf(row))
  }

  keys = (namespace: ReferenceNamespace, range?: Range) => this.scan(namespace, range).map(([key]) => key)
  values = (namespace: ReferenceNamespace, range?: Range) => this.scan(namespace, range).map(([, value]) => value)
  count = (namespace: ReferenceNamespace, range?: Range) => this.scan(namespace, range).length
  close() {}

  put(namespace: ReferenceNamespace, key: unknown, value: unknown, { ttl }: PutOptions = {}): void {
    if (ttl !== undefined && !(Number.isSafeInteger(ttl) && ttl >= 1)) throw new RangeError('ttl')
    const row: Row = [namespace.keyBytes(key), namespace.valueBytes(value), Date.now() + (ttl ?? Infinity)]
    const rest = this.rowsOf(namespace).filter((other) => !other[0].equals(row[0]))
    this.rows.set(
      namespace.name,
      [...rest, row].sort((a, b) => a[0].compare(b[0])),
    )
  }

  delete(namespace: ReferenceNamespace, key: unknown): void {
    const bytes = namespace.keyBytes(key)
    this.rows.set(
      namespace.name,
      this.rowsOf(namespace).filter((row) => !row[0].equals(bytes)),
    )
  }

  clear(namespace: ReferenceNamespace, range?: Range): void {
    const inside = namespace.inside(range)
    this.rows.set(
      namespace.name,
      this.rowsOf(namespace).filter((row) => !inside(row)),
    )
  }
}

class ReferenceStore extends ReferenceState {
  namespace = (name: string, options?: { key?: unknown; value?: unknown }) =>
    new ReferenceNamespace(this, name, options)
  snapshot = () => new ReferenceState(new Map(this.rows), Date.now())

  batchSync(fill: (batch: ReferenceState) => void): void {
    const draft = new ReferenceState(new Map(this.rows))
    fill(draft)
    this.rows.clear()
    for (const [name, rows] of draft.rows) this.rows.set(name, rows)
  }

  async batch(fill: (batch: ReferenceState) => void): Promise<void> {
    this.batchSync(fill)
  }

  /** Nobody else runs meanwhile in the suite's sequential use, so a copy that replaces the state is serializable. */
  async transaction<T>(run: (transaction: ReferenceState) => T | Promise<T>): Promise<T> {
    const draft = new ReferenceState(new Map(this.rows), Date.now())
    const result = await run(draft)
    this.rows.clear()
    for (const [name, rows] of draft.rows) this.rows.set(name, rows)
    return result
  }

  override async close(): Promise<void> {
    this.rows.clear()
  }
}

/** A fresh reference store. */
export async function openReference(): Promise<Subject> {
  return new ReferenceStore(new Map()) as unknown as Subject
}
