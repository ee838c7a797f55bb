/** The deepest text that a query may have overflows no stack: of a worker with a small one, of the addon's threads, of the main thread. */
import { expect, it } from 'vitest'
import { runScript } from '../helpers/child.js'

/** Texts that have something `n` times in themselves. */
const shapes = `{
  parentheses: n => 'RETURN ' + '('.repeat(n) + '1' + ')'.repeat(n) + ' AS x',
  lists: n => 'RETURN ' + '['.repeat(n) + '1' + ']'.repeat(n) + ' AS x',
  maps: n => 'RETURN ' + '{a: '.repeat(n) + '1' + '}'.repeat(n) + ' AS x',
  not: n => 'RETURN ' + 'NOT '.repeat(n) + 'true AS x',
  signs: n => 'RETURN ' + '- '.repeat(n) + '1 AS x',
  sums: n => 'RETURN 1' + ' + 1'.repeat(n) + ' AS x',
  and: n => 'MATCH (a) WHERE a.x = 1' + ' AND a.x = 1'.repeat(n) + ' RETURN a',
  or: n => 'MATCH (a) WHERE a.x = 1' + ' OR a.x = 1'.repeat(n) + ' RETURN a',
  alternating: n => 'RETURN ' + 'true AND (true OR (true XOR ('.repeat(n) + 'true' + ')))'.repeat(n) + ' AS x',
  case: n => 'RETURN ' + 'CASE WHEN true THEN '.repeat(n) + '1' + ' END'.repeat(n) + ' AS x',
  functions: n => 'RETURN ' + 'toString('.repeat(n) + '1' + ')'.repeat(n) + ' AS x',
  comprehensions: n => 'RETURN ' + '[x IN [1] | '.repeat(n) + '1' + ']'.repeat(n) + ' AS x',
  quantifiers: n => 'RETURN ' + 'all(x IN [1] WHERE '.repeat(n) + 'true' + ')'.repeat(n) + ' AS x',
  reduce: n => 'RETURN ' + 'reduce(a = 0, x IN [1] | '.repeat(n) + '1' + ')'.repeat(n) + ' AS x',
  patterns: n => 'MATCH (a)' + '-->()'.repeat(n) + ' RETURN a',
  'pattern comprehensions': n => 'MATCH (a) RETURN ' + '[(a)-->() | '.repeat(n) + '1' + ']'.repeat(n) + ' AS x',
  labels: n => 'MATCH (a:A' + '|A'.repeat(n) + ') RETURN a',
  unions: n => 'RETURN 1 AS a' + ' UNION RETURN 1 AS a'.repeat(n),
  clauses: n => 'MATCH (a) '.repeat(n) + 'RETURN a',
  exists: n => 'RETURN ' + 'EXISTS { MATCH (a) WHERE '.repeat(n) + 'true' + ' }'.repeat(n) + ' AS x',
  count: n => 'RETURN ' + 'COUNT { RETURN '.repeat(n) + '1' + ' AS x }'.repeat(n) + ' AS x',
  call: n => 'CALL { '.repeat(n) + 'RETURN 1 AS x' + ' } RETURN 1 AS x'.repeat(n),
  foreach: n => Array.from({ length: n }, (_, i) => 'FOREACH (x' + i + ' IN [1] | ').join('') + 'CREATE (:B)' + ')'.repeat(n),
}`

/** Tells of each shape how deep one may be that is taken, and runs that in each way there is. */
const body = `
  const store = SledStore.memory()
  const graph = store.graph('g')
  graph.querySync('CREATE (:A {x: 1})-[:R]->(:A)')
  const shapes = ${shapes}
  const told = {}
  const failure = error => error.query?.detail ?? String(error)
  for (const [name, shape] of Object.entries(shapes)) {
    let [taken, refused] = [1, 10_000]
    while (refused - taken > 1) {
      const depth = Math.floor((taken + refused) / 2)
      try {
        graph.querySync(shape(depth))
        taken = depth
      } catch (error) {
        if (failure(error) !== 'QueryTooDeep') throw error
        refused = depth
      }
    }
    const text = shape(taken)
    const ways = [
      async () => graph.querySync(text, {}, { timeout: 60_000 }),
      () => graph.query(text, {}, { timeout: 60_000 }),
      async () => store.transactionSync(tx => graph.in(tx).querySync(text)),
      () => graph.stream(text).toArray(),
    ]
    const ends = []
    for (const way of ways) ends.push(await way().then(() => 'ran', failure))
    told[name] = [taken, ...ends]
  }
  await store.close()
`

function check(output: string): void {
  const told = JSON.parse(output) as Record<string, [number, ...string[]]>
  expect(Object.keys(told).length).toBeGreaterThan(20)
  for (const [name, [taken, ...ends]] of Object.entries(told)) {
    expect(taken, name).toBeGreaterThan(8)
    expect(new Set(ends), `${name} at ${taken}`).toEqual(new Set(['ran']))
  }
}

it('in a worker with a stack of one megabyte', { timeout: 60_000 }, async () => {
  const ended = await runScript(`
    const { Worker } = require('node:worker_threads')
    const dist = Object.keys(require.cache).find(name => name.endsWith('index.cjs'))
    const worker = new Worker(
      'const { SledStore } = require(' + JSON.stringify(dist) + ');(async () => {' + ${JSON.stringify(body)} +
      'require("node:worker_threads").parentPort.postMessage(JSON.stringify(told)) })()',
      { eval: true, resourceLimits: { stackSizeMb: 1 } })
    console.log(await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject)))`)
  expect(ended).toMatchObject({ code: 0, signal: null })
  check(ended.output)
})

it('on the main thread', { timeout: 60_000 }, async () => {
  const ended = await runScript(`${body}\nconsole.log(JSON.stringify(told))`)
  expect(ended).toMatchObject({ code: 0, signal: null })
  check(ended.output)
})
