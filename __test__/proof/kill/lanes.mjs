/**
 * What a Node process writes before it is killed. A lane is one writer; what it has written after `count` steps follows from
 * `count` alone, and each step is one commit, which also says that it is done.
 */

import { isDeepStrictEqual } from 'node:util'

/** Rows a lane keeps: step `n` removes those of step `n - kept`. */
const kept = 20

const itemsOf = (count) => Array.from({ length: Math.min(count, kept) }, (_, at) => Math.max(0, count - kept) + at)

const textOf = (number) => `${number} `.repeat(1 + ((number * 7) % 60))
const recordOf = (number) => ({ number, text: textOf(number), list: [number, null, number % 3 === 0], at: number / 7 })
const bytesOf = (number) => new Uint8Array(150_000 + number).fill(number % 251)

/** The lanes of a store, each opened with `codec` and `key` of the package. */
export function lanesOf(store, { codec, key }) {
  const progress = store.namespace('progress', { value: codec.json() })
  const countOf = (lane) => progress.get(lane) ?? 0
  return [line, batch, transaction, large, both, queries, spaces].map((lane) =>
    lane({ store, codec, key, progress, countOf }),
  )
}

/** Puts, one after the other, by promise and by the synchronous twin. */
function line({ store, codec, key }) {
  const rows = store.namespace('line', { key: key.number, value: codec.utf8() })
  return {
    name: 'line',
    count: () => rows.count(),
    async step(number, options) {
      if (number % 2 === 0) await rows.put(number, textOf(number), options)
      else rows.putSync(number, textOf(number), options)
    },
    isRight: (count) =>
      isDeepStrictEqual(
        [...rows.scan()],
        Array.from({ length: count }, (_, at) => [at, textOf(at)]),
      ),
  }
}

/** Batches across three namespaces, with a deletion and a cleared range. */
function batch({ store, codec, key, progress, countOf }) {
  const left = store.namespace('left', { value: codec.json() })
  const middle = store.namespace('middle', { key: key.number })
  const right = store.namespace('right', { key: key.tuple(key.string, key.number), value: codec.utf8() })
  return {
    name: 'batch',
    count: () => countOf('batch'),
    step: (number, options) =>
      store.batch((batch) => {
        batch.put(left, `row ${String(number).padStart(9, '0')}`, recordOf(number))
        batch.put(middle, number, recordOf(number))
        batch.put(right, ['a', number], textOf(number))
        if (number >= kept) {
          batch.delete(left, `row ${String(number - kept).padStart(9, '0')}`)
          batch.clear(middle, { lt: number - kept + 1 })
          batch.delete(right, ['a', number - kept])
        }
        batch.put(progress, 'batch', number + 1)
      }, options),
    isRight: (count) =>
      isDeepStrictEqual(
        [...left.scan()],
        itemsOf(count).map((item) => [`row ${String(item).padStart(9, '0')}`, recordOf(item)]),
      ) &&
      isDeepStrictEqual(
        [...middle.scan()],
        itemsOf(count).map((item) => [item, recordOf(item)]),
      ) &&
      isDeepStrictEqual(
        [...right.scan()],
        itemsOf(count).map((item) => [['a', item], textOf(item)]),
      ),
  }
}

/** Transactions that read the count and build on it. */
function transaction({ store, progress, countOf }) {
  const sums = store.namespace('sums')
  return {
    name: 'transaction',
    count: () => countOf('transaction'),
    step: (number, options) =>
      store.transaction(async (tx) => {
        const before = tx.get(progress, 'transaction') ?? 0
        if (before !== number) throw new Error(`a transaction read ${before} after ${number} steps`)
        await Promise.resolve()
        tx.put(sums, 'sum', (tx.get(sums, 'sum') ?? 0) + number)
        tx.put(progress, 'transaction', before + 1)
      }, options),
    isRight: (count) => (sums.get('sum') ?? 0) === (count * (count - 1)) / 2,
  }
}

