/** What the types of the abstract-level adapter accept and refuse; `tsc` checks it, nothing runs it. */
import type { AbstractLevel } from 'abstract-level'
import { SledStore } from 'sledstore'
import { SledLevel } from 'sledstore/abstract-level'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(answer: Same<A, B>): boolean => answer

interface User {
  name: string
}

export async function usage(): Promise<void> {
  const plain = new SledLevel('./data')
  const value = await plain.get('a')
  same<string | undefined, typeof value>(true)

  const users = new SledLevel<string, User>('./data', { valueEncoding: 'json', profile: 'mobile', compression: false })
  await users.put('ann', { name: 'Ann' }, { sync: true })
  const user = users.getSync('ann')
  same<User | undefined, typeof user>(true)
  await users.batch([{ type: 'put', key: 'ann', value: { name: 'Ann' } }], { sync: true })
  await users.batch().put('ann', { name: 'Ann' }).write({ sync: true })
  await users.del('ann', { sync: false })
  await users.clear({ lt: 'b', sync: true })
  for await (const [key, { name }] of users.iterator({ gte: 'a', highWaterMarkBytes: 1_000 })) void [key, name]
  const bytes = await users.get<string, Uint8Array>('ann', { valueEncoding: 'view' })
  same<Uint8Array | undefined, typeof bytes>(true)
  await users.sublevel<string, number>('ages', { valueEncoding: 'json' }).put('ann', 34)
  const ages = users.sublevel<string, number>('ages', { valueEncoding: 'json' })
  await users.batch<string, number>([{ type: 'put', key: 'ann', value: 34, sublevel: ages }], { sync: true })
  users.on('write', (operations) => void operations.length).once('closed', () => {})
  users.hooks.prewrite.add((operation) => void operation.type)
  await users.store.compact()

  // As libraries over abstract-level name what they take.
  // eslint-disable-next-line typescript/no-explicit-any
  const other: AbstractLevel<any, any, any> = users
  void other
  void new SledLevel(SledStore.memory(), { namespace: 'users' })
  void new SledLevel(new URL('file:///data'), { multithreading: true })

  // @ts-expect-error a name is a string
  await users.put('ann', { name: 7 })
  // @ts-expect-error levels are those of abstract-level
  await users.put('ann', { name: 'Ann' }, { durability: 'full' })
  // @ts-expect-error an option of LevelDB
  void new SledLevel('./data', { cacheSize: 8 << 20 })
  // @ts-expect-error the store is open
  void new SledLevel(SledStore.memory(), { memoryBudget: 24 << 20 })
  // @ts-expect-error threads share a store always
  void new SledLevel('./data', { multithreading: false })
}

/** A class of one's own over it. */
export class Users extends SledLevel<string, User> {
  constructor(location: string) {
    super(location, { valueEncoding: 'json' })
  }

  rename(key: string, name: string): Promise<void> {
    return this.put(key, { name })
  }
}
