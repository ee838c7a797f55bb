/** Import of CSV. */
import type { LoadEdge, LoadNode, LoadResult, PropertyValue } from 'sledstore'
import { columnsOf, valueOf, type Column } from './csv-header.js'
import { placeOf, rowsOf, type Row } from './csv-text.js'
import type { ImportOptions, LoadableGraph } from './graph.js'
import { malformed, nameOf, Places, type FileSource } from './place.js'
import { Text } from './text.js'

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

interface CsvRecord extends Row {
  readonly columns: readonly Column[]
}

/** The records of a file behind its header, as they come. */
async function* recordsOf(
  text: Text,
  file: string,
  kind: 'nodes' | 'edges',
  { arrayDelimiter = ';', delimiter = ',' }: CsvImportOptions,
): AsyncGenerator<readonly CsvRecord[]> {
  let columns: Column[] | undefined
  for await (const rows of rowsOf(text, file, delimiter)) {
    const [header] = columns === undefined ? rows : []
    if (header !== undefined) {
      const names = header.fields.map((field) => field ?? '')
      columns = columnsOf(names, kind, placeOf(header), arrayDelimiter)
    }
    const known = columns
    if (known !== undefined) yield rows.slice(header === undefined ? 0 : 1).map((row) => ({ ...row, columns: known }))
  }
  if (columns === undefined) throw malformed({ file, line: 1, column: 0 }, 'the file has no header')
}

function keyOf(space: string, id: string): string {
  return space === '' ? id : `${space}\0${id}`
}

function nodeOf(record: CsvRecord, options: CsvImportOptions): LoadNode {
  const { fields, columns } = record
  const labels: string[] = []
  const properties = propertiesOf()
  let key: string | undefined
  columns.forEach((column, at) => {
    const text = fields[at]
    if (text === null || text === undefined) {
      if (column.role === 'id') throw malformed(placeOf(record, at), 'a node has no id')
      return
    }
    if (column.role === 'id') {
      key = keyOf(column.space, text)
      if (column.name !== '') properties[column.name] = text
    } else if (column.role === 'label') {
      labels.push(...text.split(options.arrayDelimiter ?? ';').filter((label) => label !== ''))
    } else if (column.role === 'property') {
      properties[column.name] = valueOf(column, text, () => placeOf(record, at))
    }
  })
  if (!columns.some(({ role }) => role === 'label') && options.label !== undefined) labels.push(options.label)
  return { labels, properties, ...(key !== undefined && { key }) }
}

function edgeOf(record: CsvRecord, options: CsvImportOptions): LoadEdge {
  const { fields, columns } = record
  const properties = propertiesOf()
  let { type } = options
  let [source, target] = ['', '']
  columns.forEach((column, at) => {
    const text = fields[at]
    if (text === null || text === undefined) {
      if (column.role === 'start' || column.role === 'end')
        throw malformed(placeOf(record, at), `an edge has no :${column.role === 'start' ? 'START_ID' : 'END_ID'}`)
      return
    }
    if (column.role === 'start') source = keyOf(column.space, text)
    else if (column.role === 'end') target = keyOf(column.space, text)
    else if (column.role === 'type') type = text
    else if (column.role === 'property') properties[column.name] = valueOf(column, text, () => placeOf(record, at))
  })
  if (type === undefined)
    throw malformed(placeOf(record), 'an edge has no type; name one in :TYPE, or give the option type')
  return { type, source, target, properties }
}

/** The column that an error of the load is about; 0 where it is about none. */
function columnOf(columns: readonly Column[], error: Error): number {
  const { message } = error
  const [issue] = (error as { issues?: readonly { path: readonly unknown[] }[] }).issues ?? []
  const isAbout = ({ role, name }: Column): boolean => {
    // An id is refused when another node has it.
    if (role === 'id') return error instanceof RangeError
    if (role === 'start' || role === 'end') return message.startsWith(role === 'start' ? 'the source' : 'the target')
    return role === 'property' && (issue?.path[0] === name || message.endsWith(` ${name}`))
  }
  return columns.findIndex(isAbout) + 1
}

/** Takes any name, `__proto__` too. */
function propertiesOf(): { [name: string]: PropertyValue } {
  return Object.create(null) as { [name: string]: PropertyValue }
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
  async function* entries<E extends LoadNode | LoadEdge>(
    kind: 'nodes' | 'edges',
    of: (record: CsvRecord, options: CsvImportOptions) => E,
  ): AsyncGenerator<E> {
    const given = sources[kind] ?? []
    for (const source of Array.isArray(given) ? (given as readonly FileSource[]) : [given as FileSource]) {
      const text = places.opens(new Text(source))
      for await (const records of recordsOf(text, nameOf(source), kind, options)) {
        const columns = records[0]?.columns ?? []
        const names = columns.findIndex(({ role }) => role === 'label' || role === 'type')
        const about = (error: Error): number => columnOf(columns, error)
        for (const record of records) {
          yield* places.give<E>(of(record, options), placeOf(record), placeOf(record, names), about) as Generator<E>
        }
      }
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
