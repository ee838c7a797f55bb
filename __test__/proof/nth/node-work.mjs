/** What processes of Node do to a store, and what of it a store holds: shared by who does it and who checks it. */

import { join } from 'node:path'
import { SledStore, codec } from '../../../dist/index.js'

export const options = { profile: 'embedded', tuning: { memtableBytes: 64 << 10 } }

const sampleRows = 60

/** Names inside the folder of a cycle. */
export const paths = (folder) => ({
  store: join(folder, 'store'),
  sample: join(folder, 'sample.snapshot'),
  file: join(folder, 'written.snapshot'),
  backup: join(folder, 'written.backup.snapshot'),
  restored: join(folder, 'restored'),
})

const rowsOf = (store) => store.namespace('rows', { value: codec.utf8() })
const othersOf = (store) => store.namespace('others', { value: codec.json() })
const text = (name, length) => `${name} `.repeat(Math.ceil(length / (name.length + 1)))

/** Makes the store that operations begin with, publishes it and closes it. */
export async function makeSample(folder) {
  const { store: path, sample } = paths(folder)
  const store = await SledStore.open(path, options)
  const rows = rowsOf(store)
  await store.batch((batch) => {
    for (let row = 0; row < sampleRows; row++) batch.put(rows, `sample/${row}`, text(`sample ${row}`, 500))
  })
  await othersOf(store).put('sample', { of: 'others' })
  await store.publish(sample)
  await store.close()
}

/** Rows of the sample that a store does not hold as they were written. */
export function sampleFaults(store) {
  const rows = rowsOf(store)
  const faults = []
  for (let row = 0; row < sampleRows; row++) {
    if (rows.get(`sample/${row}`) !== text(`sample ${row}`, 500)) faults.push(`sample row ${row}`)
  }
  if (othersOf(store).get('sample')?.of !== 'others') faults.push('the row of the other namespace')
  return faults
}

/** One change each, of keys that no other has; `state` is true for done, false for nothing of it, and else what is wrong. */
const changes = {
  put: {
    apply: (store, name) => rowsOf(store).put(name, text(name, 300)),
    parts: (store, name) => [[rowsOf(store).get(name), text(name, 300)]],
  },
  putSync: {
    apply: (store, name) => rowsOf(store).putSync(name, text(name, 300)),
    parts: (store, name) => [[rowsOf(store).get(name), text(name, 300)]],
  },
  batch: {
    apply: (store, name) =>
      store.batch((batch) => {
        for (let part = 0; part < 5; part++) batch.put(rowsOf(store), `${name}/${part}`, text(name, 2_000))
        batch.put(othersOf(store), name, { name })
      }),
    parts: (store, name) => [
      ...[0, 1, 2, 3, 4].map((part) => [rowsOf(store).get(`${name}/${part}`), text(name, 2_000)]),
      [othersOf(store).get(name)?.name, name],
    ],
  },
  transaction: {
    apply: (store, name) =>
      store.transaction(async (transaction) => {
        const before = transaction.get(rowsOf(store), 'sample/0')
        await Promise.resolve()
        transaction.put(rowsOf(store), name, before)
      }),
    parts: (store, name) => [[rowsOf(store).get(name), text('sample 0', 500)]],
  },
  large: {
    apply: (store, name) => rowsOf(store).put(name, text(name, 200_000)),
    parts: (store, name) => [[rowsOf(store).get(name), text(name, 200_000)]],
  },
}

export const stepsOf = {
  'node-commit': ['put', 'putSync', 'batch', 'transaction', 'large', 'put'],
  'node-compact': ['batch', 'large', 'batch'],
  'node-close': ['batch', 'large', 'batch'],
  'node-files': ['batch', 'large'],
}

const nameOf = (number, change) => `step/${number}/${change}`

export const apply = (store, number, change) => changes[change].apply(store, nameOf(number, change))

/** Whether a step is there: true, false, or a text that says what is wrong. */
export function stateOf(store, number, change) {
  const parts = changes[change].parts(store, nameOf(number, change))
  const done = parts.filter(([found, wanted]) => found === wanted).length
  const undone = parts.filter(([found]) => found === undefined).length
  if (done === parts.length) return true
  return undone === parts.length ? false : `step ${number} (${change}): ${done} parts of ${parts.length} are there`
}
