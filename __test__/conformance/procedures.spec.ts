import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { float, QueryNode, SledStore, type Graph, type QueryResult, type SledStoreError } from '../../lib/index.js'

type Run = (graph: Graph, text: string, parameters?: Record<string, number | string>) => Promise<QueryResult>

/** Both ways of running a query. */
const ways: [string, Run][] = [
  ['on the JavaScript thread', async (graph, text, parameters) => graph.querySync(text, parameters)],
  ['away from it', (graph, text, parameters) => graph.query(text, parameters)],
]

async function opened(run: (store: SledStore, graph: Graph) => Promise<void>): Promise<void> {
  const store = SledStore.memory()
  try {
    await run(store, store.graph('g'))
  } finally {
    await store.close()
  }
}

/** What a promise rejects with. */
const failed = (promise: Promise<unknown>): Promise<SledStoreError> =>
  promise.then(
    () => expect.fail('it succeeded'),
    (error: SledStoreError) => error,
  )

describe.each(ways)('a query %s', (_, run) => {
  test('calls procedures with its values, and reads their rows', () =>
    opened(async (store, graph) => {
      const calls: unknown[][] = []
      store.registerProcedure(
        'my.split(text :: STRING?, by = "," :: STRING, most = 2.0 :: FLOAT) :: (part :: STRING?, at :: INTEGER)',
        function* (text: string | null, by: string, most: number) {
          calls.push([text, by, most])
          for (const [at, part] of (text ?? '').split(by).entries()) yield at % 2 === 0 ? [part, at] : { at, part }
        },
      )
      const text = 'UNWIND ["a,b", null] AS t CALL my.split(t) YIELD at AS i, part RETURN t, i, part'
      expect((await run(graph, text)).rows).toEqual([
        { t: 'a,b', i: 0, part: 'a' },
        { t: 'a,b', i: 1, part: 'b' },
        { t: null, i: 0, part: '' },
      ])
      expect((await run(graph, 'CALL my.split', { text: 'x' })).rows).toEqual([{ part: 'x', at: 0 }])
      expect((await run(graph, 'CALL my.split("x-y", "-", 3) YIELD part')).rows).toEqual([{ part: 'x' }, { part: 'y' }])
      expect(calls).toEqual([
        ['a,b', ',', 2],
        [null, ',', 2],
        ['x', ',', 2],
        ['x-y', '-', 3],
      ])
    }))

  test('is given nodes by their ids', () =>
    opened(async (store, graph) => {
      graph.querySync('CREATE (:A {k: 1})-[:T]->(:B {k: 2})')
      store.registerProcedure('my.both(n :: NODE) :: (node :: NODE, all :: LIST<NODE>)', (node: QueryNode) => [
        [node, [node.id]],
        { node: node.id, all: [node, node] },
      ])
      const rows = (await run(graph, 'MATCH (a:A) CALL my.both(a) YIELD node, all RETURN node.k AS k, all[-1] AS last'))
        .rows
      expect(rows).toEqual([
        { k: 1, last: expect.any(QueryNode) as QueryNode },
        { k: 1, last: expect.any(QueryNode) as QueryNode },
      ])
      store.registerProcedure('my.gone() :: (node :: NODE)', () => [[12_345]])
      const error = await failed(run(graph, 'CALL my.gone() YIELD node RETURN node'))
      expect(error.query).toMatchObject({ kind: 'EntityNotFound', line: 1, column: 6 })
    }))

  test('pulls no more rows than it needs, and ends what it does not need', () =>
    opened(async (store, graph) => {
      let [made, ended] = [0, 0]
      store.registerProcedure('my.numbers() :: (i :: INTEGER)', function* () {
        try {
          for (;;) yield [made++]
        } finally {
          ended++
        }
      })
      const rows = (await run(graph, 'CALL my.numbers() YIELD i RETURN i LIMIT 3')).rows
      expect(rows).toEqual([{ i: 0 }, { i: 1 }, { i: 2 }])
      expect(made).toBeLessThan(100)
      await expect.poll(() => ended).toBe(1)
      const sum = await run(graph, 'CALL my.numbers() YIELD i WITH i LIMIT 5000 RETURN count(i) AS n')
      expect(sum.single()).toEqual({ n: 5_000 })
    }))

  test('fails with what a procedure throws as the cause', () =>
    opened(async (store, graph) => {
      const thrown = new Error('no such word')
      store.registerProcedure('my.fail(late :: BOOLEAN) :: (i :: INTEGER)', (late: boolean) => {
        if (!late) throw thrown
        return (function* () {
          for (let i = 0; i < 100; i++) yield [i]
          throw thrown
        })()
      })
      for (const late of [false, true]) {
        const error = await failed(run(graph, `MATCH (n) RETURN n UNION CALL my.fail(${late}) YIELD i RETURN i AS n`))
        expect(error).toMatchObject({ code: 'QUERY_FAILED', cause: thrown })
        expect(error.query).toMatchObject({
          phase: 'runtime',
          kind: 'ProcedureError',
          detail: 'ProcedureFailed',
          line: 1,
        })
        expect(error.message).toContain('no such word')
      }
      expect((await run(graph, 'RETURN 1 AS one')).single()).toEqual({ one: 1 })
    }))

  test('fails with what a procedure throws, whatever that is', () =>
    opened(async (store, graph) => {
      const revoked = Proxy.revocable({}, {})
      revoked.revoke()
      const nameless = Object.defineProperty(() => {}, 'name', { value: Symbol('s') })
      for (const thrown of [Object.assign(new Error('x'), { message: 42 }), null, revoked.proxy, nameless, 'text']) {
        store.removeProcedure('my.throw')
        store.registerProcedure('my.throw() :: (i :: INTEGER)', () => {
          throw thrown
        })
        const error = await failed(run(graph, 'CALL my.throw() YIELD i RETURN i'))
        expect(error.code).toBe('QUERY_FAILED')
        expect(Object.is(error.cause, thrown)).toBe(true)
      }
      store.registerProcedure('my.nothing() :: (i :: INTEGER)', (() => null) as never)
      expect((await failed(run(graph, 'CALL my.nothing() YIELD i RETURN i'))).message).toContain('null')
    }))

  test('leaves nothing behind when a procedure fails', () =>
    opened(async (store, graph) => {
      store.registerProcedure('my.fail() :: ()', () => {
        throw new RangeError('no')
      })
      await failed(run(graph, 'CREATE (:A) WITH 1 AS x CALL my.fail() RETURN x'))
      expect(graph.querySync('MATCH (n) RETURN count(n) AS n').single()).toEqual({ n: 0 })
      await run(graph, 'CREATE (:A)')
      expect(graph.querySync('MATCH (n) RETURN count(n) AS n').single()).toEqual({ n: 1 })
    }))

  test('refuses what a procedure may not give', () =>
    opened(async (store, graph) => {
      const given: [unknown, string][] = [
        [[['text']], 'InvalidArgumentType'],
        [[[null]], 'InvalidArgumentType'],
        [[[1, 2]], 'ProcedureFailed'],
        [[7], 'ProcedureFailed'],
        [undefined, 'ProcedureFailed'],
        [Promise.resolve([[1]]), 'ProcedureFailed'],
        [[[Symbol('s')]], 'ProcedureFailed'],
      ]
      let next: unknown
      store.registerProcedure('my.any() :: (i :: INTEGER)', () => next as [])
      for (const [rows, detail] of given) {
        next = rows
        const error = await failed(run(graph, 'CALL my.any() YIELD i RETURN i'))
        expect(error.query, String(detail)).toMatchObject({ kind: 'ProcedureError', detail })
      }
      next = [[float(1)]]
      expect((await failed(run(graph, 'CALL my.any()'))).query).toMatchObject({ detail: 'InvalidArgumentType' })
    }))

  test('is refused when it calls otherwise than it may', () =>
    opened(async (store, graph) => {
      store.registerProcedure('my.one(a :: INTEGER, b = 1 :: INTEGER) :: (i :: INTEGER)', () => [[1]])
      for (const [text, parameters, detail] of [
        ['CALL my.two()', {}, 'ProcedureNotFound'],
        ['CALL my.one()', {}, 'InvalidNumberOfArguments'],
        ['CALL my.one(1, 2, 3)', {}, 'InvalidNumberOfArguments'],
        ['CALL my.one("x")', {}, 'InvalidArgumentType'],
        ['CALL my.one($x)', { x: 'text' }, 'InvalidArgumentType'],
        ['CALL my.one(null)', {}, 'InvalidArgumentType'],
        ['CALL my.one', {}, 'MissingParameter'],
        ['WITH 1 AS i CALL my.one(1) YIELD i RETURN i', {}, 'VariableAlreadyBound'],
        ['CALL my.one(1) YIELD x', {}, 'UndefinedVariable'],
      ] as const)
        expect((await failed(run(graph, text, parameters))).query, text).toMatchObject({ detail })
    }))

  test('sees procedures come and go', () =>
    opened(async (store, graph) => {
      const text = 'CALL my.version() YIELD v RETURN v'
      for (const version of [1, 2]) {
        await failed(run(graph, text))
        store.registerProcedure('my.version() :: (v :: INTEGER)', () => [[version]])
        expect((await run(graph, text)).single()).toEqual({ v: version })
        expect(store.removeProcedure('my.version')).toBe(true)
      }
      expect(store.removeProcedure('my.version')).toBe(false)
    }))

  test('may be asked for inside of a procedure', () =>
    opened(async (store, graph) => {
      graph.querySync('CREATE (:A), (:A)')
      store.registerProcedure('my.count(label :: STRING) :: (n :: INTEGER)', (label: string) =>
        graph.querySync(`MATCH (n:${label}) RETURN count(n) AS n`).rows.map(({ n }) => [n as number]),
      )
      expect((await run(graph, 'CALL my.count("A")')).single()).toEqual({ n: 2 })
    }))
})

