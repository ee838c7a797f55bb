/** What every store must do, as plain functions that any runner can call. */
import { deepStrictEqual as same, rejects, throws } from 'node:assert/strict'
import { codec } from '../../lib/codec.js'
import { key } from '../../lib/key-codec.js'
import { expiryCases } from './expiry-cases.js'
import type { Case, Subject } from './subject.js'

const text = { key: key.string, value: codec.utf8() }
const cases: Case[] = []
const behavior = (name: string, run: Case['run']): unknown => cases.push({ name, run })

async function letters(store: Subject) {
  const namespace = store.namespace('letters', text)
  for (const letter of ['d', 'a', 'c', 'b', 'e']) await namespace.put(letter, letter.toUpperCase())
  return namespace
}

behavior('a value that was put is read back', async (store) => {
  const namespace = store.namespace('a', text)
  await namespace.put('ann', 'Ann')
  same(namespace.get('ann'), 'Ann')
  same(namespace.has('ann'), true)
})

behavior('a missing key is undefined', async (store) => {
  const namespace = store.namespace('a', text)
  same(namespace.get('nobody'), undefined)
  same(namespace.has('nobody'), false)
  same(await namespace.getAsync('nobody'), undefined)
})

behavior('a put is visible before its promise resolves', async (store) => {
  const namespace = store.namespace('a', text)
  const written = namespace.put('ann', 'Ann')
  same(namespace.get('ann'), 'Ann')
  await written
})

behavior('the last of several puts to a key wins', async (store) => {
  const namespace = store.namespace('a', text)
  await Promise.all(['1', '2', '3'].map((value) => namespace.put('key', value)))
  same(namespace.get('key'), '3')
  namespace.putSync('key', '4')
  same(namespace.get('key'), '4')
})

behavior('a deleted key is missing, and deleting it again is no error', async (store) => {
  const namespace = await letters(store)
  await namespace.delete('b')
  await namespace.delete('b')
  namespace.deleteSync('c')
  same([...namespace.keys()], ['a', 'd', 'e'])
  same(namespace.get('b'), undefined)
})

behavior('empty keys and empty values are ordinary', async (store) => {
  const namespace = store.namespace('a', text)
  await namespace.put('', '')
  same(namespace.get(''), '')
  same([...namespace.scan()], [['', '']])
})

behavior('putting undefined is a TypeError and writes nothing', async (store) => {
  const namespace = store.namespace('any', {})
  await rejects(async () => namespace.put('key', undefined), TypeError)
  throws(() => namespace.putSync('key', undefined), TypeError)
  same(namespace.has('key'), false)
})

behavior('null, false, 0 and "" are values', async (store) => {
  const namespace = store.namespace('any', {})
  for (const value of [null, false, 0, '']) {
    await namespace.put('key', value)
    same(namespace.get('key'), value)
    same(namespace.has('key'), true)
  }
})

behavior('namespaces do not see each other', async (store) => {
  const one = store.namespace('one', text)
  const two = store.namespace('two', text)
  await one.put('key', '1')
  await two.put('key', '2')
  await one.delete('key')
  same(two.get('key'), '2')
  same([...one.scan()], [])
})

behavior('getMany answers in the order of its keys, missing ones too', async (store) => {
  const namespace = await letters(store)
  same(namespace.getMany(['e', 'zz', 'a', 'e']), ['E', undefined, 'A', 'E'])
  same(await namespace.getManyAsync(['e', 'zz', 'a', 'e']), ['E', undefined, 'A', 'E'])
  same(namespace.getMany([]), [])
  same(await namespace.getManyAsync([]), [])
})

behavior('scans are in key order', async (store) => {
  const namespace = await letters(store)
  same([...namespace.keys()], ['a', 'b', 'c', 'd', 'e'])
  same([...namespace.values({ reverse: true })], ['E', 'D', 'C', 'B', 'A'])
  same(
    [...namespace.scan({ limit: 2 })],
    [
      ['a', 'A'],
      ['b', 'B'],
    ],
  )
})

behavior('every combination of bounds, order and limit gives its rows', async (store) => {
  const namespace = await letters(store)
  const bounds = [undefined, '', 'a', 'b', 'bb', 'e', 'z']
  const all = ['a', 'b', 'c', 'd', 'e']
  for (const low of bounds) {
    for (const high of bounds) {
      for (const [lowName, highName] of [
        ['gt', 'lt'],
        ['gte', 'lte'],
        ['gt', 'lte'],
        ['gte', 'lt'],
      ] as const) {
        for (const reverse of [false, true]) {
          for (const limit of [0, 1, 3, 99]) {
            const expected = all.filter(
              (letter) =>
                (low === undefined || (lowName === 'gt' ? letter > low : letter >= low)) &&
                (high === undefined || (highName === 'lt' ? letter < high : letter <= high)),
            )
            if (reverse) expected.reverse()
            const range = {
              ...(low !== undefined && { [lowName]: low }),
              ...(high !== undefined && { [highName]: high }),
              reverse,
              limit,
            }
            same([...namespace.keys(range)], expected.slice(0, limit), JSON.stringify(range))
          }
        }
      }
    }
  }
})

