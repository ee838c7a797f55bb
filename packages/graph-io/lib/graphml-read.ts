/** Import of GraphML (http://graphml.graphdrawing.org). */
import { SaxesParser } from 'saxes'
import type { LoadEdge, LoadNode, LoadResult, PropertyValue } from 'sledstore'
import type { ImportOptions, LoadableGraph } from './graph.js'
import { malformed, nameOf, Places, type FileSource, type Place } from './place.js'
import { Text } from './text.js'
import { parserOf, WrongText } from './values.js'

/** How GraphML is read. */
export interface GraphmlImportOptions extends ImportOptions {
  /** The type of edges without one. Default: `EDGE`. */
  readonly type?: string
}

type Attributes = Readonly<Record<string, string>>
type Values = { [name: string]: PropertyValue }

interface Key {
  readonly name: string
  readonly of: string
  readonly read: (text: string) => PropertyValue
  default?: PropertyValue
}

interface Item {
  readonly kind: 'node' | 'edge'
  readonly attributes: Attributes
  readonly place: Place
  readonly values: Values
}

/** A node or an edge, and where it stands. */
type Entry = { readonly place: Place } & ({ readonly node: LoadNode } | { readonly edge: LoadEdge })

class Reader {
  readonly #parser = new SaxesParser({ position: true })
  readonly #file: string
  readonly #type: string
  readonly #keys = new Map<string, Key>()
  #open: string[] = []
  #item: Item | undefined
  /** The key whose value or default is being read. */
  #key: Key | undefined
  #text = ''
  #found: Entry[] = []

