/**
 * The addon's functions. Those in `Hot` are raw: integer handles and lengths in, an integer out, keys and values in
 * the registered buffers, never an exception (−3 means: ask `lastError`). The others are ordinary and throw errors
 * whose `code` is a SledStore code, which `lastError` tells more about. A "job" is a number whose answer comes through the function given to `connect`.
 */
declare module '#binding' {
  /** What a vector index is. */
  export interface VectorsRow {
    name: string
    dimensions: number
    metric: 'cosine' | 'dot' | 'l2' | 'hamming'
    element: 'f32' | 'f16' | 'i8' | 'binary'
    coding: 'scalar8' | 'binary' | 'product'
    parts?: number | undefined
    codes?: 'exact' | 'scalar8' | 'binary' | 'product' | undefined
    model?: string | undefined
    attributes?: readonly string[] | undefined
  }

  /** Hot calls; `crate/node/src/raw.rs` documents each. */
  export interface Hot {
    register(keys: Uint8Array, values: Uint8Array, writes: Uint8Array, state: Int32Array): number
    get(namespace: number, keyLength: number, reader: number): number
    getCached(namespace: number, keyLength: number, reader: number): number
    getView(namespace: number, keyLength: number): number
    views(store: number): ArrayBuffer | number
    stamps(namespace: number): ArrayBuffer | number
    getString(namespace: number, keyLength: number, reader: number): string | number
    has(namespace: number, keyLength: number, reader: number): number
    put(namespace: number, keyLength: number, valueLength: number, mode: number): number
    putExpiring(namespace: number, keyLength: number, valueLength: number, mode: number, ttlMs: number): number
    del(namespace: number, keyLength: number, mode: number): number
    commit(store: number, batch: Uint8Array, length: number, mode: number): number
    sync(store: number, level: number): number
    take(target: Uint8Array): number
    scan(
      namespace: number,
      reader: number,
      startLength: number,
      endLength: number,
      flags: number,
      page: Uint8Array,
      maxRows: number,
    ): number
    scanNext(scan: number, page: Uint8Array, maxRows: number): number
    seek(scan: number, keyLength: number): number
    release(handle: number): number
    /** For tests. */
    panic(): number
  }

  export interface ErrorDetails {
    code: string
    message: string
    /** The nearest first. */
    causes: { code?: string; message: string }[]
    query?: { phase: string; kind: string; detail: string; line: number; column: number; thrown?: number }
  }

  export interface OpenOptions {
    createIfMissing: boolean
    errorIfExists: boolean
    allowInsecureFolder: boolean
    durability: number
    memoryBudget: number
    compression?: 'lz4' | 'deflate' | 'none'
    memtableBytes?: number
    blockBytes?: number
  }

  export interface Measurements {
    memory: Record<
      | 'budget'
      | 'activeMemtable'
      | 'frozenMemtables'
      | 'sortedRuns'
      | 'retainedMemtables'
      | 'blockCache'
      | 'sled'
      | 'journalBuffer'
      | 'derived'
      | 'total',
      number
    >
    readers: Record<'snapshots' | 'transactions' | 'oldestSnapshotSeconds' | 'oldestTransactionSeconds', number>
    vectors: Record<'rowHits' | 'rowMisses' | 'resultHits' | 'resultMisses', number>
    counts: Record<
      | 'visibleSeq'
      | 'durableSeq'
      | 'appliedSeq'
      | 'cacheHits'
      | 'cacheMisses'
      | 'backendReads'
      | 'commits'
      | 'conflicts'
      | 'checkpoints'
      | 'blocksWritten'
      | 'blockBytesWritten'
      | 'stalls'
      | 'stallMicros',
      number
    >
    disk: {
      total: number
      blocks: number
      sled: number
      journal: number
      live?: number
      isGrowingWithoutReclaim: boolean
    }
    recovery: { records: number; cutBytes: number; cutFile?: string; fellBack: boolean; milliseconds: number }
  }

  export interface NamespaceRow {
    name: string
    key: string
    value: string
    rows: number
    bytes: number
  }

  export interface Counts {
    crossings: number
    sledReads: number
    handles: number
    stores: number
    namespaces: number
    snapshots: number
    transactions: number
    scans: number
    streams: number
    jobs: number
    sessions: number
  }

  export interface Binding extends Hot {
    /** `sledstore` and the version the addon was built from. */
    identity: string
    lastError(): ErrorDetails | null
    connect(answer: (job: number, kind: number, number: number, total: number) => void): void
    counts(): Counts
    writeOut(isMainThread: boolean): void
    /** For tests; `crate/node/src/binding_fault.rs` documents the places. */
    panicOnPurpose(place: number, object: number): number

