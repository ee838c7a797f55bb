/**
 * Explicit snapshots.
 */
import { AbstractSnapshot } from 'abstract-level'
import type { Snapshot } from 'sledstore'

/** Constructors that abstract-level documents for those who extend it, but leaves out of its typings. */
const Base = AbstractSnapshot as unknown as new (options: object) => AbstractSnapshot

/** A snapshot of the whole store, which `get`, `iterator` and the others read from. */
export class LevelSnapshot extends Base {
  /** What it reads through. */
  readonly inner: Snapshot

  /** @param options `owner`: the database that closes it. */
  constructor(inner: Snapshot, options: object) {
    super(options)
    this.inner = inner
  }

  async _close(): Promise<void> {
    this.inner.close()
  }
}

/** The store's snapshot behind the option of a read; undefined for the newest state. */
export function innerSnapshot(snapshot: unknown): Snapshot | undefined {
  if (snapshot === undefined || snapshot === null) return undefined
  if (snapshot instanceof LevelSnapshot) return snapshot.inner
  throw new TypeError('snapshot must be what db.snapshot() of this database returned')
}
