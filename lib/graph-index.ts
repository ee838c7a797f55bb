/**
 * Indexes and constraints of a graph as they are asked for, checked.
 */
import { outOfRange, typeError, wrongType } from './errors.js'
import { checkName, IndexBuffer, IndexKind, namesOf } from './graph-buffer.js'
import { checkBoolean, checkNames } from './options.js'
import { isWellFormed } from './utf8.js'

const indexNames = ['name', 'label', 'type', 'property', 'unique', 'required'] as const
const textIndexNames = ['name', 'label', 'type', 'property', 'k1', 'b', 'stopWords'] as const

/** The index of `createIndex`. */
export function indexBuffer(index: Readonly<Record<(typeof indexNames)[number], unknown>>): IndexBuffer {
  checkNames('createIndex', index, indexNames)
  const { name = '', label, type } = index
  checkText('name', name)
  if (label !== undefined) checkText('label', label)
  if (type !== undefined) checkText('type', type)
  refuseBoth(label, type)
  const unique = checkBoolean('unique', index.unique, false)
  const required = checkBoolean('required', index.required, false)
  const kinds = unique ? [IndexKind.Unique, IndexKind.Key] : [IndexKind.Range, IndexKind.Exists]
  return new IndexBuffer({
    name,
    edges: type !== undefined,
    kind: kinds[required ? 1 : 0] as number,
    label: label ?? type,
    properties: textsOf('property', index.property),
  })
}

/** The index of `createTextIndex`. */
export function textIndexBuffer(index: Readonly<Record<(typeof textIndexNames)[number], unknown>>): IndexBuffer {
  checkNames('createTextIndex', index, textIndexNames)
  const { name, label, type, property, k1, b, stopWords } = index
  checkText('name', name)
  if (name === '') throw outOfRange('name', 'not empty', name)
  refuseBoth(label, type)
  const spec = {
    name,
    edges: type !== undefined,
    kind: IndexKind.Text,
    label: undefined,
    properties: textsOf('property', property),
  }
  return new IndexBuffer(spec, {
    labels: type === undefined ? textsOf('label', label) : textsOf('type', type),
    k1: optionalNumber('k1', k1),
    b: optionalNumber('b', b),
    stopWords: stopWords === undefined ? [] : textsOf('stopWords', stopWords),
  })
}

/** A label and a property of `dropIndex`. */
export function droppedIndex(index: { readonly label?: unknown; readonly property: unknown }): {
  label: string | undefined
  property: string
} {
  checkNames('dropIndex', index, ['label', 'property'])
  const { label, property } = index
  checkText('property', property)
  if (label === undefined) return { label, property }
  checkText('label', label)
  return { label, property }
}

/** Text that can be written down. */
export function checkText(what: string, text: unknown): asserts text is string {
  checkName(what, text)
  if (!isWellFormed(text)) throw typeError(`${what} must be well-formed text, but has a lone surrogate`)
}

function refuseBoth(label: unknown, type: unknown): void {
  if (label !== undefined && type !== undefined) {
    throw typeError('an index is over nodes with a label or over edges of a type; give one of the two')
  }
}

function textsOf(what: string, names: unknown): readonly string[] {
  if (names === undefined) throw wrongType(what, 'a string or an array of strings', names)
  const texts = namesOf(what, names)
  for (const text of texts) checkText(what, text)
  return texts
}

function optionalNumber(what: string, value: unknown): number | undefined {
  if (value === undefined || typeof value === 'number') return value
  throw wrongType(what, 'a number', value)
}
