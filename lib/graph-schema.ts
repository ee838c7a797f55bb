/**
 * Schemas of graphs: labels and edge types with their properties, from which the compiler infers types, and which what
 * is written and asked is checked against.
 */
import { describe, outOfRange, SledStoreError, wrongType, type SchemaIssue } from './errors.js'
import { Duration } from './duration.js'
import { writeValue, type PropertyValue } from './graph-value.js'
import { checkNames } from './options.js'
import { Point } from './point.js'
import { Float, float } from './query-value.js'
import { isSchema, validate, type InferInput, type Schema } from './schema.js'
import { LocalDate, LocalDateTime, LocalTime, OffsetTime, ZonedDateTime } from './temporal.js'
import { ValueWriter } from './value-writer.js'

/** What each named kind of property is in JavaScript. */
interface PropertyKinds {
  string: string
  /** A whole number within 2⁵³. */
  integer: number
  /** A whole number within 64 bits; those within 2⁵³ are read as numbers. */
  bigint: bigint | number
  number: number
  /** A number that is stored as a float even where it is whole, as `float()` marks it. */
  float: number
  boolean: boolean
  /** A moment, read and written as a `Date`; of milliseconds, and without its zone. */
  date: Date
  localdate: LocalDate
  localtime: LocalTime
  time: OffsetTime
  localdatetime: LocalDateTime
  /** A moment to the nanosecond, with its zone. */
  datetime: ZonedDateTime
  duration: Duration
  point: Point
  bytes: Uint8Array
  vector: Float32Array
  map: { readonly [name: string]: PropertyValue | undefined }
  any: PropertyValue
}

type Kind = keyof PropertyKinds
type Listed = Kind | `${Kind}[]`

/** What a property may be: a kind or a list of one, with a question mark when it may be missing, or a Standard Schema. */
export type PropertyType = Listed | `${Listed}?` | Schema

/** What a label or an edge type says of the properties. */
export type PropertyTypes = Readonly<Record<string, PropertyType>>

/** What a schema says of the nodes with a label. */
export interface LabelSchema {
  /** The property that no two nodes with the label share, by which `merge` finds them. */
  readonly key?: string
  readonly properties?: PropertyTypes
}

/** What a schema says of the edges of a type. */
export interface EdgeSchema {
  /** The label, or labels, of nodes they start at. */
  readonly from?: string | readonly string[]
  /** The label, or labels, of nodes they end at. */
  readonly to?: string | readonly string[]
  readonly properties?: PropertyTypes
}

/**
 * The labels and edge types of a graph.
 *
 * @example
 * ```ts
 * const people = store.graph('people', {
 *   nodes: { Person: { key: 'email', properties: { email: 'string', age: 'integer?' } } },
 *   edges: { KNOWS: { from: 'Person', to: 'Person', properties: { since: 'integer' } } },
 * })
 * ```
 */
export interface GraphSchema {
  readonly nodes: Readonly<Record<string, LabelSchema>>
  readonly edges: Readonly<Record<string, EdgeSchema>>
}

type OfListed<K> = K extends `${infer E extends Kind}[]`
  ? readonly PropertyKinds[E][]
  : K extends Kind
    ? PropertyKinds[K]
    : never
type OfProperty<P> = P extends Schema ? InferInput<P> : P extends `${infer K}?` ? OfListed<K> : OfListed<P>
type MissingIn<P> = {
  [N in keyof P]: P[N] extends `${string}?` ? N : undefined extends OfProperty<P[N]> ? N : never
}[keyof P]
type PropertiesOf<D> = D extends { readonly properties: infer P }
  ? { -readonly [N in Exclude<keyof P, MissingIn<P>>]: OfProperty<P[N]> } & {
      -readonly [N in MissingIn<P>]?: OfProperty<P[N]>
    } extends infer All
    ? { [N in keyof All]: All[N] }
    : never
  : // eslint-disable-next-line typescript/no-empty-object-type
    {}

type LabelsAt<E, N> = E extends readonly (infer L)[] ? L : E extends string ? E : N

