/**
 * An application of abstract-level: `node application.mjs <module> <class> <folder>` tells all it sees. Run over classic-level
 * and over the adapter it must tell the same.
 */

import { join } from 'node:path'

const [module, name, home] = process.argv.slice(2)
const { [name]: Level } = await import(module)
const told = []
const tell = (...words) => told.push(words)
const codeOf = (promise) =>
  promise.then(
    () => 'fine',
    ({ code, cause }) => [code, cause?.code ?? null],
  )

async function configured() {
  const folder = join(home, 'data')
  tell(await codeOf(new Level(folder, { createIfMissing: false }).open()).then(([code]) => code))
  const db = new Level(folder, { keyEncoding: 'utf8', valueEncoding: 'json' })
  db.on('opening', () => tell('opening'))
    .on('open', () => tell('open'))
    .on('closed', () => tell('closed'))
  db.on('write', (operations) =>
    tell(
      'write',
      operations.map(({ type, key }) => [type, String(key)]),
    ),
  )
  db.on('clear', ({ gte }) => tell('clear', gte))
  db.hooks.postopen.add(async () => tell('postopen', db.status))
  return db
}

async function writing(db) {
  await db.put('deferred', 1) // before the database is open
  await db.put('early', 2) // one after the other: classic-level may tell of two at once in either order
  await db.batch([
    { type: 'put', key: 'ann', value: { age: 41 } },
    {
      type: 'put',
      key: Buffer.from('raw'),
      value: Buffer.from('"raw"'),
      keyEncoding: 'buffer',
      valueEncoding: 'buffer',
    },
    { type: 'del', key: 'early' },
  ])
  await db.batch().put('bob', { age: 7 }).put('cleo', { age: 30 }).del('bob').write({ sync: true })
  await db.put('dora', { age: 55 }, { sync: true })
  tell(await db.get('ann'), db.getSync('raw'), await db.get('bob'))
  tell(await db.getMany(['ann', 'bob', 'cleo']), await db.hasMany(['ann', 'bob']), await db.has('dora'))
  tell(
    await codeOf(db.put(null, 1)),
    await codeOf(db.put('a', undefined)),
    await codeOf(db.batch([{ type: 'other', key: 'a' }])),
  )
}

async function indexed(db) {
  const people = db.sublevel('people', { valueEncoding: 'json' })
  const byAge = db.sublevel(['index', 'age'])
  people.hooks.prewrite.add((operation, batch) => {
    if (operation.type !== 'put') return
    const key = String(operation.value.age).padStart(3, '0')
    batch.add({ type: 'put', key: `${key}!${operation.key}`, value: operation.key, sublevel: byAge })
  })
  await people.put('ann', { age: 41 })
  await people.batch([
    { type: 'put', key: 'bob', value: { age: 7 } },
    { type: 'put', key: 'cleo', value: { age: 30 } },
  ])
  tell(await byAge.values({ gte: '010' }).all(), await byAge.keys({ reverse: true }).all())
  await db.batch([
    { type: 'del', key: 'bob', sublevel: people },
    { type: 'put', key: 'x', value: 'y', sublevel: byAge },
  ])
  tell(await people.keys().all(), await byAge.get('x'), people.prefix, byAge.path())
  tell(await db.keys({ gte: '!', lt: '"' }).all())
  await byAge.clear({ gte: '030' })
  tell(await byAge.iterator().all())
}

async function reading(db) {
  await within(db.snapshot(), async (snapshot) => {
    await db.put('ann', { age: 42 })
    await db.del('cleo')
    tell(await db.get('ann', { snapshot }), await db.get('ann'), await db.keys({ snapshot, gt: 'a', lt: 'z' }).all())
  })
  const iterator = db.iterator({ gte: 'a', lt: 'z' })
  await db.put('aaa', 'after')
  tell(await iterator.next(), await iterator.nextv(1), iterator.count)
  iterator.seek('d')
  tell(await iterator.next())
  iterator.seek('ann')
  tell(await iterator.all(), await codeOf(iterator.next()))
  for await (const [key] of db.iterator({ gte: 'a', lt: 'z', limit: 2, reverse: true })) tell(key)
  const controller = new AbortController()
  const aborted = db.keys({ signal: controller.signal })
  controller.abort()
  tell(await codeOf(aborted.next()))
  await aborted.close()
  tell(await db.values({ gte: 'd', lt: 'z', valueEncoding: 'utf8' }).all())
}

async function within(resource, use) {
  await use(resource)
  await resource.close()
  tell(await codeOf(use(resource)))
}

const db = await configured()
await writing(db)
await indexed(db)
await reading(db)
await db.clear({ gte: 'b', lt: 'd' })
await db.clear({ limit: 1, reverse: true })
tell(await db.iterator({ keyEncoding: 'hex', valueEncoding: 'utf8' }).all())
await db.close()
tell(await codeOf(db.get('ann')), db.status)
await db.open()
tell(await db.get('ann'), Object.keys(db.supports.encodings).sort(), db.supports.signals, db.supports.permanence)
await db.close()
console.log(JSON.stringify(told, null, 1))
