/**
 * Changes and requests of a graph as the addon takes them; `crate/graph/src/bulk.rs` and `request.rs` define the forms.
 */
import { typeError, wrongType } from './errors.js'
import type { Direction } from './graph-types.js'
import { writeCount, writeFloat, writeListHead, writeProperties, writeText, type Undefined } from './graph-value.js'
import { ValueWriter } from './value-writer.js'

const Change = {
  Name: 0,
  AddNode: 1,
  AddEdge: 2,
  UpdateNode: 3,
  UpdateEdge: 4,
  RemoveNode: 5,
  RemoveEdge: 6,
  Ends: 7,
} as const

const NULL = 0xc0

/** What an update does to the properties that are there. */
export const Mode = { Leave: 0, Merge: 1, Replace: 2 } as const

/** Longest label or edge type. Mirrors `NAME_BYTES_MAX` of the graph. */
export const NAME_BYTES_MAX = 1_024

/** A list of names, given as one or as several. */
export function namesOf(what: string, names: unknown): readonly string[] {
  const list: readonly unknown[] = names === undefined ? [] : Array.isArray(names) ? names : [names]
  for (const name of list) checkName(what, name)
  return list as readonly string[]
}

/** A label, a type or a property's name. */
export function checkName(what: string, name: unknown): asserts name is string {
  if (typeof name !== 'string') throw wrongType(what, 'a string', name)
}

/** Buffers that are not in use. */
const idle: ValueWriter[] = []
const IDLE_MAX = 4

abstract class Sequence {
  protected readonly writer: ValueWriter = idle.pop() ?? new ValueWriter({ bytes: 4 << 10 })

  constructor() {
    this.writer.reset()
    this.writer.valueStart = 0
  }

  /** What was written; valid until {@link release}. */
  get bytes(): Uint8Array {
    return this.writer.buffer.subarray(0, this.writer.position)
  }

  /** Gives the buffer back. */
  release(): void {
    if (idle.length < IDLE_MAX) idle.push(this.writer)
  }

  protected null(): void {
    this.writer.writeByte(NULL)
  }

  protected count(value: number): void {
    writeCount(value, this.writer)
  }

  protected properties(what: string, properties: unknown, missing: Undefined): void {
    writeProperties(what, properties, this.writer, missing)
  }
}

/** Labels of which an edge's source and target have one each. */
export interface EndLabels {
  readonly from: readonly string[]
  readonly to: readonly string[]
}

/** Changes in the order in which they are to be made. */
export class Changes extends Sequence {
  readonly #names = new Map<string, number>()
  /** Types whose ends were written. */
  readonly #ended = new Set<string>()

  /** How many changes there are. */
  length = 0

