/**
 * Changes of a graph: one by one inside a transaction, or many in a batch.
 */
import { SledStoreError, typeError, wrongType } from './errors.js'
import { Changes, checkName, Mode, namesOf } from './graph-buffer.js'
import type { GraphCore } from './graph-core.js'
import { mergeEdge, mergeNode, type Merged, type MergeEdge, type MergeNode } from './graph-merge.js'
import { checkId, GraphReaderCore, type GraphReader } from './graph-reader.js'
import type { AnyGraph, EdgeUpdate, GraphTypes, LabelOf, NewEdge, NewNode, NodeUpdate, TypeOf } from './graph-types.js'
import { checkBoolean, checkNames } from './options.js'
import type { ReaderCore } from './snapshot.js'

/**
 * Changes of a graph that take effect together, as the methods of {@link Graph} make them.
 *
 * In a batch they fail at its end; in a transaction each fails at once, with `NOT_FOUND` for a node or edge that is
 * missing and `UNIQUE_VIOLATION`, and leaves nothing behind.
 */
export interface GraphWriter<T extends GraphTypes = AnyGraph> {
  addNode<L extends LabelOf<T>>(node?: NewNode<T, L>): number
  addEdge<K extends TypeOf<T>>(edge: NewEdge<T, K>): number
  updateNode<L extends LabelOf<T> = LabelOf<T>>(id: number, update: NodeUpdate<T, L>): void
  updateEdge<K extends TypeOf<T> = TypeOf<T>>(id: number, update: EdgeUpdate<T, K>): void
  removeNode(id: number): void
  removeEdge(id: number): void
}

/** A graph inside a transaction: reads see its own changes, which take effect when the transaction commits. */
export interface GraphTransaction<T extends GraphTypes = AnyGraph> extends GraphReader<T>, GraphWriter<T> {
  /** As `merge` of {@link Graph}. */
  merge<L extends LabelOf<T>>(node: MergeNode<T, L>): Merged
  /** As `mergeEdge` of {@link Graph}. */
  mergeEdge<K extends TypeOf<T>>(edge: MergeEdge<T, K>): Merged
}

/** Adds a node to changes; gives its id. */
export function addNode(core: GraphCore, changes: Changes, node: NewNode = {}): number {
  checkNames('addNode', node, ['labels', 'properties'])
  const labels = namesOf('labels', node.labels)
  const { schema } = core
  const properties = schema === undefined ? node.properties : schema.node(labels, node.properties)
  const id = core.nodes.take()
  changes.addNode(id, labels, properties)
  return id
}

/** Adds an edge to changes; gives its id. */
export function addEdge(core: GraphCore, changes: Changes, edge: NewEdge): number {
  checkNames('addEdge', edge, ['type', 'source', 'target', 'properties'])
  const { type } = edge
  checkName('type', type)
  const properties = core.schema === undefined ? edge.properties : core.schema.edge(type, edge.properties)
  const source = checkId('source', edge.source)
  const target = checkId('target', edge.target)
  const id = core.edges.take()
  changes.addEdge(id, type, source, target, properties, core.schema?.endsOf(type))
  return id
}

/** Adds the update of a node to changes. */
export function updateNode({ schema }: GraphCore, changes: Changes, id: number, update: NodeUpdate): void {
  checkNames('updateNode', update, ['properties', 'replace', 'addLabels', 'removeLabels'])
  let { properties }: { readonly properties?: object } = update
  const mode = propertyMode(update.replace, properties)
  const [add, remove] = [namesOf('addLabels', update.addLabels), namesOf('removeLabels', update.removeLabels)]
  if (schema !== undefined) {
    schema.checkLabels([...add, ...remove])
    if (properties !== undefined) properties = schema.nodeChange(properties)
  }
  changes.updateNode(checkId('id', id), mode, properties, add, remove)
}

/** Adds the update of an edge to changes. */
export function updateEdge({ schema }: GraphCore, changes: Changes, id: number, update: EdgeUpdate): void {
  checkNames('updateEdge', update, ['properties', 'replace'])
  let { properties }: { readonly properties?: object } = update
  if (schema !== undefined && properties !== undefined) properties = schema.edgeChange(properties)
  changes.updateEdge(checkId('id', id), propertyMode(update.replace, properties), properties)
}

function propertyMode(replace: unknown, properties: unknown): number {
  const replaces = checkBoolean('replace', replace, false)
  if (properties === undefined && !replaces) return Mode.Leave
  if (properties === undefined) throw wrongType('properties', 'given when replace is true', properties)
  return replaces ? Mode.Replace : Mode.Merge
}

/** What `graph.batch` hands to its function; it ends with it. */
export class GraphBatch {
  readonly #core: GraphCore
  #changes: Changes | undefined = new Changes()

  constructor(core: GraphCore) {
    this.#core = core
  }

  addNode(node?: NewNode): number {
    return addNode(this.#core, this.#use(), node)
  }

  addEdge(edge: NewEdge): number {
    return addEdge(this.#core, this.#use(), edge)
  }

  updateNode(id: number, update: NodeUpdate): void {
    updateNode(this.#core, this.#use(), id, update)
  }

  updateEdge(id: number, update: EdgeUpdate): void {
    updateEdge(this.#core, this.#use(), id, update)
  }

  removeNode(id: number): void {
    this.#use().removeNode(checkId('id', id))
  }

  removeEdge(id: number): void {
    this.#use().removeEdge(checkId('id', id))
  }

  commit(mode: number): void {
    const changes = this.#use()
    if (changes.length > 0) this.#core.change(changes, mode)
  }

  end(): void {
    this.#changes?.release()
    this.#changes = undefined
  }

  #use(): Changes {
    this.#core.store.checkOpen()
    if (this.#changes !== undefined) return this.#changes
    throw new SledStoreError('ENDED', 'the batch has ended; use it only inside the function given to graph.batch')
  }
}

/** {@link GraphTransaction} without its types. */
export class GraphTransactionCore extends GraphReaderCore {
  readonly #transaction: ReaderCore

  constructor(core: GraphCore, transaction: ReaderCore) {
    super(core, transaction)
    this.#transaction = transaction
  }

  addNode(node?: NewNode): number {
    return this.#change((changes) => addNode(this.core, changes, node))
  }

  addEdge(edge: NewEdge): number {
    return this.#change((changes) => addEdge(this.core, changes, edge))
  }

  updateNode(id: number, update: NodeUpdate): void {
    this.#change((changes) => updateNode(this.core, changes, id, update))
  }

  updateEdge(id: number, update: EdgeUpdate): void {
    this.#change((changes) => updateEdge(this.core, changes, id, update))
  }

  removeNode(id: number): void {
    this.#change((changes) => changes.removeNode(checkId('id', id)))
  }

  removeEdge(id: number): void {
    this.#change((changes) => changes.removeEdge(checkId('id', id)))
  }

  merge(node: MergeNode): Merged {
    return mergeNode(this.core, this, node)
  }

  mergeEdge(edge: MergeEdge): Merged {
    return mergeEdge(this.core, this, edge)
  }

  override stream(): never {
    throw typeError('rows do not stream inside a transaction; take toArray, toArrayAsync, query or run there')
  }

  #change<R>(write: (changes: Changes) => R): R {
    this.#transaction.checkUsable()
    const changes = new Changes()
    try {
      const result = write(changes)
      // One change a buffer: only a single change is atomic inside a transaction.
      this.core.change(changes, this.#transaction.reader)
      return result
    } finally {
      changes.release()
    }
  }
}