/** The types of a graph that a schema describes. */
export interface SchemaTypes<S extends GraphSchema> {
  readonly nodes: { readonly [L in keyof S['nodes']]: PropertiesOf<S['nodes'][L]> }
  readonly edges: { readonly [K in keyof S['edges']]: PropertiesOf<S['edges'][K]> }
  /** Of each edge type the labels of its ends. */
  readonly ends: {
    readonly [K in keyof S['edges']]: {
      readonly from: LabelsAt<S['edges'][K]['from'], keyof S['nodes']>
      readonly to: LabelsAt<S['edges'][K]['to'], keyof S['nodes']>
    }
  }
  /** Of each label the property that is its key. */
  readonly keys: { readonly [L in keyof S['nodes']]: S['nodes'][L]['key'] }
}

const isNumber = (value: unknown): boolean => typeof value === 'number' || value instanceof Float

/** A number as its kind stores it. */
const asFloat = (value: unknown): unknown => (typeof value === 'number' ? float(value) : value)

const checks: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  integer: (value) => Number.isSafeInteger(value),
  bigint: (value) => typeof value === 'bigint' || Number.isSafeInteger(value),
  number: isNumber,
  float: isNumber,
  boolean: (value) => typeof value === 'boolean',
  date: (value) => value instanceof Date,
  localdate: (value) => value instanceof LocalDate,
  localtime: (value) => value instanceof LocalTime,
  time: (value) => value instanceof OffsetTime,
  localdatetime: (value) => value instanceof LocalDateTime,
  datetime: (value) => value instanceof ZonedDateTime,
  duration: (value) => value instanceof Duration,
  point: (value) => value instanceof Point,
  bytes: (value) => value instanceof Uint8Array,
  vector: (value) => value instanceof Float32Array,
  map: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  any: () => true,
}

interface Property {
  readonly optional: boolean
  /** What the schema says, for messages. */
  readonly text: string
  /** The value to store; adds to the issues when it is none. */
  readonly check: (value: unknown, path: readonly PropertyKey[], issues: SchemaIssue[]) => unknown
}

type Properties = ReadonlyMap<string, Property>

/** A schema that has been checked itself. */
export class CheckedGraphSchema {
  readonly #graph: string
  readonly #nodes = new Map<string, Properties>()
  readonly #edges = new Map<string, Properties>()
  readonly #ends = new Map<string, { from: readonly string[]; to: readonly string[] }>()
  /** Of labels that have one. */
  readonly keys = new Map<string, string>()
  /** What statements are held against: `crate/cypher/src/vocabulary.rs` reads it. */
  readonly bytes: Uint8Array

