/**
 * The calls of the micro suite in a process of its own: loads the store, or reads it by the raw functions or the library.
 * Takes the job as JSON in its argument, prints nanoseconds and allocated bytes as JSON.
 */

import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Keys, makeValues } from '../harness/data.mjs'
import { openRaw } from './raw.mjs'

const rounds = 100
const allocationRounds = 5
const valueBytes = 100

const job = JSON.parse(process.argv[2])
const tasks = { load, raw, lib }
console.log(JSON.stringify(await tasks[job.task]()))

async function openLibrary() {
  const { SledStore, codec, key } = await import('sledstore')
  const store = await SledStore.open(job.folder, { durability: 'os' })
  return { store, rows: store.namespace('bench', { key: key.string, value: codec.utf8() }) }
}

async function load() {
  const { store, rows } = await openLibrary()
  const keys = new Keys(job.rows, 1).slice(0, job.rows).sort()
  const values = makeValues(valueBytes, { seed: 1 })
  await store.bulkLoad(
    rows,
    keys.map((name, index) => [name, values.at(index)]),
  )
  await store.close()
  return {}
}

async function lib() {
  const { store, rows } = await openLibrary()
  const figures = measure({
    get: (name) => rows.get(name)?.length ?? -1,
    scan() {
      let count = 0
      for (const [name, value] of rows.scan()) if (name.length + value.length > 0) count++
      return count
    },
  })
  await store.close()
  return figures
}

async function raw() {
  const binding = createRequire(import.meta.url)(
    fileURLToPath(new URL('../../lib/native/binding.cjs', import.meta.url)),
  )
  const store = await openRaw(binding, job.folder)
  const figures = measure(store)
  await store.close()
  return figures
}

/** Nanoseconds of each call, the best of the rounds, and the bytes of JavaScript's heap that one takes. */
function measure({ get, scan }) {
  const step = Math.max(1, Math.floor(job.rows / job.hotRows))
  const sorted = new Keys(job.rows, 1).slice(0, job.rows).sort()
  const hot = Array.from({ length: job.hotRows }, (_, index) => sorted[index * step])
  const missing = hot.map((name) => Buffer.from(`${name}-`).latin1Slice())
  const gets = (names, isThere) => () => {
    for (let call = 0; call < job.calls; call++) {
      if (get(names[(call * 7_919) % names.length]) >= 0 !== isThere) throw new Error('a read gave the wrong answer')
    }
  }
  const scanAll = () => {
    const count = scan()
    if (count !== job.rows) throw new Error(`the scan gave ${count} rows`)
  }
  return {
    ...best('get', job.calls, gets(hot, true)),
    ...best('get-missing', job.calls, gets(missing, false)),
    ...best('scan', job.rows, scanAll),
  }
}

function best(name, calls, action) {
  action()
  let least = Infinity
  for (let round = 0; round < rounds; round++) {
    const started = performance.now()
    action()
    least = Math.min(least, ((performance.now() - started) * 1e6) / calls)
  }
  return { [name]: least, [`${name}-allocated`]: allocated(action) / calls }
}

/** Bytes that an action takes of the heap; the most of several, for a collection in between takes some away. */
function allocated(action) {
  const taken = Array.from({ length: allocationRounds }, () => {
    globalThis.gc()
    const before = process.memoryUsage().heapUsed
    action()
    return process.memoryUsage().heapUsed - before
  })
  return Math.max(...taken)
}