test('a transaction calls procedures, and is in use meanwhile', () =>
  opened(async (store, graph) => {
    store.registerProcedure('my.names() :: (name :: STRING)', () => [['a'], ['b']])
    await store.transaction((tx) => {
      graph.in(tx).querySync('CALL my.names() YIELD name CREATE (:A {name: name})')
      store.registerProcedure('my.again() :: ()', () => {
        graph.in(tx).querySync('RETURN 1')
      })
      expect(() => graph.in(tx).querySync('CALL my.again()')).toThrow(
        expect.objectContaining({ cause: expect.objectContaining({ name: 'SledStoreError' }) as unknown }),
      )
      expect(graph.in(tx).querySync('MATCH (n:A) RETURN count(n) AS n').single()).toEqual({ n: 2 })
    })
    expect(graph.querySync('MATCH (n:A) RETURN count(n) AS n').single()).toEqual({ n: 2 })
  }))

test('the store tells of itself', () =>
  opened(async (store, graph) => {
    graph.querySync('CREATE (:A {k: 1})-[:T {w: 2}]->(:B:A)')
    graph.querySync('CREATE INDEX ak FOR (n:A) ON (n.k)')
    graph.querySync('CREATE CONSTRAINT bk FOR (n:B) REQUIRE n.k IS UNIQUE')
    const column = (text: string, name: string) => graph.querySync(text).rows.map((row) => row[name])
    expect(column('CALL db.labels()', 'label')).toEqual(['A', 'B'])
    expect(column('CALL db.relationshipTypes()', 'relationshipType')).toEqual(['T'])
    expect(column('CALL db.propertyKeys()', 'propertyKey')).toEqual(['k', 'w'])
    expect(column('CALL db.indexes()', 'name')).toEqual(['ak', 'bk'])
    expect(graph.querySync('CALL db.constraints()').single()).toMatchObject({ name: 'bk', type: 'UNIQUENESS' })
    expect(graph.querySync('CALL db.stats()').rows).toEqual([
      { kind: 'nodes', name: null, number: 2 },
      { kind: 'relationships', name: null, number: 1 },
      { kind: 'label', name: 'A', number: 2 },
      { kind: 'label', name: 'B', number: 1 },
      { kind: 'type', name: 'T', number: 1 },
    ])
    store.registerProcedure('my.own(a = 1 :: INTEGER) :: (b :: STRING?)', () => [], { description: 'Mine.' })
    const own = graph.querySync(
      'CALL db.procedures() YIELD name, description, mode, signature WHERE name = "my.own" RETURN *',
    )
    expect(own.single()).toEqual({
      name: 'my.own',
      description: 'Mine.',
      mode: 'READ',
      signature: 'my.own(a = 1 :: INTEGER) :: (b :: STRING?)',
    })
    expect(column('CALL db.functions() YIELD name, aggregating WHERE aggregating', 'name')).toContain('count')
    await graph.query('MATCH (n) DETACH DELETE n')
    expect(column('CALL db.labels()', 'label')).toEqual([])
  }))

