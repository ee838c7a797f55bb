/** Calls of the addon past the package: wrong types, lengths, handles and memory, and callers that call from inside. */
import { createRequire } from 'node:module'
import * as fc from 'fast-check'
import { bytesMakers, Hostile, hostile, number, text } from './values.mjs'
import { signatures } from './signatures.mjs'

export const binding = createRequire(import.meta.url)('../../../lib/native/binding.cjs')

const FAILED = -3
const budget = 24 << 20
export const rightOptions = Object.freeze({
  createIfMissing: true,
  errorIfExists: false,
  allowInsecureFolder: false,
  durability: 0,
  memoryBudget: budget,
})
const kindsOfHandle = [
  'store',
  'namespace',
  'reader',
  'transaction',
  'scan',
  'graph',
  'vectors',
  'load',
  'writer',
  'valueReader',
]
/** Most stores open at once: each has threads and buffers of its own. */
const STORES_MAX = 3
/** Hot calls that may give memory of the addon's. */
const memoryGivers = new Set(['views', 'stamps'])
const openers = new Set(['open', 'openMemory', 'openSnapshot'])

/** Nothing, so many times as often as something. */
function seldom(arbitrary, times) {
  return fc.oneof({ weight: times, arbitrary: fc.constant(undefined) }, arbitrary)
}

/** Mostly right arguments, and at most one wrong one: a call that is refused at once finds little. */
function argumentsOf({ name, parameters }) {
  const right = fc.tuple(...parameters.map((parameter) => argument(name, parameter.name, parameter.type)))
  const wrong = seldom(fc.tuple(fc.nat(9), hostile), 2)
  return fc.tuple(right, wrong).map(([makers, replaced]) => {
    if (replaced === undefined || makers.length === 0) return makers
    const [at, maker] = replaced
    return makers.with(at % makers.length, maker)
  })
}

function argument(callee, name, type) {
  if (kindsOfHandle.includes(name) && name !== 'reader') return handle(name)
  if (name === 'handle') return fc.constantFrom(...kindsOfHandle).chain(handle)
  if (name === 'job') return number.map((value) => () => value)
  if (name === 'file' || name === 'path' || name === 'folder') return path
  if (name === 'options') return options
  if (name === 'key' && type === 'string')
    return fc.constantFrom(
      () => 'string',
      () => 'bytes',
    )
  if (callee === 'register' && type === 'Uint8Array')
    return fc.oneof(
      { weight: 6, arbitrary: fc.constant(() => new Uint8Array(new SharedArrayBuffer(1 << 14))) },
      fc.constantFrom(...bytesMakers),
    )
  if (type.startsWith('Int32Array'))
    return fc.constantFrom(...bytesMakers, () => new Int32Array(new SharedArrayBuffer(64)))
  if (type.startsWith('Uint8Array')) return fc.oneof({ weight: 3, arbitrary: damaged(callee) }, bytes)
  if (type.startsWith('string')) return text.map((value) => () => value)
  if (type === 'boolean') return fc.boolean().map((value) => () => value)
  if (name.endsWith('Length') || name === 'length')
    return fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 0, max: 60 }).map((value) => () => value) },
      number.map((value) => () => value),
    )
  if (name === 'maxRows' || name === 'maxBytes' || name === 'limit')
    return fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: 1, max: 9_000 }).map((value) => () => value) },
      number.map((value) => () => value),
    )
  if (name === 'mode')
    return fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(0, -1, -2, -4).map((value) => () => value) },
      handle('transaction'),
      number.map((value) => () => value),
    )
  if (name === 'level')
    return fc.oneof(
      { weight: 3, arbitrary: fc.nat(2).map((value) => () => value) },
      number.map((value) => () => value),
    )
  if (name === 'name' || name === 'from' || name === 'label')
    return fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('a', 'g', 'v', 'Person').map((value) => () => value) },
      text.map((value) => () => value),
    )
  if (name === 'reader')
    return fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          () => 0,
          () => -1,
        ),
      },
      handle('reader'),
      handle('transaction'),
    )
  if (type === 'VectorsRow') return vectors
  return fc.oneof(
    number.map((value) => () => value),
    fc.integer({ min: 0, max: 9 }).map((value) => () => value),
  )
}

