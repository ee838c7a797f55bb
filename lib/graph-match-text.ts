/**
 * Pieces of the statements that traversals become. Names stand in backticks, values are parameters.
 */
import { outOfRange, wrongType } from './errors.js'
import { checkName, namesOf } from './graph-buffer.js'
import type { CheckedGraphSchema } from './graph-schema.js'
import type { Direction } from './graph-types.js'
import type { PropertyValue } from './graph-value.js'
import { checkBoolean, checkCount, checkNames } from './options.js'

/** A named part of a pattern. */
export interface Part {
  readonly kind: 'node' | 'edge' | 'edges' | 'path'
  /** Of a node its label, of edges their types. */
  readonly names: readonly string[]
  /** Whether it may be missing. */
  readonly optional: boolean
}

type MaybeSchema = CheckedGraphSchema | undefined

/** Operators between two values. */
export const operators = { eq: '=', ne: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const
const others = { in: 'IN', startsWith: 'STARTS WITH', endsWith: 'ENDS WITH', contains: 'CONTAINS', matches: '=~' }
const infix: Readonly<Record<string, string>> = { ...operators, ...others }
const comparisonNames: readonly string[] = [...Object.keys(infix), 'has', 'exists']
const aggregates: readonly string[] = ['count', 'sum', 'avg', 'min', 'max', 'collect']
const features: Readonly<Record<string, readonly Part['kind'][]>> = {
  id: ['node', 'edge'],
  labels: ['node'],
  type: ['edge'],
  length: ['edges', 'path'],
}

/** A name as the language takes any. */
export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

/** A name that a program gives to a part. */
export function checkPartName(what: string, name: unknown): asserts name is string {
  checkName(what, name)
  if (!/^[A-Za-z_]\w*$/.test(name))
    throw outOfRange(what, 'letters, digits and underscores, without a digit first', name)
}

/** A node, and what is known of it. */
export function nodeText(schema: MaybeSchema, name: string, label: unknown): [text: string, part: Part] {
  const part = { kind: 'node', names: [], optional: false } as const
  if (label === undefined) return [`(${quoted(name)})`, part]
  checkName('label', label)
  schema?.checkLabels([label])
  return [`(${quoted(name)}:${quoted(label)})`, { ...part, names: [label] }]
}

/** The types of a hop. */
export function typesOf(schema: MaybeSchema, type: unknown): readonly string[] {
  const types = namesOf('type', type)
  schema?.checkTypes(types)
  return types
}

/** An edge, or several. */
export function edgeText(direction: Direction, name: string, types: readonly string[], length = ''): string {
  const type = types.length === 0 ? '' : `:${types.map((type) => quoted(type)).join('|')}`
  const inside = `${name}${type}${length}`
  const edge = inside === '' ? '--' : `-[${inside}]-`
  return direction === 'out' ? `${edge}>` : direction === 'in' ? `<${edge}` : edge
}

/** How many edges a path has. */
export function lengthText(min: unknown, max: unknown): string {
  const least = min === undefined ? 1 : checkCount('min', min, 0)
  return `*${least}..${max === undefined || max === Infinity ? '' : checkCount('max', max, least)}`
}

/** `WHERE …`, of conditions that must all hold. */
export function whereText(conditions: readonly string[]): string {
  return conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : ''
}

/** Conditions as one operand. */
export function grouped(conditions: readonly string[]): string {
  return conditions.length === 1 ? conditions[0]! : `(${conditions.join(' AND ')})`
}

/** What is asked of a value; adds the values it is compared with to the parameters. */
export function conditionTexts(left: string, property: string, value: unknown, parameters: PropertyValue[]): string[] {
  const parameter = (given: unknown): string => `$p${parameters.push(given as PropertyValue) - 1}`
  if (value === undefined) throw wrongType(`the condition of ${property}`, 'a value, null or a comparison', value)
  if (value === null) return [`${left} IS NULL`]
  if (!isComparison(value)) return [`${left} = ${parameter(value)}`]
  checkNames(`the comparison of ${property}`, value, comparisonNames)
  return Object.entries(value).flatMap(([name, right]) => {
    if (right === undefined) return []
    if (name === 'exists') return [`${left} ${checkBoolean('exists', right, true) ? 'IS NOT NULL' : 'IS NULL'}`]
    if (name === 'has') return [`${parameter(right)} IN ${left}`]
    if (name === 'in' && !Array.isArray(right)) throw wrongType(`in of ${property}`, 'an array', right)
    return [`${left} ${infix[name]} ${parameter(right)}`]
  })
}

/** A plain object, which stands for comparisons; values of classes are values. */
function isComparison(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** A column that is more than a part or a property: something a part has, or an aggregate. */
export function columnText(
  column: string,
  of: unknown,
  part: (name: unknown) => Part,
  reference: (to: string) => string,
): string {
  const known = [...aggregates, ...Object.keys(features)]
  checkNames(`column ${column}`, of, [...known, 'distinct'])
  const given = of as Record<string, unknown>
  const [name, ...more] = known.filter((one) => given[one] !== undefined)
  if (name === undefined || more.length > 0) throw outOfRange(`column ${column}`, `one of ${known.join(', ')}`, of)
  const distinct = checkBoolean('distinct', given['distinct'], false) ? 'DISTINCT ' : ''
  const inner = given[name]
  checkName(name, inner)
  const kinds = features[name]
  if (kinds !== undefined || (name === 'count' && inner === '*')) {
    if (distinct !== '') throw outOfRange('distinct', 'of an aggregate of a part or a property', inner)
    if (kinds === undefined) return 'count(*)'
    const { kind } = part(inner)
    if (!kinds.includes(kind)) throw outOfRange(name, `the name of a part that is ${kinds.join(' or ')}`, inner)
    return `${kind === 'edges' ? 'size' : name}(${quoted(inner)})`
  }
  return `${name}(${distinct}${reference(inner)})`
}