  addNode(id: number, labels: readonly string[], properties: unknown): void {
    this.#change(() => {
      const numbers = labels.map((label) => this.#name('label', label))
      this.count(Change.AddNode)
      this.count(id)
      this.#list(numbers)
      this.properties('properties', properties ?? {}, 'left out')
    })
  }

  addEdge(id: number, type: string, source: number, target: number, properties: unknown, ends?: EndLabels): void {
    this.#change(() => {
      const number = this.#name('type', type)
      if (ends !== undefined && !this.#ended.has(type)) this.#writeEnds(number, type, ends)
      this.count(Change.AddEdge)
      this.count(id)
      this.count(number)
      this.count(source)
      this.count(target)
      this.properties('properties', properties ?? {}, 'left out')
    })
  }

  updateNode(id: number, mode: number, properties: unknown, add: readonly string[], remove: readonly string[]): void {
    this.#change(() => {
      const added = add.map((label) => this.#name('label', label))
      const removed = remove.map((label) => this.#name('label', label))
      this.count(Change.UpdateNode)
      this.count(id)
      this.#update(mode, properties)
      this.#list(added)
      this.#list(removed)
    })
  }

  updateEdge(id: number, mode: number, properties: unknown): void {
    this.#change(() => {
      this.count(Change.UpdateEdge)
      this.count(id)
      this.#update(mode, properties)
    })
  }

  removeNode(id: number): void {
    this.#change(() => {
      this.count(Change.RemoveNode)
      this.count(id)
    })
  }

  removeEdge(id: number): void {
    this.#change(() => {
      this.count(Change.RemoveEdge)
      this.count(id)
    })
  }

  #update(mode: number, properties: unknown): void {
    this.count(mode)
    if (mode === Mode.Leave) this.null()
    else this.properties('properties', properties, 'left out')
  }

  /** What the graph checks of this edge and those of its type behind it. */
  #writeEnds(number: number, type: string, { from, to }: EndLabels): void {
    const [sources, targets] = [from, to].map((labels) => labels.map((label) => this.#name('label', label)))
    this.count(Change.Ends)
    this.count(number)
    this.#list(sources!)
    this.#list(targets!)
    this.#ended.add(type)
  }

  #list(numbers: readonly number[]): void {
    writeListHead(numbers.length, this.writer)
    for (const number of numbers) this.count(number)
  }

  /** The number of a name in this buffer, introduced now if it is new. */
  #name(what: string, name: string): number {
    const known = this.#names.get(name)
    if (known !== undefined) return known
    this.count(Change.Name)
    writeText(what, name, this.writer)
    const number = this.#names.size
    this.#names.set(name, number)
    return number
  }

  /** Takes a change back that cannot be written. Names it introduced go with it. */
  #change(write: () => void): void {
    if (this.writer.busy)
      throw typeError('a change was made while another is being encoded; do not write from a getter')
    const { position } = this.writer
    const names = this.#names.size
    this.writer.valueStart = position
    this.writer.busy = true
    try {
      write()
      this.length++
    } catch (error) {
      this.writer.position = position
      // Written again by the next edge: saying it twice does no harm.
      this.#ended.clear()
      for (const name of [...this.#names.keys()].slice(names)) this.#names.delete(name)
      throw error
    } finally {
      this.writer.busy = false
    }
  }
}

/** What indexes and constraints do; the numbers are those of `crate/graph/src/spec.rs`. */
export const IndexKind = { Range: 0, Unique: 1, Exists: 2, Key: 3, Text: 4 } as const

/** An index or constraint to be created, checked. */
export interface IndexSpec {
  readonly name: string
  readonly edges: boolean
  readonly kind: number
  readonly label: string | undefined
  readonly properties: readonly string[]
}

/** What a full-text index has besides, checked. */
export interface TextSpec {
  readonly labels: readonly string[]
  readonly k1: number | undefined
  readonly b: number | undefined
  readonly stopWords: readonly string[]
}

/** An index as the addon takes it. */
export class IndexBuffer extends Sequence {
  constructor(spec: IndexSpec, text?: TextSpec) {
    super()
    writeText('name', spec.name, this.writer)
    this.count(spec.edges ? 1 : 0)
    this.count(spec.kind)
    if (spec.label === undefined) this.null()
    else writeText('label', spec.label, this.writer)
    this.#texts('property', spec.properties)
    if (text === undefined) return
    this.#texts('label', text.labels)
    this.#float(text.k1)
    this.#float(text.b)
    this.#texts('stop word', text.stopWords)
  }

  #texts(what: string, texts: readonly string[]): void {
    writeListHead(texts.length, this.writer)
    for (const text of texts) writeText(what, text, this.writer)
  }

  #float(value: number | undefined): void {
    if (value === undefined) this.null()
    else writeFloat(value, this.writer)
  }
}

const Request = {
  Node: 1,
  Edge: 2,
  Find: 3,
  Neighbors: 4,
  Path: 5,
  PathToFitting: 6,
  Expand: 7,
  CountNodes: 8,
  CountEdges: 9,
  Indexes: 10,
  Verify: 11,
  Search: 12,
  Counts: 13,
  AllIndexes: 14,
  Nodes: 15,
  Edges: 16,
} as const

