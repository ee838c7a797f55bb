// The public API of sledstore-graph-io: generated from lib/ by "npm run build", reviewed by people.
import { GraphEdge, GraphNode, LoadEdge, LoadNode, LoadOptions, LoadResult, SledStoreError } from 'sledstore'
import { Writable } from 'node:stream'

/** A graph to import into. */
interface LoadableGraph {
  load(
    source: {
      readonly nodes?: AsyncIterable<LoadNode>
      readonly edges?: AsyncIterable<LoadEdge>
    },
    options?: LoadOptions,
  ): Promise<LoadResult>
}
/** A graph to export, now or at a snapshot. */
interface ReadableGraph {
  nodes(): IterableIterator<Pick<GraphNode, 'id' | 'labels' | 'properties'>>
  edges(): IterableIterator<Pick<GraphEdge, 'id' | 'type' | 'source' | 'target' | 'properties'>>
}
/** How an import is answered, followed and ended. */
type ImportOptions = LoadOptions
/** How an export is followed and ended. */
interface ExportOptions {
  readonly onProgress?: (progress: ExportProgress) => void
  readonly signal?: AbortSignal
}
/** How far an export is. */
interface ExportProgress {
  readonly nodes: number
  readonly edges: number
  /** Nodes and edges in a second so far. */
  readonly rate: number
}
/** What is read: a file by its path or URL, or its content, whole or piece by piece. */
type FileSource =
  | string
  | URL
  | {
      readonly name?: string
      readonly content: FileContent
    }
/** Text or UTF-8, whole or in pieces. */
type FileContent = string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>
/** Where to write: a file by its path or URL, which takes its name when it is complete, or a stream. */
type FileTarget = string | URL | Writable
/** A place in a file; lines and columns count from one. */
interface Place {
  readonly file: string
  readonly line: number
  /** In CSV the field, else the character; 0 for the line as a whole. */
  readonly column: number
}
/** What is wrong with a file, and where. */
type ImportError = SledStoreError & {
  readonly place: Place
}
/** Files to import; several of a kind may have different headers. */
interface CsvSources {
  readonly nodes?: FileSource | readonly FileSource[]
  readonly edges?: FileSource | readonly FileSource[]
}
/** How CSV is read. */
interface CsvImportOptions extends ImportOptions {
  /** Between fields. Default: `,`. */
  readonly delimiter?: string
  /** Between the items of a list and between labels. Default: `;`. */
  readonly arrayDelimiter?: string
  /** The label of nodes of a file without `:LABEL`. */
  readonly label?: string
  /** The type of edges of a file without `:TYPE`. */
  readonly type?: string
}
/**
 * Loads nodes and edges from CSV with headers as neo4j-admin has them. An id is a text; in `name:ID` it is stored as a
 * property, too. What is malformed names file, line and field, and then nothing is loaded.
 *
 * @example
 * ```ts
 * await importCsv(graph, { nodes: 'people.csv', edges: ['knows.csv', 'likes.csv'] })
 * ```
 */
declare function importCsv(graph: LoadableGraph, sources: CsvSources, options?: CsvImportOptions): Promise<LoadResult>
/** Files to write. */
interface CsvTargets {
  readonly nodes: FileTarget
  readonly edges: FileTarget
}
/** How CSV is written. */
interface CsvExportOptions extends ExportOptions {
  /** Between fields. Default: `,`. */
  readonly delimiter?: string
  /** Between labels. Default: `;`. */
  readonly arrayDelimiter?: string
}
/**
 * Writes nodes and edges as CSV that `importCsv` reads back, with headers as neo4j-admin has them. A column is of the
 * type of all its values, or of type `json` when they differ or are lists or maps. It goes over the graph twice, so
 * export `graph.at(snapshot)` when others write meanwhile. Gives how many there were.
 *
 * @example
 * ```ts
 * const snapshot = store.snapshot()
 * await exportCsv(graph.at(snapshot), { nodes: 'nodes.csv', edges: 'edges.csv' })
 * snapshot.close()
 * ```
 */
