/** Worker threads share one store per folder; ending one leaves the others alone. */
import { describe, expect, it } from 'vitest'
import { codec } from '../../lib/codec.js'
import { SledStore } from '../../lib/index.js'
import { runScript } from '../helpers/child.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()

/** Runs `main` with a function `start(body)` that runs `body` in a worker, with `store` and `rows` open there. */
function threads(main: string, path: string) {
  return runScript(
    `
    const { Worker } = require('node:worker_threads')
    const path = process.argv[1]
    const dist = Object.keys(require.cache).find(name => name.endsWith('index.cjs'))
    const start = body => new Worker(
      'const { SledStore, codec } = require(' + JSON.stringify(dist) + ');' +
      'const { parentPort } = require("node:worker_threads");' +
      '(async () => { const store = await SledStore.open(' + JSON.stringify(path) + ');' +
      'const rows = store.namespace("rows", { value: codec.utf8() });' + body + '})()', { eval: true })
    const ended = worker => new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject))
    const message = worker => new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
    ${main}`,
    { arguments: [path] },
  )
}

const opening = `const store = await SledStore.open(path); const rows = store.namespace('rows', { value: codec.utf8() });`

it('a worker sees what the main thread wrote, and the other way round', async () => {
  const ended = await threads(
    `${opening}
    await rows.put('main', '1')
    const worker = start('await rows.put("worker", rows.get("main") + "2"); parentPort.postMessage("done")')
    await message(worker)
    console.log(rows.get('worker'))`,
    folder(),
  )
  expect(ended).toEqual({ code: 0, signal: null, output: '12\n' })
})

it('threads that count together lose no update', async () => {
  const ended = await threads(
    `${opening}
    const body = 'for (let i = 0; i < 200; i++) await store.transaction(tx => ' +
      'tx.put(rows, "n", String(Number(tx.get(rows, "n") ?? 0) + 1)), { durability: "os", retries: 1000 });'
    await Promise.all([0, 1, 2].map(() => ended(start(body))))
    console.log(rows.get('n'))`,
    folder(),
  )
  expect(ended).toEqual({ code: 0, signal: null, output: '600\n' })
})

it('a kept value is the newest whichever thread has written it', async () => {
  const ended = await threads(
    `const store = await SledStore.open(path)
    const rows = store.namespace('rows', { value: codec.utf8(), cacheValues: 1 << 20 })
    await rows.put('n', '0')
    const worker = start('for (let n = 1; n <= 20000; n++) rows.putSync("n", String(n), { durability: "none" });' +
      'parentPort.postMessage(rows.get("n"))')
    const last = message(worker)
    let before = 0
    let isDone = false
    last.then(() => (isDone = true))
    while (!isDone) {
      for (let reads = 0; reads < 1000; reads++) {
        const now = Number(rows.get('n'))
        if (now < before) throw new Error(now + ' after ' + before)
        before = now
      }
      await new Promise(setImmediate)
    }
    console.log(await last, rows.get('n'), store.stats().values.hits > 0)`,
    folder(),
  )
  expect(ended).toEqual({ code: 0, signal: null, output: '20000 20000 true\n' })
})

it('closing in one thread leaves the store open in another', async () => {
  const ended = await threads(
    `${opening}
    await rows.put('key', 'value')
    const worker = start('const value = rows.get("key"); await store.close(); parentPort.postMessage(value + " closed")')
    console.log(await message(worker))
    await rows.put('more', 'value')
    console.log(rows.count(), store.status)
    await store.close()
    console.log(store.status)`,
    folder(),
  )
  expect(ended).toEqual({ code: 0, signal: null, output: 'value closed\n2 open\nclosed\n' })
})

it('the last of several threads that ends without closing frees the folder', async () => {
  const path = folder()
  const ended = await threads(
    `
    await Promise.all([0, 1].map(n => ended(start('await rows.put("' + n + '", "value")'))))
    ${opening}
    console.log([...rows.keys()].join())
    await store.close()
    console.log('closed')`,
    path,
  )
  expect(ended).toEqual({ code: 0, signal: null, output: '0,1\nclosed\n' })
  const store = await SledStore.open(path)
  await store.close()
})

describe('workers killed at work', () => {
  it('leave a store that works, with everything they were answered', async () => {
    const path = folder()
    const seed = Number(process.env['SLEDSTORE_SEED'] ?? Date.now() % 1_000_000)
    console.log(`SLEDSTORE_SEED=${seed}`)
    const ended = await threads(
      `${opening}
      let state = ${seed}
      const random = limit => (state = (state * 1103515245 + 12345) % 2147483648) % limit
      const body = name => 'for (let i = 0; ; i++) {' +
        'await rows.put("${'${name}'}".replace("x", "' + name + '") + i, "value", { durability: i % 2 ? "os" : "full" });' +
        'parentPort.postMessage("' + name + '" + i);' +
        'if (i % 7 === 0) { const scan = rows.scan(); scan.next(); store.snapshot(); rows.getManyAsync(["a"]); rows.scanAsync().next() }' +
        'if (i % 11 === 0) store.transaction(async tx => { tx.put(rows, "never", ""); await new Promise(() => {}) }) }'
      const answered = []
      for (let round = 0; round < 12; round++) {
        const workers = [0, 1, 2].map(n => start(body('r' + round + 'w' + n + '-').replaceAll('\${name}', 'r' + round + 'w' + n + '-')))
        for (const worker of workers) worker.on('message', key => answered.push(key))
        await new Promise(resolve => setTimeout(resolve, 100 + random(150)))
        await Promise.all(workers.map(worker => worker.terminate()))
        const lost = answered.filter(key => !rows.has(key))
        if (lost.length > 0) throw new Error('lost ' + lost.join())
      }
      await rows.put('main', 'value')
      console.log(answered.length > 50, rows.has('never'), store.status)
      await store.close()`,
      path,
    )
    expect(ended).toEqual({ code: 0, signal: null, output: 'true false open\n' })
    const store = await SledStore.open(path)
    expect(store.namespace('rows', { value: codec.utf8() }).get('main')).toBe('value')
    await store.close()
  })
})
