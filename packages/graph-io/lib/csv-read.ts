/** Import of CSV. */
import { CsvError, parse } from 'csv-parse'
import type { LoadEdge, LoadNode, LoadResult, PropertyValue } from 'sledstore'
import { columnsOf, valueOf, type Column } from './csv-header.js'
import type { ImportOptions, LoadableGraph } from './graph.js'
import { malformed, nameOf, Places, streamOf, type FileSource, type Place } from './place.js'

/** Files to import; several of a kind may have different headers. */
export interface CsvSources {
  readonly nodes?: FileSource | readonly FileSource[]
  readonly edges?: FileSource | readonly FileSource[]
}

/** How CSV is read. */
export interface CsvImportOptions extends ImportOptions {
  /** Between fields. Default: `,`. */
  readonly delimiter?: string
  /** Between the items of a list and between labels. Default: `;`. */
  readonly arrayDelimiter?: string
  /** The label of nodes of a file without `:LABEL`. */
  readonly label?: string
  /** The type of edges of a file without `:TYPE`. */
  readonly type?: string
}

interface CsvRecord {
  readonly fields: readonly (string | null)[]
  readonly columns: readonly Column[]
  readonly place: Place
}

/** The records of a file behind its header. A field that is empty without quotes is `null`. */
async function* recordsOf(
  source: FileSource,
  kind: 'nodes' | 'edges',
  options: CsvImportOptions,
): AsyncGenerator<CsvRecord> {
  const file = nameOf(source)
  const { delimiter = ',', arrayDelimiter = ';' } = options
  const parser = parse({
    bom: true,
    cast: (value, context) => (value === '' && !context.quoting ? null : value),
    delimiter,
    info: true,
    skip_empty_lines: true,
  })
  const stream = streamOf(source)
  stream.on('error', (error) => parser.destroy(error))
  stream.pipe(parser)
  let columns: Column[] | undefined
  // The line a record begins on: behind the end of the one before.
  let line = 1
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: (string | null)[]
      info: { lines: number }
    }>) {
      const place = { file, line: info.lines, column: 0 }
      line = info.lines + 1
      if (columns === undefined) {
        columns = columnsOf(
          record.map((field) => field ?? ''),
          kind,
          place,
          arrayDelimiter,
        )
      } else {
        yield { fields: record, columns, place }
      }
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const { column, lines } = error as unknown as { column?: unknown; lines?: unknown }
    const place = {
      file,
      line: typeof lines === 'number' ? lines : line,
      column: typeof column === 'number' ? column + 1 : 0,
    }
    throw malformed(place, error.message, error)
  } finally {
    stream.destroy()
    parser.destroy()
  }
  if (columns === undefined) throw malformed({ file, line: 1, column: 0 }, 'the file has no header')
}

function keyOf(space: string, id: string): string {
  return space === '' ? id : `${space}\0${id}`
}

function nodeOf({ fields, columns, place }: CsvRecord, options: CsvImportOptions): LoadNode {
  const labels: string[] = []
  const properties: { [name: string]: PropertyValue } = {}
  let key: string | undefined
  columns.forEach((column, at) => {
    const text = fields[at]
    if (text === null || text === undefined) {
      if (column.role === 'id') throw malformed({ ...place, column: at + 1 }, 'a node has no id')
      return
    }
    if (column.role === 'id') {
      key = keyOf(column.space, text)
      if (column.name !== '') properties[column.name] = text
    } else if (column.role === 'label') {
      labels.push(...text.split(options.arrayDelimiter ?? ';').filter((label) => label !== ''))
    } else if (column.role === 'property') {
      properties[column.name] = valueOf(column, text, { ...place, column: at + 1 })
    }
  })
  if (!columns.some(({ role }) => role === 'label') && options.label !== undefined) labels.push(options.label)
  return { labels, properties, ...(key !== undefined && { key }) }
}

function edgeOf({ fields, columns, place }: CsvRecord, options: CsvImportOptions): LoadEdge {
  const properties: { [name: string]: PropertyValue } = {}
  let { type } = options
  let [source, target] = ['', '']
  columns.forEach((column, at) => {
    const text = fields[at]
    if (text === null || text === undefined) {
      if (column.role === 'start' || column.role === 'end')
        throw malformed(
          { ...place, column: at + 1 },
          `an edge has no :${column.role === 'start' ? 'START_ID' : 'END_ID'}`,
        )
      return
    }
    if (column.role === 'start') source = keyOf(column.space, text)
    else if (column.role === 'end') target = keyOf(column.space, text)
    else if (column.role === 'type') type = text
    else if (column.role === 'property') properties[column.name] = valueOf(column, text, { ...place, column: at + 1 })
  })
  if (type === undefined) throw malformed(place, 'an edge has no type; name one in :TYPE, or give the option type')
  return { type, source, target, properties }
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
export function importCsv(
  graph: LoadableGraph,
  sources: CsvSources,
  options: CsvImportOptions = {},
): Promise<LoadResult> {
  const places = new Places()
  const { durability, onProgress, signal } = options
  async function* entries<E>(
    kind: 'nodes' | 'edges',
    of: (record: CsvRecord, options: CsvImportOptions) => E,
  ): AsyncGenerator<E> {
    const given = sources[kind] ?? []
    for (const source of Array.isArray(given) ? (given as readonly FileSource[]) : [given as FileSource]) {
      for await (const record of recordsOf(source, kind, options)) yield* places.give(of(record, options), record.place)
    }
  }
  const load = { nodes: entries('nodes', nodeOf), edges: entries('edges', edgeOf) }
  return places.run(() =>
    graph.load(load, {
      ...(durability !== undefined && { durability }),
      ...(onProgress !== undefined && { onProgress }),
      ...(signal !== undefined && { signal }),
    }),
  )
}
