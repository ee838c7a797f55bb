/**
 * Traversals without their types: what each call adds, and the statement of all of them.
 */
import { outOfRange, typeError, wrongType } from './errors.js'
import { checkName, isDirection } from './graph-buffer.js'
import {
  checkPartName,
  columnText,
  conditionTexts,
  edgeText,
  grouped,
  lengthText,
  nodeText,
  operators,
  quoted,
  typesOf,
  whereText,
  type Part,
} from './graph-match-text.js'
import type { CypherText } from './graph-match-types.js'
import type { AsyncQueryOptions, QueryOptions, QueryResult } from './graph-query.js'
import type { CheckedGraphSchema } from './graph-schema.js'
import type { PropertyValue } from './graph-value.js'
import { checkBoolean, checkCount, checkNames } from './options.js'
import type { QueryStream } from './query-stream.js'
import type { QueryValue } from './query-value.js'

/** What runs a traversal. */
export interface MatchRunner {
  readonly schema: CheckedGraphSchema | undefined
  run(text: string, parameters: CypherText['parameters'], options?: QueryOptions): QueryResult
  runAsync(text: string, parameters: CypherText['parameters'], options?: AsyncQueryOptions): Promise<QueryResult>
  stream(text: string, parameters: CypherText['parameters'], options?: AsyncQueryOptions): QueryStream
}

type Row = Record<string, QueryValue>

interface State {
  readonly parts: ReadonlyMap<string, Part>
  /** The pattern; its last piece is open for another hop from `open`. */
  readonly pattern: readonly string[]
  readonly open: string | undefined
  /** Where a hop leads on from. */
  readonly last: string
  readonly conditions: readonly string[]
  /** Clauses of optional patterns. */
  readonly optionals: readonly string[]
  /** Conditions on what optional patterns gave. */
  readonly late: readonly string[]
  readonly parameters: readonly PropertyValue[]
  readonly columns: readonly (readonly [column: string, expression: string])[] | undefined
  readonly having: readonly string[]
  readonly distinct: boolean
  readonly order: readonly string[]
  readonly skip: number | undefined
  readonly limit: number | undefined
  /** What the function that is given it may change. */
  readonly inside: Inside | undefined
}

interface Inside {
  readonly call: string
  readonly may: readonly (keyof State)[]
}

