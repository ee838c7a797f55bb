/**
 * Traversals as chains of typed calls, which become a statement of openCypher and its parameters.
 */
import { outOfRange, wrongType } from './errors.js'
import { checkName, isDirection, namesOf } from './graph-buffer.js'
import type { AsyncQueryOptions, QueryOptions, QueryResult } from './graph-query.js'
import type { CheckedGraphSchema } from './graph-schema.js'
import type {
  Conditions,
  CypherText,
  EdgeProperties,
  HopOptions,
  LabelAt,
  Matched,
  MatchedEdge,
  MatchedEdges,
  MatchedNode,
  MatchRef,
  NextTo,
  NodeProperties,
  PathHopOptions,
  SelectedRow,
  Selection,
  WholeRow,
} from './graph-match-types.js'
import type { Direction, GraphTypes, LabelOf, TypeOf } from './graph-types.js'
import type { PropertyValue } from './graph-value.js'
import { checkBoolean, checkCount, checkNames } from './options.js'

type Flat<A> = { readonly [K in keyof A]: A[K] }
type WithNode<A, N extends string, P> = A & { readonly [K in N]: MatchedNode<P> }
type WithEdge<A, E extends string, P> = [E] extends [never] ? A : A & { readonly [K in E]: MatchedEdge<P> }
type WithEdges<A, E extends string, P> = [E] extends [never] ? A : A & { readonly [K in E]: MatchedEdges<P> }
type Hopped<
  T extends GraphTypes,
  A extends Matched,
  N extends string,
  L extends LabelOf<T>,
  K extends TypeOf<T>,
  E extends string,
> =
  Flat<WithEdge<WithNode<A, N, NodeProperties<T, L>>, E, EdgeProperties<T, K>>> extends infer B extends Matched
    ? B
    : never
type PathHopped<
  T extends GraphTypes,
  A extends Matched,
  N extends string,
  L extends LabelOf<T>,
  K extends TypeOf<T>,
  E extends string,
> =
  Flat<WithEdges<WithNode<A, N, NodeProperties<T, L>>, E, EdgeProperties<T, K>>> extends infer B extends Matched
    ? B
    : never

/** One hop; the edge gets a name of its own with `as`. */
type Hop<T extends GraphTypes, A extends Matched, D extends Direction> = <
  K extends TypeOf<T>,
  const N extends string,
  L extends LabelAt<T, K, D>,
  const E extends string = never,
>(
  type: K | readonly K[],
  to: N,
  options?: HopOptions<T, L> & { readonly from?: keyof A & string; readonly as?: E },
) => GraphMatch<T, Hopped<T, A, N, L, K, E>>

type RowOf<A extends Matched, S> = [S] extends [null] ? WholeRow<A> : SelectedRow<A, S>

/**
 * A traversal of a graph: a chain of calls, each of which gives a new one. Nothing is asked before `toArray`, `first`,
 * `count` or their asynchronous twins. Edges of one traversal are different from each other.
 *
 * @example
 * ```ts
 * people
 *   .match('person', 'Person', { email: 'ann@example.org' })
 *   .out('KNOWS', 'friend', { as: 'knows' })
 *   .where('friend', { age: { gte: 30 } })
 *   .select({ name: 'friend.name', since: 'knows.since' })
 *   .orderBy('name')
 *   .limit(10)
 *   .toArray()
 * ```
 */
