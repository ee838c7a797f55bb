/**
 * Bulk load of a graph: nodes and edges are staged as they come, and published by one commit.
 */
import { takeEach, type Entries } from './entries.js'
import { outOfRange, SledStoreError, wrongType } from './errors.js'
import { namesOf } from './graph-buffer.js'
import type { GraphCore } from './graph-core.js'
import { LoadPage } from './graph-load-buffer.js'
import { checkId } from './graph-reader.js'
import type { AnyGraph, GraphTypes, LabelOf, NewNode, TypeOf } from './graph-types.js'
import { native, release, releaseWith } from './internal/native.js'
import {
  checkFunction,
  checkNames,
  checkSignal,
  levelOf,
  throwIfAborted,
  type WorkOptions,
  type WriteOptions,
} from './options.js'

/** What edges of a load call a node by. */
export type LoadKey = string | number | bigint

/** A node to be loaded. */
export interface LoadNode<T extends GraphTypes = AnyGraph, L extends LabelOf<T> = LabelOf<T>> extends NewNode<T, L> {
  /** What edges of the load call it by; not stored. */
  readonly key?: LoadKey
}

/** An edge to be loaded. Its ends are keys of nodes of the load, or `{ id }` of nodes that the graph has. */
export interface LoadEdge<T extends GraphTypes = AnyGraph, K extends TypeOf<T> = TypeOf<T>> {
  readonly type: K
  readonly source: LoadKey | { readonly id: number }
  readonly target: LoadKey | { readonly id: number }
  readonly properties?: T['edges'][K]
}

/** What is loaded: nodes first, then edges. */
export interface GraphSource<T extends GraphTypes = AnyGraph> {
  readonly nodes?: Entries<{ [L in LabelOf<T>]: LoadNode<T, L> }[LabelOf<T>]>
  readonly edges?: Entries<{ [K in TypeOf<T>]: LoadEdge<T, K> }[TypeOf<T>]>
}

/** How far a load is. */
export interface LoadProgress {
  readonly nodes: number
  readonly edges: number
  /** Nodes and edges in a second so far. */
  readonly rate: number
}

/** How a load is answered, followed and ended. */
export interface LoadOptions extends WriteOptions, WorkOptions<LoadProgress> {}

/** What a load has made. Ids ascend without a gap, in the order of the load. */
export interface LoadResult {
  readonly nodes: number
  readonly edges: number
  /** The id of its first node. */
  readonly firstNode: number
  /** The id of its first edge. */
  readonly firstEdge: number
  readonly milliseconds: number
}

/** Loads nodes and edges; nothing is seen before the end, and nothing is left by a load that fails. */
export async function loadGraph(core: GraphCore, source: GraphSource, options: LoadOptions = {}): Promise<LoadResult> {
  checkNames('what is loaded', source, ['edges', 'nodes'])
  checkNames('load', options, ['durability', 'onProgress', 'signal'])
  const { onProgress, signal } = options
  checkFunction('onProgress', onProgress)
  checkSignal(signal)
  const { store } = core
  const level = levelOf(options.durability, store.level)
  throwIfAborted(signal)
  const handle = store.call(() => native.beginGraphLoad(core.handle))
  const loading = new Loading(core, handle, onProgress)
  releaseWith(loading, handle)
  try {
    const { nodes = [], edges = [] } = source
    await takeEach('load', nodes, signal, (node) => loading.node(node))
    await takeEach('load', edges, signal, (edge) => loading.edge(edge))
    return await loading.finish(level, signal)
  } finally {
    release(loading, handle)
  }
}

class Loading {
  readonly #core: GraphCore
  readonly #handle: number
  readonly #onProgress: LoadOptions['onProgress']
  readonly #started = performance.now()
  readonly #page = new LoadPage()
  readonly #places = new Map<LoadKey, number>()
  /** The page that the addon has; the next one is written meanwhile. */
  #sent: Promise<void> = Promise.resolve()
  #nodes = 0
  #edges = 0

  constructor(core: GraphCore, handle: number, onProgress: LoadOptions['onProgress']) {
    this.#core = core
    this.#handle = handle
    this.#onProgress = onProgress
  }

  node(node: unknown): Promise<void> | undefined {
    if (typeof node !== 'object' || node === null) throw wrongType(`node ${this.#nodes + 1} of load`, 'an object', node)
    const { key, labels, properties } = node as LoadNode
    const names = namesOf('labels', labels)
    const { schema } = this.#core
    const stored = schema === undefined ? properties : schema.node(names, properties)
    if (key !== undefined) {
      if (!isKey(key)) throw wrongType(`key of node ${this.#nodes + 1}`, 'a string, number or bigint', key)
      if (this.#places.has(key))
        throw outOfRange(`key of node ${this.#nodes + 1}`, 'that of no other node of the load', key)
      this.#places.set(key, this.#nodes)
    }
    this.#page.node(names, stored)
    this.#nodes++
    return this.#page.isFull ? this.#send() : undefined
  }

  edge(edge: unknown): Promise<void> | undefined {
    if (typeof edge !== 'object' || edge === null) throw wrongType(`edge ${this.#edges + 1} of load`, 'an object', edge)
    const { type, source, target, properties } = edge as LoadEdge
    const { schema } = this.#core
    const stored = schema === undefined ? properties : schema.edge(type, properties)
    const [from, to] = [this.#place(source), this.#place(target)]
    this.#page.edge(
      type,
      from ?? this.#present('source', source),
      from === undefined,
      to ?? this.#present('target', target),
      to === undefined,
      stored,
      schema?.endsOf(type),
    )
    this.#edges++
    return this.#page.isFull ? this.#send() : undefined
  }

  #place(end: unknown): number | undefined {
    return this.#places.get(end as LoadKey)
  }

  /** The id of a node that the graph has. */
  #present(what: string, end: unknown): number {
    if (typeof end === 'object' && end !== null && 'id' in end) return checkId(`${what}.id`, end.id)
    const edge = `edge ${this.#edges + 1} of load`
    if (!isKey(end)) throw wrongType(`${what} of ${edge}`, 'a key of a node, or { id }', end)
    throw new SledStoreError(
      'NOT_FOUND',
      `the ${what} of ${edge} is ${String(end).slice(0, 200)}, the key of no node of the load`,
    )
  }

  async #send(): Promise<void> {
    const { bytes } = this.#page
    await this.#sent
    this.#sent = this.#core.store.job<void>(() => native.graphLoadPage(this.#handle, bytes))
    // Whoever waits for it next is told.
    this.#sent.catch(() => {})
    this.#page.reset()
    this.#onProgress?.(this.#progress())
  }

  #progress(): LoadProgress {
    const [nodes, edges] = [this.#nodes, this.#edges]
    return { nodes, edges, rate: Math.round((1_000 * (nodes + edges)) / (performance.now() - this.#started)) }
  }

  async finish(level: number, signal: AbortSignal | undefined): Promise<LoadResult> {
    const { store } = this.#core
    await this.#send()
    await this.#sent
    throwIfAborted(signal)
    const ids = await store.job<Buffer>(() => native.finishGraphLoad(this.#handle, level))
    this.#onProgress?.(this.#progress())
    return {
      nodes: this.#nodes,
      edges: this.#edges,
      firstNode: Number(ids.readBigUInt64LE(0)),
      firstEdge: Number(ids.readBigUInt64LE(8)),
      milliseconds: performance.now() - this.#started,
    }
  }
}

function isKey(value: unknown): value is LoadKey {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
}
