import { setTimeout as later } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SledStore, type Graph, type SledStoreError } from '../../lib/index.js'

/** A thousand million rows of three lists that are short. */
const endless = 'UNWIND range(1, 1000) AS a UNWIND range(1, 1000) AS b UNWIND range(1, 1000) AS c RETURN a, b, c'
let store: SledStore
let graph: Graph

beforeEach(async () => {
  store = SledStore.memory()
  graph = store.graph('streamed')
  await graph.query('UNWIND range(1, 1000) AS i CREATE (:N {i: i})')
})

afterEach(() => store.close())

/** Waits until no snapshot of the store is open any more. */
async function released(): Promise<void> {
  for (let tries = 0; store.stats().readers.snapshots > 0; tries++) {
    if (tries === 500) throw new Error('a stream that has ended still holds a snapshot')
    await later(10)
  }
}

test('rows come in order, with their columns before them and what was done behind them', async () => {
  const stream = graph.stream<{ i: number; text: string }>(
    "UNWIND range(1, 50000) AS i RETURN i, 'row ' + toString(i) AS text",
  )
  expect(await stream.columns()).toEqual(['i', 'text'])
  expect(stream.summary).toBeUndefined()
  let next = 1
  for await (const row of stream) {
    if (row.i !== next || row.text !== `row ${next}`) expect(row).toEqual({ i: next, text: `row ${next}` })
    next++
  }
  expect(next).toBe(50_001)
  expect(stream.summary?.counters.nodesCreated).toBe(0)
  expect(await stream.next()).toEqual({ done: true, value: undefined })
  await released()
})

test('rows are read at once, one, or all that are left', async () => {
  const text = 'UNWIND range(1, 30000) AS i RETURN i'
  expect((await graph.stream(text).toArray()).length).toBe(30_000)
  expect(await graph.stream(text).first()).toEqual({ i: 1 })
  expect(await graph.stream('MATCH (n:None) RETURN n').first()).toBeUndefined()
  expect(await graph.stream('RETURN 7 AS i').single()).toEqual({ i: 7 })
  await expect(graph.stream(text).single()).rejects.toThrow(RangeError)
  await expect(graph.stream('MATCH (n:None) RETURN n').single()).rejects.toThrow(RangeError)
  expect(await graph.stream('MATCH (n:None) RETURN n').columns()).toEqual(['n'])
  await released()
})

test('the thread waits for its reader', async () => {
  const stream = graph.stream(endless)
  await stream.next()
  await later(50)
  const before = process.memoryUsage().rss
  const cpu = process.cpuUsage()
  await later(300)
  const { user } = process.cpuUsage(cpu)
  expect(user).toBeLessThan(150_000)
  expect(process.memoryUsage().rss - before).toBeLessThan(32 << 20)
  stream.close()
  await released()
})

test('leaving the loop, closing, and never reading end the thread and release what it reads', async () => {
  for await (const row of graph.stream(endless)) {
    expect(row).toEqual({ a: 1, b: 1, c: 1 })
    break
  }
  await released()
  graph.stream(endless).close()
  await released()
  const reading = graph.stream(endless + ' ORDER BY a')
  const next = reading.next()
  reading.close()
  expect(await next).toEqual({ done: true, value: undefined })
  await released()
})

async function drained(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const row of stream) void row
}

test('a signal ends it, before, during and between reads', async () => {
  expect(() => graph.stream(endless, {}, { signal: AbortSignal.abort() })).toThrow(
    expect.objectContaining({ code: 'ABORTED' }),
  )
  const during = new AbortController()
  const computing = graph.stream(`${endless} ORDER BY b`, {}, { signal: during.signal })
  setTimeout(() => during.abort(new Error('enough')), 20)
  await expect(computing.next()).rejects.toMatchObject({ code: 'ABORTED', cause: new Error('enough') })
  expect(await computing.next()).toEqual({ done: true, value: undefined })
  await released()
  const between = new AbortController()
  const waiting = graph.stream(endless, {}, { signal: between.signal })
  await waiting.next()
  between.abort()
  await released()
  await expect(drained(waiting)).rejects.toMatchObject({ code: 'ABORTED' })
})

test('a timeout ends it, also while it waits for its reader', async () => {
  const running = graph.stream(`${endless} ORDER BY b`, {}, { timeout: 30 })
  await expect(running.next()).rejects.toMatchObject({ code: 'ABORTED', query: { detail: 'TimeLimit' } })
  const waiting = graph.stream(endless, {}, { timeout: 30 })
  await waiting.next()
  await released()
  await expect(drained(waiting)).rejects.toMatchObject({ code: 'ABORTED', query: { detail: 'TimeLimit' } })
})

