/** The modules of the graph suite, which are JavaScript, with the types that its tests need. */

import { benchModule } from './modules.js'

export interface Graph {
  readonly schema: { readonly label: string; readonly type?: string }
  readonly nodes: readonly {
    readonly key: string
    readonly age: number
    readonly city: string
    readonly name: string
  }[]
  readonly sources: Uint32Array
  readonly targets: Uint32Array
  readonly types: readonly string[]
  readonly edgeColumns: { readonly [name: string]: readonly number[] }
}

export interface Answer {
  readonly rows: number
  readonly hash?: string
  readonly ranks?: readonly number[]
}

export interface GraphStore {
  query(text: string, parameters?: object): unknown[][]
  handlesOf(keys: string[]): unknown[]
  keysOf(handles: unknown[]): string[]
  counts(): [number, number]
  read(key: string): unknown[]
  neighbors(node: unknown): unknown[]
  within(node: unknown, edges: number): unknown[]
  distance(from: unknown, to: unknown): number | undefined
  addEdge(from: unknown, to: unknown, edge: object): void
  pageRank(iterations: number): [unknown, number][]
  loader(): { nodes(): void; edges(): void; finish(): void }
  close(): void
}

export interface GraphAdapter {
  readonly engine: string
  readonly packageName: string
  readonly settings: readonly { readonly name: string; readonly levels: readonly string[] }[]
  readonly can: readonly string[]
  readonly lacks?: { readonly [operation: string]: string }
  load(): Promise<unknown>
  open(native: unknown, folder: string, options: object): Promise<GraphStore>
}

export interface GraphWorkload {
  readonly name: string
  readonly needs: readonly string[]
  readonly metric: string
  readonly store: string
  readonly durability?: string
}

export interface GraphSize {
  readonly name: string
  readonly graph: string
  readonly nodes: number
  readonly edges: number
  readonly rows: number
  readonly memoryBytes: number
  readonly rounds: number
  readonly engines: readonly string[]
  readonly workloads: readonly string[]
}

export const { makeSocialGraph } = await benchModule<{
  makeSocialGraph(size: { nodes: number; edges: number; seed: number }): Graph
}>('graph/social.mjs')

export const { reference } = await benchModule<{ reference: GraphAdapter }>('graph/reference.mjs')

export const { graphAdapters } = await benchModule<{ graphAdapters: GraphAdapter[] }>('graph/adapters/index.mjs')

export const { graphWorkloads } = await benchModule<{ graphWorkloads: GraphWorkload[] }>('graph/workloads/index.mjs')

export const { graphSizes, quickGraphSize, social } = await benchModule<{
  graphSizes: GraphSize[]
  quickGraphSize: GraphSize
  social(nodes: number): { nodes: number; edges: number; rows: number }
}>('graph/sizes.mjs')
