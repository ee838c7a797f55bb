/** A limit counts the rows that are yielded, wherever pages end; those that `seek` passes over are not among them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codec, key, SledStore, type Namespace, type Reader } from '../../lib/index.js'
import { native } from '../../lib/internal/native.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()
const ROWS = 3_000
let store: SledStore
let rows: Namespace<number, string>

beforeAll(async () => {
  store = SledStore.memory({ tuning: { memtableBytes: 64 << 10, blockBytes: 512 } })
  rows = store.namespace('rows', { key: key.number, value: codec.utf8() })
  store.batchSync((batch) => {
    for (let row = 0; row < ROWS; row++) batch.put(rows, row, `value ${row}`)
  })
  await store.compact()
  // Some rows in the blocks, some in a memtable.
  for (let row = 0; row < ROWS; row += 3) rows.putSync(row, `value ${row}`)
})

afterAll(() => store.close())

const range = (from: number, count: number, step: number): number[] =>
  Array.from({ length: count }, (_, index) => from + index * step).filter((row) => row >= 0 && row < ROWS)

const targets = [1, 10, 31, 32, 33, 500, 1_031, 1_032, 2_000, 2_950, 2_999, 5_000]
const limits = [1, 2, 32, 33, 100, 1_032, 1_033]

function readers(use: (reader: Reader) => void): void {
  const snapshot = store.snapshot()
  use(snapshot)
  snapshot.close()
  store.transactionSync(use)
}

describe.each([
  ['forwards', false],
  ['backwards', true],
])('%s', (_name, reverse) => {
  const place = (at: number): number => (reverse ? ROWS - 1 - at : at)
  const step = reverse ? -1 : 1

  it.each(limits)('limit %d', (limit) => {
    for (const target of targets) {
      const check = (scan: Iterator<number> & { seek(key: number): void }): void => {
        expect(scan.next().value).toBe(place(0))
        scan.seek(place(target))
        const rest = [...{ [Symbol.iterator]: () => scan }]
        expect(rest).toEqual(range(place(target), limit - 1, step))
      }
      check(rows.keys({ reverse, limit }))
      readers((reader) => check(reader.keys(rows, { reverse, limit })))
    }
  })
})

it('without a seek, it is just as exact', () => {
  for (const limit of [0, ...limits, ROWS, ROWS + 1, Infinity]) {
    expect([...rows.keys({ limit })]).toEqual(range(0, Math.min(limit, ROWS), 1))
  }
})

it('what has given its last row holds nothing', () => {
  const before = native.counts()
  for (const limit of [0, 1, 32, 33]) {
    const scan = rows.keys({ limit })
    for (let row = 0; row < limit; row++) scan.next()
    expect(native.counts().scans).toBe(before.scans)
    expect(scan.next()).toEqual({ done: true, value: undefined })
  }
})

it('a transaction that reads a few rows meets no writer of later ones', async () => {
  await store.transaction(
    async (tx) => {
      expect([...tx.keys(rows, { limit: 2 })]).toEqual([0, 1])
      await rows.put(ROWS - 1, 'written meanwhile')
      tx.put(rows, 0, 'value 0')
    },
    { retries: 0 },
  )
})

it('a small limit reads few blocks', async () => {
  const path = folder()
  const options = { tuning: { blockBytes: 512 } }
  const first = await SledStore.open(path, options)
  const written = first.namespace('rows', { key: key.number, value: codec.utf8() })
  first.batchSync((batch) => {
    for (let row = 0; row < ROWS; row++) batch.put(written, row, `value ${row}`)
  })
  await first.close()
  for (const reverse of [false, true]) {
    const again = await SledStore.open(path, options)
    const cold = again.namespace('rows', { key: key.number, value: codec.utf8() })
    const reads = (limit: number): number => {
      const before = native.counts().sledReads
      expect([...cold.keys({ limit, reverse })]).toHaveLength(limit)
      return native.counts().sledReads - before
    }
    expect(reads(1)).toBeLessThan(5)
    expect(reads(10)).toBeLessThan(5)
    expect(reads(ROWS)).toBeGreaterThan(50)
    await again.close()
  }
})

it('seeks within what is cut out of a page, and past it', async () => {
  const texts = store.namespace('texts', { value: codec.utf8() })
  const written = Array.from({ length: 200 }, (_, n): [string, string] => [
    String(n).padStart(5, '0'),
    'x'.repeat(n % 90),
  ])
  await store.batch((batch) => written.forEach(([name, value]) => batch.put(texts, name, value)))
  for (const order of [written, [...written].reverse()]) {
    using scan = texts.scan({ reverse: order !== written })
    for (const at of [3, 5, 9, 31, 33, 61, 198]) {
      scan.seek(order[at]![0])
      expect([scan.next().value, scan.next().value]).toEqual([order[at], order[at + 1]])
    }
  }
})
