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

/** The same namespaces of the store and of the reference. */
interface Pair {
  real: Subject
  model: Subject
  of(store: Subject, name: string): Rows
}

it('a store and its model agree', async () => {
  console.log(`SLEDSTORE_SEED=${seed}`)
  const random = randomFrom(seed)
  const path = folder()
  const options = {
    durability: 'os',
    profile: 'embedded',
    tuning: { memtableBytes: 64 << 10, blockBytes: 512 },
  } as const
  let store = await SledStore.open(path, options)
  const model = await openReference()
  let snapshots: [Subject['snapshot'] extends () => infer S ? S : never, unknown][] = []
  const of: Pair['of'] = (subject, name) => subject.namespace(name, shape) as Rows

  const someKey = (): readonly [string, number] => ['abc'[random(3)]! + '\0é'.slice(0, random(3)), random(40) - 20]
  const someValue = (): unknown =>
    [
      random(1_000),
      'x'.repeat(random(300)),
      { a: random(9), b: [null, true] },
      'L'.repeat(5_000 + random(9_000)),
      null,
    ][Math.min(random(12), 4)]
  const someRange = () => {
    const bounds: Record<string, unknown> = {}
    if (random(3) === 0) bounds['prefix'] = [[], ['a'], someKey()][random(3)]
    if (random(3) === 0) bounds[random(2) === 0 ? 'gt' : 'gte'] = someKey()
    if (random(3) === 0) bounds[random(2) === 0 ? 'lt' : 'lte'] = someKey()
    return bounds
  }
  const both = async (act: (subject: Subject) => unknown): Promise<void> => {
    same(await act(store), await act(model))
  }

  for (let step = 0; step < STEPS; step++) {
    const name = names[random(3)]!
    const [at, value, range] = [someKey(), someValue(), someRange()]
    const choice = random(100)
    if (choice < 35) await both((subject) => of(subject, name).put(at, value))
    else if (choice < 45) await both((subject) => of(subject, name).delete(at))
    else if (choice < 47) await both((subject) => of(subject, name).clear(range))
    else if (choice < 55) {
      const writes = Array.from(
        { length: random(20) },
        () => [names[random(3)]!, someKey(), someValue(), random(4)] as const,
      )
      await both((subject) =>
        subject.batch((batch) => {
          for (const [of2, key2, value2, kind] of writes) {
            if (kind === 0) batch.delete(of(subject, of2), key2)
            else batch.put(of(subject, of2), key2, value2)
          }
        }),
      )
    } else if (choice < 62) {
      const clears = random(2) === 0
      await both((subject) =>
        subject.transaction((tx) => {
          const rows = of(subject, name)
          const before = tx.get(rows, at)
          tx.put(rows, at, value)
          if (clears) tx.clear(rows, { lt: ['a', -10] })
          return [before, tx.get(rows, at), [...tx.keys(rows, { prefix: ['a'] })]]
        }),
      )
    } else if (choice < 68) {
      const expected = random(2) === 0 ? undefined : of(store, name).get(at)
      await both((subject) => of(subject, name).compareAndSet(at, expected, value))
    } else if (choice < 80) await both((subject) => of(subject, name).get(at))
    else if (choice < 90) {
      const order = { ...range, reverse: random(2) === 0, limit: random(60) }
      await both((subject) => [...of(subject, name).scan(order)])
      same(await collect(of(store, name).scanAsync(order)), [...of(model, name).scan(order)])
    } else if (choice < 93) await both((subject) => of(subject, name).count(range))
    else if (choice < 95) {
      const wanted = [at, someKey(), someKey()]
      await both((subject) => of(subject, name).getManyAsync(wanted))
    } else if (choice < 97 && snapshots.length < 4) {
      const snapshot = store.snapshot()
      snapshots.push([snapshot, names.map((each) => [...of(model, each).scan()])])
    } else if (choice < 98) await store.compact()
    else if (choice < 99) {
      for (const [snapshot, state] of snapshots) {
        same(
          names.map((each) => [...snapshot.scan(of(store, each))]),
          state,
        )
        snapshot.close()
      }
      snapshots = []
    } else {
      for (const [snapshot] of snapshots) snapshot.close()
      snapshots = []
      await store.close()
      store = await SledStore.open(path, options)
    }
  }
  for (const name of names) same([...of(store, name).scan()], [...of(model, name).scan()])
  expect((await store.verify()).findings).toEqual([])
  await store.close()
})

async function collect<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const row of rows) all.push(row)
  return all
}
