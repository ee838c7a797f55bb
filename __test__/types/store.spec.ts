import { expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { codec, key, SledStore, type Namespace } from '../../lib/index.js'

interface User {
  name: string
}

// Never called: the compiler is the test.
export async function usage(store: SledStore): Promise<void> {
  const users = store.namespace('users', { key: key.string, value: codec.json<User>() })
  expectTypeOf(users).toEqualTypeOf<Namespace<string, User, string, User>>()
  expectTypeOf(users.get('ann')).toEqualTypeOf<User | undefined>()
  // @ts-expect-error a user has a name
  await users.put('ann', {})
  // @ts-expect-error keys are strings
  users.get(7)

  const any = store.namespace('any')
  expectTypeOf(any.get('key')).toEqualTypeOf<unknown>()
  await any.put('key', 7)

  const events = store.namespace('events', { key: key.tuple(key.string, key.number), value: codec.utf8() })
  expectTypeOf([...events.keys({ prefix: ['2026'] })]).toEqualTypeOf<(readonly [string, number])[]>()
  // @ts-expect-error a prefix is made of leading parts
  events.keys({ prefix: [7] })

  const counts = store.namespace('counts', { key: key.number, value: codec.json<number>() })
  // @ts-expect-error numbers have no prefix
  counts.scan({ prefix: 1 })

  const Person = z.object({ name: z.string(), age: z.number().default(0) })
  const people = store.namespace('people', { schema: Person, value: codec.json() })
  expectTypeOf(people.get('ann')).toEqualTypeOf<{ name: string; age: number } | undefined>()
  await people.put('ann', { name: 'Ann' })
  // @ts-expect-error the name is missing
  await people.put('ann', { age: 7 })

  const vectors = store.namespace('vectors', { value: codec.vector(3) })
  await vectors.put('a', [1, 2, 3])
  expectTypeOf(vectors.get('a')).toEqualTypeOf<Float32Array | undefined>()

  // @ts-expect-error a value codec makes no keys
  store.namespace('mixed', { key: codec.json<string>() })
  // @ts-expect-error a key codec makes no values
  store.namespace('mixed', { value: key.string })
  // @ts-expect-error nor parts of keys
  key.tuple(key.string, codec.utf8())
  // @ts-expect-error how keys are encoded is nobody's business
  key.string.encode('a', new Uint8Array(9), 0)
  // @ts-expect-error nor how values are
  codec.utf8().encode('a')
  const packed = codec.custom<Date, Date | number>({
    id: 128,
    name: 'time',
    encode: (time) => Buffer.from(String(Number(time))),
    decode: (bytes) => new Date(Number(Buffer.from(bytes).toString())),
  })
  const times = store.namespace('times', { key: key.any, value: packed })
  await times.put([1, null, new Date()], 7)
  expectTypeOf(times.get(1n)).toEqualTypeOf<Date | undefined>()
  // @ts-expect-error a time is a Date or a number
  await times.put('a', 'noon')

  const total = await store.transaction(async (tx) => {
    expectTypeOf(tx.get(users, 'ann')).toEqualTypeOf<User | undefined>()
    tx.put(users, 'bob', { name: 'Bob' })
    // @ts-expect-error a user has a name
    tx.put(users, 'bob', 7)
    return tx.count(users)
  })
  expectTypeOf(total).toEqualTypeOf<number>()
  for (const user of users.values()) expectTypeOf(user).toEqualTypeOf<User>()
  for await (const entry of users.scanAsync()) expectTypeOf(entry).toEqualTypeOf<[key: string, value: User]>()
}

it('is checked by tsc', () => {
  expectTypeOf(SledStore.open).returns.resolves.toEqualTypeOf<SledStore>()
})
