/** Graphs of graphology, by the object that they serialize to. */
import { SledStoreError, type LoadEdge, type LoadNode, type LoadResult, type Properties } from 'sledstore'
import type { ImportOptions, LoadableGraph, ReadableGraph } from './graph.js'

type Attributes = Readonly<Record<string, unknown>>

/** What graphology's `graph.export()` gives. */
export interface SerializedGraph {
  readonly options?: { readonly type?: string; readonly multi?: boolean; readonly allowSelfLoops?: boolean }
  readonly attributes?: Attributes
  readonly nodes: readonly { readonly key: string; readonly attributes?: Attributes }[]
  readonly edges: readonly {
    readonly key?: string
    readonly source: string
    readonly target: string
    readonly attributes?: Attributes
    readonly undirected?: boolean
  }[]
}

/** A graph of graphology, as far as it is used. */
export interface GraphologyLike {
  export(): SerializedGraph
  import(data: SerializedGraph): unknown
}

/** Which attributes are labels and types. */
export interface GraphologyOptions {
  /** The attribute of nodes with their label, or labels. Default: `labels`. */
  readonly labels?: string
  /** The attribute of edges with their type. Default: `type`. */
  readonly type?: string
}

/** How a graph of graphology is loaded. */
export interface GraphologyImportOptions extends ImportOptions, GraphologyOptions {
  /** The type of edges without one. Default: `EDGE`. */
  readonly defaultType?: string
}

function without(attributes: Attributes, name: string): Properties {
  return Object.fromEntries(Object.entries(attributes).filter(([other]) => other !== name)) as Properties
}

/**
 * Loads a graph of graphology, or what its `export` gives. Attributes become properties; an undirected edge leads from
 * its source to its target.
 *
 * @example
 * ```ts
 * await importGraphology(graph, graphologyGraph, { defaultType: 'KNOWS' })
 * ```
 */
export async function importGraphology(
  graph: LoadableGraph,
  from: SerializedGraph | Pick<GraphologyLike, 'export'>,
  options: GraphologyImportOptions = {},
): Promise<LoadResult> {
  const { labels = 'labels', type = 'type', defaultType = 'EDGE', ...others } = options
  const { nodes, edges } = 'export' in from ? from.export() : from
  async function* loadNodes(): AsyncGenerator<LoadNode> {
    for (const { key, attributes = {} } of nodes) {
      const names = attributes[labels]
      const isNamed = typeof names === 'string' || Array.isArray(names)
      yield {
        key,
        labels: isNamed ? (names as string | string[]) : [],
        properties: isNamed ? without(attributes, labels) : (attributes as Properties),
      }
    }
  }
  async function* loadEdges(): AsyncGenerator<LoadEdge> {
    for (const { source, target, attributes = {} } of edges) {
      const name = attributes[type]
      const isNamed = typeof name === 'string'
      yield {
        type: isNamed ? name : defaultType,
        source,
        target,
        properties: isNamed ? without(attributes, type) : (attributes as Properties),
      }
    }
  }
  return graph.load({ nodes: loadNodes(), edges: loadEdges() }, others)
}

/**
 * Gives a graph in the form that graphology's `import` takes: directed, with parallel edges, ids as keys.
 *
 * @example
 * ```ts
 * const drawn = new MultiDirectedGraph()
 * drawn.import(exportGraphology(graph))
 * ```
 */
export function exportGraphology(graph: ReadableGraph, options: GraphologyOptions = {}): SerializedGraph {
  const { labels: labelsName = 'labels', type: typeName = 'type' } = options
  return {
    options: { type: 'directed', multi: true, allowSelfLoops: true },
    attributes: {},
    nodes: [...graph.nodes()].map(({ id, labels, properties }) => ({
      key: String(id),
      attributes: attributesOf(`node ${id}`, properties, labelsName, [...labels]),
    })),
    edges: [...graph.edges()].map(({ id, type, source, target, properties }) => ({
      key: String(id),
      source: String(source),
      target: String(target),
      attributes: attributesOf(`edge ${id}`, properties, typeName, type),
    })),
  }
}

/** Properties, and the attribute that says what it is. */
function attributesOf(what: string, properties: Attributes, name: string, value: unknown): Attributes {
  if (!Object.hasOwn(properties, name)) return { ...properties, [name]: value }
  const message = `${what} has a property ${name}; name the attribute otherwise by the options labels and type`
  throw new SledStoreError('INVALID_ARGUMENT', message)
}
