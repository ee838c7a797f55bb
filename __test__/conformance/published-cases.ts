/** What every published file must do, whatever the runtime makes of memory that is not its own. */
import { deepStrictEqual as same, ok } from 'node:assert/strict'
import { join } from 'node:path'
import { codec, SledStore } from '../../lib/index.js'
import type { StoreCase } from './subject.js'

export const publishedCases: StoreCase[] = []
const behavior = (name: string, run: StoreCase['run']): unknown => publishedCases.push({ name, run })

const bytesOf = (length: number, seed: number) => Uint8Array.from({ length }, (_, at) => (at * 31 + seed) & 0xff)

behavior('views have the bytes of their values, also after close', async (store, folder) => {
  const written = store.namespace('bytes', { value: codec.bytes() })
  const lengths = [0, 100, 4_093, 4_094, 16_000, 200_000]
  for (const length of lengths) await written.put(String(length), bytesOf(length, 7))
  const file = join(folder, 'published')
  await store.publish(file, { compression: 'none' })
  const snapshot = await SledStore.openSnapshot(file, { views: true })
  const read = snapshot.namespace('bytes', { value: codec.bytes() })
  const found = lengths.map((length) => read.get(String(length)))
  same(read.get('none'), undefined)
  same(await read.getAsync('200000'), bytesOf(200_000, 7))
  await snapshot.close()
  for (const [at, length] of lengths.entries()) {
    const value = found[at]!
    ok(value instanceof Uint8Array)
    ok(Buffer.compare(value, bytesOf(length, 7)) === 0, String(length))
  }
})

behavior('what is written into a view reaches no other reader', async (store, folder) => {
  await store.namespace('bytes', { value: codec.bytes() }).put('a', bytesOf(50_000, 1))
  const file = join(folder, 'published')
  await store.publish(file, { compression: 'none' })
  const open = async () => {
    const snapshot = await SledStore.openSnapshot(file, { views: true })
    return { snapshot, read: snapshot.namespace('bytes', { value: codec.bytes() }) }
  }
  const [one, other] = [await open(), await open()]
  one.read.get('a')!.fill(9)
  same(other.read.get('a'), bytesOf(50_000, 1))
  same(await one.read.getAsync('a'), bytesOf(50_000, 1))
  same((await one.snapshot.verify()).findings.length, 0)
  await one.snapshot.close()
  const again = await open()
  same(again.read.get('a'), bytesOf(50_000, 1))
  await again.snapshot.close()
  await other.snapshot.close()
})
