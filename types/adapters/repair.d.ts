// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.
/** How long work is followed and ended. */
interface WorkOptions<P> {
  /** Called at the beginning, at the end and now and then between. */
  readonly onProgress?: (progress: P) => void
  /** Ends the work at once; it rejects with `ABORTED`. */
  readonly signal?: AbortSignal
}
/** How far long work is: in blocks of `compact` and `verify`, in rows of `publish` and `backup`, else in steps. */
interface WorkProgress {
  readonly done: number
  readonly total: number
}
/** Something that `repair` could not read. */
interface Lost {
  /** File inside the damaged folder; empty for a published file itself. */
  readonly file: string
  /** The damaged stretch of it; `null` where that is not known. */
  readonly offset: number | null
  readonly bytes: number | null
  /** The namespace whose rows it concerns; `null` where it may be any. */
  readonly namespace: string | null
  /** Encoded keys of those rows: inclusive start, exclusive end; `null` for no end. */
  readonly from: Uint8Array
  readonly to: Uint8Array | null
  /** `missing`: rows may be missing. `older`: rows may be older than they were, or deleted since. `none`: all are there. */
  readonly effect: 'missing' | 'older' | 'none'
  /** What is wrong there. */
  readonly what: string
}
/** What `repair` has made. */
interface RepairReport {
  /** The namespaces of the new store, by name. */
  readonly namespaces: readonly Readonly<{
    name: string
    rows: number
  }>[]
  /** Commits of the journal that were applied. */
  readonly commits: number
  /** What could not be read; empty where nothing was wrong. */
  readonly lost: readonly Lost[]
}
/**
 * Makes a new store at `to`, an empty folder or none yet, of all that can be read of the damaged store or published file at
 * `from`, which is never changed. It works on a store that does not open. Progress counts blocks and commits of the
 * journal; a failure or an abort leaves nothing.
 *
 * @example
 * ```ts
 * const report = await repair('./data', './repaired')
 * const isWhole = report.lost.every((lost) => lost.effect === 'none')
 * ```
 *
 * @throws SledStoreError `NOT_A_STORE`, `LOCKED` while it is open, `FORMAT_TOO_NEW`, `EXISTS`, `ABORTED`, `DISK_FULL`
 */
declare function repair(
  from: string | URL,
  to: string | URL,
  options?: WorkOptions<WorkProgress>,
): Promise<RepairReport>
export { repair }