  constructor(file: string, type: string) {
    this.#file = file
    this.#type = type
    this.#parser.on('error', (error) => {
      throw malformed(this.place(), error.message.replace(/^\d+:\d+: /, ''), error)
    })
    this.#parser.on('opentag', ({ name, attributes }) => this.#begin(name, attributes as Attributes))
    this.#parser.on('closetag', ({ name }) => this.#end(name))
    this.#parser.on('text', (text) => {
      this.#text += text
    })
    this.#parser.on('cdata', (text) => {
      this.#text += text
    })
  }

  /** Reads on; gives what is whole by then. */
  read(text: string): Entry[] {
    this.#parser.write(text)
    const found = this.#found
    this.#found = []
    return found
  }

  close(): Entry[] {
    this.#parser.close()
    return this.#found
  }

  /** Where it has read to. */
  place(): Place {
    return { file: this.#file, line: this.#parser.line, column: this.#parser.column }
  }

  #begin(name: string, attributes: Attributes): void {
    this.#open.push(name)
    this.#text = ''
    if (this.#open.length === 1 && name !== 'graphml')
      throw malformed(this.place(), `a file of GraphML begins with graphml, not ${name}`)
    switch (name) {
      case 'key':
        this.#beginKey(attributes)
        return
      case 'node':
      case 'edge':
        if (this.#item !== undefined) throw malformed(this.place(), `${name} stands inside of ${this.#item.kind}`)
        this.#item = { kind: name, attributes, place: this.place(), values: {} }
        return
      case 'data':
        this.#beginData(attributes)
        return
      case 'hyperedge':
        throw malformed(this.place(), 'hyperedges have no form in the graph')
      case 'graph':
        if (this.#open.slice(0, -1).includes('graph'))
          throw malformed(this.place(), 'a graph inside of a graph has no form')
    }
  }

  #beginKey(attributes: Attributes): void {
    const { id, for: of = 'all' } = attributes
    if (id === undefined) throw malformed(this.place(), 'a key has no id')
    const type = attributes['kind'] ?? attributes['attr.type'] ?? 'string'
    const read = parserOf(type)
    if (read === undefined) throw malformed(this.place(), `${type} is no type of a key`)
    this.#key = { name: attributes['attr.name'] ?? id, of, read }
    this.#keys.set(id, this.#key)
  }

  #beginData(attributes: Attributes): void {
    // Of the graph itself, or of a port.
    const isOfItem = this.#item !== undefined && this.#open.at(-2) === this.#item.kind
    const key = this.#keys.get(attributes['key'] ?? '')
    if (key === undefined) {
      if (!isOfItem || ['labels', 'label'].includes(attributes['key'] ?? '')) {
        this.#key = { name: attributes['key'] ?? '', of: 'all', read: (text) => text }
        return
      }
      throw malformed(this.place(), `data names the key ${attributes['key'] ?? ''}, which is not declared`)
    }
    this.#key = isOfItem ? key : undefined
  }

  #end(name: string): void {
    this.#open.pop()
    if (name === 'default' && this.#key !== undefined) this.#key.default = this.#value(this.#key)
    else if (name === 'data') this.#endData()
    else if (name === 'key') this.#key = undefined
    else if (name === this.#item?.kind) this.#endItem(this.#item)
  }

  #endData(): void {
    if (this.#key !== undefined && this.#item !== undefined) this.#item.values[this.#key.name] = this.#value(this.#key)
    this.#key = undefined
  }

  #value(key: Key): PropertyValue {
    const text = this.#text
    try {
      return key.read(text)
    } catch (error) {
      if (!(error instanceof WrongText)) throw error
      throw malformed(this.place(), `${key.name} must be ${error.message}, but is ${JSON.stringify(text.slice(0, 40))}`)
    }
  }

  #endItem(item: Item): void {
    this.#item = undefined
    const { kind, attributes, place, values } = item
    for (const { name, of, default: value } of this.#keys.values()) {
      if (value !== undefined && (of === kind || of === 'all') && !Object.hasOwn(values, name)) values[name] = value
    }
    if (kind === 'node') this.#found.push({ place, node: this.#node(attributes, values, place) })
    else this.#found.push({ place, edge: this.#edge(attributes, values, place) })
  }

  /** Labels as APOC writes them, `:Person:Admin`, in an attribute or in data. */
  #node({ id, labels }: Attributes, values: Values, place: Place): LoadNode {
    if (id === undefined) throw malformed(place, 'a node has no id')
    const { labels: inData, ...properties } = values
    const text = labels ?? (typeof inData === 'string' && inData.startsWith(':') ? inData : undefined)
    if (text === undefined) return { key: id, properties: values }
    const names = text.split(':').filter((label) => label !== '')
    return { key: id, labels: names, properties: labels === undefined ? properties : values }
  }

  #edge({ source, target, label }: Attributes, values: Values, place: Place): LoadEdge {
    if (source === undefined || target === undefined) throw malformed(place, 'an edge has no source or no target')
    const { label: inData, ...properties } = values
    if (label !== undefined) return { type: label, source, target, properties: values }
    if (typeof inData === 'string') return { type: inData, source, target, properties }
    return { type: this.#type, source, target, properties: values }
  }
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
export async function importGraphml(
  graph: LoadableGraph,
  source: FileSource,
  options: GraphmlImportOptions = {},
): Promise<LoadResult> {
  const { type = 'EDGE', ...others } = options
  const places = new Places()
  const reader = new Reader(nameOf(source), type)
  const later: { edge: LoadEdge; place: Place }[] = []
  async function* nodes(): AsyncGenerator<LoadNode> {
    const text = places.opens(new Text(source))
    const give = function* (entries: readonly Entry[]): Generator<LoadNode> {
      for (const entry of entries) {
        // An edge may stand before its nodes.
        if ('edge' in entry) later.push(entry)
        else yield* places.give(entry.node, entry.place)
      }
    }
    for await (const piece of text) yield* give(reader.read(piece))
    text.checkEnd(() => reader.place())
    yield* give(reader.close())
  }
  async function* edges(): AsyncGenerator<LoadEdge> {
    for (const { edge, place } of later) yield* places.give(edge, place)
  }
  return places.run(() => graph.load({ nodes: nodes(), edges: edges() }, others))
}