export interface GraphMatch<T extends GraphTypes, A extends Matched, S = null> {
  /** Follows an edge of a type, of one of several types, or with `[]` of any, from source to target. */
  readonly out: Hop<T, A, 'out'>
  /** As `out`, from target to source. */
  readonly in: Hop<T, A, 'in'>
  /** As `out`, either way. */
  readonly both: Hop<T, A, 'both'>
  /** Follows `min` to `max` edges; named with `as`, they are a list. */
  path<
    K extends TypeOf<T>,
    const N extends string,
    D extends Direction,
    L extends LabelOf<T>,
    const E extends string = never,
  >(
    direction: D,
    type: K | readonly K[],
    to: N,
    options?: PathHopOptions<T, L> & { readonly from?: keyof A & string; readonly as?: E },
  ): GraphMatch<T, PathHopped<T, A, N, L, K, E>>
  /** Keeps what has these properties. */
  where<K extends keyof A & string>(name: K, conditions: Conditions<A[K]['properties']>): GraphMatch<T, A, S>
  /** Keeps what has such a neighbor. */
  exists<K extends TypeOf<T>, L extends LabelOf<T>>(name: keyof A & string, next: NextTo<T, K, L>): GraphMatch<T, A, S>
  /** Keeps what has no such neighbor. */
  notExists<K extends TypeOf<T>, L extends LabelOf<T>>(
    name: keyof A & string,
    next: NextTo<T, K, L>,
  ): GraphMatch<T, A, S>
  /** Gives these columns, instead of every named part as a whole. */
  select<const C extends Selection<A>>(columns: C): GraphMatch<T, A, C>
  /** Gives each row once. */
  distinct(): GraphMatch<T, A, S>
  /** Orders by a column, a part or a property; called again, by that among what is equal. */
  orderBy(
    by: MatchRef<A> | (S extends null ? never : keyof S & string),
    direction?: 'asc' | 'desc',
  ): GraphMatch<T, A, S>
  /** Leaves out so many rows. */
  skip(rows: number): GraphMatch<T, A, S>
  /** Gives at most so many rows. */
  limit(rows: number): GraphMatch<T, A, S>
  /** The statement, and its parameters. */
  toCypher(): CypherText
  /** How it is answered, as text. */
  explain(): string
  toArray(options?: QueryOptions): RowOf<A, S>[]
  /** The first row; `undefined` when there is none. */
  first(options?: QueryOptions): RowOf<A, S> | undefined
  /** How many rows there are. */
  count(options?: QueryOptions): number
  /** Away from the JavaScript thread; in a transaction or at a snapshot it is answered at once. */
  toArrayAsync(options?: AsyncQueryOptions): Promise<RowOf<A, S>[]>
  firstAsync(options?: AsyncQueryOptions): Promise<RowOf<A, S> | undefined>
  countAsync(options?: AsyncQueryOptions): Promise<number>
}

/** What runs a traversal. */
export interface MatchRunner {
  readonly schema: CheckedGraphSchema | undefined
  run(text: string, parameters: CypherText['parameters'], options?: QueryOptions): QueryResult
  runAsync(text: string, parameters: CypherText['parameters'], options?: AsyncQueryOptions): Promise<QueryResult>
}

interface Part {
  readonly kind: 'node' | 'edge' | 'edges'
  /** Of a node its label, of edges their types. */
  readonly names: readonly string[]
}

interface State {
  readonly parts: ReadonlyMap<string, Part>
  /** The pattern, its last piece open for another hop from `last`. */
  readonly pattern: readonly string[]
  readonly last: string
  readonly conditions: readonly string[]
  readonly parameters: readonly PropertyValue[]
  readonly columns: readonly (readonly [column: string, expression: string])[] | undefined
  readonly distinct: boolean
  readonly order: readonly string[]
  readonly skip: number | undefined
  readonly limit: number | undefined
}