test('closing the store ends it', async () => {
  const other = SledStore.memory()
  const stream = other.graph('g').stream(`${endless} ORDER BY b`)
  const idle = other.graph('g').stream(endless)
  const next = stream.next()
  await Promise.all([other.close(), expect(next).rejects.toMatchObject({ code: 'CLOSED' })])
  await expect(idle.next()).rejects.toMatchObject({ code: 'CLOSED' })
})

test('a stream that nobody holds any more is ended', async () => {
  const start = async (): Promise<void> => {
    await graph.stream(endless).next()
  }
  await start()
  expect(store.stats().readers.snapshots).toBe(1)
  for (let tries = 0; store.stats().readers.snapshots > 0 && tries < 100; tries++) {
    globalThis.gc?.()
    await later(10)
  }
  await released()
})

test('it reads one moment, and holds no writer', async () => {
  const stream = graph.stream<{ i: number }>('MATCH (n:N), (m:N) RETURN n.i AS i')
  await stream.next()
  await graph.query('MATCH (n:N) SET n.i = -1')
  await graph.addNode({ labels: 'N', properties: { i: -2 } })
  let rows = 1
  for await (const { i } of stream) {
    rows++
    if (i < 0) throw new Error('a later write is seen')
  }
  expect(rows).toBe(1_000_000)
})

test('a statement that changes something is committed before its first row', async () => {
  for await (const { n } of graph.stream('UNWIND range(1, 50000) AS i CREATE (n:M {i: i}) RETURN i AS n')) {
    expect(n).toBe(1)
    break
  }
  expect(graph.countNodes('M')).toBe(50_000)
  await expect(graph.stream('UNWIND [1, 0] AS x CREATE (:Half {y: 1 / x}) RETURN x').toArray()).rejects.toMatchObject({
    code: 'QUERY_FAILED',
    query: { detail: 'DivisionByZero' },
  })
  expect(graph.countNodes('Half')).toBe(0)
})

test('a snapshot is streamed and queried, and refuses changes', async () => {
  const snapshot = store.snapshot()
  const at = graph.at(snapshot)
  await graph.query('MATCH (n:N) DETACH DELETE n')
  expect(await at.query('MATCH (n:N) RETURN count(n) AS n')).toMatchObject({ rows: [{ n: 1_000 }] })
  const stream = at.stream('MATCH (n:N) RETURN n.i AS i')
  await expect(at.query('CREATE (:N)')).rejects.toMatchObject({ code: 'READ_ONLY' })
  await expect(at.stream('CREATE (:N)').toArray()).rejects.toMatchObject({ code: 'READ_ONLY' })
  snapshot.close()
  expect((await stream.toArray()).length).toBe(1_000)
  await expect(at.query('RETURN 1')).rejects.toMatchObject({ code: 'ENDED' })
  expect(() => at.stream('RETURN 1')).toThrow(expect.objectContaining({ code: 'ENDED' }))
})

test('an error behind the first rows comes where it happens', async () => {
  const stream = graph.stream<{ x: number }>('UNWIND range(-30000, 0) AS i RETURN 1 / i AS x')
  let rows = 0
  const read = async (): Promise<void> => {
    for await (const _ of stream) rows++
  }
  await expect(read()).rejects.toMatchObject({ code: 'QUERY_FAILED', query: { phase: 'runtime', line: 1, column: 37 } })
  expect(rows).toBeGreaterThan(1_000)
  expect(await stream.next()).toEqual({ done: true, value: undefined })
})

test('there are only so many at once', async () => {
  const streams = Array.from({ length: 128 }, () => graph.stream(endless))
  expect(() => graph.stream(endless)).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }))
  for (const stream of streams) stream.close()
  await released()
  expect(await graph.stream('RETURN 1 AS x').first()).toEqual({ x: 1 })
})

test('queries away from the thread end with their store', async () => {
  const counted = endless.replace('RETURN a, b, c', 'RETURN count(*)')
  // As many as there are threads for jobs, so that closing would wait behind them.
  const running = Array.from({ length: 4 }, () => graph.query(counted).catch((error: unknown) => error))
  await later(50)
  await store.close()
  for (const error of await Promise.all(running))
    expect(['ABORTED', 'CLOSED']).toContain((error as SledStoreError).code)
})

test('a stream that only its next row is waited for is not collected', async () => {
  const slow = 'UNWIND range(1, 300) AS a UNWIND range(1, 1000) AS b RETURN a, b ORDER BY b DESC, a'
  const { setFlagsFromString } = await import('node:v8')
  const { runInNewContext } = await import('node:vm')
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const timer = setInterval(collect, 5)
  try {
    expect(await graph.stream(slow).next()).toMatchObject({ value: { a: 1, b: 1000 } })
    expect(await graph.stream(slow).columns()).toEqual(['a', 'b'])
  } finally {
    clearInterval(timer)
  }
})
