/**
 * Copies a classic-level database into a namespace, and each sublevel that is named into one of its own, and compares them:
 * `node classic-level.mjs <from> <to> [--keys utf8] [--values json] [sublevel…]`.
 */

import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { ClassicLevel } from 'classic-level'
import { codec, key, SledStore } from 'sledstore'
import { compare, report } from './differences.mjs'

const keyCodecs = { utf8: key.string, buffer: key.bytes }
const valueCodecs = { utf8: codec.utf8(), json: codec.json(), buffer: codec.bytes() }

/** Rows of a level or sublevel in order. Those of its own sublevels begin with `!`, and belong to them. */
export async function* rowsOf(level, { keys = 'utf8', values = 'utf8' } = {}) {
  for await (const [name, value] of level.iterator({ keyEncoding: keys, valueEncoding: values })) {
    const isOfSublevel = typeof name === 'string' ? name.startsWith('!') : name[0] === '!'.charCodeAt(0)
    if (!isOfSublevel) yield [name, value]
  }
}

/**
 * @param {import('abstract-level').AbstractLevel<any, any, any>} level
 * @param {import('sledstore').SledStore} store
 * @param {{ keys?: 'utf8' | 'buffer', values?: 'utf8' | 'json' | 'buffer' }} [encodings] as the database was written
 */
export async function copyLevel(level, store, name, encodings = {}) {
  const { keys = 'utf8', values = 'utf8' } = encodings
  const namespace = store.namespace(name, { key: keyCodecs[keys], value: valueCodecs[values] })
  // LevelDB orders keys by their bytes, as the codecs do: the rows come sorted.
  await store.bulkLoad(namespace, rowsOf(level, encodings))
  return namespace
}

async function main(words) {
  const options = { keys: { type: 'string', default: 'utf8' }, values: { type: 'string', default: 'utf8' } }
  const { values: encodings, positionals } = parseArgs({ args: words, options, allowPositionals: true })
  const [from, to, ...names] = positionals
  const level = new ClassicLevel(from, { createIfMissing: false })
  await level.open()
  const store = await SledStore.open(to, { errorIfExists: true })
  for (const name of [undefined, ...names]) {
    const part = name === undefined ? level : level.sublevel(name)
    const namespace = await copyLevel(part, store, name ?? 'root', encodings)
    report(namespace.name, await compare(namespace, rowsOf(part, encodings)))
  }
  await store.close()
  await level.close()
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv.slice(2))