const operators = { eq: '=', ne: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=', in: 'IN' } as const
const textOperators = { startsWith: 'STARTS WITH', endsWith: 'ENDS WITH', contains: 'CONTAINS' } as const
const comparisonNames: readonly string[] = [...Object.keys(operators), ...Object.keys(textOperators), 'exists']
const aggregates = ['count', 'sum', 'avg', 'min', 'max', 'collect'] as const

/** A name as the language takes any. */
function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

function checkPartName(what: string, name: unknown): asserts name is string {
  checkName(what, name)
  if (!/^[A-Za-z_]\w*$/.test(name))
    throw outOfRange(what, 'letters, digits and underscores, without a digit first', name)
}

/** {@link GraphMatch} without its types. */
export class GraphMatchCore {
  readonly #runner: MatchRunner
  readonly #state: State

  private constructor(runner: MatchRunner, state: State) {
    this.#runner = runner
    this.#state = state
  }

  /** Begins a traversal. */
  static begin(runner: MatchRunner, name: unknown, label: unknown, conditions: unknown): GraphMatchCore {
    checkPartName('name', name)
    const [text, part] = nodeText(runner.schema, name, label)
    const begun = new GraphMatchCore(runner, {
      parts: new Map([[name, part]]),
      pattern: [text],
      last: name,
      conditions: [],
      parameters: [],
      columns: undefined,
      distinct: false,
      order: [],
      skip: undefined,
      limit: undefined,
    })
    return conditions === undefined ? begun : begun.where(name, conditions)
  }

  out(type: unknown, to: unknown, options?: object): GraphMatchCore {
    return this.#hop('out', type, to, options, false)
  }

  in(type: unknown, to: unknown, options?: object): GraphMatchCore {
    return this.#hop('in', type, to, options, false)
  }

  both(type: unknown, to: unknown, options?: object): GraphMatchCore {
    return this.#hop('both', type, to, options, false)
  }

  path(direction: unknown, type: unknown, to: unknown, options?: object): GraphMatchCore {
    return this.#hop(direction, type, to, options, true)
  }

  where(name: string, conditions: unknown): GraphMatchCore {
    const part = this.#part(name)
    if (part.kind === 'edges') throw outOfRange('name', 'a node or a single edge', name)
    const parameters = [...this.#state.parameters]
    const texts = this.#conditions(name, part, conditions, parameters)
    return this.#with({ conditions: [...this.#state.conditions, ...texts], parameters })
  }

  exists(name: string, next: object): GraphMatchCore {
    return this.#nextTo('exists', 'EXISTS', name, next)
  }

  notExists(name: string, next: object): GraphMatchCore {
    return this.#nextTo('notExists', 'NOT EXISTS', name, next)
  }

  select(columns: unknown): GraphMatchCore {
    if (typeof columns !== 'object' || columns === null) throw wrongType('columns', 'an object', columns)
    const selected = Object.entries(columns).map(([column, of]) => [column, this.#column(column, of)] as const)
    if (selected.length === 0) throw outOfRange('columns', 'at least one column', columns)
    return this.#with({ columns: selected })
  }

  distinct(): GraphMatchCore {
    return this.#with({ distinct: true })
  }

  orderBy(by: unknown, direction: unknown = 'asc'): GraphMatchCore {
    checkName('by', by)
    if (direction !== 'asc' && direction !== 'desc') throw outOfRange('direction', 'asc or desc', direction)
    const { columns, order } = this.#state
    const isColumn = columns?.some(([column]) => column === by) === true
    const expression = isColumn ? quoted(by) : this.#reference(by)
    // Behind a selection a column is known by its own name alone.
    const column = isColumn ? undefined : columns?.find((selected) => selected[1] === expression)?.[0]
    const text = column === undefined ? expression : quoted(column)
    return this.#with({ order: [...order, direction === 'asc' ? text : `${text} DESC`] })
  }

  skip(rows: unknown): GraphMatchCore {
    return this.#with({ skip: checkCount('rows', rows, 0) })
  }

  limit(rows: unknown): GraphMatchCore {
    return this.#with({ limit: checkCount('rows', rows, 0) })
  }

  toCypher(): CypherText {
    return this.#statement(`RETURN ${this.#projection()}`)
  }

  explain(): string {
    const { text, parameters } = this.toCypher()
    return this.#runner.run(`EXPLAIN ${text}`, parameters).planText()
  }

  toArray(options?: QueryOptions): object[] {
    const { text, parameters } = this.toCypher()
    return this.#runner.run(text, parameters, options).toArray()
  }

  first(options?: QueryOptions): object | undefined {
    return this.#atMostOne().toArray(options)[0]
  }

  count(options?: QueryOptions): number {
    const { text, parameters } = this.#counting()
    return Number(this.#runner.run(text, parameters, options).first()?.['count'])
  }

  async toArrayAsync(options?: AsyncQueryOptions): Promise<object[]> {
    const { text, parameters } = this.toCypher()
    return (await this.#runner.runAsync(text, parameters, options)).toArray()
  }

  async firstAsync(options?: AsyncQueryOptions): Promise<object | undefined> {
    return (await this.#atMostOne().toArrayAsync(options))[0]
  }

  async countAsync(options?: AsyncQueryOptions): Promise<number> {
    const { text, parameters } = this.#counting()
    return Number((await this.#runner.runAsync(text, parameters, options)).first()?.['count'])
  }

  #with(change: Partial<State>): GraphMatchCore {
    return new GraphMatchCore(this.#runner, { ...this.#state, ...change })
  }

  #atMostOne(): GraphMatchCore {
    return this.#state.limit === 0 ? this : this.limit(1)
  }

  #part(name: unknown): Part {
    const part = typeof name === 'string' ? this.#state.parts.get(name) : undefined
    if (part === undefined) throw outOfRange('name', `one of ${[...this.#state.parts.keys()].join(', ')}`, name)
    return part
  }

  #hop(direction: unknown, type: unknown, to: unknown, options: object = {}, several: boolean): GraphMatchCore {
    if (!isDirection(direction)) throw outOfRange('direction', 'out, in or both', direction)
    const known = several ? ['as', 'from', 'label', 'max', 'min'] : ['as', 'from', 'label']
    checkNames('a hop', options, known)
    const { as, from = this.#state.last, label, max, min } = options as Record<string, unknown>
    if (this.#part(from).kind !== 'node') throw outOfRange('from', 'a node', from)
    checkPartName('to', to)
    if (as !== undefined) checkPartName('as', as)
    for (const name of as === undefined ? [to] : [to, as]) {
      if (this.#state.parts.has(name) || as === to) throw outOfRange('a name', 'given once', name)
    }
    const types = typesOf(this.#runner.schema, type)
    const length = several ? lengthText(min, max) : ''
    const [node, part] = nodeText(this.#runner.schema, to, label)
    const hop = edgeText(direction, `${as === undefined ? '' : quoted(as)}${typeText(types)}${length}`)
    const parts = new Map([...this.#state.parts, [to, part]])
    if (as !== undefined) parts.set(as, { kind: several ? 'edges' : 'edge', names: types })
    const { pattern, last } = this.#state
    const next =
      from === last
        ? [...pattern.slice(0, -1), `${pattern.at(-1)}${hop}${node}`]
        : [...pattern, `(${quoted(from as string)})${hop}${node}`]
    return this.#with({ parts, pattern: next, last: to })
  }

  #conditions(name: string, part: Part, conditions: unknown, parameters: PropertyValue[]): string[] {
    if (typeof conditions !== 'object' || conditions === null) throw wrongType('conditions', 'an object', conditions)
    const names = Object.keys(conditions)
    const { schema } = this.#runner
    if (part.kind === 'node') schema?.checkNodeNames(part.names[0], names)
    else schema?.checkEdgeNames(part.names, names)
    return names.flatMap((property) => {
      const value = (conditions as Record<string, unknown>)[property]
      if (value === undefined) throw wrongType(`the condition of ${property}`, 'a value, null or a comparison', value)
      return conditionTexts(`${quoted(name)}.${quoted(property)}`, property, value, parameters)
    })
  }

  #nextTo(where: string, predicate: string, name: string, next: object): GraphMatchCore {
    checkNames(where, next, ['direction', 'label', 'type', 'where'])
    const { direction = 'out', label, type, where: conditions } = next as Record<string, unknown>
    if (!isDirection(direction)) throw outOfRange('direction', 'out, in or both', direction)
    if (this.#part(name).kind !== 'node') throw outOfRange('name', 'a node', name)
    const other = freeName(this.#state.parts)
    const [node, part] = nodeText(this.#runner.schema, other, label)
    const hop = edgeText(direction, typeText(typesOf(this.#runner.schema, type)))
    const parameters = [...this.#state.parameters]
    const texts = conditions === undefined ? [] : this.#conditions(other, part, conditions, parameters)
    const inner = `MATCH (${quoted(name)})${hop}${node}${texts.length > 0 ? ` WHERE ${texts.join(' AND ')}` : ''}`
    return this.#with({ conditions: [...this.#state.conditions, `${predicate} { ${inner} }`], parameters })
  }

  #column(column: string, of: unknown): string {
    if (typeof of === 'string') return this.#reference(of)
    checkNames(`column ${column}`, of, [...aggregates, 'distinct'])
    const given = of as Record<string, unknown>
    const [name, ...others] = aggregates.filter((aggregate) => given[aggregate] !== undefined)
    if (name === undefined || others.length > 0)
      throw outOfRange(`column ${column}`, `one of ${aggregates.join(', ')}`, of)
    const distinct = checkBoolean('distinct', given['distinct'], false) ? 'DISTINCT ' : ''
    const inner = given[name]
    checkName(name, inner)
    if (inner === '*' && name === 'count') {
      if (distinct !== '') throw outOfRange('distinct', 'of a part or a property', inner)
      return 'count(*)'
    }
    return `${name}(${distinct}${this.#reference(inner)})`
  }

  /** `person` or `person.name`; a property's name may have dots itself. */
  #reference(reference: string): string {
    const dot = reference.indexOf('.')
    if (dot === -1) {
      this.#part(reference)
      return quoted(reference)
    }
    const [name, property] = [reference.slice(0, dot), reference.slice(dot + 1)]
    const part = this.#part(name)
    if (part.kind === 'edges') throw outOfRange('a reference', 'to a property of a node or a single edge', reference)
    const { schema } = this.#runner
    if (part.kind === 'node') schema?.checkNodeNames(part.names[0], [property])
    else schema?.checkEdgeNames(part.names, [property])
    return `${quoted(name)}.${quoted(property)}`
  }

  #projection(): string {
    const { columns, parts, distinct, order, skip, limit } = this.#state
    const items = columns ?? [...parts.keys()].map((name) => [name, quoted(name)] as const)
    const texts = items.map(([column, expression]) =>
      expression === quoted(column) ? expression : `${expression} AS ${quoted(column)}`,
    )
    return [
      `${distinct ? 'DISTINCT ' : ''}${texts.join(', ')}`,
      ...(order.length > 0 ? [`ORDER BY ${order.join(', ')}`] : []),
      ...(skip === undefined ? [] : ['SKIP $skip']),
      ...(limit === undefined ? [] : ['LIMIT $limit']),
    ].join(' ')
  }

  /** Rows are made only where their number is not that of the matches. */
  #counting(): CypherText {
    const { columns, distinct, skip, limit } = this.#state
    const isPlain =
      !distinct && skip === undefined && limit === undefined && !columns?.some(([, text]) => text.endsWith(')'))
    return this.#statement(isPlain ? 'RETURN count(*) AS count' : `WITH ${this.#projection()} RETURN count(*) AS count`)
  }

  #statement(end: string): CypherText {
    const { pattern, conditions, parameters, skip, limit } = this.#state
    const where = conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : ''
    const values: Record<string, PropertyValue> = {}
    parameters.forEach((value, at) => {
      values[`p${at}`] = value
    })
    if (skip !== undefined) values['skip'] = skip
    if (limit !== undefined) values['limit'] = limit
    return { text: `MATCH ${pattern.join(', ')}${where} ${end}`, parameters: values }
  }
}

function nodeText(schema: CheckedGraphSchema | undefined, name: string, label: unknown): [text: string, part: Part] {
  if (label === undefined) return [`(${quoted(name)})`, { kind: 'node', names: [] }]
  checkName('label', label)
  schema?.checkLabels([label])
  return [`(${quoted(name)}:${quoted(label)})`, { kind: 'node', names: [label] }]
}

function typesOf(schema: CheckedGraphSchema | undefined, type: unknown): readonly string[] {
  const types = namesOf('type', type)
  schema?.checkTypes(types)
  return types
}

function typeText(types: readonly string[]): string {
  return types.length === 0 ? '' : `:${types.map((type) => quoted(type)).join('|')}`
}

function lengthText(min: unknown, max: unknown): string {
  const least = min === undefined ? 1 : checkCount('min', min, 0)
  return `*${least}..${max === undefined || max === Infinity ? '' : checkCount('max', max, least)}`
}

function edgeText(direction: Direction, inside: string): string {
  const edge = inside === '' ? '--' : `-[${inside}]-`
  return direction === 'out' ? `${edge}>` : direction === 'in' ? `<${edge}` : edge
}

function freeName(parts: ReadonlyMap<string, Part>): string {
  let name = 'next'
  while (parts.has(name)) name += '_'
  return name
}

function conditionTexts(left: string, property: string, value: unknown, parameters: PropertyValue[]): string[] {
  const compare = (operator: string, right: unknown): string => {
    parameters.push(right as PropertyValue)
    return `${left} ${operator} $p${parameters.length - 1}`
  }
  if (value === null) return [`${left} IS NULL`]
  if (!isComparison(value)) return [compare('=', value)]
  checkNames(`the comparison of ${property}`, value, comparisonNames)
  return Object.entries(value).flatMap(([name, right]) => {
    if (right === undefined) return []
    if (name === 'exists') return [`${left} ${checkBoolean('exists', right, true) ? 'IS NOT NULL' : 'IS NULL'}`]
    if (name === 'in' && !Array.isArray(right)) throw wrongType(`in of ${property}`, 'an array', right)
    const operator = name in operators ? operators[name as 'eq'] : textOperators[name as 'contains']
    return [compare(operator, right)]
  })
}

/** A plain object, which stands for comparisons; values of classes are values. */
function isComparison(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