const directions: Readonly<Record<Direction, number>> = { out: 0, in: 1, both: 2 }

/** Which nodes a question is about, checked. */
export interface NodeTest {
  readonly label: string | undefined
  readonly where: unknown
}

/** Which edges a question follows, checked. */
export interface EdgeTest {
  readonly direction: Direction
  readonly types: readonly string[]
}

/** A direction's name. */
export function isDirection(value: unknown): value is Direction {
  return typeof value === 'string' && Object.hasOwn(directions, value)
}

/** One question. */
export class Question extends Sequence {
  node(id: number): this {
    return this.#ask(Request.Node, id)
  }

  edge(id: number): this {
    return this.#ask(Request.Edge, id)
  }

  find(test: NodeTest, limit: number | undefined, whole: boolean): this {
    this.count(Request.Find)
    this.#test(test)
    this.#optional(limit)
    this.count(whole ? 1 : 0)
    return this
  }

  /** `form`: 0 for node, edge and direction of each, 1 for whole edges and nodes, 2 for nodes alone. */
  neighbors(id: number, edges: EdgeTest, test: NodeTest, limit: number | undefined, form: 0 | 1 | 2): this {
    this.#ask(Request.Neighbors, id)
    this.#edges(edges)
    this.#test(test)
    this.#optional(limit)
    this.count(form)
    return this
  }

  path(from: number, to: number | NodeTest, edges: EdgeTest, maxDepth: number | undefined): this {
    if (typeof to === 'number') {
      this.#ask(Request.Path, from)
      this.count(to)
    } else {
      this.#ask(Request.PathToFitting, from)
      this.#test(to)
    }
    this.#edges(edges)
    this.#optional(maxDepth)
    return this
  }

  expand(from: number, edges: EdgeTest, maxDepth: number | undefined, limit: number | undefined): this {
    this.#ask(Request.Expand, from)
    this.#edges(edges)
    this.#optional(maxDepth)
    this.#optional(limit)
    return this
  }

  countNodes(label: string | undefined): this {
    this.count(Request.CountNodes)
    this.#label(label)
    return this
  }

  countEdges(): this {
    this.count(Request.CountEdges)
    return this
  }

  indexes(): this {
    this.count(Request.Indexes)
    return this
  }

  search(index: string, query: string, skip: number | undefined, limit: number | undefined): this {
    this.count(Request.Search)
    writeText('index', index, this.writer)
    writeText('query', query, this.writer)
    this.#optional(skip)
    this.#optional(limit)
    this.count(1)
    return this
  }

  counts(): this {
    this.count(Request.Counts)
    return this
  }

  allIndexes(): this {
    this.count(Request.AllIndexes)
    return this
  }

  /** The nodes or edges that follow an id. */
  following(of: 'nodes' | 'edges', after: number | undefined, limit: number): this {
    this.count(of === 'nodes' ? Request.Nodes : Request.Edges)
    this.#optional(after)
    this.count(limit)
    return this
  }

  verify(): this {
    this.count(Request.Verify)
    return this
  }

  #ask(request: number, id: number): this {
    this.count(request)
    this.count(id)
    return this
  }

  #test({ label, where }: NodeTest): void {
    this.#label(label)
    if (where === undefined) this.null()
    else this.properties('where', where, 'refused')
  }

  #label(label: string | undefined): void {
    if (label === undefined) this.null()
    else writeText('label', label, this.writer)
  }

  #edges({ direction, types }: EdgeTest): void {
    this.count(directions[direction])
    writeListHead(types.length, this.writer)
    for (const type of types) writeText('type', type, this.writer)
  }

  #optional(value: number | undefined): void {
    if (value === undefined) this.null()
    else this.count(value)
  }
}
