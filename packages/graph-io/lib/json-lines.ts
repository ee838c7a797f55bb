/**
 * JSON Lines: a node or an edge a line, nodes first.
 *
 *     {"type":"node","id":1,"labels":["Person"],"properties":{"name":"Ann"}}
 *     {"type":"edge","label":"KNOWS","start":1,"end":2,"properties":{"since":2019}}
 *
 * The lines that the procedures of APOC write are read, too: `relationship` for `edge`, and `{"id": …}` for an end.
 */
import type { LoadEdge, LoadKey, LoadNode, LoadResult, Properties } from 'sledstore'
import {
  Exported,
  type ExportOptions,
  type ExportProgress,
  type ImportOptions,
  type LoadableGraph,
  type ReadableGraph,
} from './graph.js'
import { malformed, nameOf, Places, writeAll, type FileSource, type FileTarget, type Place } from './place.js'
import { linesOf, Text } from './text.js'
import { jsonOf, parseJson } from './values.js'

type Entry = { readonly node: LoadNode } | { readonly edge: LoadEdge }

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function keyOf(what: string, value: unknown, place: Place): LoadKey {
  const key = isMap(value) ? value['id'] : value
  if (typeof key !== 'string' && typeof key !== 'number' && typeof key !== 'bigint')
    throw malformed(place, `${what} must be a string or a number`)
  // Files write the same id now with and now without quotes.
  return String(key)
}

function propertiesOf(value: unknown, place: Place): Properties {
  if (value === undefined) return {}
  if (!isMap(value)) throw malformed(place, 'properties must be an object')
  return value as Properties
}

/** The character at which a text stops to be JSON: the shortest beginning that is wrong, and not only unfinished. */
function brokenAt(line: string): number {
  const isBroken = (length: number): boolean => {
    try {
      JSON.parse(line.slice(0, length))
      return false
    } catch (error) {
      // Engines say of an end that comes too early either that, or a position behind the text.
      const { message } = error as Error
      return !/end of (?:JSON|data)/i.test(message) && !message.includes(`position ${length}`)
    }
  }
  if (!isBroken(line.length)) return line.length + 1
  let [whole, broken] = [0, line.length]
  while (broken - whole > 1) {
    const middle = (whole + broken) >> 1
    if (isBroken(middle)) broken = middle
    else whole = middle
  }
  return broken
}

function entryOf(line: string, place: Place): Entry {
  let value: unknown
  try {
    value = parseJson(line)
  } catch (error) {
    throw malformed(
      { ...place, column: error instanceof SyntaxError ? brokenAt(line) : 0 },
      (error as Error).message,
      error,
    )
  }
  if (!isMap(value)) throw malformed(place, 'a line must be an object')
  const { type, id, labels = [], label, properties, start, end } = value
  if (type === 'node') {
    if (!Array.isArray(labels) || labels.some((name) => typeof name !== 'string')) {
      throw malformed(place, 'labels must be a list of strings')
    }
    const key = id === undefined ? undefined : keyOf('id', id, place)
    return {
      node: {
        labels: labels as string[],
        properties: propertiesOf(properties, place),
        ...(key !== undefined && { key }),
      },
    }
  }
  if (type !== 'edge' && type !== 'relationship') throw malformed(place, 'type must be node or edge')
  if (typeof label !== 'string') throw malformed(place, 'label, the type of the edge, must be a string')
  return {
    edge: {
      type: label,
      source: keyOf('start', start, place),
      target: keyOf('end', end, place),
      properties: propertiesOf(properties, place),
    },
  }
}

/**
 * Loads nodes and edges from JSON Lines; nodes stand before edges. What is malformed names file, line and character, and
 * then nothing is loaded.
 *
 * @example
 * ```ts
 * await importJsonLines(graph, 'people.jsonl')
 * ```
 */
export async function importJsonLines(
  graph: LoadableGraph,
  source: FileSource,
  options: ImportOptions = {},
): Promise<LoadResult> {
  const places = new Places()
  const file = nameOf(source)
  const lines = linesOf(places.opens(new Text(source)), file)
  let line = 0
  let first: { edge: LoadEdge; place: Place } | undefined
  const next = async (): Promise<{ entry: Entry; place: Place } | undefined> => {
    for (;;) {
      const { value, done } = await lines.next()
      if (done === true) return undefined
      const place = { file, line: ++line, column: 0 }
      if (value.trim() !== '') return { entry: entryOf(value, place), place }
    }
  }
  async function* nodes(): AsyncGenerator<LoadNode> {
    for (let read = await next(); read !== undefined; read = await next()) {
      const { entry, place } = read
      if ('edge' in entry) {
        first = { edge: entry.edge, place }
        return
      }
      yield* places.give(entry.node, place)
    }
  }
  async function* edges(): AsyncGenerator<LoadEdge> {
    if (first === undefined) return
    yield* places.give(first.edge, first.place)
    for (let read = await next(); read !== undefined; read = await next()) {
      if ('node' in read.entry) throw malformed(read.place, 'a node stands behind an edge; nodes come first')
      yield* places.give(read.entry.edge, read.place)
    }
  }
  return places.run(() => graph.load({ nodes: nodes(), edges: edges() }, options))
}

/** Writes nodes and edges as JSON Lines that `importJsonLines` reads back. Gives how many there were. */
export async function exportJsonLines(
  graph: ReadableGraph,
  target: FileTarget,
  options: ExportOptions = {},
): Promise<ExportProgress> {
  const exported = new Exported(options)
  function* lines(): Generator<string> {
    for (const { id, labels, properties } of graph.nodes()) {
      yield `{"type":"node","id":${id},"labels":${JSON.stringify(labels)},"properties":${jsonOf(properties)}}\n`
      exported.node()
    }
    for (const { id, type, source, target: end, properties } of graph.edges()) {
      const ends = `"start":${source},"end":${end}`
      yield `{"type":"edge","id":${id},"label":${JSON.stringify(type)},${ends},"properties":${jsonOf(properties)}}\n`
      exported.edge()
    }
  }
  await writeAll(target, lines(), options.signal)
  return exported.end()
}
