/** The job queue of the examples keeps its promises, by a clock that the test moves. */

import { SledStore, type Batch, type Namespace, type Transaction } from 'sledstore'
import { beforeEach, expect, it } from 'vitest'

interface Job {
  readonly id: string
  readonly payload: unknown
  readonly tries: number
}
interface Queue {
  readonly jobs: Namespace<string, unknown>
  readonly due: Namespace<[number, string], null>
  readonly dead: Namespace<string, unknown>
  readonly isEmpty: boolean
  add(payload: unknown, options?: { delayMs?: number }): Promise<string>
  addTo(writer: Batch | Transaction, payload: unknown): string
  claim(): Promise<Job | undefined>
  complete(job: Job, write?: (transaction: Transaction) => void): Promise<void>
  fail(job: Job, error: unknown): Promise<void>
  revive(id: string): Promise<boolean>
  work(
    perform: (job: Job) => unknown,
    options: { signal?: AbortSignal; drain?: boolean; idleMs?: number },
  ): Promise<void>
}

const source = new URL('../../examples/job-queue/job-queue.mjs', import.meta.url).href
const { JobQueue, LeaseLost } = (await import(source)) as {
  JobQueue: new (store: SledStore, name: string, options: object) => Queue
  LeaseLost: new () => Error
}

let now = 0
let store: SledStore
let queue: Queue

beforeEach(() => {
  now = 1_000_000
  store = SledStore.memory()
  queue = new JobQueue(store, 'test', { leaseMs: 1_000, triesMax: 3, pauseMs: 100, now: () => now })
})

async function claimed(): Promise<Job> {
  const job = await queue.claim()
  if (job === undefined) throw new Error('no job is due')
  return job
}

it('gives jobs in the order they are due, and none before', async () => {
  await queue.add('later', { delayMs: 50 })
  await queue.add('now')
  expect((await claimed()).payload).toBe('now')
  expect(await queue.claim()).toBeUndefined()
  now += 50
  expect((await claimed()).payload).toBe('later')
})

it('gives a job to one of many that ask at once', async () => {
  for (let number = 0; number < 8; number++) await queue.add(number)
  const jobs = await Promise.all(Array.from({ length: 10 }, () => queue.claim()))
  expect(new Set(jobs.map((job) => job?.payload))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, undefined]))
})

it('tries a failed job again after pauses that double, then buries it, and revives it', async () => {
  const id = await queue.add('bad')
  for (const pause of [100, 200]) {
    await queue.fail(await claimed(), new Error('no'))
    now += pause - 1
    expect(await queue.claim()).toBeUndefined()
    now += 1
  }
  await queue.fail(await claimed(), new Error('no'))
  expect(queue.isEmpty).toBe(true)
  expect(queue.dead.get(id)).toEqual({ payload: 'bad', tries: 3, error: 'Error: no' })

  expect(await queue.revive(id)).toBe(true)
  expect(await queue.revive(id)).toBe(false)
  expect(await claimed()).toMatchObject({ id, payload: 'bad', tries: 1 })
})

it('gives a job to another when its lease ends, and takes no word of the first any more', async () => {
  await queue.add('slow')
  const first = await claimed()
  now += 1_001
  const second = await claimed()
  expect(second).toMatchObject({ id: first.id, tries: 2 })
  const log = store.namespace('log')
  await expect(queue.complete(first, (tx) => tx.put(log, 'first', true))).rejects.toBeInstanceOf(LeaseLost)
  await expect(queue.fail(first, 'late')).rejects.toBeInstanceOf(LeaseLost)
  await queue.complete(second, (tx) => tx.put(log, 'second', true))
  expect([...log.keys()]).toEqual(['second'])
  expect([queue.jobs.count(), queue.due.count(), queue.dead.count()]).toEqual([0, 0, 0])
})

it('buries a job whose workers all vanish', async () => {
  const id = await queue.add('killer')
  for (let round = 0; round < 3; round++) {
    await claimed()
    now += 1_001
  }
  expect(await queue.claim()).toBeUndefined()
  expect(queue.dead.get(id)).toMatchObject({ tries: 3, error: 'its lease ended' })
})

it('adds a job and ends one together with what else the transaction writes, or not at all', async () => {
  const orders = store.namespace('orders')
  const order = (works: boolean) =>
    store.transaction((tx) => {
      tx.put(orders, 'o1', true)
      queue.addTo(tx, 'send o1')
      if (!works) throw new Error('planted')
    })
  await expect(order(false)).rejects.toThrow('planted')
  expect([orders.count(), queue.isEmpty]).toEqual([0, true])
  await order(true)

  const job = await claimed()
  const writeAndFail = (tx: Transaction): void => {
    tx.put(orders, 'o1', 'sent')
    throw new Error('planted')
  }
  await expect(queue.complete(job, writeAndFail)).rejects.toThrow('planted')
  expect(orders.get('o1')).toBe(true)
  await queue.complete(job, (tx) => tx.put(orders, 'o1', 'sent'))
  expect([orders.get('o1'), queue.isEmpty]).toEqual(['sent', true])
})

it('works until it is told to stop, and until there is nothing left', async () => {
  const stop = new AbortController()
  const seen: unknown[] = []
  await queue.add('a')
  await queue.work(({ payload }) => void seen.push(payload), { drain: true })
  const working = queue.work(
    ({ payload }) => {
      seen.push(payload)
      stop.abort()
    },
    { signal: stop.signal, idleMs: 1 },
  )
  await queue.add('b')
  await working
  expect(seen).toEqual(['a', 'b'])
})
