/**
 * Properties as text: in columns of one type, and as JSON.
 */
import {
  Duration,
  LocalDate,
  LocalDateTime,
  LocalTime,
  OffsetTime,
  Point,
  QueryTyped,
  ZonedDateTime,
  float,
  type PropertyValue,
} from 'sledstore'

/** Types by the names that files have for them; `datetime` is that of a `Date`. */
const types = [
  'string',
  'boolean',
  'long',
  'double',
  'datetime',
  'bytes',
  'json',
  'date',
  'localtime',
  'time',
  'localdatetime',
  'zoneddatetime',
  'duration',
  'point',
  'vector',
] as const

/** The types of a column that is written. */
export type ColumnType = (typeof types)[number]

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
      return isPlainInteger(value) ? 'long' : 'double'
    default:
      if (value instanceof QueryTyped) return value.type === 'datetime' ? 'zoneddatetime' : value.type
      if (value instanceof Float32Array) return 'vector'
      return value instanceof Date ? 'datetime' : value instanceof Uint8Array ? 'bytes' : 'json'
  }
}

/** Whether its digits are read as the same number. Integers beyond are bigints, so a number there is a float. */
function isPlainInteger(value: number): boolean {
  return Number.isSafeInteger(value) && !Object.is(value, -0)
}

/** The type of a column that has values of both. */
export function commonType(a: ColumnType | undefined, b: ColumnType): ColumnType {
  return a === undefined || a === b ? b : 'json'
}

/** A value in a column of its type. */
export function textOf(value: PropertyValue, type: ColumnType): string {
  if (type === 'json') return jsonOf(value)
  if (value instanceof Point) return JSON.stringify(value)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof Float32Array) return `[${value.join(',')}]`
  return Object.is(value, -0) ? '-0' : String(value)
}

/** A text that is none of its type. */
export class WrongText extends Error {}

const integer = /^[+-]?\d+$/
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

/** What reads a text with a class of its own, whose errors say what the text should be. */
function typed(parse: (text: string) => PropertyValue, wanted: string): (text: string) => PropertyValue {
  return (text) => {
    try {
      return parse(text)
    } catch {
      throw new WrongText(wanted)
    }
  }
}

