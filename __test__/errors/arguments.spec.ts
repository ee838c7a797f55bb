/** Wrong arguments are TypeErrors and RangeErrors with a code that say what was expected, and nothing is written. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { codec, key, SledStore, type Namespace } from '../../lib/index.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()
let store: SledStore
let rows: Namespace<string, string, string>
let before: unknown

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Loose = any

beforeAll(async () => {
  store = await SledStore.open(folder())
  rows = store.namespace('rows', { value: codec.utf8() })
  await rows.put('key', 'value')
  before = [...rows.scan()]
})

afterAll(async () => {
  expect([...rows.scan()]).toEqual(before)
  await store.close()
})

const vectors = () => store.vectors('vectors', { dimensions: 2, metric: 'l2' })

/** A namespace whose schema answers what no schema may. */
const guarded = (answer: unknown) =>
  store.namespace('guarded', {
    value: codec.utf8(),
    schema: { '~standard': { version: 1, vendor: 'test', validate: () => answer as Loose } },
  })

const mistakes: [name: string, call: () => unknown, kind: new () => Error, says: string][] = [
  [
    'a misspelled option',
    () => SledStore.open('x', { durabilty: 'os' } as Loose),
    TypeError,
    'did you mean "durability"',
  ],
  ['an unknown option', () => SledStore.open('x', { colour: 1 } as Loose), TypeError, 'known options are'],
  ['options that are no object', () => SledStore.open('x', 7 as Loose), TypeError, 'an object'],
  ['a wrong level', () => SledStore.open('x', { durability: 'safe' } as Loose), RangeError, 'full, os or none'],
  ['a wrong profile', () => SledStore.open('x', { profile: 'tiny' } as Loose), RangeError, 'embedded'],
  ['a budget of text', () => SledStore.open('x', { memoryBudget: '1GB' } as Loose), TypeError, 'memoryBudget'],
  ['a budget below the least', () => SledStore.open('x', { memoryBudget: 5 }), RangeError, 'memoryBudget'],
  [
    'budget and profile',
    () => SledStore.open('x', { memoryBudget: 1 << 28, profile: 'server' }),
    TypeError,
    'not both',
  ],
  ['a wrong compression', () => SledStore.open('x', { compression: 'zip' } as Loose), RangeError, 'lz4'],
  ['a flag that is no boolean', () => SledStore.open('x', { createIfMissing: 1 } as Loose), TypeError, 'true or false'],
  ['a path that is no string', () => SledStore.open(7 as Loose), TypeError, 'path'],
  ['an empty path', () => SledStore.open(''), RangeError, 'folder'],
  ['a namespace name that is no string', () => store.namespace(7 as Loose), TypeError, 'name'],
  ['a codec that was not called', () => store.namespace('x', { value: codec.json as Loose }), TypeError, 'call it'],
  ['a value codec for keys', () => store.namespace('x', { key: codec.json() as Loose }), TypeError, 'key codec'],
  ['a key codec for values', () => store.namespace('x', { value: key.string as Loose }), TypeError, 'a codec'],
  ['a key codec that is none', () => store.namespace('x', { key: 'string' as Loose }), TypeError, 'key codec'],
  ['a schema that is none', () => store.namespace('x', { schema: {} as Loose }), TypeError, 'Standard Schema'],
  [
    'a misspelled namespace option',
    () => store.namespace('x', { keys: key.string } as Loose),
    TypeError,
    'did you mean "key"',
  ],
  ['a key of another type', () => rows.get(7 as Loose), TypeError, 'key must be a string'],
  ['a value of another type', () => rows.putSync('key', 7 as Loose), TypeError, 'value must be a string'],
  ['a value of another type, asynchronously', () => rows.put('key', 7 as Loose), TypeError, 'value must be a string'],
  ['undefined', () => rows.put('key', undefined as Loose), TypeError, 'undefined'],
  ['a time to live of text', () => rows.put('key', 'v', { ttl: '1s' } as Loose), TypeError, 'ttl'],
  ['a time to live of nothing', () => rows.putSync('key', 'v', { ttl: 0 }), RangeError, 'at least 1'],
  ['a time to live that ends never', () => rows.put('key', 'v', { ttl: Infinity }), RangeError, 'whole number'],
  ['a time to live of a delete', () => rows.delete('key', { ttl: 1 } as Loose), TypeError, 'known options are'],
  [
    'a level of one put of a batch',
    () => store.batch((batch) => batch.put(rows, 'key', 'v', { durability: 'os' } as Loose)),
    TypeError,
    'known options are',
  ],
  [
    'a misspelled write option',
    () => rows.put('key', 'v', { durabilitty: 'os' } as Loose),
    TypeError,
    'did you mean "durability"',
  ],
  [
    'a wrong level of a write',
    () => rows.delete('key', { durability: 'all' } as Loose),
    RangeError,
    'full, os or none',
  ],
  ['gt and gte together', () => rows.scan({ gt: 'a', gte: 'b' }), TypeError, 'not both'],
  ['a misspelled range', () => rows.scan({ greater: 'a' } as Loose), TypeError, 'known options are'],
  ['order in a clear', () => rows.clear({ reverse: true } as Loose), TypeError, 'has no option "reverse"'],
  ['a negative limit', () => rows.scan({ limit: -1 }), RangeError, 'limit'],
  ['a fractional limit', () => rows.scan({ limit: 1.5 }), RangeError, 'limit'],
  ['a bound of another type', () => rows.keys({ lt: 5 as Loose }), TypeError, 'a string'],
  ['a batch without function', () => store.batch(undefined as Loose), TypeError, 'function'],
  [
    'an async batch',
    () => store.batch(async (batch) => batch.put(rows, 'key', 'async')),
    TypeError,
    'must not be async',
  ],
  [
    'a batch with a foreign thing',
    () => store.batch((batch) => batch.put({} as Loose, 'a', 'b')),
    TypeError,
    'store.namespace()',
  ],
  [
    'a wrong value in a batch',
    () =>
      store.batch((batch) => {
        batch.put(rows, 'a', 'b')
        batch.put(rows, 'c', 1 as Loose)
      }),
    TypeError,
    'value',
  ],
  ['a transaction without function', () => store.transaction(7 as Loose), TypeError, 'function'],
  ['negative retries', () => store.transaction(() => 1, { retries: -1 }), RangeError, 'retries'],
  [
    'an async transactionSync',
    () => store.transactionSync(async (tx) => tx.put(rows, 'key', 'async')),
    TypeError,
    'must not be async',
  ],
  ['an event nobody has', () => store.on('close' as Loose, () => undefined), RangeError, '"error"'],
  ['a listener that is none', () => store.on('error', 7 as Loose), TypeError, 'a function'],
  ['a load of no iterable', () => store.bulkLoad(rows, 7 as Loose), TypeError, 'iterable'],
  ['a load of no entries', () => store.bulkLoad(rows, [5 as Loose]), TypeError, 'an entry of bulkLoad'],
  ['an entry that is too long', () => store.bulkLoad(rows, [['a', 'b', 'c'] as Loose]), TypeError, 'an entry of'],
  ['no keys', () => rows.getMany(5 as Loose), TypeError, 'iterable of keys'],
  ['no keys, asynchronously', () => rows.getManyAsync(undefined as Loose), TypeError, 'iterable of keys'],
  ['a text for keys', () => rows.getMany('key' as Loose), TypeError, 'iterable of keys'],
  ['no keys in a snapshot', () => store.transaction((tx) => tx.getMany(rows, null as Loose)), TypeError, 'iterable of'],
  ['vectors of no iterable', () => vectors().upsertMany(5 as Loose), TypeError, 'iterable'],
  ['vectors of no entries', () => vectors().upsertMany([5 as Loose]), TypeError, 'an entry of upsertMany'],
  ['a schema that answers null', () => guarded(null).put('a', 'b'), TypeError, 'Standard Schema'],
  ['a schema that answers text', () => guarded('yes').putSync('a', 'b'), TypeError, 'Standard Schema'],
  [
    'a schema that answers null later',
    () => guarded(Promise.resolve(null)).put('a', 'b'),
    TypeError,
    'Standard Schema',
  ],
  ['a stream in a namespace of text', () => rows.putStream('a' as never, []), TypeError, 'codec.bytes()'],
]