/** A live handle of the kind, or now and then one of another, a released one, a neighbor, a number. */
function handle(kind) {
  const own = fc.nat(7).map((at) => (tools) => tools.handle(kind, at))
  const other = fc.tuple(fc.constantFrom(...kindsOfHandle), fc.nat(7)).map(
    ([of, at]) =>
      (tools) =>
        tools.handle(of, at),
  )
  const near = fc.tuple(fc.nat(7), fc.constantFrom(-1, 1, 1 << 17, -(1 << 17))).map(
    ([at, by]) =>
      (tools) =>
        tools.guarded(Number(tools.handle(kind, at)) + by),
  )
  return fc.oneof(
    { weight: 20, arbitrary: own },
    other,
    near,
    number.map((value) => (tools) => tools.guarded(value)),
  )
}

/** What the package itself has sent, whole or with one thing changed. */
function damaged(callee) {
  return fc
    .tuple(fc.nat(1_000), fc.constantFrom('whole', 'bit', 'byte', 'cut', 'twice', 'hole'), fc.nat(9_999), fc.nat(255))
    .map(([at, how, place, byte]) => (tools) => {
      const known = tools.corpus[callee] ?? []
      if (known.length === 0) return new Uint8Array([byte])
      const request = known[at % known.length].slice()
      const position = place % Math.max(1, request.length)
      if (how === 'bit') request[position] ^= 1 << (byte % 8)
      if (how === 'byte') request[position] = byte
      if (how === 'hole')
        return Uint8Array.from([...request.slice(0, position), ...request.slice(position + 1 + (byte % 8))])
      if (how === 'cut') return request.slice(0, position)
      return how === 'twice' ? Uint8Array.from([...request, ...request]) : request
    })
}

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 60 }).map((value) => () => value.slice()),
  fc.array(fc.nat(12), { maxLength: 30 }).map((value) => () => Uint8Array.from(value)),
  fc.constantFrom(...bytesMakers),
)

const path = fc.oneof(
  fc.nat(5).map((at) => (tools) => `${tools.folder}/p${at}`),
  fc.constantFrom('', '\0', 'x/\0y', 'y'.repeat(5_000), '.', '\uD800').map((value) => () => value),
)

const options = fc
  .record({
    createIfMissing: fc.boolean(),
    errorIfExists: fc.boolean(),
    allowInsecureFolder: fc.boolean(),
    durability: fc.oneof({ weight: 9, arbitrary: fc.nat(2) }, number),
    memoryBudget: fc.oneof({ weight: 9, arbitrary: fc.constant(budget) }, number),
    compression: fc.constantFrom('lz4', 'none', 'deflate', undefined, '__proto__'),
    memtableBytes: seldom(fc.oneof(fc.constant(1 << 16), number), 5),
    blockBytes: seldom(fc.oneof(fc.constant(1_024), number), 5),
  })
  .map((value) => () => value)

const vectors = fc
  .record({
    name: fc.constantFrom('v', 'w', 'g', ''),
    dimensions: seldom(fc.oneof(fc.constant(3), number), 5),
    metric: fc.constantFrom('l2', 'cosine', 'dot', 'hamming', 'x'),
    element: fc.constantFrom('f32', 'f16', 'i8', 'binary', 'x'),
    coding: fc.constantFrom('scalar8', 'binary', 'product', 'x'),
    parts: seldom(number, 3),
    model: seldom(fc.constantFrom('a', ''), 3),
  })
  .map((value) => () => value)

/** A sequence of calls: `[signature, makers of its arguments]`. */
export const program = fc.array(
  fc
    .constantFrom(...signatures())
    .chain((signature) => fc.tuple(fc.constant(signature), argumentsOf(signature), fc.integer({ min: -1, max: 12 }))),
  { minLength: 120, maxLength: 120 },
)