    open(path: string, options: OpenOptions): number
    openMemory(options: OpenOptions): number
    isInInsecureFolder(store: number): boolean
    close(store: number): number
    status(store: number): number
    watchErrors(store: number): number
    flush(store: number): number
    compact(store: number): number
    cancel(job: number): void
    verify(store: number): number
    stats(store: number): Measurements

    publish(store: number, path: string, compression?: string): number
    backup(store: number, path: string): number
    openSnapshot(path: string, options: OpenOptions): number
    restore(file: string, folder: string, options: OpenOptions): number
    repair(from: string, to: string, options: OpenOptions): number

    namespace(store: number, name: string, key: string, value: string): number
    namespaceId(namespace: number): number
    namespaces(store: number): NamespaceRow[]
    renameNamespace(store: number, from: string, to: string): void
    dropNamespace(store: number, name: string): boolean

    snapshot(store: number): number
    begin(store: number): number
    commitTransaction(transaction: number): number
    waitSync(store: number, level: number): void

    graph(store: number, name: string): number
    graphs(store: number): string[]
    dropGraph(store: number, name: string): boolean
    reserveGraphIds(graph: number, edges: boolean, count: number): number
    askGraph(graph: number, reader: number, request: Uint8Array): number
    askGraphAsync(graph: number, reader: number, request: Uint8Array): number
    queryGraph(graph: number, reader: number, request: Uint8Array, level: number): number
    prepareGraph(graph: number, request: Uint8Array): number
    streamGraph(graph: number, reader: number, request: Uint8Array, level: number): number
    streamPart(stream: number): number
    queryGraphAsync(graph: number, reader: number, request: Uint8Array, level: number): number
    graphAlgorithms(): string
    runGraphAlgorithm(graph: number, reader: number, name: string, options: Uint8Array): number
    connectProcedures(serve: (request: number, length: number) => void): void
    registerProcedure(
      store: number,
      signature: string,
      description: string,
    ): { name: string; number: number; columns: string[] }
    removeProcedure(store: number, name: string): boolean
    answerProcedure(request: number, answer: Uint8Array): boolean
    changeGraph(graph: number, changes: Uint8Array, mode: number): void
    createGraphIndex(graph: number, index: Uint8Array, level: number): number
    dropNamedGraphIndex(graph: number, name: string, level: number): number
    beginGraphLoad(graph: number): number
    graphLoadPage(load: number, page: Uint8Array): number
    finishGraphLoad(load: number, level: number): number
    dropGraphIndex(graph: number, label: string | undefined, property: string, level: number): number

    vectors(store: number, row: VectorsRow, key: string): number
    vectorIndexes(store: number): VectorsRow[]
    dropVectors(store: number, name: string): boolean
    askVectors(vectors: number, reader: number, question: Uint8Array): number
    compactVectors(vectors: number): number
    verifyVectors(vectors: number): number
    askVectorsAsync(vectors: number, reader: number, question: Uint8Array): number
    changeVectors(vectors: number, changes: Uint8Array, mode: number): number

    clear(namespace: number, start: Uint8Array, end: Uint8Array, flags: number, mode: number): number
    count(namespace: number, reader: number, start: Uint8Array, end: Uint8Array, flags: number): number
    countAsync(namespace: number, reader: number, start: Uint8Array, end: Uint8Array, flags: number): number
    compareAndSet(
      namespace: number,
      key: Uint8Array,
      expected: Uint8Array | undefined,
      replacement: Uint8Array | undefined,
      level: number,
    ): boolean
    getAsync(namespace: number, reader: number, key: Uint8Array): number
    getManyAsync(namespace: number, reader: number, keys: Uint8Array): number
    beginScan(
      namespace: number,
      reader: number,
      start: Uint8Array,
      end: Uint8Array,
      flags: number,
      limit: number,
    ): number
    scanPageAsync(scan: number, maxRows: number, maxBytes: number): number

    beginBulkLoad(namespace: number): number
    bulkLoadPage(load: number, rows: Uint8Array): number
    finishBulkLoad(load: number): number

    openValueWriter(namespace: number): number
    writeValuePart(writer: number, bytes: Uint8Array): number
    finishValue(writer: number, key: Uint8Array, ttlMs: number | undefined): number
    openValueReader(namespace: number, key: Uint8Array): number
    readValuePart(reader: number, maxBytes: number): number
  }

  const binding: Binding
  export default binding
}
