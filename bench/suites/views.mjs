/** What views of a published file are worth: the same gets as views and as copies, in turn. */

import { execFile } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { medianAndSpread } from '../harness/summary.mjs'

const child = fileURLToPath(new URL('views-child.mjs', import.meta.url))
const sizes = [8 << 10, 64 << 10, 1 << 20, 16 << 20]
/** Bytes of all values of a size. */
const totalBytes = 64 << 20
const kinds = [
  { kind: 'views', compression: 'none', views: true },
  { kind: 'copies', compression: 'none', views: false },
  { kind: 'copies out of chunks', compression: 'lz4', views: false },
]
const units = { get: 'ns', read: 'ns', copied: 'bytes' }

/**
 * @param {{ rounds: number, home: string, say: (text: string) => void }} options
 * @returns {Promise<object[]>} a record for each size, kind and metric
 */
export async function measureViews({ rounds, home, say }) {
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home, { recursive: true })
  const found = new Map()
  try {
    for (const size of sizes) {
      await publish(size, home)
      for (let round = 0; round < rounds; round++) {
        for (const { kind, compression, views } of round % 2 === 0 ? kinds : kinds.toReversed()) {
          say(`round ${round + 1} of ${rounds}: ${size} bytes, ${kind}`)
          const job = { file: join(home, compression), count: totalBytes / size, views }
          const { stdout } = await promisify(execFile)(process.execPath, [child, JSON.stringify(job)])
          const key = JSON.stringify({ workload: `get-${size}`, engine: kind })
          found.set(key, [...(found.get(key) ?? []), JSON.parse(stdout)])
        }
      }
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
  return [...found].flatMap(([key, figures]) =>
    Object.entries(units).map(([metric, unit]) => {
      const { median, spread } = medianAndSpread(figures.map((one) => one[metric]))
      return { suite: 'views', ...JSON.parse(key), metric, value: median, unit, spread, rounds, rows: 1 }
    }),
  )
}

/** Writes values that do not compress, none of which has the byte 255, to a file of each kind. */
async function publish(size, home) {
  const { SledStore, codec } = await import('sledstore')
  const store = await SledStore.open(join(home, 'store'), { durability: 'none', errorIfExists: true })
  const values = store.namespace('values', { value: codec.bytes() })
  const value = new Uint8Array(size)
  let state = 1
  for (let at = 0; at < totalBytes / size; at++) {
    for (let byte = 0; byte < size; byte++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      value[byte] = (state >>> 24) % 255
    }
    await values.put(String(at), value)
  }
  for (const compression of new Set(kinds.map((kind) => kind.compression)))
    await store.publish(join(home, compression), { compression })
  await store.close()
  rmSync(join(home, 'store'), { recursive: true })
}