/** Large values that replace each other. */
function large({ store, codec, progress, countOf }) {
  const values = store.namespace('large', { value: codec.bytes() })
  return {
    name: 'large',
    count: () => countOf('large'),
    step: (number, options) =>
      store.batch((batch) => {
        batch.put(values, `value ${number % 2}`, bytesOf(number))
        batch.put(progress, 'large', number + 1)
      }, options),
    isRight: (count) =>
      itemsOf(count)
        .slice(-2)
        .every((item) => Buffer.compare(values.get(`value ${item % 2}`) ?? new Uint8Array(), bytesOf(item)) === 0),
  }
}

/** A node, an edge to the one before it and a vector, in one transaction. */
function both({ store, key, progress, countOf }) {
  const graph = store.graph('proof')
  const vectors = store.vectors('proof', { dimensions: 4, metric: 'l2', key: key.number })
  const vectorOf = (number) => [number % 11, number % 7, number % 5, 1]
  return {
    name: 'both',
    begin: () => graph.createIndex({ label: 'Step', property: 'number', unique: true }),
    count: () => countOf('both'),
    step: (number, options) =>
      store.transaction((tx) => {
        const inside = graph.in(tx)
        const node = inside.addNode({ labels: 'Step', properties: { number } })
        const before = inside.findOne({ label: 'Step', where: { number: number - 1 } })
        if (before !== undefined) inside.addEdge({ type: 'NEXT', source: before.id, target: node })
        vectors.in(tx).upsert(number, vectorOf(number), { number })
        if (number >= kept) {
          inside.removeNode(inside.findOne({ label: 'Step', where: { number: number - kept } }).id)
          vectors.in(tx).delete(number - kept)
        }
        tx.put(progress, 'both', number + 1)
      }, options),
    async isRight(count) {
      const items = itemsOf(count)
      const numbers = graph.find({ label: 'Step' }).map(({ properties }) => properties.number)
      const ends = graph
        .find({ label: 'Step' })
        .flatMap(({ id, properties }) =>
          graph
            .neighbors(id, { type: 'NEXT', direction: 'out' })
            .map(({ node }) => [properties.number, node.properties.number]),
        )
      const nearest = vectors.search({ vector: [3, 3, 3, 1], k: 3 }).map(({ id }) => id)
      return (
        isDeepStrictEqual(numbers.sort(ascending), items) &&
        isDeepStrictEqual(
          ends.sort((a, b) => a[0] - b[0]),
          items.slice(0, -1).map((item) => [item, item + 1]),
        ) &&
        vectors.count() === items.length &&
        items.every((item) => isDeepStrictEqual([...vectors.get(item).vector], vectorOf(item))) &&
        isDeepStrictEqual(nearest, nearestOf(items, vectorOf)) &&
        (await graph.verify()).length === 0
      )
    },
  }
}

const ascending = (a, b) => a - b

function nearestOf(items, vectorOf) {
  const squared = (item) => vectorOf(item).reduce((sum, part, at) => sum + (part - [3, 3, 3, 1][at]) ** 2, 0)
  return items.sort((a, b) => squared(a) - squared(b) || a - b).slice(0, 3)
}

const words = ['amber', 'brook', 'cedar', 'delta']

const itemOf = (number) => ({ number, group: number % 3, text: `${words[number % 4]} ${words[(number * 3) % 4]}` })