/** Reads `{x: 1, y: 2, crs: cartesian}` and `{longitude: 1, latitude: 2}`, as JSON or without its quotes. */
function pointOf(text: string): Point {
  const inside = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1]
  if (inside === undefined) throw new WrongText('a point')
  const plain = (part = ''): string => part.trim().replaceAll(/^(["'])(.*)\1$/g, '$2')
  const fields = inside.split(',').map((field): [string, number | string] => {
    const [name, value] = field.split(':', 2).map(plain)
    if (name === 'crs') return [name, value!.toLowerCase()]
    if (!decimal.test(value ?? '')) throw new WrongText('a point')
    return [name!, Number(value)]
  })
  return new Point(Object.fromEntries(fields) as unknown as ConstructorParameters<typeof Point>[0])
}

/** What reads the values of a type. */
const parsers: Readonly<Record<ColumnType, (text: string) => PropertyValue>> = {
  string: (text) => text,
  boolean: (text) => {
    if (/^true$/i.test(text)) return true
    if (/^false$/i.test(text)) return false
    throw new WrongText('true or false')
  },
  long: (text) => {
    const number = Number(text)
    if (!integer.test(text)) throw new WrongText('a whole number')
    if (Number.isSafeInteger(number)) return Object.is(number, -0) ? 0 : number
    const exact = BigInt(text.replace('+', ''))
    if (exact !== BigInt.asIntN(64, exact)) throw new WrongText('a whole number of 64 bits')
    return exact
  },
  double: (text) => {
    if (/^[+-]?(?:inf|infinity)$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity
    if (/^nan$/i.test(text)) return NaN
    if (!decimal.test(text)) throw new WrongText('a number')
    const number = Number(text)
    return Number.isInteger(number) ? float(number) : number
  },
  datetime: (text) => {
    if (text.endsWith(']')) return parsers.zoneddatetime(text)
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
  date: typed((text) => LocalDate.parse(text), 'a date as 2015-07-21'),
  localtime: typed((text) => LocalTime.parse(text), 'a time as 21:40:32.142'),
  time: typed((text) => OffsetTime.parse(text), 'a time as 21:40:32.142+01:00'),
  localdatetime: typed((text) => LocalDateTime.parse(text), 'a date and time as 2015-07-21T21:40:32.142'),
  zoneddatetime: typed(
    (text) => ZonedDateTime.parse(text),
    'a date and time as 2015-07-21T21:40:32+02:00[Europe/Stockholm]',
  ),
  duration: typed((text) => Duration.parse(text), 'a duration as P1Y2M10DT2H30M0.5S'),
  point: typed(pointOf, 'a point as {x: 1.5, y: 2, crs: cartesian}'),
  vector: (text) => {
    const numbers = /^\s*\[(.+)\]\s*$/s
      .exec(text)?.[1]
      ?.split(',')
      .map((number) => number.trim())
    if (numbers?.every((number) => decimal.test(number)) !== true) throw new WrongText('a vector as [0.5, 1, -2]')
    return Float32Array.from(numbers, Number)
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
  const type = types.find((one) => one === (otherNames[known] ?? known))
  return type && parsers[type]
}

/** JSON in which what it has no form for is an object with one name: `$date`, `$bytes`, `$integer`, `$float`, and types. */
export function jsonOf(value: PropertyValue | Readonly<Record<string, PropertyValue | undefined>>): string {
  return JSON.stringify(marked(value as PropertyValue))
}

function marked(value: PropertyValue): unknown {
  if (typeof value === 'bigint') return { $integer: String(value) }
  // JSON takes no infinities, and digits of an integer are one.
  if (typeof value === 'number')
    return isPlainInteger(value) || (Number.isFinite(value) && !Number.isInteger(value))
      ? value
      : { $float: textOf(value, 'double') }
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date) return { $date: value.toISOString() }
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') }
  if (value instanceof QueryTyped) {
    const type = typeOf(value)
    return { [type === 'date' ? '$localdate' : `$${type}`]: textOf(value, type) }
  }
  if (value instanceof Float32Array) return { $vector: textOf(value, 'vector') }
  if (Array.isArray(value)) return (value as readonly PropertyValue[]).map((item) => marked(item))
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) => (item === undefined ? [] : [[name, marked(item)]])),
  )
}

const marks: Readonly<Record<string, ColumnType>> = {
  $date: 'datetime',
  $bytes: 'bytes',
  $integer: 'long',
  $float: 'double',
  $localdate: 'date',
  $localtime: 'localtime',
  $time: 'time',
  $localdatetime: 'localdatetime',
  $zoneddatetime: 'zoneddatetime',
  $duration: 'duration',
  $point: 'point',
  $vector: 'vector',
}

/** Reads what {@link jsonOf} writes, and any other JSON; integers of 64 bits are read exactly. */
export function parseJson(text: string): PropertyValue {
  const value = JSON.parse(text, revived) as PropertyValue
  return /\d{16}/.test(text) ? (JSON.parse(withExactIntegers(text), revived) as PropertyValue) : value
}

function revived(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const [name, ...others] = Object.keys(value)
  if (name === undefined || others.length > 0 || !Object.hasOwn(marks, name)) return value
  const marked = (value as Record<string, unknown>)[name]
  return typeof marked === 'string' ? parsers[marks[name]!](marked) : value
}

/** JSON whose integers beyond 2⁵³ are marked, which `JSON.parse` would round; it must be valid. */
function withExactIntegers(text: string): string {
  return text.replaceAll(/"(?:[^"\\]+|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) => {
    if (!integer.test(token) || Number.isSafeInteger(Number(token))) return token
    const exact = BigInt(token)
    return exact === BigInt.asIntN(64, exact) ? `{"$integer":"${token}"}` : token
  })
}
