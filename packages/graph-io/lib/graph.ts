/** What imports and exports need of a graph: any that `store.graph` gives, whatever its types. */
import type { GraphEdge, GraphNode, LoadEdge, LoadNode, LoadOptions, LoadResult } from 'sledstore'

/** A graph to import into. */
export interface LoadableGraph {
  // As a method, so that graphs whose types say what they hold fit: what does not is refused as it comes.
  load(
    source: { readonly nodes?: AsyncIterable<LoadNode>; readonly edges?: AsyncIterable<LoadEdge> },
    options?: LoadOptions,
  ): Promise<LoadResult>
}

/** A graph to export, now or at a snapshot. */
export interface ReadableGraph {
  nodes(): IterableIterator<Pick<GraphNode, 'id' | 'labels' | 'properties'>>
  edges(): IterableIterator<Pick<GraphEdge, 'id' | 'type' | 'source' | 'target' | 'properties'>>
}

/** How an import is answered, followed and ended. */
export type ImportOptions = LoadOptions

/** How an export is followed and ended. */
export interface ExportOptions {
  readonly onProgress?: (progress: ExportProgress) => void
  readonly signal?: AbortSignal
}

/** How far an export is. */
export interface ExportProgress {
  readonly nodes: number
  readonly edges: number
  /** Nodes and edges in a second so far. */
  readonly rate: number
}

const REPORTED_EVERY = 10_000

/** Counts what is exported, and tells. */
export class Exported {
  #nodes = 0
  #edges = 0
  readonly #onProgress: ExportOptions['onProgress']
  readonly #started = performance.now()

  constructor(options: ExportOptions) {
    this.#onProgress = options.onProgress
  }

  node(): void {
    if (++this.#nodes % REPORTED_EVERY === 0) this.#tell()
  }

  edge(): void {
    if (++this.#edges % REPORTED_EVERY === 0) this.#tell()
  }

  /** What was exported. */
  end(): ExportProgress {
    this.#tell()
    return this.#progress()
  }

  #tell(): void {
    this.#onProgress?.(this.#progress())
  }

  #progress(): ExportProgress {
    const [nodes, edges] = [this.#nodes, this.#edges]
    return {
      nodes,
      edges,
      rate: Math.round((1_000 * (nodes + edges)) / Math.max(performance.now() - this.#started, 0.001)),
    }
  }
}
