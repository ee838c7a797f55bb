/** Random operations through the public API against the reference store, with reopening, compaction and snapshots. */
import { deepStrictEqual as same } from 'node:assert/strict'
import { expect, it } from 'vitest'
import { codec, key, SledStore, type Namespace } from '../../lib/index.js'
import type { Subject } from '../conformance/subject.js'
import { freshFolders } from '../helpers/folder.js'
import { openReference } from '../helpers/reference-store.js'

const folder = freshFolders()
const seed = Number(process.env['SLEDSTORE_SEED'] ?? Date.now() % 2 ** 31)
const STEPS = 4_000

/** mulberry32 */
function randomFrom(start: number): (limit: number) => number {
  let state = start
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}

type Rows = Namespace<readonly [string, number], unknown, readonly [] | readonly [string] | readonly [string, number]>
const shape = { key: key.tuple(key.string, key.number), value: codec.msgpack() }
const names = ['one', 'two', 'three']

const options = {
  durability: 'os',
  profile: 'embedded',
  tuning: { memtableBytes: 64 << 10, blockBytes: 512 },
} as const

type Snapshot = Subject['snapshot'] extends () => infer S ? S : never
type Random = (limit: number) => number

const rowsOf = (subject: Subject, name: string): Rows => subject.namespace(name, shape) as Rows

const someKey = (random: Random): readonly [string, number] => [
  'abc'[random(3)]! + '\0é'.slice(0, random(3)),
  random(40) - 20,
]

function someValue(random: Random): unknown {
  const values = [
    random(1_000),
    'x'.repeat(random(300)),
    { a: random(9), b: [null, true] },
    'L'.repeat(5_000 + random(9_000)),
    null,
  ]
  return values[Math.min(random(12), 4)]
}

function someRange(random: Random): Record<string, unknown> {
  const bounds: Record<string, unknown> = {}
  if (random(3) === 0) bounds['prefix'] = [[], ['a'], someKey(random)][random(3)]
  if (random(3) === 0) bounds[random(2) === 0 ? 'gt' : 'gte'] = someKey(random)
  if (random(3) === 0) bounds[random(2) === 0 ? 'lt' : 'lte'] = someKey(random)
  return bounds
}

/** A store and its reference on the way through the same operations. */
class Run {
  readonly random = randomFrom(seed)
  snapshots: [Snapshot, unknown][] = []

  constructor(
    readonly path: string,
    public store: SledStore,
    readonly model: Subject,
  ) {}

  async both(act: (rows: Rows, subject: Subject) => unknown): Promise<void> {
    const name = names[this.random(3)]!
    same(await act(rowsOf(this.store, name), this.store), await act(rowsOf(this.model, name), this.model))
  }

  batch(): Promise<void> {
    const random = this.random
    const write = () => [names[random(3)]!, someKey(random), someValue(random), random(4)] as const
    const writes = Array.from({ length: random(20) }, write)
    return this.both((_, subject) =>
      subject.batch((batch) => {
        for (const [name, at, value, kind] of writes) {
          if (kind === 0) batch.delete(rowsOf(subject, name), at)
          else batch.put(rowsOf(subject, name), at, value)
        }
      }),
    )
  }

  transaction(): Promise<void> {
    const [at, value, clears] = [someKey(this.random), someValue(this.random), this.random(2) === 0]
    return this.both((rows, subject) =>
      subject.transaction((tx) => {
        const before = tx.get(rows, at)
        tx.put(rows, at, value)
        if (clears) tx.clear(rows, { lt: ['a', -10] })
        return [before, tx.get(rows, at), [...tx.keys(rows, { prefix: ['a'] })]]
      }),
    )
  }

  async scan(): Promise<void> {
    const random = this.random
    const order = { ...someRange(random), reverse: random(2) === 0, limit: random(60) }
    await this.both((rows) => [...rows.scan(order)])
    const name = names[random(3)]!
    same(await collect(rowsOf(this.store, name).scanAsync(order)), [...rowsOf(this.model, name).scan(order)])
  }

  snapshot(): void {
    if (this.snapshots.length === 4) return
    const state = names.map((name) => [...rowsOf(this.model, name).scan()])
    this.snapshots.push([this.store.snapshot(), state])
  }

  checkSnapshots(): void {
    for (const [snapshot, state] of this.snapshots) {
      const found = names.map((name) => [...snapshot.scan(rowsOf(this.store, name))])
      same(found, state)
      snapshot.close()
    }
    this.snapshots = []
  }

  async reopen(): Promise<void> {
    for (const [snapshot] of this.snapshots) snapshot.close()
    this.snapshots = []
    await this.store.close()
    this.store = await SledStore.open(this.path, options)
  }

  /** One operation; each stands with the number below which its turn is, of a hundred. */
  async step(): Promise<void> {
    const random = this.random
    const [at, value, range] = [someKey(random), someValue(random), someRange(random)]
    const expected = random(2) === 0 ? undefined : rowsOf(this.store, 'one').get(at)
    const keys = [at, someKey(random), someKey(random)]
    const turns: [number, () => unknown][] = [
      [35, () => this.both((rows) => rows.put(at, value))],
      [45, () => this.both((rows) => rows.delete(at))],
      [47, () => this.both((rows) => rows.clear(range))],
      [55, () => this.batch()],
      [62, () => this.transaction()],
      [68, () => this.both((rows) => rows.compareAndSet(at, expected, value))],
      [80, () => this.both((rows) => rows.get(at))],
      [90, () => this.scan()],
      [93, () => this.both((rows) => rows.count(range))],
      [95, () => this.both((rows) => rows.getManyAsync(keys))],
      [97, () => this.snapshot()],
      [98, () => this.store.compact()],
      [99, () => this.checkSnapshots()],
      [100, () => this.reopen()],
    ]
    const choice = random(100)
    await turns.find(([below]) => choice < below)?.[1]()
  }
}

it('a store and its model agree', async () => {
  console.log(`SLEDSTORE_SEED=${seed}`)
  const path = folder()
  const run = new Run(path, await SledStore.open(path, options), await openReference())
  for (let step = 0; step < STEPS; step++) await run.step()
  run.checkSnapshots()
  for (const name of names) same([...rowsOf(run.store, name).scan()], [...rowsOf(run.model, name).scan()])
  expect((await run.store.verify()).findings).toEqual([])
  await run.store.close()
})

async function collect<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const row of rows) all.push(row)
  return all
}
