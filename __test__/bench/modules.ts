/** The modules of the bench, which are JavaScript, with the types that its tests need. */

export interface Run {
  readonly workload: string
  readonly engine: string
  readonly package: string
  readonly setting: string
  readonly durability: string
  readonly rows: number
  readonly valueBytes: number
  readonly memoryBytes: number
  readonly seed: number
  readonly round: number
  readonly version: string
  readonly node: string
  readonly metrics: { readonly [metric: string]: number | undefined }
}

export interface BenchRecord {
  readonly suite: string
  readonly workload: string
  readonly engine: string
  readonly metric: string
  readonly value: number
  readonly unit: string
  readonly spread: number
  readonly rounds: number
  readonly rows: number
  readonly durability: string
  readonly params: { readonly setting: string; readonly package: string; readonly valueBytes: number }
}

export interface BenchResult {
  readonly commit: string
  readonly machine: { readonly cores: number; readonly processor: string }
  readonly sessions: readonly { readonly date: string; readonly load: readonly number[] }[]
  readonly records: readonly BenchRecord[]
}

export interface BenchStore {
  [operation: string]: (...parameters: never[]) => unknown
}

/** A module of the bench, by its path there. */
export async function benchModule<T>(path: string): Promise<T> {
  return (await import(new URL(`../../bench/${path}`, import.meta.url).href)) as T
}

/** A run of put-single by SledStore with one figure; tests change what they are about. */
export function runOf(changes: Partial<Run> = {}): Run {
  return {
    workload: 'put-single',
    engine: 'sledstore',
    package: 'sledstore',
    setting: 'default',
    durability: 'os',
    rows: 1_000_000,
    valueBytes: 100,
    memoryBytes: 128 << 20,
    seed: 1,
    round: 1,
    version: '0.1.0',
    node: '24.0.0',
    metrics: { throughput: 100 },
    ...changes,
  }
}
