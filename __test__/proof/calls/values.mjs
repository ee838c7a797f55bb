/**
 * Values that no caller would think of. Each is made when it is passed, by a function of the tools of the running
 * program, for many of them do something at that moment.
 */
import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'

/** What a caller's own code throws: it may come back, and nothing else without a code may. */
export class Hostile extends Error {}

function thrower() {
  throw new Hostile('thrown by the caller')
}

const junk = fc
  .anything({
    maxDepth: 2,
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
    withNullPrototype: true,
    withObjectString: true,
  })
  .map((value) => () => value)

const edges = [
  0,
  -0,
  1,
  -1,
  2,
  3,
  7,
  8,
  100,
  1_536,
  1_537,
  4_096,
  8_192,
  8_193,
  65_536,
  131_072,
  NaN,
  Infinity,
  -Infinity,
].concat([
  0.5,
  -4,
  2 ** 30,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
  2 ** 32,
  2 ** 32 + 1,
  2 ** 53,
  2 ** 53 - 1,
  -(2 ** 53),
  1e308,
])

/** Numbers where types and limits end. */
export const number = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...edges) },
  { weight: 1, arbitrary: fc.integer({ min: -10, max: 5_000 }) },
)

/** Text that means something elsewhere. */
export const text = fc.oneof(
  fc.constantFrom(
    '',
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'a',
    'b',
    'graph:x',
    'vectors:x',
    '\0',
    '\uD800',
  ),
  fc.constantFrom(
    'string',
    'bytes',
    'msgpack',
    'cosine',
    'l2',
    'x'.repeat(513),
    'x'.repeat(70_000),
    '\u{1F4A9}',
    '../../x',
  ),
  fc.string({ maxLength: 40 }),
)

const proxyTraps = [
  'get',
  'has',
  'ownKeys',
  'getOwnPropertyDescriptor',
  'getPrototypeOf',
  'set',
  'deleteProperty',
  'apply',
]

/** Arrays of bytes whose memory is not what it seems, or goes while it is used. */
export const bytesMakers = [
  () => new Uint8Array(),
  () => new Uint8Array(3),
  () => Buffer.from('key'),
  () => Buffer.alloc(100_000, 7),
  () => new Uint8Array(2_000),
  () => new Uint8Array(new SharedArrayBuffer(100)),
  () => new Uint8Array(new SharedArrayBuffer(100, { maxByteLength: 5_000 })),
  () => new Uint8Array(new ArrayBuffer(64, { maxByteLength: 1_000 })),
  () => detached(new Uint8Array(1 << 20)),
  () => shrunk(new ArrayBuffer(1 << 20, { maxByteLength: 1 << 21 })),
  () => new Uint8ClampedArray(9),
  () => new Float64Array([NaN, 1, -0]),
  () => new DataView(new ArrayBuffer(8)),
  () => new ArrayBuffer(8),
  () => new Int32Array(16),
  () => runInNewContext('new Uint8Array([1, 2, 3])'),
  () => Object.setPrototypeOf(new Uint8Array(4), null),
  () => Object.setPrototypeOf({ length: 1e9, 0: 1 }, Uint8Array.prototype),
  () => Object.defineProperty(new Uint8Array(4), 'length', { value: 2 ** 31 }),
  (tools) => Object.defineProperty(new Uint8Array(4), 'length', { get: () => tools.act() ?? 4 }),
]

function detached(array) {
  structuredClone(array.buffer, { transfer: [array.buffer] })
  return array
}

function shrunk(buffer) {
  const array = new Uint8Array(buffer, 0, 1 << 19)
  buffer.resize?.(0)
  return array
}

/** Objects that run code when they are looked at, or reach for the prototypes of others. */
const objectMakers = [
  () => undefined,
  () => null,
  () => Symbol('symbol'),
  () => 2n ** 70n,
  () => thrower,
  () => () => ({}),
  () => async () => {
    await undefined
    thrower()
  },
  (tools) => () => tools.act(),
  (tools) => async () => tools.act(),
  (tools) => ({ valueOf: () => tools.act() ?? 1, toString: () => tools.act() ?? 'x', toJSON: () => tools.act() ?? 1 }),
  (tools) => ({ [Symbol.toPrimitive]: () => tools.act() ?? 1 }),
  (tools) => Object.defineProperty({}, 'a', { enumerable: true, get: () => tools.act() ?? 'x' }),
  () => ({ valueOf: thrower, toString: thrower, toJSON: thrower, [Symbol.toPrimitive]: thrower }),
  (tools) => {
    let calls = 0
    return Object.defineProperty({}, 'durability', {
      enumerable: true,
      get: () => tools.act() ?? (calls++ % 2 === 0 ? 'os' : {}),
    })
  },
  () =>
    JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"a":{"__proto__":[1]}}'),
  () => ({ ['__proto__']: { polluted: true }, constructor: { prototype: { polluted: true } } }),
  () => Object.create({ durability: 'none', signal: 1, limit: 3 }),
  (tools) => new Proxy({}, Object.fromEntries(proxyTraps.map((trap) => [trap, () => tools.act() ?? thrower()]))),
  (tools) =>
    new Proxy([1, 2], {
      get(target, name) {
        tools.act()
        return Reflect.get(target, name)
      },
    }),
  () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  },
  () => {
    const cyclic = { a: [] }
    cyclic.a.push(cyclic)
    return cyclic
  },
  () => Array.from({ length: 600 }).reduce((inner) => [inner], 1),
  () => runInNewContext('({ a: new Date(0), b: new Map([[1, 2]]), c: new Error("x") })'),
  () => [['a', 1], ['b', thrower], 'c'],
  (tools) => ({
    *[Symbol.iterator]() {
      yield ['a', 1]
      tools.act()
      yield ['b', 2]
      thrower()
    },
  }),
  () => new Proxy(function () {}, {}),
  () => new Date(NaN),
  () => Promise.resolve(1),
  () => AbortSignal.abort(new Hostile('aborted by the caller')),
  () => ({ signal: AbortSignal.timeout(1) }),
]

/** Something hostile of any kind. */
export const hostile = fc.oneof(
  { weight: 3, arbitrary: junk },
  { weight: 2, arbitrary: number.map((value) => () => value) },
  { weight: 2, arbitrary: text.map((value) => () => value) },
  { weight: 3, arbitrary: fc.constantFrom(...bytesMakers) },
  { weight: 4, arbitrary: fc.constantFrom(...objectMakers) },
)
