/**
 * What a store tells of itself and of long work: plain objects.
 */

/** A namespace as the store's catalogue lists it. */
export interface NamespaceInfo {
  readonly name: string
  /** Names of the codecs it was created with. */
  readonly key: string
  readonly value: string
  /** Rows and bytes as of the last checkpoint. */
  readonly rows: number
  readonly bytes: number
}

/** How far long work is: in blocks of `compact` and `verify`, in rows of `publish` and `backup`, else in steps. */
export interface WorkProgress {
  readonly done: number
  readonly total: number
}

/** One broken invariant that `verify` found. */
export interface Finding {
  /** Its number in ARCHITECTURE.md, such as `E14`. */
  readonly invariant: string
  /** Where: a block, a file and offset, a row. */
  readonly place: string
  /** What is wrong there. */
  readonly what: string
  /** `damage` may give wrong answers: restore a backup. `waste` is space that nothing uses. */
  readonly severity: 'damage' | 'waste'
}

/** What `verify` saw. */
export interface VerifyReport {
  readonly blocks: number
  readonly rows: number
  readonly bytes: number
  readonly journalRecords: number
  /** What is wrong; empty for a sound store. */
  readonly findings: readonly Finding[]
}

/** Measurements of an open store. */
export interface Stats {
  /** Bytes by consumer: in all within the budget, large batches aside. */
  readonly memory: Readonly<{
    budget: number
    activeMemtable: number
    frozenMemtables: number
    sortedRuns: number
    retainedMemtables: number
    blockCache: number
    sled: number
    journalBuffer: number
    /** The adjacency of graphs that algorithms run over. */
    derived: number
    total: number
  }>
  /** Who holds old versions, and for how long. */
  readonly readers: Readonly<{
    snapshots: number
    transactions: number
    oldestSnapshotSeconds: number
    oldestTransactionSeconds: number
  }>
  /** Positions, and counts since the store was opened. */
  readonly counts: Readonly<{
    visibleSeq: number
    durableSeq: number
    appliedSeq: number
    cacheHits: number
    cacheMisses: number
    backendReads: number
    commits: number
    conflicts: number
    checkpoints: number
    blocksWritten: number
    blockBytesWritten: number
    stalls: number
    stallMicros: number
  }>
  /**
   * Reads by this thread of namespaces with `cacheValues`, since the store was opened: those that a value answered which was
   * kept, and others.
   */
  readonly values: Readonly<{
    hits: number
    misses: number
  }>
  /**
   * How often what vector indexes keep in memory was of use, since they were opened: vectors that searches through a graph
   * compared, by a row or a code that has lost nothing, and answers where `cacheResults` keeps them.
   */
  readonly vectors: Readonly<{
    rowHits: number
    rowMisses: number
    resultHits: number
    resultMisses: number
  }>
  /**
   * Bytes on disk: in all, of the block files, of sled's file, of the journal, and what of the block files is live.
   * `isGrowingWithoutReclaim` is the alarm for files that have outgrown what they ever held.
   */
  readonly disk: Readonly<{
    total: number
    blocks: number
    sled: number
    journal: number
    live?: number
    isGrowingWithoutReclaim: boolean
  }>
  /** What opening had to mend. */
  readonly recovery: Readonly<{
    records: number
    cutBytes: number
    cutFile?: string
    fellBack: boolean
    milliseconds: number
  }>
}

/** What `publish` and `backup` have written. */
export interface Published {
  /** Every commit up to this one is in it. */
  readonly seq: number
  readonly rows: number
  /** Of the file. */
  readonly bytes: number
}

/** Something that `repair` could not read. */
export interface Lost {
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
export interface RepairReport {
  /** The namespaces of the new store, by name. */
  readonly namespaces: readonly Readonly<{ name: string; rows: number }>[]
  /** Commits of the journal that were applied. */
  readonly commits: number
  /** What could not be read; empty where nothing was wrong. */
  readonly lost: readonly Lost[]
}
