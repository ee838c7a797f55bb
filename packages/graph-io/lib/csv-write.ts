/** Export of CSV. */
import { SledStoreError, type PropertyValue } from 'sledstore'
import { checkDelimiter } from './csv-text.js'
import { Exported, type ExportOptions, type ExportProgress, type ReadableGraph } from './graph.js'
import { writeAll, type FileTarget } from './place.js'
import { commonType, textOf, typeOf, type ColumnType } from './values.js'

/** Files to write. */
export interface CsvTargets {
  readonly nodes: FileTarget
  readonly edges: FileTarget
}

/** How CSV is written. */
export interface CsvExportOptions extends ExportOptions {
  /** Between fields. Default: `,`. */
  readonly delimiter?: string
  /** Between labels. Default: `;`. */
  readonly arrayDelimiter?: string
}

type Values = Readonly<Record<string, PropertyValue | undefined>>

/** The columns of the properties of all, by name. */
function columnsOf(
  all: Iterable<{ readonly properties: Values }>,
  signal: AbortSignal | undefined,
): Map<string, ColumnType> {
  const columns = new Map<string, ColumnType>()
  for (const { properties } of all) {
    checkSignal(signal)
    for (const [name, value] of Object.entries(properties)) {
      if (value !== undefined && value !== null) columns.set(name, commonType(columns.get(name), typeOf(value)))
    }
  }
  return columns
}

/** Labels between delimiters, which none of them may hold. */
function joined(labels: readonly string[], arrayDelimiter: string): string {
  const torn = labels.find((label) => label.includes(arrayDelimiter))
  if (torn === undefined) return labels.join(arrayDelimiter)
  const message = `the label ${JSON.stringify(torn)} holds the delimiter of labels; give another arrayDelimiter`
  throw new SledStoreError('INVALID_ARGUMENT', message)
}

function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return
  throw new SledStoreError('ABORTED', 'the operation was ended by its signal', { cause: signal.reason })
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
export async function exportCsv(
  graph: ReadableGraph,
  targets: CsvTargets,
  options: CsvExportOptions = {},
): Promise<ExportProgress> {
  const { delimiter = ',', arrayDelimiter = ';', signal } = options
  checkDelimiter(delimiter)
  const exported = new Exported(options)
  const special = new RegExp(`["\\r\\n${delimiter.replaceAll(/[\\\]^-]/g, String.raw`\$&`)}]`)
  const field = (text: string): string => (text === '' || special.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  const line = (fields: readonly string[]): string => `${fields.join(delimiter)}\n`
  const values = (properties: Values, columns: ReadonlyMap<string, ColumnType>): string[] =>
    [...columns].map(([name, type]) => {
      const value = properties[name]
      return value === undefined || value === null ? '' : field(textOf(value, type))
    })
  const header = (columns: ReadonlyMap<string, ColumnType>): string[] =>
    [...columns].map(([name, type]) => field(`${name}:${type}`))
  function* nodes(): Generator<string> {
    const columns = columnsOf(graph.nodes(), signal)
    yield line([':ID', ':LABEL', ...header(columns)])
    for (const { id, labels, properties } of graph.nodes()) {
      yield line([
        String(id),
        labels.length === 0 ? '' : field(joined(labels, arrayDelimiter)),
        ...values(properties, columns),
      ])
      exported.node()
    }
  }
  function* edges(): Generator<string> {
    const columns = columnsOf(graph.edges(), signal)
    yield line([':START_ID', ':END_ID', ':TYPE', ...header(columns)])
    for (const { source, target, type, properties } of graph.edges()) {
      yield line([String(source), String(target), field(type), ...values(properties, columns)])
      exported.edge()
    }
  }
  await writeAll(targets.nodes, nodes(), signal)
  await writeAll(targets.edges, edges(), signal)
  return exported.end()
}
