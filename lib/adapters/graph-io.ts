/**
 * Import and export of graphs: CSV, JSON Lines, GraphML and graphology.
 *
 * @packageDocumentation
 */
export { importCsv, type CsvImportOptions, type CsvSources } from './graph-io/csv-read.js'
export { exportCsv, type CsvExportOptions, type CsvTargets } from './graph-io/csv-write.js'
export type { ExportOptions, ExportProgress, ImportOptions, LoadableGraph, ReadableGraph } from './graph-io/graph.js'
export { importGraphml, type GraphmlImportOptions } from './graph-io/graphml-read.js'
export { exportGraphml } from './graph-io/graphml-write.js'
export {
  exportGraphology,
  importGraphology,
  type GraphologyImportOptions,
  type GraphologyLike,
  type GraphologyOptions,
  type SerializedGraph,
} from './graph-io/graphology.js'
export { exportJsonLines, importJsonLines } from './graph-io/json-lines.js'
export type { FileContent, FileSource, FileTarget, ImportError, Place } from './graph-io/place.js'
