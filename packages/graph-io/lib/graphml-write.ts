/** Export of GraphML. */
import { SledStoreError, type PropertyValue } from 'sledstore'
import { Exported, type ExportOptions, type ExportProgress, type ReadableGraph } from './graph.js'
import { writeAll, type FileTarget } from './place.js'
import { commonType, textOf, typeOf, type ColumnType } from './values.js'

type Values = Readonly<Record<string, PropertyValue | undefined>>

interface Key {
  readonly id: string
  type: ColumnType
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Text as XML takes it; white space in attributes would be read as blanks otherwise. */
function escaped(text: string): string {
  return text
    .replaceAll(/[&<>"]/g, (character) => entities[character]!)
    .replaceAll(/[\r\n\t]/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** Whether XML has a form for every character. */
function isXml(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return !/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(text)
}

/** Labels as APOC writes them, between colons. */
function labelsText(labels: readonly string[]): string {
  for (const label of labels) checkName('the label', label, label.includes(':'))
  return labels.map((label) => `:${label}`).join('')
}

/** Names have no form other than the one that XML gives them. */
function checkName(what: string, name: string, isTorn = false): string {
  if (!isTorn && isXml(name)) return name
  const message = `${what} ${JSON.stringify(name)} has no form in GraphML; export CSV or JSON Lines`
  throw new SledStoreError('INVALID_ARGUMENT', message)
}

function keysOf(all: Iterable<{ readonly properties: Values }>, prefix: string): Map<string, Key> {
  const keys = new Map<string, Key>()
  for (const { properties } of all) {
    for (const [name, value] of Object.entries(properties)) {
      if (value === undefined || value === null) continue
      // JSON escapes what XML cannot hold.
      const own = typeof value === 'string' && !isXml(value) ? 'json' : typeOf(value)
      const key = keys.get(name)
      if (key === undefined) keys.set(checkName('the property', name), { id: `${prefix}${keys.size}`, type: own })
      else key.type = commonType(key.type, own)
    }
  }
  return keys
}

function* declarations(keys: ReadonlyMap<string, Key>, of: string): Generator<string> {
  for (const [name, { id, type }] of keys) {
    const known = ['string', 'boolean', 'long', 'double'].includes(type)
    const types = known ? `attr.type="${type}"` : `attr.type="string" kind="${type}"`
    yield `  <key id="${id}" for="${of}" attr.name="${escaped(name)}" ${types}/>\n`
  }
}

function data(properties: Values, keys: ReadonlyMap<string, Key>): string {
  return Object.entries(properties)
    .flatMap(([name, value]) => {
      const key = keys.get(name)
      if (value === undefined || value === null || key === undefined) return []
      return [`<data key="${key.id}">${escaped(textOf(value, key.type))}</data>`]
    })
    .join('')
}

/**
 * Writes a graph as GraphML that `importGraphml` reads back, with labels and types as APOC has them. What GraphML has no
 * type for is text, and the attribute `kind` of its key says what it was. It goes over the graph twice, so export
 * `graph.at(snapshot)` when others write meanwhile. Gives how many there were.
 */
export async function exportGraphml(
  graph: ReadableGraph,
  target: FileTarget,
  options: ExportOptions = {},
): Promise<ExportProgress> {
  const exported = new Exported(options)
  function* texts(): Generator<string> {
    const [ofNodes, ofEdges] = [keysOf(graph.nodes(), 'n'), keysOf(graph.edges(), 'e')]
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    yield* declarations(ofNodes, 'node')
    yield* declarations(ofEdges, 'edge')
    yield '  <graph edgedefault="directed">\n'
    for (const { id, labels, properties } of graph.nodes()) {
      const names = ` labels="${escaped(labelsText(labels))}"`
      yield `    <node id="${id}"${names}>${data(properties, ofNodes)}</node>\n`
      exported.node()
    }
    for (const { id, source, target: end, type, properties } of graph.edges()) {
      const ends = `source="${source}" target="${end}" label="${escaped(checkName('the type', type))}"`
      yield `    <edge id="e${id}" ${ends}>${data(properties, ofEdges)}</edge>\n`
      exported.edge()
    }
    yield '  </graph>\n</graphml>\n'
  }
  await writeAll(target, texts(), options.signal)
  return exported.end()
}
