/**
 * Nodes and edges that are added when they are not there, and changed when they are, told apart by a key.
 */
import { Encoded } from './encoded.js'
import { outOfRange, SledStoreError, wrongType } from './errors.js'
import { checkName } from './graph-buffer.js'
import type { GraphCore } from './graph-core.js'
import { checkId } from './graph-reader.js'
import type { AnyGraph, GraphTypes, LabelOf, NodeFilter, TypeOf } from './graph-types.js'
import type { PropertyValue } from './graph-value.js'
import type { GraphTransactionCore } from './graph-writer.js'
import { checkNames } from './options.js'
import { Float } from './query-value.js'
import { QueryTyped } from './typed-value.js'

type Names<P> = (keyof P & string) | readonly (keyof P & string)[]

/** A node that is there once. */
export interface MergeNode<T extends GraphTypes = AnyGraph, L extends LabelOf<T> = LabelOf<T>> {
  readonly label: L
  /** The properties that tell it from others with the label. Default: the key of the schema. */
  readonly key?: Names<T['nodes'][L]>
  /** All of a new node; laid over those of one that is there. */
  readonly properties: T['nodes'][L]
}

/** A node at the end of an edge: its id, or its label and properties that no other has. */
export type MergeEnd<T extends GraphTypes = AnyGraph> =
  | number
  | { [L in LabelOf<T>]: Required<Pick<NodeFilter<T, L>, 'label' | 'where'>> }[LabelOf<T>]

/** An edge that is there once between two nodes. */
export interface MergeEdge<T extends GraphTypes = AnyGraph, K extends TypeOf<T> = TypeOf<T>> {
  readonly type: K
  readonly source: MergeEnd<T>
  readonly target: MergeEnd<T>
  /** Properties that tell it from others of the type between the two. Default: none, there is one of the type. */
  readonly key?: Names<T['edges'][K]>
  readonly properties?: T['edges'][K]
}

/** What became of a node or an edge. */
export interface Merged {
  readonly id: number
  /** Whether it was added. */
  readonly created: boolean
}

/** Adds or changes a node. */
export function mergeNode(core: GraphCore, graph: GraphTransactionCore, node: MergeNode): Merged {
  checkNames('merge', node, ['key', 'label', 'properties'])
  const { label, properties } = node
  checkName('label', label)
  const key = node.key ?? core.schema?.keys.get(label)
  if (key === undefined) throw wrongType('key', 'the name of a property, for the schema has none', key)
  const where = keyOf('key', key, properties)
  const found = graph.find({ label, where, limit: 2 })
  if (found.length > 1) throw ambiguous(`node with label "${label}"`, where)
  const id = found[0]?.id
  if (id === undefined) return { id: graph.addNode({ labels: label, properties }), created: true }
  core.schema?.nodeChange(properties, label)
  graph.updateNode(id, { properties })
  return { id, created: false }
}

/** Adds or changes an edge. */
export function mergeEdge(core: GraphCore, graph: GraphTransactionCore, edge: MergeEdge): Merged {
  checkNames('mergeEdge', edge, ['key', 'properties', 'source', 'target', 'type'])
  const { type, key, properties } = edge
  checkName('type', type)
  const where = key === undefined ? {} : keyOf('key', key, properties)
  const [source, target] = [endOf(graph, 'source', edge.source), endOf(graph, 'target', edge.target)]
  const fits = (id: number): boolean => {
    const there = graph.edge(id)?.properties
    return Object.entries(where).every(([name, value]) => textOf(there?.[name]) === textOf(value))
  }
  const found = graph.edgesBetween(source, target, type).filter((id) => key === undefined || fits(id))
  if (found.length > 1) throw ambiguous(`edge of type "${type}" from ${source} to ${target}`, where)
  const id = found[0]
  if (id === undefined) {
    return { id: graph.addEdge({ type, source, target, ...(properties && { properties }) }), created: true }
  }
  if (properties !== undefined) {
    core.schema?.edgeChange(properties, type)
    graph.updateEdge(id, { properties })
  }
  return { id, created: false }
}

function keyOf(what: string, key: unknown, properties: unknown): Record<string, PropertyValue> {
  const names: readonly unknown[] = Array.isArray(key) ? key : [key]
  if (names.length === 0) throw outOfRange(what, 'at least one property', key)
  if (typeof properties !== 'object' || properties === null) throw wrongType('properties', 'an object', properties)
  const values: Record<string, PropertyValue> = {}
  for (const name of names) {
    checkName(what, name)
    const value = (properties as Record<string, PropertyValue | undefined>)[name]
    // Nothing equals null.
    if (value === undefined || value === null) {
      throw wrongType(`properties.${name}, which is a key,`, 'a value', value)
    }
    values[name] = value
  }
  return values
}

/** A text that values share when they are equal: numbers by what they stand for, of whatever type they are. */
function textOf(value: unknown): string {
  if (value instanceof Float) return textOf(Buffer.from(Encoded.bytesOf(value)).readDoubleBE(1))
  if (value instanceof QueryTyped) return value.type + String(value)
  if (value instanceof Date) return `date ${Number(value)}`
  if (value instanceof Float32Array) return `vector ${value.join()}`
  if (value instanceof Uint8Array) return `bytes ${Array.prototype.join.call(value)}`
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

function endOf(graph: GraphTransactionCore, what: string, end: unknown): number {
  if (typeof end !== 'object' || end === null) return checkId(what, end)
  checkNames(what, end, ['label', 'where'])
  const { label, where } = end as NodeFilter
  checkName(`${what}.label`, label)
  if (typeof where !== 'object') throw wrongType(`${what}.where`, 'an object', where)
  const found = graph.find({ label, where, limit: 2 })
  if (found.length === 1) return found[0]!.id
  if (found.length > 1) throw ambiguous(`node with label "${label}"`, where)
  throw new SledStoreError('NOT_FOUND', `there is no node with label "${label}" and ${keyText(where)}`)
}

function ambiguous(what: string, where: object): SledStoreError {
  const message = `there is more than one ${what}${Object.keys(where).length > 0 ? ` and ${keyText(where)}` : ''}`
  return new SledStoreError('UNIQUE_VIOLATION', `${message}; use a key that tells them apart`)
}

function keyText(where: object): string {
  return Object.entries(where)
    .map(([name, value]) => `${name} ${String(value).slice(0, 200)}`)
    .join(', ')
}