const conditionFields = ['conditions', 'late', 'parameters'] as const
const patternFields = [...conditionFields, 'parts', 'pattern', 'open', 'last'] as const

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
      open: name,
      last: name,
      conditions: [],
      optionals: [],
      late: [],
      parameters: [],
      columns: undefined,
      having: [],
      distinct: false,
      order: [],
      skip: undefined,
      limit: undefined,
      inside: undefined,
    })
    return conditions === undefined ? begun : begun.where(name, conditions)
  }

  out(type: unknown, to: unknown, options?: object): GraphMatchCore {
    return this.#hop('out', type, to, options, 'edge')
  }

  in(type: unknown, to: unknown, options?: object): GraphMatchCore {
    return this.#hop('in', type, to, options, 'edge')
  }

  both(type: unknown, to: unknown, options?: object): GraphMatchCore {
    return this.#hop('both', type, to, options, 'edge')
  }

  path(direction: unknown, type: unknown, to: unknown, options?: object): GraphMatchCore {
    return this.#hop(direction, type, to, options, 'edges')
  }

  shortestPath(direction: unknown, type: unknown, to: unknown, options?: object): GraphMatchCore {
    return this.#hop(direction, type, to, options, 'path')
  }

  optional(pattern: unknown): GraphMatchCore {
    const { parts } = this.#state
    const made = this.#within('optional', pattern, patternFields, { pattern: [], open: undefined, conditions: [] })
    if (made.pattern.length === 0) throw wrongType('pattern', 'a function that follows an edge', pattern)
    const known = [...made.parts].map(([name, part]) => [name, parts.has(name) ? part : { ...part, optional: true }])
    return this.#with({
      parts: new Map(known as [string, Part][]),
      optionals: [
        ...this.#state.optionals,
        `OPTIONAL MATCH ${made.pattern.join(', ')}${whereText([...made.conditions, ...made.late])}`,
      ],
      parameters: made.parameters,
    })
  }

  where(name: string, conditions: unknown): GraphMatchCore {
    const parameters = [...this.#state.parameters]
    return this.#ask([name], this.#conditions(name, this.#part(name), conditions, parameters), parameters)
  }

  whereId(name: string, id: unknown): GraphMatchCore {
    this.#part(name, 'node', 'edge')
    for (const one of Array.isArray(id) ? (id as unknown[]) : [id]) checkCount('id', one, 0)
    const { parameters } = this.#state
    const text = `id(${quoted(name)}) ${Array.isArray(id) ? 'IN' : '='} $p${parameters.length}`
    return this.#ask([name], [text], [...parameters, id as PropertyValue])
  }

  compare(left: unknown, operator: unknown, right: unknown): GraphMatchCore {
    checkName('left', left)
    checkName('right', right)
    if (typeof operator !== 'string' || !Object.hasOwn(operators, operator))
      throw outOfRange('operator', Object.keys(operators).join(', '), operator)
    const text = `${this.#reference(left)} ${operators[operator as 'eq']} ${this.#reference(right)}`
    return this.#ask([left, right], [text], this.#state.parameters)
  }

  exists(name: string, next: object): GraphMatchCore {
    return this.#nextTo('exists', 'EXISTS', name, next)
  }

  notExists(name: string, next: object): GraphMatchCore {
    return this.#nextTo('notExists', 'NOT EXISTS', name, next)
  }

  anyOf(...conditions: unknown[]): GraphMatchCore {
    if (conditions.length === 0) throw outOfRange('conditions', 'at least one function', conditions)
    return this.#combined('anyOf', conditions, (texts) => `(${texts.join(' OR ')})`)
  }

  not(condition: unknown): GraphMatchCore {
    return this.#combined('not', [condition], (texts) => `NOT ${texts.join('')}`)
  }

  select(columns: unknown): GraphMatchCore {
    if (typeof columns !== 'object' || columns === null) throw wrongType('columns', 'an object', columns)
    const reference = (to: string): string => this.#reference(to)
    const selected = Object.entries(columns as Record<string, unknown>).map(
      ([column, of]) =>
        [
          column,
          typeof of === 'string' ? reference(of) : columnText(column, of, (name) => this.#part(name), reference),
        ] as const,
    )
    if (selected.length === 0) throw outOfRange('columns', 'at least one column', columns)
    return this.#with({ columns: selected, having: [] })
  }

  having(conditions: unknown): GraphMatchCore {
    const { columns } = this.#state
    if (columns === undefined) throw typeError('having asks for columns; select them before')
    if (typeof conditions !== 'object' || conditions === null) throw wrongType('conditions', 'an object', conditions)
    const parameters = [...this.#state.parameters]
    const texts = Object.entries(conditions as Record<string, unknown>).flatMap(([column, value]) => {
      if (!columns.some(([name]) => name === column))
        throw outOfRange('a column', `one of ${columns.map(([name]) => name).join(', ')}`, column)
      return conditionTexts(quoted(column), column, value, parameters)
    })
    return this.#with({ having: [...this.#state.having, ...texts], parameters })
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
    return this.#statement(this.#projection('RETURN'))
  }

  explain(): string {
    const { text, parameters } = this.toCypher()
    return this.#runner.run(`EXPLAIN ${text}`, parameters).planText()
  }

  toArray(options?: QueryOptions): Row[] {
    return this.#run(options).toArray()
  }

  first(options?: QueryOptions): Row | undefined {
    return this.#atMost(1).#run(options).first()
  }

  single(options?: QueryOptions): Row {
    return this.#atMost(2).#run(options).single()
  }

  count(options?: QueryOptions): number {
    const { text, parameters } = this.#counting()
    return Number(this.#runner.run(text, parameters, options).first()?.['count'])
  }

  async toArrayAsync(options?: AsyncQueryOptions): Promise<Row[]> {
    return (await this.#runAsync(options)).toArray()
  }

  async firstAsync(options?: AsyncQueryOptions): Promise<Row | undefined> {
    return (await this.#atMost(1).#runAsync(options)).first()
  }

  async singleAsync(options?: AsyncQueryOptions): Promise<Row> {
    return (await this.#atMost(2).#runAsync(options)).single()
  }

  async countAsync(options?: AsyncQueryOptions): Promise<number> {
    const { text, parameters } = this.#counting()
    return Number((await this.#runner.runAsync(text, parameters, options)).first()?.['count'])
  }

  stream(options?: AsyncQueryOptions): QueryStream {
    const { text, parameters } = this.toCypher()
    return this.#runner.stream(text, parameters, options)
  }

  [Symbol.iterator](): IterableIterator<Row> {
    return this.toArray().values()
  }

  [Symbol.asyncIterator](): QueryStream {
    return this.stream()
  }

  #run(options: QueryOptions | undefined): QueryResult {
    const { text, parameters } = this.toCypher()
    return this.#runner.run(text, parameters, options)
  }

  #runAsync(options: AsyncQueryOptions | undefined): Promise<QueryResult> {
    const { text, parameters } = this.toCypher()
    return this.#runner.runAsync(text, parameters, options)
  }

  #with(change: Partial<State>): GraphMatchCore {
    const { inside } = this.#state
    if (inside !== undefined && !Object.keys(change).every((name) => inside.may.includes(name as keyof State)))
      throw typeError(`the function given to ${inside.call} must do nothing else with what it is given`)
    return new GraphMatchCore(this.#runner, { ...this.#state, ...change })
  }

  /** What a function makes of the traversal, with nothing but what it may change. */
  #within(call: string, make: unknown, may: Inside['may'], begun: Partial<State>): State {
    if (typeof make !== 'function') throw wrongType(`what ${call} is given`, 'a function', make)
    const inside = { call, may }
    const made: unknown = make(new GraphMatchCore(this.#runner, { ...this.#state, ...begun, late: [], inside }))
    if (made instanceof GraphMatchCore && made.#state.inside === inside) return made.#state
    throw wrongType(`what the function given to ${call} returns`, 'made of what it is given', made)
  }

  #combined(call: string, conditions: unknown[], combine: (texts: string[]) => string): GraphMatchCore {
    let { parameters } = this.#state
    let isLate = false
    const texts = conditions.map((condition) => {
      const made = this.#within(call, condition, conditionFields, { conditions: [], parameters })
      parameters = made.parameters
      isLate ||= made.late.length > 0
      const all = [...made.conditions, ...made.late]
      if (all.length === 0) throw wrongType(`what ${call} is given`, 'a function that asks for something', condition)
      return grouped(all)
    })
    const where = isLate ? 'late' : 'conditions'
    return this.#with({ [where]: [...this.#state[where], combine(texts)], parameters })
  }

  /** Adds conditions that name these parts. */
  #ask(names: readonly string[], texts: readonly string[], parameters: readonly PropertyValue[]): GraphMatchCore {
    const isLate = !this.#isOptional() && names.some((name) => this.#part(name.split('.', 1)[0]).optional)
    const where = isLate ? 'late' : 'conditions'
    return this.#with({ [where]: [...this.#state[where], ...texts], parameters })
  }

  /** Whether what is added belongs to an optional pattern. */
  #isOptional(): boolean {
    return this.#state.inside?.call === 'optional'
  }

  #atMost(rows: number): GraphMatchCore {
    const { limit = rows } = this.#state
    return this.limit(Math.min(limit, rows))
  }

  #part(name: unknown, ...kinds: Part['kind'][]): Part {
    const { parts } = this.#state
    const part = typeof name === 'string' ? parts.get(name) : undefined
    if (part === undefined) throw outOfRange('name', `one of ${[...parts.keys()].join(', ')}`, name)
    if (kinds.length > 0 && !kinds.includes(part.kind))
      throw outOfRange('name', `that of a part that is ${kinds.join(' or ')}`, name)
    return part
  }

  /** A node that a hop may begin or end at. */
  #end(name: unknown): asserts name is string {
    if (this.#part(name, 'node').optional && !this.#isOptional())
      throw outOfRange('a node', 'one that cannot be missing; lead on from this one inside optional', name)
  }

  #hop(direction: unknown, type: unknown, to: unknown, options: object = {}, kind: Part['kind']): GraphMatchCore {
    if (!isDirection(direction)) throw outOfRange('direction', 'out, in or both', direction)
    const more = { edge: [], edges: ['max', 'min'], path: ['all', 'max'], node: [] }[kind]
    checkNames('a hop', options, ['as', 'from', 'label', ...more])
    const { all, as, from = this.#state.last, label, max, min } = options as Record<string, unknown>
    this.#end(from)
    checkPartName('to', to)
    const isKnown = this.#state.parts.has(to)
    if (isKnown) this.#end(to)
    if (as !== undefined) checkPartName('as', as)
    if (as !== undefined && (this.#state.parts.has(as) || as === to)) throw outOfRange('as', 'a new name', as)
    const { schema } = this.#runner
    const types = typesOf(schema, type)
    const [node, part] = nodeText(schema, to, label)
    const parts = new Map(this.#state.parts)
    if (!isKnown) parts.set(to, part)
    if (as !== undefined) parts.set(as, { kind, names: types, optional: false })
    const { open, pattern } = this.#state
    const begin = `(${quoted(from)})`
    if (kind === 'path') {
      const call = checkBoolean('all', all, false) ? 'allShortestPaths' : 'shortestPath'
      const hop = edgeText(direction, '', types, lengthText(1, max))
      const path = `${as === undefined ? '' : `${quoted(as)} = `}${call}(${begin}${hop}(${quoted(to)}))`
      // Both ends are matched apart, so that each is found in its cheapest way.
      const ends = [...(pattern.length === 0 ? [begin] : []), ...(isKnown && label === undefined ? [] : [node])]
      return this.#with({ parts, pattern: [...pattern, ...ends, path], open: undefined, last: to })
    }
    const length = kind === 'edges' ? lengthText(min, max) : ''
    const hop = edgeText(direction, as === undefined ? '' : quoted(as), types, length)
    const pieces =
      from === open
        ? [...pattern.slice(0, -1), `${pattern.at(-1)}${hop}${node}`]
        : [...pattern, `${begin}${hop}${node}`]
    return this.#with({ parts, pattern: pieces, open: to, last: to })
  }

  #conditions(name: string, part: Part, conditions: unknown, parameters: PropertyValue[]): string[] {
    if (typeof conditions !== 'object' || conditions === null) throw wrongType('conditions', 'an object', conditions)
    this.#checkProperties(name, part, Object.keys(conditions))
    return Object.entries(conditions as Record<string, unknown>).flatMap(([property, value]) =>
      conditionTexts(`${quoted(name)}.${quoted(property)}`, property, value, parameters),
    )
  }

  #checkProperties(name: string, { kind, names }: Part, properties: readonly string[]): void {
    if (kind !== 'node' && kind !== 'edge') throw outOfRange('name', 'that of a node or a single edge', name)
    const { schema } = this.#runner
    if (kind === 'node') schema?.checkNodeNames(names[0], properties)
    else schema?.checkEdgeNames(names, properties)
  }

  #nextTo(where: string, predicate: string, name: string, next: object): GraphMatchCore {
    checkNames(where, next, ['direction', 'label', 'to', 'type', 'where'])
    const { direction = 'out', label, to, type, where: conditions } = next as Record<string, unknown>
    if (!isDirection(direction)) throw outOfRange('direction', 'out, in or both', direction)
    this.#part(name, 'node')
    const { schema } = this.#runner
    const known = to === undefined ? undefined : this.#part(to, 'node')
    const other = known === undefined ? freeName(this.#state.parts) : (to as string)
    const [node, part] = nodeText(schema, other, label)
    const parameters = [...this.#state.parameters]
    const texts = conditions === undefined ? [] : this.#conditions(other, known ?? part, conditions, parameters)
    const hop = edgeText(direction, '', typesOf(schema, type))
    const text = `${predicate} { MATCH (${quoted(name)})${hop}${node}${whereText(texts)} }`
    return this.#ask(known === undefined ? [name] : [name, other], [text], parameters)
  }

  /** `person` or `person.name`; a property's name may have dots itself. */
  #reference(reference: string): string {
    const dot = reference.indexOf('.')
    const name = dot === -1 ? reference : reference.slice(0, dot)
    const part = this.#part(name)
    if (dot === -1) return quoted(reference)
    const property = reference.slice(dot + 1)
    this.#checkProperties(name, part, [property])
    return `${quoted(name)}.${quoted(property)}`
  }

  #projection(clause: 'RETURN' | 'WITH'): string {
    const { columns, parts, distinct, having, order, skip, limit } = this.#state
    const items = columns ?? [...parts.keys()].map((name) => [name, quoted(name)] as const)
    const names = items.map(([column]) => quoted(column)).join(', ')
    const texts = items.map(([column, expression]) =>
      expression === quoted(column) ? expression : `${expression} AS ${quoted(column)}`,
    )
    const begin = having.length > 0 ? `WITH ${texts.join(', ')}${whereText(having)} ` : ''
    return [
      `${begin}${clause} ${distinct ? 'DISTINCT ' : ''}${having.length > 0 ? names : texts.join(', ')}`,
      ...(order.length > 0 ? [`ORDER BY ${order.join(', ')}`] : []),
      ...(skip === undefined ? [] : ['SKIP $skip']),
      ...(limit === undefined ? [] : ['LIMIT $limit']),
    ].join(' ')
  }

  /** Rows are made only where their number is not that of the matches. */
  #counting(): CypherText {
    const { columns, distinct, having, skip, limit } = this.#state
    const isPlain =
      !distinct &&
      having.length === 0 &&
      skip === undefined &&
      limit === undefined &&
      !columns?.some(([, text]) => text.endsWith(')'))
    return this.#statement(`${isPlain ? '' : `${this.#projection('WITH')} `}RETURN count(*) AS count`)
  }

  #statement(end: string): CypherText {
    const { pattern, conditions, optionals, late, parameters, skip, limit } = this.#state
    const values: Record<string, PropertyValue> = {}
    parameters.forEach((value, at) => {
      values[`p${at}`] = value
    })
    if (skip !== undefined) values['skip'] = skip
    if (limit !== undefined) values['limit'] = limit
    const clauses = [`MATCH ${pattern.join(', ')}${whereText(conditions)}`, ...optionals]
    if (late.length > 0) clauses.push(`WITH *${whereText(late)}`)
    return { text: [...clauses, end].join(' '), parameters: values }
  }
}

function freeName(parts: ReadonlyMap<string, Part>): string {
  let name = 'next'
  while (parts.has(name)) name += '_'
  return name
}