/** Items and edges by queries in a transaction, under indexes of each kind; one is built again while others are written. */
function queries({ store, progress, countOf }) {
  const graph = store.graph('queried')
  const rowsOf = (text, parameters) => graph.querySync(text, parameters).toArray()
  const numbersOf = (text, parameters) => rowsOf(text, parameters).map(({ number }) => number)
  const change = (tx, number) => {
    const inside = graph.in(tx)
    const { group, text } = itemOf(number)
    inside.querySync('MERGE (n:Item {number: $number}) SET n.group = $group, n.text = $text', { number, group, text })
    inside.querySync(
      `MATCH (a:Item {number: $number - 1}), (b:Item {number: $number})
       CREATE (a)-[:NEXT {weight: $number % 7}]->(b) SET a.isOld = true`,
      { number },
    )
    inside.querySync('MATCH (n:Item) WHERE n.number <= $number DETACH DELETE n', { number: number - kept })
    tx.put(progress, 'queries', number + 1)
  }
  return {
    name: 'queries',
    async begin() {
      await graph.query('CREATE CONSTRAINT item IF NOT EXISTS FOR (n:Item) REQUIRE n.number IS UNIQUE')
      await graph.query('CREATE INDEX item_group IF NOT EXISTS FOR (n:Item) ON (n.group, n.number)')
      await graph.query('CREATE FULLTEXT INDEX item_text IF NOT EXISTS FOR (n:Item) ON EACH [n.text]')
    },
    count: () => countOf('queries'),
    async step(number, options) {
      const isBuilt = number % 5 === 3
      if (isBuilt) await graph.query('DROP INDEX next_weight IF EXISTS')
      await Promise.all([
        isBuilt && graph.query('CREATE INDEX next_weight FOR ()-[r:NEXT]-() ON (r.weight)'),
        store.transaction((tx) => change(tx, number), options),
      ])
    },
    async isRight(count) {
      if (count === 0) return true
      const items = itemsOf(count)
      const all =
        'MATCH (n:Item) RETURN n.number AS number, n.group AS group, n.text AS text, n.isOld AS isOld ORDER BY number'
      const next = 'MATCH (a)-[r:NEXT]->(b) RETURN a.number AS a, r.weight AS weight, b.number AS b ORDER BY a'
      const found = `CALL db.index.fulltext.queryNodes('item_text', 'amber') YIELD node RETURN node.number AS number ORDER BY number`
      const ofGroup = 'MATCH (n:Item {group: 1}) WHERE n.number > $number RETURN n.number AS number ORDER BY number'
      const ofWeight = 'MATCH ()-[r:NEXT {weight: 3}]->(n) RETURN n.number AS number ORDER BY number'
      const pairs = items.slice(1)
      return (
        isDeepStrictEqual(
          rowsOf(all),
          items.map((number) => ({ ...itemOf(number), isOld: number < count - 1 ? true : null })),
        ) &&
        isDeepStrictEqual(
          rowsOf(next),
          pairs.map((number) => ({ a: number - 1, weight: number % 7, b: number })),
        ) &&
        isDeepStrictEqual(numbersOf('MATCH (n:Item) RETURN count(n) AS number'), [items.length]) &&
        isDeepStrictEqual(
          numbersOf(found),
          items.filter((number) => itemOf(number).text.includes('amber')),
        ) &&
        isDeepStrictEqual(
          numbersOf(ofGroup, { number: count - 9 }),
          items.filter((number) => number % 3 === 1 && number > count - 9),
        ) &&
        isDeepStrictEqual(
          numbersOf(ofWeight),
          pairs.filter((number) => number % 7 === 3),
        ) &&
        (await graph.verify()).length === 0
      )
    },
  }
}

/** Namespaces that live until the next one is filled: three commits a step. */
function spaces({ store, codec, progress, countOf }) {
  const space = (number) => store.namespace(`space ${number}`, { value: codec.utf8() })
  const there = () =>
    store
      .namespaces()
      .map(({ name }) => /^space (\d+)$/.exec(name)?.[1])
      .filter((digits) => digits !== undefined)
      .map(Number)
  return {
    name: 'spaces',
    async begin(options) {
      // What the process before was killed before it could drop.
      for (const number of there())
        if (number !== countOf('spaces') - 1) await store.dropNamespace(`space ${number}`, options)
    },
    count: () => countOf('spaces'),
    async step(number, options) {
      const rows = space(number)
      await store.batch((batch) => {
        for (let row = 0; row < 5; row++) batch.put(rows, `row ${row}`, textOf(number + row))
        batch.put(progress, 'spaces', number + 1)
      }, options)
      if (number > 0) await store.dropNamespace(`space ${number - 1}`, options)
    },
    isRight(count) {
      const found = there()
      const isWhole = (number) => [...space(number).scan()].every(([, text], row) => text === textOf(number + row))
      const newest = count === 0 || found.includes(count - 1)
      return (
        newest &&
        found.every((number) => number + 2 >= count && number <= count) &&
        found.every((number) => number === count || (space(number).count() === 5 && isWhole(number)))
      )
    },
  }
}
