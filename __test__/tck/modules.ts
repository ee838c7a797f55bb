/** The modules of the runner, which are JavaScript, with the types that its tests need. */

export interface RawStep {
  readonly text: string
  readonly docString?: string
  readonly table?: string[][]
}

export interface Scenario {
  readonly id: string
  readonly folder: string
  readonly feature: string
  readonly steps: readonly RawStep[]
}

export interface Kit {
  readonly scenarios: readonly Scenario[]
  readonly graphs: string
}

export interface Outcome {
  readonly id: string
  readonly folder: string
  readonly failure: string | undefined
}

export interface Summary {
  readonly passed: number
  readonly failed: number
  readonly total: number
  readonly folders: Record<string, { readonly passed: number; readonly failed: number }>
  readonly failing: readonly string[]
  readonly skipped?: string
  readonly error?: string
}

export type Properties = Record<string, unknown>

export interface Node {
  readonly id: unknown
  readonly labels: string[]
  readonly properties: Properties
}

export interface Relationship {
  readonly start: unknown
  readonly end: unknown
  readonly type: string
  readonly properties: Properties
}

export interface Result {
  readonly columns: unknown
  readonly rows: unknown
}

export interface FakeGraph {
  readonly nodes: Node[]
  readonly relationships: Relationship[]
  readonly procedures: { readonly signature: Signature; readonly rows: unknown[][] }[]
  readonly isDropped: boolean
  addNode(labels?: string[], properties?: Properties): Node
  addRelationship(start: Node, end: Node, type: string, properties?: Properties): Relationship
}

export type Answer = (graph: FakeGraph, parameters: Properties) => Result | void

export interface Engine {
  graph(): Promise<FakeGraph>
  close(): Promise<void>
  readonly graphs: readonly FakeGraph[]
}

export interface Signature {
  readonly name: string
  readonly parameters: readonly { readonly name: string; readonly type: string; readonly nullable: boolean }[]
}

async function load<T>(name: string): Promise<T> {
  return (await import(new URL(`${name}.mjs`, import.meta.url).href)) as T
}

export const { kitFolder, readFeature, readKit } = await load<{
  kitFolder: string
  readFeature(text: string, path: string): Scenario[]
  readKit(folder: string): Kit | undefined
}>('kit')

export const { fakeEngine } = await load<{ fakeEngine(answers: Record<string, Answer>): Engine }>('fake-engine')

export const { runScenario } = await load<{
  runScenario(scenario: Scenario, engine: Engine, graphs: string): Promise<string | undefined>
}>('scenario')

export const { readStep } = await load<{ readStep(raw: RawStep): { readonly is: string } & Properties }>('steps')

export const { parseValue } = await load<{ parseValue(text: string): unknown }>('parse-value')

export const { matches } = await load<{
  matches(expected: unknown, actual: unknown, anyElementOrder?: boolean): boolean
}>('compare')

export const { answersOf, parseSignature, textOf } = await load<{
  answersOf(signature: Signature, rows: unknown[][]): (parameters: unknown[]) => unknown[][]
  parseSignature(text: string): Signature
  textOf(signature: Signature): string
}>('procedure')

export const { Node, Path, Relationship, Temporal, format } = await load<{
  Node: new (id: unknown, labels?: string[], properties?: Properties) => Node
  Path: new (nodes: Node[], relationships?: Relationship[]) => object
  Relationship: new (id: unknown, start: unknown, end: unknown, type: string, properties?: Properties) => Relationship
  Temporal: new (text: string) => object
  format(value: unknown): string
}>('values')

export const { Skipped, runKit } = await load<{
  Skipped: new () => Error
  runKit(
    kit: Kit,
    options?: { engine?: string; limit?: number; lanes?: number; hear?: (outcome: Outcome, done: number) => void },
  ): Promise<Outcome[]>
}>('run')

export const { problemsOf, readFailing, summarize } = await load<{
  problemsOf(outcomes: readonly Outcome[], listed: readonly string[], of: { whole: boolean }): string[]
  readFailing(): string[]
  summarize(outcomes: readonly Outcome[]): Summary
}>('report')