behavior('a range whose start is above its end is empty', async (store) => {
  const namespace = await letters(store)
  same([...namespace.scan({ gt: 'd', lt: 'b' })], [])
  same([...namespace.scan({ gt: 'b', lt: 'b', reverse: true })], [])
  same(namespace.count({ gte: 'd', lt: 'b' }), 0)
})

behavior('a text prefix gives the keys that begin with it', async (store) => {
  const namespace = store.namespace('a', text)
  for (const word of ['a', 'ab', 'abc', 'abé', 'ab\u{10ffff}', 'ac', 'b', 'B']) await namespace.put(word, word)
  same([...namespace.keys({ prefix: 'ab' })], ['ab', 'abc', 'abé', 'ab\u{10ffff}'])
  same([...namespace.keys({ prefix: 'ab', gt: 'abc', reverse: true })], ['ab\u{10ffff}', 'abé'])
  same([...namespace.keys({ prefix: '' })].length, 8)
  same(namespace.count({ prefix: 'ab', lt: 'abd' }), 2)
})

behavior('strings order by code point', async (store) => {
  const namespace = store.namespace('a', text)
  for (const word of ['\u{1f600}', '\uffee', 'z', 'é']) await namespace.put(word, '')
  same([...namespace.keys()], ['z', 'é', '\uffee', '\u{1f600}'])
})

behavior('tuple keys order by part, and leading parts are a prefix', async (store) => {
  const events = store.namespace('events', { key: key.tuple(key.string, key.number), value: codec.json<string>() })
  await store.batch((batch) => {
    for (const [year, day] of [
      ['2026', 7],
      ['2026', -1],
      ['2025', 300],
      ['20', 1],
    ] as const) {
      batch.put(events, [year, day], `${year}/${day}`)
    }
  })
  same([...events.values()], ['20/1', '2025/300', '2026/-1', '2026/7'])
  same(
    [...events.keys({ prefix: ['2026'] })],
    [
      ['2026', -1],
      ['2026', 7],
    ],
  )
  same(events.get(['2025', 300]), '2025/300')
})

behavior('keys of 0xFF bytes are found and scanned backwards', async (store) => {
  const namespace = store.namespace('bytes', { key: key.bytes, value: codec.utf8() })
  const keys = [1, 2, 3, 40].map((length) => new Uint8Array(length).fill(0xff))
  for (const bytes of keys) await namespace.put(bytes, String(bytes.length))
  same([...namespace.values({ reverse: true })], ['40', '3', '2', '1'])
  same([...namespace.values({ prefix: keys[2]! })], ['3', '40'])
})

behavior('large values come back whole', async (store) => {
  const namespace = store.namespace('large', { value: codec.bytes() })
  for (const bytes of [4_096, 65_533, 65_534, 100_000, 1_500_000]) {
    const value = Uint8Array.from({ length: bytes }, (_, index) => (index * 31) & 0xff)
    await namespace.put(`k${bytes}`, value)
    same(namespace.get(`k${bytes}`), value)
    same(await namespace.getAsync(`k${bytes}`), value)
  }
  same(
    [...namespace.values()].map((value) => value.length).sort((a, b) => a - b),
    [4_096, 65_533, 65_534, 100_000, 1_500_000],
  )
})

behavior('scans give texts whole, whatever their lengths and their neighbors', async (store) => {
  // A page of rows in one alphabet, then one with others among them.
  const letters = ['a', 'é', '中', '😀', '\0', '\u00ff']
  const lengths = [0, 1, 12, 13, 40, 255, 256, 257, 1_023, 1_024, 1_025, 9_000]
  const rows: [string, string][] = []
  for (const [at, letter] of letters.entries())
    for (let row = 0; row < 60; row++) {
      const length = lengths[(row * 7) % lengths.length]!
      rows.push([`${at}${String(row).padStart(3, '0')}${letter.repeat(row % 14)}`, letter.repeat(length)])
    }
  const namespace = store.namespace('texts', { key: key.string, value: codec.utf8() })
  await store.batch((batch) => rows.forEach(([name, value]) => batch.put(namespace, name, value)))
  same([...namespace.scan()], rows)
  same([...namespace.scan({ reverse: true })], [...rows].reverse())
  same(
    [...namespace.keys()],
    rows.map(([name]) => name),
  )
  same([...namespace.values({ reverse: true })], rows.map(([, value]) => value).reverse())
  const collected: unknown[] = []
  for await (const row of namespace.scanAsync()) collected.push(row)
  same(collected, rows)
})

behavior('a scan sees one state, whatever is written meanwhile', async (store) => {
  const namespace = store.namespace('a', text)
  await store.batch((batch) => {
    for (let index = 1_000; index < 3_500; index++) batch.put(namespace, String(index), 'old')
  })
  const seen: string[] = []
  for (const [name, value] of namespace.scan()) {
    if (seen.length === 10) {
      await namespace.clear()
      await namespace.put('2000', 'new')
    }
    same(value, 'old')
    seen.push(name)
  }
  same(seen.length, 2_500)
  same([...namespace.scan()], [['2000', 'new']])
})