  constructor(graph: string, schema: GraphSchema) {
    this.#graph = graph
    checkNames('the schema of a graph', schema, ['edges', 'nodes'])
    for (const [label, definition] of entriesOf('nodes', schema.nodes)) {
      checkNames(`label ${label} of the schema`, definition, ['key', 'properties'])
      const { key, properties } = definition as LabelSchema
      this.#nodes.set(label, propertiesOf(`nodes.${label}`, properties))
      if (key === undefined) continue
      if (!this.#nodes.get(label)!.has(key)) throw outOfRange(`nodes.${label}.key`, 'one of its properties', key)
      this.keys.set(label, key)
    }
    for (const [type, definition] of entriesOf('edges', schema.edges)) {
      checkNames(`edge type ${type} of the schema`, definition, ['from', 'properties', 'to'])
      const { from, to, properties } = definition as EdgeSchema
      this.#edges.set(type, propertiesOf(`edges.${type}`, properties))
      this.#ends.set(type, {
        from: this.#labelsOf(`edges.${type}.from`, from),
        to: this.#labelsOf(`edges.${type}.to`, to),
      })
    }
    this.bytes = this.#encoded()
  }

  #encoded(): Uint8Array {
    const described = (all: ReadonlyMap<string, Properties>): Record<string, PropertyValue> =>
      Object.fromEntries(
        [...all].map(([name, properties]) => [
          name,
          { ...this.#ends.get(all === this.#edges ? name : ''), properties: kindsOf(properties) },
        ]),
      )
    const writer = new ValueWriter({ bytes: 1_024 })
    writer.position = 0
    writeValue('schema', { nodes: described(this.#nodes), edges: described(this.#edges) }, writer, 0)
    return writer.buffer.slice(0, writer.position)
  }

  #labelsOf(what: string, labels: unknown): readonly string[] {
    const list =
      labels === undefined ? [...this.#nodes.keys()] : Array.isArray(labels) ? (labels as unknown[]) : [labels]
    for (const label of list) {
      if (typeof label !== 'string' || !this.#nodes.has(label)) throw outOfRange(what, 'labels of the schema', label)
    }
    return list as string[]
  }

  /** The labels, in the order of the schema. */
  get labels(): readonly string[] {
    return [...this.#nodes.keys()]
  }

  /** The labels of the ends of a type. */
  endsOf(type: string): { readonly from: readonly string[]; readonly to: readonly string[] } | undefined {
    return this.#ends.get(type)
  }

  /** Refuses labels it does not have. */
  checkLabels(labels: readonly string[]): void {
    for (const label of labels) {
      if (!this.#nodes.has(label)) throw this.#unknown('label', label, this.#nodes)
    }
  }

  /** Refuses edge types it does not have. */
  checkTypes(types: readonly string[]): void {
    for (const type of types) {
      if (!this.#edges.has(type)) throw this.#unknown('edge type', type, this.#edges)
    }
  }

  /** Refuses the names of properties that no node with the label, or no node at all, can have. */
  checkNodeNames(label: string | undefined, names: Iterable<string>): void {
    if (label !== undefined) this.checkLabels([label])
    const known = label === undefined ? [...this.#nodes.values()] : [this.#nodes.get(label)!]
    this.#checkNames(label === undefined ? 'a node' : `a node with label ${label}`, known, names)
  }

  /** Refuses the names of properties that no edge of the types, or no edge at all, can have. */
  checkEdgeNames(types: readonly string[], names: Iterable<string>): void {
    this.checkTypes(types)
    const known = types.length === 0 ? [...this.#edges.values()] : types.map((type) => this.#edges.get(type)!)
    this.#checkNames(types.length === 0 ? 'an edge' : `an edge of type ${types.join(' or ')}`, known, names)
  }

  #checkNames(what: string, known: readonly Properties[], names: Iterable<string>): void {
    for (const name of names) {
      if (!known.some((properties) => properties.has(name))) throw this.#failure(what, [unknownProperty(name)])
    }
  }

  /** The properties to store of a node with these labels; each label's must be there. */
  node(labels: readonly string[], properties: object = {}): object {
    this.checkLabels(labels)
    const known = labels.map((label) => this.#nodes.get(label)!)
    return this.#whole(`a node with label ${labels.join(' and ')}`, known, properties)
  }

  /** The properties to store of an edge. */
  edge(type: string, properties: object = {}): object {
    this.checkTypes([type])
    return this.#whole(`an edge of type ${type}`, [this.#edges.get(type)!], properties)
  }

  /** Properties laid over those of a node, of whichever labels: each must be one that some label has. */
  nodeChange(properties: object, label?: string): object {
    if (label !== undefined) this.checkLabels([label])
    const known = label === undefined ? [...this.#nodes.values()] : [this.#nodes.get(label)!]
    return this.#part(label === undefined ? 'a node' : `a node with label ${label}`, known, properties)
  }

  /** Properties laid over those of an edge. */
  edgeChange(properties: object, type?: string): object {
    if (type !== undefined) this.checkTypes([type])
    const known = type === undefined ? [...this.#edges.values()] : [this.#edges.get(type)!]
    return this.#part(type === undefined ? 'an edge' : `an edge of type ${type}`, known, properties)
  }

  #whole(what: string, known: readonly Properties[], given: object): object {
    if (typeof given !== 'object' || given === null) return given
    const issues: SchemaIssue[] = []
    const stored = this.#given(known, given, issues)
    for (const [name, { optional, text, check }] of known.flatMap((properties) => [...properties])) {
      if ((stored[name] ?? undefined) !== undefined) continue
      // A schema may fill in what is missing.
      const filled = text === 'schema' ? check(undefined, [name], issues) : undefined
      if (filled !== undefined) stored[name] = filled
      else if (!optional) issues.push({ message: `is missing; it is ${text}`, path: [name] })
    }
    if (issues.length > 0) throw this.#failure(what, issues)
    return stored
  }

  #part(what: string, known: readonly Properties[], given: object): object {
    if (typeof given !== 'object' || given === null) return given
    const issues: SchemaIssue[] = []
    const stored = this.#given(known, given, issues)
    for (const name of Object.keys(stored)) {
      const holding = known.filter((properties) => properties.has(name))
      if (stored[name] === null && holding.every((properties) => !properties.get(name)!.optional))
        issues.push({ message: 'must be there, and cannot be removed', path: [name] })
    }
    if (issues.length > 0) throw this.#failure(what, issues)
    return stored
  }

  /** The values there are. Where labels differ about a property, it is right when one of them takes it. */
  #given(known: readonly Properties[], given: object, issues: SchemaIssue[]): Record<string, unknown> {
    const stored: Record<string, unknown> = {}
    for (const [name, value] of Object.entries(given) as [string, unknown][]) {
      const holding = known.flatMap((properties) => properties.get(name) ?? [])
      if (holding.length === 0) issues.push(unknownProperty(name))
      if (value === undefined || value === null || holding.length === 0) {
        stored[name] = value
        continue
      }
      let first: SchemaIssue[] | undefined
      const fits = holding.some(({ check }) => {
        const found: SchemaIssue[] = []
        stored[name] = check(value, [name], found)
        first ??= found
        return found.length === 0
      })
      if (!fits) issues.push(...first!)
    }
    return stored
  }

  #unknown(what: string, name: string, known: ReadonlyMap<string, unknown>): SledStoreError {
    const names = [...known.keys()].join(', ')
    return this.#failure(`${what} "${name}"`, [{ message: `is not in the schema, which has ${names}`, path: [] }])
  }

  #failure(what: string, issues: readonly SchemaIssue[]): SledStoreError {
    const shown = issues.slice(0, 5).map(({ path, message }) => [path.join('.'), message].join(' ').trim())
    return new SledStoreError('SCHEMA_INVALID', `${what} does not fit graph "${this.#graph}": ${shown.join('; ')}`, {
      issues,
    })
  }
}

/** The kinds of properties as a schema writes them; of those that only JavaScript can check, nothing. */
function kindsOf(properties: Properties): Record<string, string> {
  const kind = ({ text, optional }: Property): string => (text === 'schema' ? '' : `${text}${optional ? '?' : ''}`)
  return Object.fromEntries([...properties].map(([name, property]) => [name, kind(property)]))
}

function unknownProperty(name: string): SchemaIssue {
  return { message: 'is not a property of the schema', path: [name] }
}

function entriesOf(what: string, definitions: unknown): [string, unknown][] {
  if (typeof definitions !== 'object' || definitions === null)
    throw wrongType(`${what} of a schema`, 'an object', definitions)
  return Object.entries(definitions)
}

function propertiesOf(what: string, types: unknown): Properties {
  const properties = new Map<string, Property>()
  if (types === undefined) return properties
  for (const [name, type] of entriesOf(`${what}.properties`, types)) {
    properties.set(name, isSchema(type) ? validated(name, type) : ofKind(`${what}.properties.${name}`, type))
  }
  return properties
}

function validated(name: string, schema: Schema): Property {
  return {
    // What is missing is asked of the schema itself.
    optional: true,
    text: 'schema',
    check: (value, path, issues) => {
      try {
        return validate(schema, value, 'sync', name)
      } catch (error) {
        if (!(error instanceof SledStoreError) || error.issues === undefined) throw error
        issues.push(...error.issues.map((issue) => ({ ...issue, path: [...path, ...issue.path] })))
        return undefined
      }
    },
  }
}

function ofKind(what: string, type: unknown): Property {
  const match = typeof type === 'string' ? /^(\w+)(\[\])?(\?)?$/.exec(type) : null
  if (match === null || !Object.hasOwn(checks, match[1]!)) {
    throw outOfRange(what, `${Object.keys(checks).join(', ')}, with [] and ? behind it, or a Standard Schema`, type)
  }
  const [, kind, list, question] = match
  const isRight = checks[kind as Kind]
  return {
    optional: question !== undefined,
    text: `${kind}${list ?? ''}`,
    check: (value, path, issues) => {
      const right = list === undefined ? isRight(value) : Array.isArray(value) && value.every((item) => isRight(item))
      if (!right) issues.push({ message: `must be ${kind}${list ?? ''}, but is ${describe(value)}`, path })
      if (kind !== 'float') return value
      return Array.isArray(value) ? value.map((item) => asFloat(item)) : asFloat(value)
    },
  }
}
