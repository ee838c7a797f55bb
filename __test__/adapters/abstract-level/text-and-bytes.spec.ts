/** What was written as text is read as bytes and the other way round; malformed text is replaced, as Node does. */
import { afterAll, expect, it } from 'vitest'
import { SledStore } from 'sledstore'
import { SledLevel } from 'sledstore/abstract-level'

const db = new SledLevel(SledStore.memory())
afterAll(() => db.close())

const asBytes = { keyEncoding: 'buffer', valueEncoding: 'buffer' } as const

it.each([
  ['ASCII', 'plain'],
  ['nothing', ''],
  ['long text', 'long \u00e4'.repeat(100)],
  ['an astral sign', '\u{1F600}'],
  ['zero bytes', 'a\0b'],
])('%s', async (_, text) => {
  await db.put(text, text)
  const bytes = Buffer.from(text)
  expect(await db.get(bytes, asBytes)).toEqual(bytes)
  await db.put(bytes, bytes, asBytes)
  expect(db.getSync(text)).toBe(text)
  expect(await db.iterator({ ...asBytes, gte: bytes, limit: 1 }).all()).toEqual([[bytes, bytes]])
  expect(await db.iterator({ gte: text, limit: 1 }).all()).toEqual([[text, text]])
})

it('a lone surrogate becomes the replacement character', async () => {
  await db.put('lone \ud800', 'value \udfff')
  expect(await db.get('lone \ufffd')).toBe('value \ufffd')
  expect(await db.get('lone \ud800')).toBe('value \ufffd')
})

it('bytes that are no text are read as text with replacements', async () => {
  const bytes = Buffer.from([0x61, 0xff, 0x62])
  await db.put(bytes, bytes, asBytes)
  expect(await db.get(bytes, { keyEncoding: 'buffer', valueEncoding: 'utf8' })).toBe('a\ufffdb')
  expect(await db.iterator({ gte: 'a\u{1F600}', lt: 'b' }).all()).toEqual([['a\ufffdb', 'a\ufffdb']])
})

it('what is read is a copy', async () => {
  await db.put('kept', 'first')
  const first = await db.get<string, Buffer>('kept', { valueEncoding: 'buffer' })
  await db.put('kept', 'other')
  expect(db.getSync('kept')).toBe('other')
  expect(first?.toString()).toBe('first')
})

it('seeks in another format than it iterates', async () => {
  const part = db.sublevel('part')
  await part.batch([
    { type: 'put', key: 'a', value: '1' },
    { type: 'put', key: 'b', value: '2' },
  ])
  const iterator = part.iterator()
  iterator.seek(Buffer.from('b'), { keyEncoding: 'buffer' })
  expect(await iterator.next()).toEqual(['b', '2'])
  iterator.seek('a')
  expect(await iterator.next()).toEqual(['a', '1'])
  await iterator.close()
})