behavior('async scans give the same rows', async (store) => {
  const namespace = store.namespace('a', text)
  await store.batch((batch) => {
    for (let index = 1_000; index < 4_000; index++) batch.put(namespace, String(index), `value ${index}`)
  })
  for (const range of [{}, { prefix: '2' }, { reverse: true, limit: 1_234 }, { gt: '3999' }]) {
    const rows: unknown[] = []
    for await (const row of namespace.scanAsync(range)) rows.push(row)
    same(rows, [...namespace.scan(range)])
    const { reverse: _, limit: __, ...bounds } = range as { reverse?: boolean; limit?: number }
    same(await namespace.countAsync(bounds), namespace.count(bounds))
  }
})

behavior('clear removes a range, or everything', async (store) => {
  const namespace = await letters(store)
  await namespace.clear({ gte: 'b', lt: 'd' })
  same([...namespace.keys()], ['a', 'd', 'e'])
  namespace.clearSync({ gt: 'd', lte: 'e' })
  same([...namespace.keys()], ['a', 'd'])
  await namespace.clear()
  same(namespace.count(), 0)
  await namespace.put('a', 'again')
  same([...namespace.values()], ['again'])
})

behavior('a batch applies its writes in order and together', async (store) => {
  const one = await letters(store)
  const two = store.namespace('two', text)
  await store.batch((batch) => {
    batch.put(one, 'x', '1')
    batch.put(two, 'x', '2')
    batch.delete(one, 'a')
    batch.put(one, 'x', '3')
    batch.clear(one, { gte: 'b', lte: 'c' })
    batch.put(one, 'b', 'after')
    batch.delete(two, 'missing')
  })
  same(
    [...one.scan()],
    [
      ['b', 'after'],
      ['d', 'D'],
      ['e', 'E'],
      ['x', '3'],
    ],
  )
  same(two.get('x'), '2')
})

behavior('clearing in a batch removes what the batch put before', async (store) => {
  const namespace = await letters(store)
  store.batchSync((batch) => {
    batch.put(namespace, 'bb', 'x')
    batch.clear(namespace, { prefix: 'b' })
  })
  same([...namespace.keys()], ['a', 'c', 'd', 'e'])
})

behavior('a batch whose function throws writes nothing', async (store) => {
  const namespace = await letters(store)
  const fill = (batch: Parameters<Parameters<Subject['batch']>[0]>[0]): void => {
    batch.clear(namespace)
    throw new RangeError('no')
  }
  await rejects(async () => store.batch(fill), RangeError)
  throws(() => store.batchSync(fill), RangeError)
  same(namespace.count(), 5)
})

behavior('a snapshot keeps its state', async (store) => {
  const namespace = await letters(store)
  const snapshot = store.snapshot()
  await namespace.clear({ gte: 'c' })
  await namespace.put('a', 'changed')
  same(snapshot.get(namespace, 'a'), 'A')
  same(snapshot.has(namespace, 'e'), true)
  same(snapshot.getMany(namespace, ['c', 'zz']), ['C', undefined])
  same([...snapshot.keys(namespace)], ['a', 'b', 'c', 'd', 'e'])
  same([...snapshot.values(namespace, { reverse: true, limit: 1 })], ['E'])
  same(snapshot.count(namespace, { gt: 'a' }), 4)
  same([...namespace.keys()], ['a', 'b'])
  snapshot.close()
})

behavior('a transaction reads its own writes and returns its result', async (store) => {
  const namespace = await letters(store)
  const result = await store.transaction(async (transaction) => {
    transaction.put(namespace, 'a', 'own')
    transaction.delete(namespace, 'b')
    transaction.put(namespace, 'f', 'F')
    transaction.clear(namespace, { gte: 'd', lt: 'f' })
    await Promise.resolve()
    same(transaction.get(namespace, 'a'), 'own')
    same(transaction.has(namespace, 'b'), false)
    same(
      [...transaction.scan(namespace, { reverse: true })],
      [
        ['f', 'F'],
        ['c', 'C'],
        ['a', 'own'],
      ],
    )
    return transaction.count(namespace)
  })
  same(result, 3)
  same([...namespace.keys()], ['a', 'c', 'f'])
})

behavior('a transaction whose function throws writes nothing', async (store) => {
  const namespace = await letters(store)
  const attempt = store.transaction((transaction) => {
    transaction.clear(namespace)
    throw new RangeError('no')
  })
  await rejects(attempt, RangeError)
  same(namespace.count(), 5)
})

behavior('compareAndSet writes only over what was expected', async (store) => {
  const namespace = store.namespace('any', { value: codec.json() })
  same(await namespace.compareAndSet('key', { n: 0 }, { n: 1 }), false)
  same(await namespace.compareAndSet('key', undefined, { n: 1 }), true)
  same(await namespace.compareAndSet('key', undefined, { n: 2 }), false)
  same(namespace.compareAndSetSync('key', { n: 1 }, { n: 2 }), true)
  same(namespace.get('key'), { n: 2 })
  same(await namespace.compareAndSet('key', { n: 2 }, undefined), true)
  same(namespace.has('key'), false)
})

cases.push(...expiryCases)

export { cases }
