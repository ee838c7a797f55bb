/**
 * Import and export of graphs: CSV, JSON Lines, GraphML and graphology.
 *
 * @packageDocumentation
 */
export { importCsv, type CsvImportOptions, type CsvSources } from './csv-read.js'
export { exportCsv, type CsvExportOptions, type CsvTargets } from './csv-write.js'
export type { ExportOptions, ExportProgress, ImportOptions, LoadableGraph, ReadableGraph } from './graph.js'
export { importGraphml, type GraphmlImportOptions } from './graphml-read.js'
export { exportGraphml } from './graphml-write.js'
export {
  exportGraphology,
  importGraphology,
  type GraphologyImportOptions,
  type GraphologyLike,
  type GraphologyOptions,
  type SerializedGraph,
} from './graphology.js'
export { exportJsonLines, importJsonLines } from './json-lines.js'
export type { FileContent, FileSource, FileTarget, ImportError, Place } from './place.js'
