/** Calls of the package as a caller makes them, who means nothing good: every method of everything it gives. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { types } from 'node:util'
import * as fc from 'fast-check'
import { codec, key, SledStore, SledStoreError } from '../../../dist/index.js'
import { Hostile, hostile } from './values.mjs'

const OBJECTS_MAX = 12
/** Most that a call that goes on by itself, as an endless stream of the caller's, is waited for. */
const ANSWER_MS = 20_000

/** Arguments that are right somewhere. */
const right = fc.oneof(
  fc.constantFrom('a', 'b', 'key', 'x/y', '').map((value) => () => value),
  fc.nat(20).map((value) => () => value),
  fc.constantFrom(
    () => ({ name: 'ann', age: 7, born: new Date(0), list: [1, { a: 2n }] }),
    () => ({ durability: 'os' }),
    () => ({ limit: 3, reverse: true }),
    () => ({ gte: 'a', lt: 'z' }),
    () => ({ ttl: 5 }),
    () => ['a', 1],
    () => ['Person'],
    () => [1, 2, 3],
    () => new Float32Array([1, 2, 3]),
    () => Buffer.from('value'),
    () => 'Person',
    () => 'KNOWS',
    () => 'error',
    () => [
      ['a', 1],
      ['b', 2],
    ],
    () => ({ type: 'put', key: 'a', value: 1 }),
    () => (transaction) => transaction?.namespace,
    (tools) => (given) => void tools.meet('given', given),
    () => async () => 1,
    (tools) => tools.pick(),
    (tools) => join(tools.folder, 'published'),
    (tools) => pathToFileURL(join(tools.folder, 'published')),
  ),
)

/** A sequence of calls: which object, which of its methods, what is passed. */
export const program = fc.array(
  fc.record({
    object: fc.nat(1_000),
    method: fc.nat(1_000),
    makers: fc.array(fc.oneof({ weight: 3, arbitrary: right }, { weight: 2, arbitrary: hostile }), { maxLength: 4 }),
    waits: fc.boolean(),
  }),
  { minLength: 60, maxLength: 60 },
)

const root = new URL('../../../', import.meta.url)
const typings = ['index.d.ts', ...readdirSync(new URL('types', root)).map((name) => `types/${name}`)]
  .filter((name) => name.endsWith('.d.ts'))
  .map((name) => readFileSync(new URL(name, root), 'utf8'))
  .join('')
/** Names in the typings: of methods without them the package promises nothing. */
const known = new Set(typings.match(/\w+/g))

/** Getters and methods of an object, those of its classes included; not what every object has. */
function membersOf(object) {
  const names = new Set()
  for (
    let at = object;
    at !== null && at !== Object.prototype && at !== Function.prototype;
    at = Object.getPrototypeOf(at)
  )
    for (const name of Reflect.ownKeys(at))
      if (name !== 'constructor' && (typeof name === 'symbol' || known.has(name))) names.add(name)
  return [...names]
}

export class PublicCalls {
  #objects = []
  #find
  #late = []
  #depth = 0
  #acts = 0

  constructor({ folder, find }) {
    this.folder = folder
    this.#find = find
  }

