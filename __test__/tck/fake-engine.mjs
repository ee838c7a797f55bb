/** A small engine for the runner's own tests: a graph in memory, and a fixed answer for each text of a query. */

import { inspections } from './side-effects.mjs'
import { Node, Relationship } from './values.mjs'

/**
 * @typedef {(graph: FakeGraph, parameters: Record<string, unknown>) => unknown} Answer a result, nothing, or an error thrown
 */

export class FakeGraph {
  /** @type {Node[]} */
  nodes = []
  /** @type {Relationship[]} */
  relationships = []
  /** @type {{ signature: object, rows: unknown[][] }[]} */
  procedures = []
  isDropped = false

  /** @param {Record<string, Answer>} answers */
  constructor(answers) {
    this.answers = answers
  }

  addNode(labels = [], properties = {}) {
    const node = new Node(this.nodes.length, labels, properties)
    this.nodes.push(node)
    return node
  }

  addRelationship(start, end, type, properties = {}) {
    const relationship = new Relationship(this.relationships.length, start.id, end.id, type, properties)
    this.relationships.push(relationship)
    return relationship
  }

  async query(text, parameters) {
    const listed = this.#inspect(text)
    if (listed !== undefined) return { columns: listed[0]?.map((_, at) => `c${at}`) ?? [], rows: listed }
    const answer = this.answers[text]
    if (answer === undefined) throw Object.assign(new Error(`no answer for ${text}`), syntaxError)
    return (await answer(this, parameters)) ?? { columns: [], rows: [] }
  }

  #inspect(text) {
    const entities = [...this.nodes, ...this.relationships]
    if (text === inspections.nodes) return this.nodes.map((node) => [node])
    if (text === inspections.relationships) return this.relationships.map((one) => [one])
    if (text === inspections.labels) return [...new Set(this.nodes.flatMap(({ labels }) => labels))].map((one) => [one])
    if (text !== inspections.properties) return undefined
    return entities.flatMap((one) => Object.entries(one.properties).map(([key, value]) => [one, key, value]))
  }

  async registerProcedure(signature, rows) {
    this.procedures.push({ signature, rows })
  }

  async drop() {
    this.isDropped = true
  }
}

const syntaxError = { code: 'QUERY', phase: 'compile time', kind: 'SyntaxError', detail: 'UnexpectedSyntax' }

/** What the command's and the processes' tests ask. */
const answers = {
  'RETURN 1': () => ({ columns: ['1'], rows: [[1n]] }),
  'RETURN 2': () => ({ columns: ['1'], rows: [[2n]] }),
  WAIT: () => new Promise(() => {}),
  SPIN: () => {
    for (;;);
  },
  ABORT: () => {
    process.stderr.write('the engine says farewell\n')
    process.abort()
  },
}

/** Gives an engine of such graphs, and the graphs it made. */
export function fakeEngine(answers) {
  const graphs = []
  const graph = async () => {
    const graph = new FakeGraph(answers)
    graphs.push(graph)
    return graph
  }
  return { graph, close: async () => {}, graphs }
}

export async function openEngine() {
  return fakeEngine(answers)
}
