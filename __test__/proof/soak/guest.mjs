/** A thread that comes, uses the store, and goes in one of several ways. */
import { workerData } from 'node:worker_threads'
import { codec, SledStore } from '../../../dist/index.js'
import { openRows, options, random, ROWS, versionOf } from './rows.mjs'

const { folder, seed, leaves } = workerData
const next = random(seed)
const store = await SledStore.open(folder, options)
const rows = openRows(store)
const own = store.namespace('guests', { value: codec.json() })
const snapshot = store.snapshot()
const scan = rows.scan()
for (let round = 0; round < 200; round++) {
  const row = next(ROWS)
  const value = rows.get(row)
  if (value !== undefined && versionOf(row, value) === undefined) throw new Error(`row ${row} has another's value`)
  await own.put(`guest-${next(50)}`, { round })
  if (round % 20 === 0) scan.next()
  await store.transaction((transaction) => transaction.put(own, 'counter', (transaction.get(own, 'counter') ?? 0) + 1))
}
if (leaves === 'closed') {
  scan.close()
  snapshot.close()
  await store.close()
}
if (leaves === 'exit') process.exit(0)
// Else it ends with everything open, or is ended by the one who started it.