it.each(mistakes)('%s', async (_name, call, kind, says) => {
  const error: unknown = await (async () => call())().then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(kind)
  expect(error).toHaveProperty('code', 'INVALID_ARGUMENT')
  expect((error as Error).message).toContain(says)
})

it('asynchronous calls reject and never throw', async () => {
  const calls = [
    () => rows.put(7 as Loose, ''),
    () => rows.delete(7 as Loose),
    () => rows.clear({ lt: 7 as Loose }),
    () => rows.getAsync(7 as Loose),
    () => rows.getManyAsync([7 as Loose]),
    () => rows.countAsync({ lt: 7 as Loose }),
    () => rows.compareAndSet(7 as Loose, 'a', 'b'),
    () => store.batch(7 as Loose),
    () => store.transaction(7 as Loose),
    () => store.renameNamespace(7 as Loose, 'b'),
    () => store.dropNamespace(7 as Loose),
    () => store.compact({ signal: 7 as Loose }),
    () => store.bulkLoad(rows, 7 as Loose),
    () => SledStore.open(7 as Loose),
    () => rows.getStream('a'),
  ]
  for (const call of calls) {
    let promise: Promise<unknown> | undefined
    expect(() => (promise = call() as Promise<unknown>)).not.toThrow()
    await expect(promise).rejects.toThrow(TypeError)
  }
})
