/**
 * Values of a namespace as they were decoded, kept in this thread's heap while they are the newest: those that are read again,
 * by the clock algorithm (Corbató, "A paging experiment with the Multics system", 1968) behind a filter of keys met lately.
 */

/** A value, and the stamp of its key from before it was read. */
interface Kept {
  readonly name: unknown
  /** Which of the stamps is its key's. */
  readonly at: number
  value: unknown
  stamp: number
  bytes: number
  isUsed: boolean
}

/** How often a value was kept and the newest, and not. */
export interface ValueReads {
  hits: number
  misses: number
}

/** What one costs beside its own bytes, about: its record, its name and their places. */
const RECORD_BYTES = 180
/** A value may take this part of the cache. */
const PART_MAX = 8
const SEEN = 1 << 13
/** Nothing is frozen or kept that lies deeper. */
const DEPTH_MAX = 64

export class ValueCache {
  readonly #stamps: Int32Array
  readonly #bytesMax: number
  readonly #reads: ValueReads
  readonly #kept = new Map<unknown, Kept>()
  readonly #ring: Kept[] = []
  readonly #seen = new Int32Array(SEEN)
  #hand = 0
  #bytes = 0
  #wasFull = false

  /** @param stamps what commits change, by the remainder of a key's hash by their number */
  constructor(stamps: Int32Array, bytesMax: number, reads: ValueReads) {
    this.#stamps = stamps
    this.#bytesMax = bytesMax
    this.#reads = reads
  }

  /** What was kept under a name, if that is still what a read finds. */
  find(name: unknown): Kept | undefined {
    const kept = this.#kept.get(name)
    if (kept === undefined || Atomics.load(this.#stamps, kept.at) !== kept.stamp) {
      this.#reads.misses++
      return undefined
    }
    this.#reads.hits++
    kept.isUsed = true
    return kept
  }

  /** Whether to keep what is read behind a stamp: while there is room anything, later of keys that were met lately. */
  wants(hash: number, stamp: number): boolean {
    // A commit of the key is under way, or the value expires.
    if ((stamp & 1) === 1) return false
    if (!this.#wasFull) return true
    const at = (hash >>> 14) & (SEEN - 1)
    if (this.#seen[at] === hash) return true
    this.#seen[at] = hash
    return false
  }

  /** @param bytes what the value takes, about */
  keep(name: unknown, value: unknown, bytes: number, hash: number, stamp: number): void {
    const taken = bytes + RECORD_BYTES
    if (taken * PART_MAX > this.#bytesMax) return
    let kept = this.#kept.get(name)
    if (kept === undefined) {
      kept = { name, at: hash & (this.#stamps.length - 1), value, stamp, bytes: 0, isUsed: false }
      this.#kept.set(name, kept)
      this.#ring.push(kept)
    }
    this.#bytes += taken - kept.bytes
    kept.value = value
    kept.stamp = stamp
    kept.bytes = taken
    while (this.#bytes > this.#bytesMax) this.#makeRoom()
  }

  #makeRoom(): void {
    this.#wasFull = true
    for (;;) {
      if (this.#hand >= this.#ring.length) this.#hand = 0
      const kept = this.#ring[this.#hand]!
      if (!kept.isUsed) return this.#drop(this.#hand++)
      kept.isUsed = false
      this.#hand++
    }
  }

  /** The last one takes its place. */
  #drop(at: number): void {
    const dropped = this.#ring[at]!
    const last = this.#ring.pop()!
    if (last !== dropped) this.#ring[at] = last
    this.#kept.delete(dropped.name)
    this.#bytes -= dropped.bytes
  }
}

/** Freezes plain objects and arrays, all the way down; false where there is something that cannot be frozen. */
export function freeze(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function'
  const prototype: unknown = Object.getPrototypeOf(value)
  if ((prototype !== Object.prototype && prototype !== null && !Array.isArray(value)) || depth > DEPTH_MAX) return false
  let isFrozen = true
  for (const part of Object.values(value)) isFrozen = freeze(part, depth + 1) && isFrozen
  Object.freeze(value)
  return isFrozen
}