test('integers come as they are asked for', () =>
  opened(async (store, graph) => {
    const seen: unknown[] = []
    store.registerProcedure('my.auto(n :: ANY) :: ()', (n) => void seen.push(n))
    store.registerProcedure('my.big(n :: ANY) :: ()', (n) => void seen.push(n), { integers: 'bigint' })
    graph.querySync('CALL my.auto(5)')
    graph.querySync('CALL my.auto(9007199254740993)')
    graph.querySync('CALL my.big([5, 5.0])')
    expect(seen).toEqual([5, 9_007_199_254_740_993n, [5n, 5]])
  }))

test('what is no procedure is refused', () =>
  opened(async (store) => {
    const none = (): [] => []
    expect(() => store.registerProcedure('my one', none)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
    expect(() => store.registerProcedure('db.labels() :: ()', none)).toThrow('already')
    expect(() => store.registerProcedure('a() :: ()', 7 as never)).toThrow(TypeError)
    expect(() => store.registerProcedure(7 as never, none)).toThrow(TypeError)
    expect(() => store.registerProcedure('a() :: ()', none, { integer: 'auto' } as never)).toThrow(TypeError)
    store.registerProcedure('a() :: ()', none)
    expect(() => store.registerProcedure('a() :: ()', none)).toThrow('already')
  }))

test('an aborted query ends while its procedure is waited for', () =>
  opened(async (store, graph) => {
    let ended = 0
    store.registerProcedure('my.endless() :: (i :: INTEGER)', function* () {
      try {
        for (;;) yield [1]
      } finally {
        ended++
      }
    })
    const text = 'CALL my.endless() YIELD i RETURN count(i)'
    const abort = new AbortController()
    const query = failed(graph.query(text, {}, { signal: abort.signal }))
    setTimeout(() => abort.abort(), 20)
    expect(await query).toMatchObject({ code: 'ABORTED' })
    await expect.poll(() => ended).toBe(1)
    expect(await failed(graph.query(text, {}, { timeout: 30 }))).toMatchObject({ code: 'ABORTED' })
    expect(() => graph.querySync(text, {}, { timeout: 30 })).toThrow(expect.objectContaining({ code: 'ABORTED' }))
    await expect.poll(() => ended).toBe(3)
  }))

test('many queries wait for procedures at once, while the thread is in calls of its own', () =>
  opened(async (store, graph) => {
    store.registerProcedure('my.rows(n :: INTEGER) :: (i :: INTEGER)', function* (n: number) {
      for (let i = 0; i < n; i++) yield [i]
    })
    const text = 'CALL my.rows(2000) YIELD i RETURN sum(i) AS s'
    const queries = Array.from({ length: 12 }, () => graph.query(text))
    for (let i = 0; i < 20; i++) graph.querySync('CALL my.rows(50) YIELD i CREATE (:A {i: i})')
    expect((await Promise.all(queries)).map((result) => result.single()['s'])).toEqual(Array(12).fill(1_999_000))
  }))

test('a store closes while a procedure is waited for', async () => {
  const store = SledStore.memory()
  store.registerProcedure('my.endless() :: (i :: INTEGER)', function* () {
    for (;;) yield [1]
  })
  const query = store.graph('g').query('CALL my.endless() YIELD i RETURN count(i)', {}, { timeout: 200 })
  const error = failed(query)
  await store.close()
  expect(['ABORTED', 'CLOSED']).toContain((await error).code)
})

test('a thread ends while its queries wait for it', async () => {
  const script = `
    const { SledStore } = require('sledstore')
    const store = SledStore.memory()
    store.registerProcedure('my.endless() :: (i :: INTEGER)', function* () { for (;;) yield [1] })
    store.graph('g').query('CALL my.endless() YIELD i RETURN count(i)').catch(() => {})
    setTimeout(() => process.exit(7), 50)`
  const worker = new Worker(script, { eval: true })
  const code = await new Promise((done) => worker.once('exit', done))
  expect(code).toBe(7)
})
