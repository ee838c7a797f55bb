/**
 * A graph as one environment has it open, and what the addon's answers become.
 */
import { typeError } from './errors.js'
import type { Changes, Question } from './graph-buffer.js'
import type { CheckedGraphSchema } from './graph-schema.js'
import type { EdgeTextHit, GraphEdge, GraphNode, Neighbor, Path, Reached, TextHit } from './graph-types.js'
import { readAnswer } from './graph-value.js'
import type { StoreCore } from './internal/lifecycle.js'
import { native } from './internal/native.js'

const IDS_MIN = 16
const IDS_MAX = 4_096

/** Ids that the addon has set aside, so that what is added has its id at once. */
class Ids {
  readonly #reserve: (count: number) => number
  #next = 0
  #end = 0
  #size = IDS_MIN

  constructor(reserve: (count: number) => number) {
    this.#reserve = reserve
  }

  take(): number {
    if (this.#next === this.#end) {
      this.#next = this.#reserve(this.#size)
      this.#end = this.#next + this.#size
      this.#size = Math.min(4 * this.#size, IDS_MAX)
    }
    return this.#next++
  }
}

/** A graph as this environment has it open. */
export class GraphCore {
  readonly store: StoreCore
  readonly name: string
  readonly handle: number
  /** What is written and asked is checked against it. */
  readonly schema: CheckedGraphSchema | undefined
  readonly nodes: Ids
  readonly edges: Ids

  constructor(store: StoreCore, name: string, schema?: CheckedGraphSchema) {
    this.store = store
    this.name = name
    this.schema = schema
    this.handle = store.call(() => native.graph(store.handle, name))
    this.nodes = new Ids((count) => store.call(() => native.reserveGraphIds(this.handle, false, count)))
    this.edges = new Ids((count) => store.call(() => native.reserveGraphIds(this.handle, true, count)))
  }

  ask(question: Question, reader: number): unknown {
    try {
      const length = this.store.call(() => native.askGraph(this.handle, reader, question.bytes))
      const answer = Buffer.allocUnsafe(length)
      this.store.check(native.take(answer))
      return readAnswer(answer)
    } finally {
      question.release()
    }
  }

  async askAsync(question: Question, reader: number): Promise<unknown> {
    try {
      // The addon copies the question before the call returns.
      const job = this.store.job<Buffer>(() => native.askGraphAsync(this.handle, reader, question.bytes))
      return readAnswer(await job)
    } finally {
      question.release()
    }
  }

  /** `mode` as in `crate/node/src/hot.rs`. */
  change(changes: Changes, mode: number): void {
    this.store.call(() => native.changeGraph(this.handle, changes.bytes, mode))
  }
}

/** A node as the addon answers it. */
export type NodeRow = [id: number, labels: string[], properties: GraphNode['properties']]
/** An edge as the addon answers it. */
export type EdgeRow = [id: number, type: string, source: number, target: number, properties: GraphEdge['properties']]
type PathRow = [nodes: NodeRow[], edges: EdgeRow[]]

/** A node of an answer. */
export function nodeOf(row: NodeRow): GraphNode {
  return { id: row[0], labels: row[1], properties: row[2] }
}

/** An edge of an answer. */
export function edgeOf(row: EdgeRow): GraphEdge {
  return { id: row[0], type: row[1], source: row[2], target: row[3], properties: row[4] }
}

/** Edge and node of each neighbor, one after the other. */
export function neighborsOf(answer: unknown): Neighbor[] {
  const rows = answer as (NodeRow | EdgeRow)[]
  const neighbors: Neighbor[] = []
  for (let at = 0; at < rows.length; at += 2) {
    neighbors.push({ edge: edgeOf(rows[at] as EdgeRow), node: nodeOf(rows[at + 1] as NodeRow) })
  }
  return neighbors
}

/** A path, or none. */
export function pathOf(answer: unknown): Path | undefined {
  if (answer === null) return undefined
  const [nodes, edges] = answer as PathRow
  return { nodes: nodes.map((row) => nodeOf(row)), edges: edges.map((row) => edgeOf(row)) }
}

/** What was found in a full-text index: 0 for nodes or 1 for edges, and each with its score behind it. */
type HitRows = [edges: number, rows: (NodeRow | EdgeRow | number)[]]

/** Nodes that a search found. */
export function hitsOf(index: string, answer: unknown): TextHit[] {
  return scoresOf(index, answer, 0).map(([row, score]) => ({ node: nodeOf(row as NodeRow), score }))
}

/** Edges that a search found. */
export function edgeHitsOf(index: string, answer: unknown): EdgeTextHit[] {
  return scoresOf(index, answer, 1).map(([row, score]) => ({ edge: edgeOf(row as EdgeRow), score }))
}

function scoresOf(index: string, answer: unknown, wanted: number): [row: NodeRow | EdgeRow, score: number][] {
  const [edges, rows] = answer as HitRows
  if (edges !== wanted) {
    const [has, call] = edges === 1 ? ['edges', 'searchEdgeText'] : ['nodes', 'searchText']
    throw typeError(`full-text index "${index}" is over ${has}; ask it by ${call}`)
  }
  const hits: [NodeRow | EdgeRow, number][] = []
  for (let at = 0; at < rows.length; at += 2) hits.push([rows[at] as NodeRow | EdgeRow, rows[at + 1] as number])
  return hits
}

/** Node and depth, one after the other. */
export function reachedOf(answer: unknown): Reached[] {
  const numbers = answer as number[]
  const reached: Reached[] = []
  for (let at = 0; at < numbers.length; at += 2) {
    reached.push({ id: numbers[at] as number, depth: numbers[at + 1] as number })
  }
  return reached
}
