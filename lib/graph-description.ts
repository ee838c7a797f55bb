/**
 * What a graph has: its answers, and walks over all of it.
 */
import { Question } from './graph-buffer.js'
import { edgeOf, nodeOf, type EdgeRow, type NodeRow } from './graph-core.js'
import type { GraphDescription, GraphEdge, GraphIndexInfo, GraphNode } from './graph-types.js'

/** Asks one question. */
export type Ask = (question: () => Question) => unknown

const kinds = ['range', 'unique', 'existence', 'key', 'fulltext'] as const
/** Nodes or edges of one answer. */
const PAGE = 1_000

/** Counts, labels, types and indexes. */
export function describeGraph(ask: Ask): GraphDescription {
  const [nodes, edges, labels, types] = ask(() => new Question().counts()) as [
    number,
    number,
    (string | number)[],
    (string | number)[],
  ]
  return { nodes, edges, labels: numbersOf(labels), types: numbersOf(types), indexes: allIndexes(ask) }
}

function numbersOf(pairs: readonly (string | number)[]): Record<string, number> {
  const entries: [string, number][] = []
  for (let at = 0; at < pairs.length; at += 2) entries.push([pairs[at] as string, pairs[at + 1] as number])
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function allIndexes(ask: Ask): GraphIndexInfo[] {
  const rows = ask(() => new Question().allIndexes()) as [string, boolean, string | null, string[], number, boolean][]
  return rows.map(([name, onEdges, label, properties, kind, isBuilding]) => ({
    name,
    on: onEdges ? 'edges' : 'nodes',
    ...(label !== null && { label }),
    properties,
    kind: kinds[kind]!,
    isBuilding,
  }))
}

/** Every node, in the order of the ids. */
export function allNodes(ask: Ask): IterableIterator<GraphNode> {
  return allOf(ask, 'nodes', nodeOf)
}

/** Every edge, in the order of the ids. */
export function allEdges(ask: Ask): IterableIterator<GraphEdge> {
  return allOf(ask, 'edges', edgeOf)
}

function* allOf<R extends NodeRow | EdgeRow, E>(
  ask: Ask,
  kind: 'nodes' | 'edges',
  entityOf: (row: R) => E,
): IterableIterator<E> {
  for (let after: number | undefined; ;) {
    const rows = ask(() => new Question().following(kind, after, PAGE)) as R[]
    for (const row of rows) yield entityOf(row)
    if (rows.length < PAGE) return
    after = rows.at(-1)![0]
  }
}
