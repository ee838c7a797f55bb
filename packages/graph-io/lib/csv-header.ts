/**
 * Headers of CSV files in the manner of neo4j-admin: `id:ID`, `name:string`, `age:int`, `tags:string[]`, `:LABEL`,
 * `:START_ID`, `:END_ID`, `:TYPE`, `:IGNORE`.
 */
import type { PropertyValue } from 'sledstore'
import { malformed, type Place } from './place.js'
import { parserOf, WrongText } from './values.js'

/** What a field becomes. */
export type Role = 'id' | 'label' | 'start' | 'end' | 'type' | 'ignore' | 'property'

/** One column. */
export interface Column {
  readonly role: Role
  /** Of a property, and of an id that is stored, its name. */
  readonly name: string
  /** What keeps ids of one kind of nodes apart from those of others. */
  readonly space: string
  readonly read: (text: string) => PropertyValue
}

const roles: Readonly<Record<string, Role>> = {
  ID: 'id',
  LABEL: 'label',
  START_ID: 'start',
  END_ID: 'end',
  TYPE: 'type',
  IGNORE: 'ignore',
}

/** The columns of a header. */
export function columnsOf(
  fields: readonly string[],
  kind: 'nodes' | 'edges',
  place: Place,
  arrayDelimiter: string,
): Column[] {
  const seen = new Set<string>()
  const columns = fields.map((field, at) => {
    const here = { ...place, column: at + 1 }
    const column = columnOf(field.trim(), here, arrayDelimiter)
    const what = column.role === 'property' ? `property ${column.name}` : column.role
    if (column.role !== 'ignore' && column.role !== 'label' && seen.has(what))
      throw malformed(here, `${field} stands twice`)
    seen.add(what)
    const allowed = kind === 'nodes' ? ['id', 'label'] : ['start', 'end', 'type']
    if (column.role !== 'property' && column.role !== 'ignore' && !allowed.includes(column.role)) {
      throw malformed(here, `${field} has no place in a file of ${kind}`)
    }
    return column
  })
  for (const needed of kind === 'nodes' ? [] : (['start', 'end'] as const)) {
    if (!seen.has(needed)) throw malformed(place, `the header has no :${needed === 'start' ? 'START_ID' : 'END_ID'}`)
  }
  return columns
}

function columnOf(field: string, place: Place, arrayDelimiter: string): Column {
  const match = /^(.*?)(?::([^:]*))?$/s.exec(field)!
  const [, name = '', type = 'string'] = match
  const special = /^([A-Z_]+)(?:\((.*)\))?(?:\{.*\})?$/.exec(type)
  const role = special === null ? undefined : roles[special[1]!]
  if (role !== undefined) return { role, name, space: special![2] ?? '', read: (text) => text }
  if (name === '') throw malformed(place, field === '' ? 'a column has no name' : `${field} has no name`)
  const [, of, list] = /^(.*?)(\[\])?$/s.exec(type)!
  const parser = parserOf(of!)
  if (parser === undefined) throw malformed(place, `${type} is no type of a property`)
  const read = list === undefined ? parser : (text: string) => text.split(arrayDelimiter).map((item) => parser(item))
  return { role: 'property', name, space: '', read }
}

/** The value of a field; names its place when it is none of the type. */
export function valueOf(column: Column, text: string, place: () => Place): PropertyValue {
  try {
    return column.read(text)
  } catch (error) {
    if (!(error instanceof WrongText)) throw error
    const shown = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text)
    throw malformed(place(), `${column.name} must be ${error.message}, but is ${shown}`)
  }
}
