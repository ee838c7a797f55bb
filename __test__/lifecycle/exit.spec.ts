/** Leaving the process at any point loses nothing that was answered, and never crashes. */
import { describe, expect, it } from 'vitest'
import { codec } from '../../lib/codec.js'
import { SledStore } from '../../lib/index.js'
import { runScript } from '../helpers/child.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()

async function contents(path: string): Promise<string[]> {
  const store = await SledStore.open(path, { createIfMissing: false })
  const keys = [...store.namespace('rows', { value: codec.utf8() }).keys()]
  await store.close()
  return keys
}

const opening = `
  const store = await SledStore.open(process.argv[1])
  const rows = store.namespace('rows', { value: codec.utf8() })
`

const ways: [name: string, script: string, code: number][] = [
  ['at the end of the script', '', 0],
  ['process.exit', 'process.exit(3)', 3],
  [
    'process.exit right after a put at level none',
    `rows.put('b', 'value', { durability: 'none' }); process.exit(3)`,
    3,
  ],
  ['an uncaught error', `setTimeout(() => { throw new Error('on purpose') }); await new Promise(() => undefined)`, 1],
  ['an unhandled rejection', `Promise.reject(new Error('on purpose')); await new Promise(() => undefined)`, 1],
  [
    'process.exit with a scan, a snapshot and a transaction open',
    `
    store.batchSync(batch => { for (let i = 0; i < 2000; i++) batch.put(rows, 'row' + i, 'value') })
    const scan = rows.scan(); scan.next()
    const snapshot = store.snapshot()
    store.transaction(async tx => { tx.put(rows, 'never', ''); await new Promise(() => undefined) })
    setImmediate(() => process.exit(3))
    await new Promise(() => undefined)`,
    3,
  ],
  [
    'process.exit with asynchronous reads under way',
    `
    for (let i = 0; i < 100; i++) { rows.getManyAsync(['a', 'b']); rows.countAsync(); rows.scanAsync().next() }
    process.exit(3)`,
    3,
  ],
  ['process.exit while closing', `store.close(); process.exit(3)`, 3],
  ['process.exit after closing', `await store.close(); process.exit(3)`, 3],
  ['process.exit inside a batch', `store.batchSync(batch => { batch.put(rows, 'never', ''); process.exit(3) })`, 3],
  ['process.exit while opening another store', `SledStore.open(process.argv[1] + '-other'); process.exit(3)`, 3],
  ['process.exit while compacting', `store.compact(); process.exit(3)`, 3],
]

describe('a process that ends with', () => {
  it.each(ways)('%s', async (_name, script, code) => {
    const path = folder()
    const body = `${opening} await rows.put('a', 'value'); rows.putSync('b', 'value', { durability: 'os' }); ${script}`
    const ended = await runScript(body, { arguments: [path] })
    expect(ended.signal, ended.output).toBe(null)
    expect(ended.code, ended.output).toBe(code)
    const keys = await contents(path)
    expect(keys).toEqual(expect.arrayContaining(['a', 'b']))
    expect(keys).not.toContain('never')
  })
})

describe('what a level promises', () => {
  it('a put at level none is there after a regular exit', async () => {
    const path = folder()
    const ended = await runScript(
      `${opening} for (let i = 0; i < 100; i++) await rows.put('k' + i, '', { durability: 'none' }); process.exit(0)`,
      {
        arguments: [path],
      },
    )
    expect(ended.code, ended.output).toBe(0)
    expect(await contents(path)).toHaveLength(100)
  })

  it('writes at level none are with the kernel soon, by whatever call they were made', async () => {
    const path = folder()
    const script = `${opening}
      const none = { durability: 'none' }
      await rows.put('put', '', none)
      await store.batch(batch => batch.put(rows, 'batch', ''), none)
      await store.transaction(tx => tx.put(rows, 'transaction', ''), none)
      await rows.compareAndSet('set', undefined, '', none)
      rows.putSync('putSync', '', none)
      await new Promise(resolve => setTimeout(resolve, 1000))
      process.kill(process.pid, 'SIGKILL'); await new Promise(() => undefined)`
    expect((await runScript(script, { arguments: [path] })).signal).toBe('SIGKILL')
    expect(await contents(path)).toEqual(['batch', 'put', 'putSync', 'set', 'transaction'])
  })

  it('a transaction alone at level none is, too', async () => {
    const path = folder()
    const script = `${opening}
      await store.transaction(tx => tx.put(rows, 'transaction', ''), { durability: 'none' })
      await new Promise(resolve => setTimeout(resolve, 1000))
      process.kill(process.pid, 'SIGKILL'); await new Promise(() => undefined)`
    expect((await runScript(script, { arguments: [path] })).signal).toBe('SIGKILL')
    expect(await contents(path)).toEqual(['transaction'])
  })

  it('a put at level os is there after SIGKILL', async () => {
    const path = folder()
    const script = `${opening}
      for (let i = 0; i < 100; i++) await rows.put('k' + i, '', { durability: 'os' })
      process.kill(process.pid, 'SIGKILL'); await new Promise(() => undefined)`
    expect((await runScript(script, { arguments: [path] })).signal).toBe('SIGKILL')
    expect(await contents(path)).toHaveLength(100)
  })
})

it('an open store does not keep the process alive, an unanswered write does', async () => {
  const path = folder()
  const ended = await runScript(`${opening} rows.put('late', 'value').then(() => console.log('answered'))`, {
    arguments: [path],
  })
  expect(ended).toEqual({ code: 0, signal: null, output: 'answered\n' })
})

it('a second process is told who holds the store', async () => {
  const path = folder()
  const store = await SledStore.open(path)
  const ended = await runScript(
    `await SledStore.open(process.argv[1]).catch(error => console.log(error.code, error.message))`,
    {
      arguments: [path],
    },
  )
  expect(ended.output).toContain('LOCKED')
  expect(ended.output).toContain(String(process.pid))
  await store.close()
  expect((await runScript(`${opening} console.log(store.status)`, { arguments: [path] })).output).toBe('open\n')
})
