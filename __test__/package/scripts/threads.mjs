/**
 * What worker threads promise, in plain JavaScript: `threads.mjs <dist> <folder>`. Prints one line a promise that was
 * kept; the first that is not ends it.
 */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

const [dist, folder] = isMainThread ? process.argv.slice(2) : [workerData.dist, workerData.folder]
const { SledStore, codec } = await import(pathToFileURL(join(dist, 'index.js')).href)
const open = async (path) => {
  const store = await SledStore.open(path)
  return { store, rows: store.namespace('rows', { value: codec.utf8() }) }
}

/** What a worker does, by name. */
const tasks = {
  async answers(path) {
    const { store, rows } = await open(path)
    await rows.put('worker', `${rows.get('main')}2`)
    await store.close()
    parentPort.postMessage('done')
  },
  async counts(path) {
    const { store, rows } = await open(path)
    const add = (tx) => tx.put(rows, 'n', String(Number(tx.get(rows, 'n') ?? 0) + 1))
    for (let at = 0; at < 50; at++) await store.transaction(add, { durability: 'os', retries: 1000 })
    await store.close()
    parentPort.postMessage('done')
  },
  async leaves(path, name) {
    const { rows } = await open(path)
    await rows.put(name, 'value')
    parentPort.postMessage('done') // and does not close
  },
  async writes(path, name) {
    const { store, rows } = await open(path)
    for (let at = 0; ; at++) {
      await rows.put(`${name}-${at}`, 'value', { durability: at % 2 === 0 ? 'os' : 'full' })
      parentPort.postMessage(`${name}-${at}`)
      rows.scan().next()
      store.snapshot()
      void rows.getManyAsync([`${name}-0`])
    }
  },
}

function start(task, path, name = '') {
  return new Worker(new URL(import.meta.url), { workerData: { dist, folder, task, path, name } })
}

function message(worker) {
  return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
}

async function ended(worker) {
  const exit = new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject))
  await message(worker)
  equal(await exit, 0)
}

const promises = {
  async 'a worker sees what the main thread wrote, and the other way round'() {
    const { store, rows } = await open(join(folder, 'both'))
    await rows.put('main', '1')
    await ended(start('answers', join(folder, 'both')))
    equal(rows.get('worker'), '12')
    equal(store.status, 'open')
    await store.close()
  },
  async 'threads that count together lose no update'() {
    const path = join(folder, 'count')
    await Promise.all(['a', 'b', 'c'].map((name) => ended(start('counts', path, name))))
    const { store, rows } = await open(path)
    equal(rows.get('n'), '150')
    await store.close()
  },
  async 'a folder is free when its last thread ends without closing'() {
    const path = join(folder, 'leave')
    await Promise.all(['a', 'b'].map((name) => ended(start('leaves', path, name))))
    const { store, rows } = await open(path)
    deepEqual([...rows.keys()], ['a', 'b'])
    await store.close()
  },
  async 'workers ended at work lose nothing that was answered'() {
    const path = join(folder, 'end')
    const { store, rows } = await open(path)
    const answered = []
    for (const round of [0, 1, 2]) {
      const workers = ['a', 'b'].map((name) => start('writes', path, `${round}${name}`))
      for (const worker of workers) worker.on('message', (key) => answered.push(key))
      await Promise.all(workers.map(message))
      await new Promise((resolve) => setTimeout(resolve, 50))
      await Promise.all(workers.map((worker) => worker.terminate()))
    }
    ok(answered.length >= 6)
    deepEqual(
      answered.filter((key) => !rows.has(key)),
      [],
    )
    await rows.put('main', 'value')
    await store.close()
  },
}

if (isMainThread) {
  for (const [name, keep] of Object.entries(promises)) {
    await keep()
    console.log(name)
  }
} else {
  await tasks[workerData.task](workerData.path, workerData.name)
}
