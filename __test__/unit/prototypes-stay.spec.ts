/** No key, option or stored byte reaches a prototype, and none becomes code. */
import { Packr } from 'msgpackr/pack'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { codec, decodeValue, type CodecCore } from '../../lib/codec.js'
import { readAnswer } from '../../lib/graph-value.js'
import { codec as codecs, key, SledStore, type StoreOptions } from '../../lib/index.js'
import { checkStoreOptions, writeLevel, type WriteOptions } from '../../lib/options.js'

const prototypes = [Object, Array, Function, Map, Set, Date, Error, Uint8Array, String, Promise].map(
  ({ prototype }) => prototype as object,
)
const members = () => prototypes.map((prototype) => Reflect.ownKeys(prototype).map(String).join())
let before: string[] = []

beforeEach(() => {
  before = members()
})

afterEach(() => {
  expect(members()).toEqual(before)
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})

const names = ['__proto__', 'constructor', 'prototype', '__defineGetter__', 'toString', 'hasOwnProperty']

/** MessagePack of a map of one entry, the name as it is. */
function mapOf(name: string, value: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from([0x81, 0xa0 | name.length]), Buffer.from(name), value])
}

const polluting = mapOf('polluted', Buffer.from([0xc3]))

function stored(id: number, payload: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from([id, 0, 0]), payload])
}

function decoded(core: CodecCore<unknown>, id: number, payload: Uint8Array): unknown {
  const bytes = stored(id, payload)
  return decodeValue(core, bytes, 0, bytes.length)
}

describe('stored bytes with a hostile name', () => {
  it.each(names)('%s, as MessagePack', (name) => {
    for (const payload of [mapOf(name, polluting), mapOf('a', mapOf(name, polluting))]) {
      const value = decoded(codec.msgpack(), 3, payload) as object
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
      expect((value as { polluted?: unknown }).polluted).toBeUndefined()
      expect(decoded(codec.msgpack(), 4, payload)).toBeInstanceOf(Map)
    }
  })

  it.each(names)('%s, as JSON', (name) => {
    const text = Buffer.from(
      JSON.stringify({ a: 1 }).replace('"a"', JSON.stringify(name)).replace('1', '{"polluted":1}'),
    )
    const value = decoded(codec.json(), 2, text) as object
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.keys(value)).toEqual([name])
  })

  it.each(names)('%s, as a property of a graph or an attribute of a vector', (name) => {
    const value = readAnswer(mapOf(name, polluting)) as object
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect((value as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it.each(names)('%s, as the name of a record or of an error', (name) => {
    const packr = new Packr({ useRecords: true, structuredClone: true, moreTypes: true })
    const record = JSON.parse(`{${JSON.stringify(name)}:1,"b\\"];globalThis.polluted=1;[\\"":2}`) as unknown
    const value = decoded(codec.msgpack(), 4, packr.pack([record, record, record]))
    expect(value).toHaveLength(3)
    for (const one of value as object[]) expect(Object.getPrototypeOf(one)).toBe(Object.prototype)
    const error = Object.assign(new Error('globalThis.polluted = 1'), { name: name === 'toString' ? 'eval' : name })
    decodedOrRefused(packr.pack(error))
    expect((globalThis as { polluted?: unknown }).polluted).toBeUndefined()
  })
})

function decodedOrRefused(payload: Uint8Array): void {
  try {
    expect(typeof decoded(codec.msgpack(), 4, payload)).not.toBe('function')
  } catch (error) {
    expect(error).toMatchObject({ code: 'CODEC_FAILED' })
  }
}

describe('keys and names', () => {
  it('are bytes, whatever they are', async () => {
    const store = SledStore.memory()
    const rows = store.namespace('__proto__', { value: codecs.json<number>() })
    const tuples = store.namespace('constructor', {
      key: key.tuple(key.string, key.string),
      value: codecs.json<number>(),
    })
    for (const [at, name] of names.entries()) {
      await rows.put(name, at)
      await tuples.put([name, '__proto__'], at)
    }
    expect(rows.getMany(names)).toEqual(names.map((_, at) => at))
    expect(tuples.get(['__proto__', '__proto__'])).toBe(0)
    expect(store.namespaces().map(({ name }) => name)).toEqual(['__proto__', 'constructor'])
    const graph = store.graph('__proto__')
    const id = await graph.addNode({ labels: '__proto__', properties: { constructor: 'x', prototype: 'y' } })
    expect(graph.node(id)).toMatchObject({ labels: ['__proto__'], properties: { constructor: 'x', prototype: 'y' } })
    await expect(
      graph.addNode({ properties: JSON.parse('{"__proto__":1}') as Record<string, number> }),
    ).rejects.toThrow(TypeError)
    await store.close()
  })
})

describe('options', () => {
  it('with __proto__ among them are refused like any unknown name', () => {
    const parsed = JSON.parse('{"__proto__":{"durability":"none"}}') as StoreOptions
    expect(() => checkStoreOptions('open', parsed)).toThrow(TypeError)
    expect(() => writeLevel('put', parsed as WriteOptions, 2)).toThrow(TypeError)
    expect(() => checkStoreOptions('open', { tuning: parsed as object })).toThrow(TypeError)
  })

  it('name no member of a prototype', () => {
    for (const name of names) {
      const options = { durability: name, profile: name, compression: name }
      for (const [option, value] of Object.entries(options))
        expect(() => checkStoreOptions('open', { [option]: value } as StoreOptions)).toThrow(RangeError)
    }
  })

  it('are read once, so that what was checked is what counts', () => {
    for (const [name, first] of Object.entries({ durability: 'os', insecureFolder: 'refuse', createIfMissing: true })) {
      let reads = 0
      const options = Object.defineProperty({}, name, { enumerable: true, get: () => (reads++ === 0 ? first : {}) })
      checkStoreOptions('open', options as StoreOptions)
      expect([name, reads]).toEqual([name, 1])
    }
  })
})
