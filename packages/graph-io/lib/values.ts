/**
 * Properties as text: in columns of one type, and as JSON.
 */
import type { PropertyValue } from 'sledstore'

/** The types of a column that is written. */
export type ColumnType = 'string' | 'boolean' | 'long' | 'double' | 'datetime' | 'bytes' | 'json'

/** The type of a value. */
export function typeOf(value: PropertyValue): ColumnType {
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'boolean':
      return 'boolean'
    case 'bigint':
      return 'long'
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? 'long' : 'double'
    default:
      return value instanceof Date ? 'datetime' : value instanceof Uint8Array ? 'bytes' : 'json'
  }
}

/** The type of a column that has values of both. */
export function commonType(a: ColumnType | undefined, b: ColumnType): ColumnType {
  return a === undefined || a === b ? b : 'json'
}

/** A value in a column of its type. */
export function textOf(value: PropertyValue, type: ColumnType): string {
  if (type === 'json') return jsonOf(value)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  return Object.is(value, -0) ? '-0' : String(value)
}

/** A text that is none of its type. */
export class WrongText extends Error {}

const integer = /^[+-]?\d+$/
const float = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

/** Types by the names that files have for them. */
const parsers: Readonly<Record<string, (text: string) => PropertyValue>> = {
  string: (text) => text,
  boolean: (text) => {
    if (/^true$/i.test(text)) return true
    if (/^false$/i.test(text)) return false
    throw new WrongText('true or false')
  },
  long: (text) => {
    const number = Number(text)
    if (!integer.test(text)) throw new WrongText('a whole number')
    if (Number.isSafeInteger(number)) return number
    const exact = BigInt(text)
    if (exact !== BigInt.asIntN(64, exact)) throw new WrongText('a whole number of 64 bits')
    return exact
  },
  double: (text) => {
    if (/^[+-]?(?:inf|infinity)$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity
    if (/^nan$/i.test(text)) return NaN
    if (!float.test(text)) throw new WrongText('a number')
    return Number(text)
  },
  datetime: (text) => {
    const date = new Date(text)
    if (!/^[+-]?\d{4,6}-\d\d/.test(text) || Number.isNaN(date.getTime()))
      throw new WrongText('a date and time of ISO 8601')
    return date
  },
  bytes: (text) => {
    if (!/^[\w+/-]*={0,2}$/.test(text)) throw new WrongText('bytes in base64')
    return new Uint8Array(Buffer.from(text, 'base64'))
  },
  json: (text) => {
    try {
      return parseJson(text)
    } catch (error) {
      throw new WrongText(`JSON: ${(error as Error).message}`)
    }
  },
}

const otherNames: Readonly<Record<string, string>> = {
  char: 'string',
  int: 'long',
  integer: 'long',
  short: 'long',
  byte: 'long',
  float: 'double',
  number: 'double',
  bool: 'boolean',
}

/** What reads the values of a type, by any of its names; `undefined` for a name that is none. */
export function parserOf(name: string): ((text: string) => PropertyValue) | undefined {
  const known = name.toLowerCase()
  const type = otherNames[known] ?? known
  return Object.hasOwn(parsers, type) ? parsers[type] : undefined
}

/** JSON in which what it has no form for is an object with one name: `$date`, `$bytes`, `$integer`, `$float`. */
export function jsonOf(value: PropertyValue | Readonly<Record<string, PropertyValue | undefined>>): string {
  return JSON.stringify(marked(value as PropertyValue))
}

function marked(value: PropertyValue): unknown {
  if (typeof value === 'bigint') return { $integer: String(value) }
  // JSON takes no such numbers, and no whole float apart from an integer.
  if (typeof value === 'number')
    return Number.isFinite(value) && !Object.is(value, -0) ? value : { $float: textOf(value, 'double') }
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date) return { $date: value.toISOString() }
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') }
  if (Array.isArray(value)) return (value as readonly PropertyValue[]).map((item) => marked(item))
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) => (item === undefined ? [] : [[name, marked(item)]])),
  )
}

const marks: Readonly<Record<string, string>> = {
  $date: 'datetime',
  $bytes: 'bytes',
  $integer: 'long',
  $float: 'double',
}

/** Reads what {@link jsonOf} writes, and any other JSON. */
export function parseJson(text: string): PropertyValue {
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    const [name, ...others] = Object.keys(value)
    if (name === undefined || others.length > 0 || !Object.hasOwn(marks, name)) return value
    const marked = (value as Record<string, unknown>)[name]
    return typeof marked === 'string' ? parserOf(marks[name]!)!(marked) : value
  }) as PropertyValue
}
