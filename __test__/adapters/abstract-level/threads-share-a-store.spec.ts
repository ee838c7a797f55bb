/** Databases of several threads over one folder are one store: each sees at once what the others wrote. */
import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { SledLevel } from 'sledstore/abstract-level'
import { freshFolders } from '../../helpers/folder.js'

const folder = freshFolders()
const adapter = new URL('../../../dist/adapters/abstract-level.cjs', import.meta.url).pathname

const code = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { SledLevel } = require(workerData.adapter)
  const db = new SledLevel(workerData.path, { multithreading: true })
  parentPort.once('message', async (key) => {
    const seen = await db.get(key)
    await db.batch(Array.from({ length: 500 }, (_, index) => ({ type: 'put', key: workerData.name + index, value: seen })))
    await db.close()
    parentPort.postMessage(seen)
  })
  db.open().then(() => parentPort.postMessage('open'))
`

const nextMessage = (worker: Worker) =>
  new Promise<unknown>((resolve, reject) => worker.once('message', resolve).once('error', reject))

it('four threads', async () => {
  const path = folder()
  const db = new SledLevel(path)
  await db.open()
  const workers = ['a', 'b', 'c', 'd'].map(
    (name) => new Worker(code, { eval: true, workerData: { adapter, path, name } }),
  )
  expect(await Promise.all(workers.map(nextMessage))).toEqual(['open', 'open', 'open', 'open'])
  await db.put('0', 'from the main thread')
  const snapshot = db.snapshot()
  const answers = workers.map(nextMessage)
  for (const worker of workers) worker.postMessage('0')
  expect(await Promise.all(answers)).toEqual(workers.map(() => 'from the main thread'))
  expect(await db.keys().all()).toHaveLength(2_001)
  expect(await db.keys({ snapshot }).all()).toEqual(['0'])
  await Promise.all(workers.map((worker) => worker.terminate()))
  await db.close()
})