  /** A store in a folder, one in memory, and namespaces of every codec. */
  async begin(seed) {
    const place = join(this.folder, `store-${seed}`)
    for (const store of [
      await SledStore.open(place, { profile: 'embedded' }),
      SledStore.memory({ profile: 'embedded' }),
    ]) {
      const values = [codec.json(), codec.msgpack(), codec.utf8(), codec.bytes(), codec.vector(3)]
      values.push(
        codec.custom({ id: 200, name: 'own', encode: (value) => value, decode: (bytes) => this.act() ?? bytes }),
      )
      const keys = [key.string, key.any, key.bytes, key.number, key.tuple(key.string, key.number), key.string]
      values.forEach((value, at) => this.#objects.push(store.namespace(`n${at}`, { key: keys[at], value })))
      this.#objects.push(store.graph('g'), store.vectors('v', { dimensions: 3, metric: 'l2' }), store.snapshot(), store)
      this.stores.push(store)
    }
    this.#objects.push(SledStore, codec, key, SledStoreError)
  }
  stores = []

  pick() {
    return this.#objects[(this.#acts = (this.#acts + 7) % 1_009) % this.#objects.length]
  }

  /** What a caller does from inside a call. */
  act() {
    if (this.#depth > 2) return undefined
    this.#depth++
    try {
      this.#acts++
      const [store] = this.stores
      if (this.#acts % 5 === 0) throw new Hostile('thrown by the caller')
      if (this.#acts % 5 === 1) store.namespace('n0', { value: codec.json() }).get('a')
      if (this.#acts % 5 === 2)
        store.batchSync((batch) => batch.put(store.namespace('n0', { value: codec.json() }), 'a', 1))
      if (this.#acts % 5 === 3)
        this.#late.push(this.#settled('put inside', store.namespace('n0', { value: codec.json() }).put('b', 2)))
      if (this.#acts % 35 === 4) this.#late.push(this.#settled('close inside', store.close()))
    } catch (error) {
      this.#judge('a call inside another', error)
      throw error instanceof Hostile ? error : new Hostile('a call inside another failed', { cause: error })
    } finally {
      this.#depth--
    }
    return undefined
  }

  /** Objects that calls give are called in turn. */
  meet(where, object) {
    if (typeof object !== 'object' || object === null || object instanceof Promise || object instanceof Error) return
    const name = Object.getPrototypeOf(object)?.constructor?.name ?? ''
    if (['Object', 'Array', 'Map', 'Date', ''].includes(name) || ArrayBuffer.isView(object)) return
    if (this.#objects.length < 40) this.#objects.push(object)
    else this.#objects[20 + (this.#acts++ % OBJECTS_MAX)] = object
  }

  async run(calls) {
    for (const { object: at, method, makers, waits } of calls) {
      const object = this.#objects[at % this.#objects.length]
      const names = membersOf(object)
      const name = names[method % names.length]
      // Closing everything at once would leave nothing to call.
      if (name === undefined || (name === 'close' && method % 5 !== 0 && object instanceof SledStore)) continue
      const answer = this.#call(object, name, makers)
      if (waits) await answer
      else this.#late.push(answer)
    }
    await Promise.all(this.#late)
  }

  #call(object, name, makers) {
    const where = `${object?.constructor?.name}.${String(name)}`
    let values
    try {
      values = makers.map((make) => make(this))
    } catch (error) {
      return void this.#judge('values', error)
    }
    try {
      const member = object[name]
      if (typeof member !== 'function') return undefined
      const answer = Reflect.apply(member, object, values)
      this.meet(where, answer)
      return this.#settled(where, answer)
    } catch (error) {
      this.#judge(where, error)
      return undefined
    }
  }

  async #settled(where, answer) {
    // A thenable that is none of a promise's making may be the caller's own, and never answer.
    if (!(answer instanceof Promise)) return
    let timer
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, ANSWER_MS, PublicCalls)
    })
    try {
      const value = await Promise.race([answer, late])
      if (value === PublicCalls) this.#find(`${where} did not answer`)
      else this.meet(where, value)
    } catch (error) {
      this.#judge(where, error)
    } finally {
      clearTimeout(timer)
    }
  }

  #judge(where, error) {
    // A caller's proxy that came back as what was thrown answers no question about itself.
    if (types.isProxy(error)) return
    if (error instanceof Hostile || error instanceof TypeError || error instanceof RangeError) return
    if (error instanceof SledStoreError && error.code !== 'INTERNAL') return
    // What a caller's function or signal gives is the caller's, whatever it is.
    if (!(error instanceof Error) || error.name === 'TimeoutError') return
    this.#find(`${where}: ${error.code ?? ''} ${error.stack}`)
  }

  /** Each store works and is whole, or says that it was closed. */
  async finish(seed) {
    for (const store of this.stores) {
      if (store.status === 'closed' || store.status === 'closing') continue
      if (store.status !== 'open') this.#find(`a store is ${store.status}`)
      const rows = store.namespace(`after-${seed}`, { value: codec.json() })
      await rows.put('key', { seed })
      if (rows.get('key')?.seed !== seed) this.#find('a store gives another value than was put')
      const { findings } = await store.verify()
      if (findings.length > 0) this.#find(`verify: ${JSON.stringify(findings)}`)
      await store.close()
    }
  }
}