declare function exportCsv(
  graph: ReadableGraph,
  targets: CsvTargets,
  options?: CsvExportOptions,
): Promise<ExportProgress>
/** How GraphML is read. */
interface GraphmlImportOptions extends ImportOptions {
  /** The type of edges without one. Default: `EDGE`. */
  readonly type?: string
}
/**
 * Loads nodes and edges from GraphML, in any order. Labels and types are read as APOC and `exportGraphml` write them: in
 * the attributes `labels` and `label`, or in data of these names. What is malformed names file, line and character, and
 * then nothing is loaded.
 *
 * @example
 * ```ts
 * await importGraphml(graph, 'people.graphml')
 * ```
 */
declare function importGraphml(
  graph: LoadableGraph,
  source: FileSource,
  options?: GraphmlImportOptions,
): Promise<LoadResult>
/**
 * Writes a graph as GraphML that `importGraphml` reads back, with labels and types as APOC has them. What GraphML has no
 * type for is text, and the attribute `kind` of its key says what it was. It goes over the graph twice, so export
 * `graph.at(snapshot)` when others write meanwhile. Gives how many there were.
 */
declare function exportGraphml(
  graph: ReadableGraph,
  target: FileTarget,
  options?: ExportOptions,
): Promise<ExportProgress>
type Attributes = Readonly<Record<string, unknown>>
/** What graphology's `graph.export()` gives. */
interface SerializedGraph {
  readonly options?: {
    readonly type?: string
    readonly multi?: boolean
    readonly allowSelfLoops?: boolean
  }
  readonly attributes?: Attributes
  readonly nodes: readonly {
    readonly key: string
    readonly attributes?: Attributes
  }[]
  readonly edges: readonly {
    readonly key?: string
    readonly source: string
    readonly target: string
    readonly attributes?: Attributes
    readonly undirected?: boolean
  }[]
}
/** A graph of graphology, as far as it is used. */
interface GraphologyLike {
  export(): SerializedGraph
  import(data: SerializedGraph): unknown
}
/** Which attributes are labels and types. */
interface GraphologyOptions {
  /** The attribute of nodes with their label, or labels. Default: `labels`. */
  readonly labels?: string
  /** The attribute of edges with their type. Default: `type`. */
  readonly type?: string
}
/** How a graph of graphology is loaded. */
interface GraphologyImportOptions extends ImportOptions, GraphologyOptions {
  /** The type of edges without one. Default: `EDGE`. */
  readonly defaultType?: string
}
/**
 * Loads a graph of graphology, or what its `export` gives. Attributes become properties; an undirected edge leads from
 * its source to its target.
 *
 * @example
 * ```ts
 * await importGraphology(graph, graphologyGraph, { defaultType: 'KNOWS' })
 * ```
 */
declare function importGraphology(
  graph: LoadableGraph,
  from: SerializedGraph | Pick<GraphologyLike, 'export'>,
  options?: GraphologyImportOptions,
): Promise<LoadResult>
/**
 * Gives a graph in the form that graphology's `import` takes: directed, with parallel edges, ids as keys.
 *
 * @example
 * ```ts
 * const drawn = new MultiDirectedGraph()
 * drawn.import(exportGraphology(graph))
 * ```
 */
declare function exportGraphology(graph: ReadableGraph, options?: GraphologyOptions): SerializedGraph
/**
 * Loads nodes and edges from JSON Lines; nodes stand before edges. What is malformed names file, line and character, and
 * then nothing is loaded.
 *
 * @example
 * ```ts
 * await importJsonLines(graph, 'people.jsonl')
 * ```
 */
declare function importJsonLines(graph: LoadableGraph, source: FileSource, options?: ImportOptions): Promise<LoadResult>
/** Writes nodes and edges as JSON Lines that `importJsonLines` reads back. Gives how many there were. */
declare function exportJsonLines(
  graph: ReadableGraph,
  target: FileTarget,
  options?: ExportOptions,
): Promise<ExportProgress>
export {
  type CsvExportOptions,
  type CsvImportOptions,
  type CsvSources,
  type CsvTargets,
  type ExportOptions,
  type ExportProgress,
  type FileContent,
  type FileSource,
  type FileTarget,
  type GraphmlImportOptions,
  type GraphologyImportOptions,
  type GraphologyLike,
  type GraphologyOptions,
  type ImportError,
  type ImportOptions,
  type LoadableGraph,
  type Place,
  type ReadableGraph,
  type SerializedGraph,
  exportCsv,
  exportGraphml,
  exportGraphology,
  exportJsonLines,
  importCsv,
  importGraphml,
  importGraphology,
  importJsonLines,
}