/** The vectors of each store. */
const rightVectors = { name: 'v', dimensions: 3, metric: 'l2', element: 'f32', coding: 'scalar8' }

/** The environment of the addon that the package uses, too. */
const shared = () => binding[Symbol.for('sledstore.environment')]

/** Gives the addon the package's own buffers back. */
function restoreBuffers() {
  const { keys, values, writer, state } = shared()
  if (binding.register(keys, values, writer.buffer, state) === FAILED) throw new Error('the buffers are not taken back')
}

function isOpen(store) {
  try {
    return binding.status(store) === 0
  } catch {
    return false
  }
}

/** Runs one sequence of calls, and tells `find` what no caller may meet. */
export class RawCalls {
  #handles = Object.fromEntries(kindsOfHandle.map((kind) => [kind, []]))
  #stale = Object.fromEntries(kindsOfHandle.map((kind) => [kind, []]))
  #guarded
  #find
  #depth = 0
  #waiting = new Map()
  #stores = 0
  #begun = 0

  /** `guarded` are handles that are left alone; `foreign` are those of another environment. */
  constructor({ folder, find, corpus, guarded = [], foreign = {} }) {
    this.folder = folder
    this.corpus = corpus
    this.#find = find
    this.#guarded = new Set(guarded)
    for (const [kind, handles] of Object.entries(foreign)) this.#stale[kind].push(...handles)
  }

  handle(kind, at) {
    const stale = this.#stale[kind]
    const known = at === 7 && stale.length > 0 ? stale : this.#handles[kind]
    return known.length === 0 ? 0 : known[known.length - 1 - (at % known.length)]
  }

  guarded(value) {
    return this.#guarded.has(value | 0) ? 0 : value
  }

  /** Every handle that was ever given, by kind. */
  get handles() {
    return this.#handles
  }

