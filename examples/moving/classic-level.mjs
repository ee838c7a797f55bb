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

/** The sublevel that a key of a level belongs to, if it does. */
function sublevelOf(name) {
  return /^!([^!]+)!/.exec(typeof name === 'string' ? name : Buffer.from(name).toString('latin1'))?.[1]
}

/** Rows of a level or sublevel in order, without those of its own sublevels. */
export async function* rowsOf(level, { keys = 'utf8', values = 'utf8' } = {}) {
  for await (const [name, value] of level.iterator({ keyEncoding: keys, valueEncoding: values })) {
    if (sublevelOf(name) === undefined) yield [name, value]
  }
}

/** The sublevels of a level or sublevel. */
export async function sublevelsOf(level) {
  const names = new Set()
  for await (const name of level.keys({ gte: '!', lt: '"', keyEncoding: 'utf8' })) names.add(sublevelOf(name))
  names.delete(undefined)
  return [...names]
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
    for (const inner of await sublevelsOf(part)) {
      if (name === undefined && names.includes(inner)) continue
      console.error(`${namespace.name}: its sublevel ${inner} is not copied`)
      process.exitCode = 1
    }
  }
  await store.close()
  await level.close()
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv.slice(2))
