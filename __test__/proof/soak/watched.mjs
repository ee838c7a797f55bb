/** A thread that lives as long as the soak and makes short calls, each of which is timed. */
import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { codec, SledStore } from '../../../dist/index.js'
import { openRows, options, random, ROWS, versionOf } from './rows.mjs'
import { Marks, slots } from './stalls.mjs'

const { folder, memory, seed, plant } = workerData
const marks = new Marks(memory, slots.watched)
const next = random(seed)
const store = await SledStore.open(folder, options)
const rows = openRows(store)
const own = store.namespace('watched', { value: codec.json() })
const ending = new AbortController()
parentPort.on('message', () => ending.abort())

for (let round = 0; !ending.signal.aborted; round++) {
  const row = next(ROWS)
  const value = marks.around(() => rows.get(row))
  if (value !== undefined && versionOf(row, value) === undefined)
    parentPort.postMessage(`row ${row} has another's value`)
  marks.around(() => own.putSync(`key-${round % 100}`, { round }))
  if (marks.around(() => own.get(`key-${round % 100}`))?.round !== round) parentPort.postMessage('a write is not read')
  marks.around(() => [...rows.keys({ gte: row, limit: 10 })])
  if (plant === 'lock' && round === 50)
    marks.around(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5_000))
  await sleep(10)
}
await store.close()
parentPort.close()