  /** What a caller does from inside a call: reads, writes, closes what it was called with, throws. */
  act() {
    if (this.#depth > 2) return undefined
    this.#depth++
    try {
      this.#acts = (this.#acts + 1) % 5
      const namespace = this.handle('namespace', 0)
      if (this.#acts === 0) throw new Hostile('thrown by the caller')
      if (this.#acts === 1) binding.has(namespace, 3, 0)
      if (this.#acts === 2) binding.put(namespace, 3, 10, 0)
      if (this.#acts === 3) binding.release(this.handle('scan', 0))
      if (this.#acts === 4) globalThis.gc?.({ type: 'minor' })
    } finally {
      this.#depth--
    }
    return undefined
  }
  #acts = 0

  /** A store and something of every kind, made as `lib/` would. */
  begin() {
    const store = binding.openMemory(rightOptions)
    this.#stores++
    const namespace = binding.namespace(store, 'a', 'string', 'bytes')
    this.#keep('store', store)
    this.#keep('namespace', namespace)
    this.#keep('reader', binding.snapshot(store))
    this.#keep('transaction', binding.begin(store))
    this.#keep('graph', binding.graph(store, 'g'))
    this.#keep('vectors', binding.vectors(store, rightVectors, 'string'))
    for (let at = 0; at < 30; at++) {
      shared().keys.write(`key-${at}`, 0)
      binding.put(namespace, 6, 50, 0)
    }
  }

  /** What a closed store took with it is kept to be tried now and then. */
  #beginAgain() {
    const live = this.#handles.store.some((store) => isOpen(store))
    if (live || this.#begun++ > STORES_MAX) return
    for (const [kind, handles] of Object.entries(this.#handles)) this.#stale[kind].push(...handles.splice(0))
    this.begin()
  }

  #keep(kind, handle) {
    if (typeof handle === 'number' && handle > 0) this.#handles[kind].push(handle)
  }

  run(calls) {
    for (const [signature, makers, spare] of calls) {
      if (openers.has(signature.name) && ++this.#stores > STORES_MAX) continue
      this.#call(signature, makers, spare)
      if (signature.name === 'close') this.#beginAgain()
    }
  }

  #call(signature, makers, spare) {
    const { name, isHot } = signature
    let values
    try {
      values = makers.map((make) => make(this))
    } catch (error) {
      if (error instanceof Hostile || error instanceof TypeError || error instanceof RangeError) return
      throw error
    }
    if (spare < 0) values.pop()
    try {
      const answer = binding[name](...values)
      if (name === 'register' && answer === 0) this.#useRegistered(values)
      if (isHot && answer === FAILED) this.#judge(name, binding.lastError())
      else this.#took(signature, answer)
    } catch (error) {
      this.#judge(name, error, isHot)
    }
  }

  #took({ name, isHot, gives, answers }, answer) {
    const isMemory = memoryGivers.has(name) && answer instanceof ArrayBuffer
    if (isHot && typeof answer !== 'number' && typeof answer !== 'string' && !isMemory)
      this.#find(`${name} gave a ${typeof answer}`)
    if (gives !== undefined) this.#keep(gives, answer)
    if (name === 'scan') this.#keep('scan', shared().state[1])
    if (answers === undefined || typeof answer !== 'number' || answer <= 0) return
    // What watches for errors may never answer.
    if (name !== 'watchErrors') this.#waiting.set(answer, name)
    const settle = (number, _job, kind, value) => this.#answered(name, answers, number, kind, value)
    shared().jobs.set(answer, { settle })
  }

  #answered(name, answers, number, kind, value) {
    if (kind === 3) return
    shared().jobs.delete(number)
    this.#waiting.delete(number)
    if (kind === FAILED) this.#judge(name, binding.lastError())
    else if (kind === 2 && binding.take(new Uint8Array(value)) !== value) this.#find(`${name} parked another length`)
    else if (kind === 1 && answers !== '') this.#keep(answers, value)
  }

  /** An error is one with a code, and not one that calls itself a bug. */
  #judge(name, error, isHot = false) {
    // A mistake in a type may be the runtime's own error, made where the argument is read.
    if (!isHot && (error instanceof Hostile || error instanceof TypeError || error instanceof RangeError)) return
    const code = error?.code
    if (typeof code !== 'string')
      this.#find(`${name}: ${isHot ? 'thrown by a hot call: ' : ''}${error?.stack ?? error}`)
    else if (code === 'INTERNAL' || isHot) this.#find(`${name}: ${code}: ${error.message}`)
  }

  /** Calls on memory of the caller's that may be gone; then the package's own are put back. */
  #useRegistered(values) {
    for (const array of values.slice(0, 3)) {
      const { buffer } = array
      try {
        if (buffer.resizable) buffer.resize(0)
        else if (buffer instanceof ArrayBuffer) structuredClone(buffer, { transfer: [buffer] })
      } catch {
        continue // it cannot be taken away
      }
    }
    globalThis.gc?.()
    const [namespace, scan] = [this.handle('namespace', 0), this.handle('scan', 0)]
    binding.get(namespace, 1_000, 0)
    binding.put(namespace, 1_000, 50_000, 0)
    binding.has(namespace, 1_000, this.handle('reader', 0))
    binding.seek(scan, 1_000)
    restoreBuffers()
  }

  /** Waits for all jobs; names those that do not answer. */
  async finish(deadlineMs) {
    const end = performance.now() + deadlineMs
    while (this.#waiting.size > 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 2))
    const late = [...new Set(this.#waiting.values())]
    for (const handles of Object.values(this.#handles)) for (const handle of handles) binding.release(handle)
    for (const store of this.#handles.store) this.#close(store)
    return late
  }

  #close(store) {
    try {
      const job = binding.close(store)
      shared().jobs.set(job, { settle: (number) => shared().jobs.delete(number) })
    } catch (error) {
      this.#judge('close', error)
    }
  }
}
