/** Each listener of the `error` event is called once, whenever it came and whatever the others do. */
import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { SledStore, type SledStoreError } from '../../lib/index.js'
import { native } from '../../lib/internal/native.js'
import { runScript } from '../helpers/child.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()

async function heardOf(store: SledStore, count: number, heard: unknown[]): Promise<void> {
  await expect.poll(() => heard.length).toBe(count)
  await turn()
  expect(heard.length).toBe(count)
  await store.close().catch(() => undefined)
}

it('those that come after the failure', async () => {
  const store = await SledStore.open(folder())
  const heard: [number, string][] = []
  const listen = (number: number): void => {
    store.on('error', (error) => heard.push([number, error.code]))
  }
  listen(1)
  native.panic()
  await expect.poll(() => heard.length).toBe(1)
  listen(2)
  expect(heard).toHaveLength(1) // not within the call
  await turn()
  listen(3)
  await heardOf(store, 3, heard)
  expect(heard).toEqual([1, 2, 3].map((number) => [number, 'STORAGE_FAILED']))
})

it('one after the failure, of which nobody has asked before', async () => {
  const store = await SledStore.open(folder())
  native.panic()
  const heard: SledStoreError[] = []
  store.on('error', (error) => heard.push(error))
  await heardOf(store, 1, heard)
})

it('not one that was taken back', async () => {
  const store = await SledStore.open(folder())
  const heard: SledStoreError[] = []
  const listener = (error: SledStoreError): void => void heard.push(error)
  store.on('error', listener).off('error', listener)
  native.panic()
  store.on('error', listener)
  await heardOf(store, 1, heard)
  store.on('error', listener).off('error', listener)
  await turn()
  expect(heard).toHaveLength(1)
})

it('those behind one that throws, which is an uncaught exception', async () => {
  const { code, output } = await runScript(
    `process.on('uncaughtException', (error, origin) => console.log(origin, error.message))
    process.on('unhandledRejection', () => console.log('a rejection'))
    const binding = require(process.argv[1])
    const store = await SledStore.open(process.argv[2])
    store.on('error', () => { throw new Error('on purpose') })
    store.on('error', (error) => console.log('second', error.code))
    const alive = setInterval(() => {}, 1_000)
    const told = new Promise((resolve) => store.on('error', () => setImmediate(resolve)))
    binding.panic()
    await told
    clearInterval(alive)
    store.on('error', () => { throw new Error('again') })
    store.on('error', (error) => console.log('fourth', error.code))
    await store.close().catch((error) => console.log('closed', error.code))`,
    { arguments: [new URL('../../lib/native/binding.cjs', import.meta.url).pathname, folder()] },
  )
  const lines = output.split('\n').filter((line) => /^(uncaughtException|a rejection|second|fourth|closed)/.test(line))
  expect(lines).toEqual([
    'second STORAGE_FAILED',
    'uncaughtException on purpose',
    'fourth STORAGE_FAILED',
    'uncaughtException again',
    'closed STORAGE_FAILED',
  ])
  expect(code).toBe(0)
})
