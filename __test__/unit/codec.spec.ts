import { Packr, Unpackr } from 'msgpackr'
import { describe, expect, it } from 'vitest'
import {
  codec,
  CodecId,
  decodeValue,
  encodeValue,
  headerLength,
  schemaVersionOf,
  ValueWriter,
  type CodecCore,
} from '../../lib/codec.js'
import { SledStoreError } from '../../lib/errors.js'

function encode<I>(through: CodecCore<unknown, I>, value: I, schemaVersion?: number): Buffer {
  const writer = new ValueWriter({ bytes: 32 })
  writer.position = 5
  encodeValue(through, value, writer, schemaVersion)
  return Buffer.from(writer.buffer.subarray(5, writer.position))
}
function decode<T>(through: CodecCore<T, never>, stored: Uint8Array): T {
  const source = Buffer.allocUnsafeSlow(stored.length + 20).fill(0xee)
  source.set(stored, 7)
  const value = decodeValue(through, source, 7, 7 + stored.length)
  source.fill(0x41) // a value must not alias the buffer it was read from
  return value
}
const roundTrip = <T, I>(through: CodecCore<T, I>, value: I): T =>
  decode(through as CodecCore<T, never>, encode(through, value))
const refusal = (code: string) => expect.objectContaining({ code }) as Error
const untyped = <T>(value: unknown) => value as T

const point = codec.custom<[number, number]>({
  id: 128,
  name: 'point',
  encode: (value) => Uint8Array.from(value),
  decode: (bytes) => [bytes[0] as number, bytes[1] as number],
})

describe('header', () => {
  it('is codec, flags and schema version', () => {
    expect([...encode(codec.utf8(), 'a')]).toEqual([1, 0, 0, 0x61])
    expect([...encode(codec.bytes(), Uint8Array.of(9), 127)]).toEqual([0, 0, 127, 9])
    expect([...encode(codec.json(), 1, 128)]).toEqual([2, 0, 0x80, 1, 0x31])
    expect([...encode(point, [1, 2])]).toEqual([128, 0, 0, 1, 2])
    expect(encode(codec.vector(), [1, -2]).toString('hex')).toBe('0600000000803f000000c0')
    expect(encode(codec.msgpack(), { a: [1, 'b'] })[0]).toBe(CodecId.Msgpack)
    expect(encode(codec.msgpack(), new Map())[0]).toBe(CodecId.MsgpackFull)
  })

  it.each([0, 1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32 - 1])('holds schema version %d', (version) => {
    const stored = encode(codec.utf8(), 'text', version)
    expect(schemaVersionOf(stored, 0, stored.length)).toBe(version)
    expect(headerLength(version)).toBe(stored.length - 4)
    expect(decode(codec.utf8(), stored)).toBe('text')
  })

  it.each([-1, 0.5, 2 ** 32, Number.NaN])('refuses schema version %d', (version) => {
    expect(() => encode(codec.utf8(), 'text', version)).toThrow(RangeError)
  })

  it('of another codec is CODEC_FAILED naming both', () => {
    const stored = encode(codec.json(), { a: 1 })
    expect(() => decode(codec.utf8(), stored)).toThrow(refusal('CODEC_FAILED'))
    expect(() => decode(codec.utf8(), stored)).toThrow(/codec 2 \(json\).*codec 1 \(utf8\)/)
    expect(() => decode(codec.msgpack(), encode(point, [1, 2]))).toThrow(/codec 128 \(own\).*codec 3 \(msgpack\)/)
  })

  it('that is cut or has unknown flags is refused', () => {
    for (const bytes of [[], [1], [1, 0]]) {
      expect(() => decode(codec.utf8(), Uint8Array.from(bytes))).toThrow(refusal('CODEC_FAILED'))
    }
    for (const bytes of [[], [1, 0], [1, 0, 0x80], [1, 0, 255, 255, 255, 255, 255, 255]]) {
      expect(() => schemaVersionOf(Uint8Array.from(bytes), 0, bytes.length)).toThrow(refusal('CODEC_FAILED'))
    }
    expect(() => decode(codec.utf8(), Uint8Array.of(1, 1, 0))).toThrow(refusal('FORMAT_TOO_NEW'))
  })
})

describe('every codec', () => {
  const all: CodecCore<unknown, never>[] = [
    codec.bytes(),
    codec.utf8(),
    codec.json(),
    codec.msgpack(),
    codec.vector(),
    point,
  ]
  it.each(all)('$name refuses undefined and leaves the writer where it was', (through) => {
    const writer = new ValueWriter()
    writer.position = 11
    expect(() => encodeValue(through, untyped<never>(undefined), writer)).toThrow(TypeError)
    if (through !== point) expect(() => encodeValue(through, untyped<never>(Symbol('x')), writer)).toThrow(TypeError)
    expect([writer.position, writer.busy]).toEqual([11, false])
  })
})

describe('codec.utf8', () => {
  it.each(['', 'a', '\0', 'é', '😀', '\ufeffa', '\ufffd', 'x'.repeat(39), 'é'.repeat(63), '你'.repeat(5_000)])(
    '%#',
    (text) => {
      expect(roundTrip(codec.utf8(), text)).toBe(text)
    },
  )
  it('refuses what is no text', () => {
    expect(() => encode(codec.utf8(), untyped(7))).toThrow(TypeError)
    expect(() => encode(codec.utf8(), 'a\ud800')).toThrow(TypeError)
    expect(() => decode(codec.utf8(), Uint8Array.of(1, 0, 0, 0xff))).toThrow(refusal('CODEC_FAILED'))
  })
})

describe('codec.bytes', () => {
  it('gives back a plain Uint8Array with memory of its own', () => {
    for (const value of [new Uint8Array(), Uint8Array.of(0, 255), Buffer.from('text')]) {
      const decoded = roundTrip(codec.bytes(), value)
      expect(decoded).toStrictEqual(Uint8Array.from(value))
      expect(decoded.buffer.byteLength).toBe(value.length)
    }
    expect(() => encode(codec.bytes(), untyped('text'))).toThrow(TypeError)
  })
})

describe('codec.json', () => {
  it('follows the rules of JSON', () => {
    const value = { a: [1, null, 'x\ud800'], date: new Date(5), nothing: undefined, zero: -0 }
    expect(roundTrip(codec.json(), value)).toStrictEqual(JSON.parse(JSON.stringify(value)))
    const proto: unknown = JSON.parse('{"__proto__":{"a":1}}')
    expect(Object.keys(roundTrip(codec.json(), proto) as object)).toEqual(['__proto__'])
  })
  it('refuses what JSON has no form for', () => {
    for (const value of [1n, () => 1, Symbol('s')]) expect(() => encode(codec.json(), value)).toThrow(TypeError)
    expect(() => decode(codec.json(), Buffer.from([2, 0, 0, 0x7b]))).toThrow(refusal('CODEC_FAILED'))
  })
})

describe('codec.msgpack', () => {
  const plain: [string, unknown][] = [
    ['null', null],
    [
      'scalars',
      [true, false, 0, 1, -1, 63, 64, 127, 128, -32, -33, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53), 0.1, 1e300, 5e-324],
    ],
    ['numbers without JSON', [Number.NaN, Infinity, -Infinity]],
    ['undefined inside', { a: undefined, b: [undefined] }],
    ['bigint', [0n, -1n, 5n, 2n ** 63n, 2n ** 64n - 1n, -(2n ** 63n)]],
    ['Date', [new Date(0), new Date(-1), new Date(1_700_000_000_123), new Date(-8.64e15), new Date(8.64e15)]],
    ['bytes', { bytes: Uint8Array.of(1, 2), empty: new Uint8Array() }],
    ['text', ['', 'a', '😀', '\ufeff', 'é'.repeat(100), 'x'.repeat(70_000)]],
    ['names', { '': 1, constructor: 2, hasOwnProperty: 3, 'a b': 4, 0: 5, ['x'.repeat(300)]: 6 }],
    ['many names', Object.fromEntries(Array.from({ length: 70_000 }, (_, index) => [`n${index}`, index]))],
    ['long array', Array.from({ length: 70_000 }, (_, index) => index)],
    ['depth', JSON.parse('['.repeat(500) + ']'.repeat(500))],
  ]
  it.each(plain)('keeps %s in plain maps', (_, value) => {
    const stored = encode(codec.msgpack(), value)
    expect(stored[0]).toBe(CodecId.Msgpack)
    expect(decode(codec.msgpack(), stored)).toStrictEqual(value)
  })

  const full: [string, unknown][] = [
    [
      'Map',
      new Map<unknown, unknown>([
        [1, 'a'],
        ['a', { x: new Map([[{ deep: 1 }, 2]]) }],
      ]),
    ],
    ['Set', { set: new Set([1, 'a', null]) }],
    [
      'records',
      {
        list: [
          { a: 1, b: 2 },
          { a: 3, b: 4 },
        ],
        map: new Map(),
      },
    ],
    ['large bigint', [2n ** 64n, -(2n ** 63n) - 1n, 10n ** 100n]],
    [
      'typed arrays',
      [
        new Float32Array([1.5]),
        new Float64Array([0.1]),
        new Uint16Array([1]),
        new Uint8ClampedArray([3]),
        new BigInt64Array([-1n]),
      ],
    ],
    ['ArrayBuffer', Uint8Array.of(1, 2, 3).buffer],
    ['RegExp', /a+/giu],
  ]
  it.each(full)('keeps %s in full types', (_, value) => {
    const stored = encode(codec.msgpack(), value)
    expect(stored[0]).toBe(CodecId.MsgpackFull)
    expect(decode(codec.msgpack(), stored)).toStrictEqual(value)
    // Each value carries the shapes of its records: a fresh reader needs nothing else.
    const fresh = new Unpackr({ useRecords: true, structuredClone: true, moreTypes: true, copyBuffers: true })
    expect(fresh.unpack(stored.subarray(3))).toStrictEqual(value)
  })

  it('keeps errors and shared references', () => {
    const error = roundTrip(codec.msgpack(), new RangeError('far')) as Error
    expect([error instanceof RangeError, error.message]).toEqual([true, 'far'])
    const shared = { a: 1 }
    const decoded = roundTrip(codec.msgpack<unknown[]>(), [shared, shared, new Set([shared])])
    expect(decoded).toStrictEqual([shared, shared, new Set([shared])])
    expect(decoded[0]).toBe(decoded[1])
  })

  it('changes only what JSON changes', () => {
    class Person {
      name = 'Ann'
    }
    class Price {
      toJSON() {
        return '5 EUR'
      }
    }
    expect(roundTrip(codec.msgpack(), [-0])).toStrictEqual([0])
    expect(roundTrip(codec.msgpack(), Object.assign([1], { 2: 2 }))).toStrictEqual([1, undefined, 2])
    expect(roundTrip(codec.msgpack(), [new Person(), new Price(), new URL('http://x/')])).toStrictEqual([
      { name: 'Ann' },
      '5 EUR',
      'http://x/',
    ])
    expect(roundTrip(codec.msgpack(), Object.assign(Object.create(null), { a: 1 }))).toStrictEqual({ a: 1 })
    expect(roundTrip(codec.msgpack(), Buffer.from('ab'))).toStrictEqual(Uint8Array.from(Buffer.from('ab')))
    expect((roundTrip(codec.msgpack(), new Date(Number.NaN)) as Date).getTime()).toBeNaN()
  })

  const cyclic: Record<string, unknown> = {}
  cyclic['self'] = [cyclic]
  const refused: [string, unknown, ErrorConstructor][] = [
    ['function', { f: () => 1 }, TypeError],
    ['symbol', [Symbol('s')], TypeError],
    ['promise', { p: Promise.resolve(1) }, TypeError],
    ['weak map', new WeakMap(), TypeError],
    ['boxed values', [new Number(1)], TypeError],
    ['boxed text', new String('a'), TypeError],
    ['generator', (function* () {})(), TypeError],
    ['lone surrogate', { a: 'x\ud800' }, TypeError],
    ['lone surrogate in a name', { 'x\ud800': 1 }, TypeError],
    ['__proto__', JSON.parse('{"__proto__":1}'), TypeError],
    ['function inside a Map', new Map([[1, () => 1]]), TypeError],
    ['itself', cyclic, RangeError],
    ['too deep', JSON.parse('['.repeat(600) + ']'.repeat(600)), RangeError],
  ]
  it.each(refused)('refuses %s', (_, value, kind) => {
    expect(() => encode(codec.msgpack(), value)).toThrow(kind)
    expect(roundTrip(codec.msgpack(), { after: 1 })).toEqual({ after: 1 })
  })

  it('refuses damaged payloads', () => {
    const stored = encode(codec.msgpack(), { name: 'Ann', list: [1, 2, 3] })
    for (let cut = 3; cut < stored.length; cut++) {
      expect(() => decode(codec.msgpack(), stored.subarray(0, cut))).toThrow(refusal('CODEC_FAILED'))
    }
    expect(() => decode(codec.msgpack(), Buffer.concat([stored, Buffer.of(1)]))).toThrow(refusal('CODEC_FAILED'))
  })

  it('shares no memory with other users of msgpackr', () => {
    const others = new Packr()
    const writer = new ValueWriter()
    const before = others.pack({ other: 'user' })
    encodeValue(codec.msgpack(), { a: 'x'.repeat(50) }, writer)
    const after = others.pack({ other: 'user' })
    encodeValue(codec.msgpack(), { b: 'y'.repeat(50) }, writer)
    expect(after.buffer).not.toBe(writer.buffer.buffer)
    expect([others.unpack(before), others.unpack(after)]).toEqual([{ other: 'user' }, { other: 'user' }])
  })

  it('is not entered twice', () => {
    const writer = new ValueWriter()
    const value = {
      toJSON: undefined,
      get inner() {
        encodeValue(codec.utf8(), 'x', writer)
        return 1
      },
    }
    expect(() => encodeValue(codec.msgpack(), value, writer)).toThrow(/while another is being encoded/)
    expect(writer.busy).toBe(false)
  })
})

describe('codec.vector', () => {
  it('takes arrays of numbers and gives back f32', () => {
    for (const value of [[1, 0.1, -3], Float32Array.of(1, 0.1, -3), Float64Array.of(1, 0.1, -3)]) {
      expect(roundTrip(codec.vector(3), value)).toStrictEqual(Float32Array.of(1, 0.1, -3))
    }
    expect(roundTrip(codec.vector(), Float32Array.of(0, 1, 2).subarray(1))).toStrictEqual(Float32Array.of(1, 2))
  })
  it('refuses another length, and what f32 cannot hold', () => {
    for (const value of [[1], [1, Number.NaN], [1, 1e300], [Infinity, 1]]) {
      expect(() => encode(codec.vector(2), value)).toThrow(RangeError)
    }
    for (const value of ['12', [1, '2'], [1, null], Uint8Array.of(1, 2), {}]) {
      expect(() => encode(codec.vector(2), untyped(value))).toThrow(TypeError)
    }
    expect(() => codec.vector(0)).toThrow(RangeError)
    expect(() => decode(codec.vector(3), encode(codec.vector(2), [1, 2]))).toThrow(refusal('CODEC_FAILED'))
    expect(() => decode(codec.vector(), Uint8Array.of(6, 0, 0, 1))).toThrow(refusal('CODEC_FAILED'))
  })
})

describe('codec.custom', () => {
  const options = { id: 200, name: 'own', encode: () => new Uint8Array(), decode: () => 1 }
  it('comes back, and its bytes may be kept', () => {
    const kept: Uint8Array[] = []
    const through = codec.custom<string>({
      ...options,
      encode: (text) => Buffer.from(text),
      decode: (bytes) => (kept.push(bytes), 'x'),
    })
    roundTrip(through, 'text')
    expect(Buffer.from(kept[0] ?? []).toString()).toBe('text')
  })
  it.each([{ id: 127 }, { id: 256 }, { id: 128.5 }, { name: '' }, { encode: 1 }, { decode: undefined }])(
    'refuses %o',
    (wrong) => {
      expect(() => codec.custom(untyped<typeof options>({ ...options, ...wrong }))).toThrow(/own codec/)
    },
  )
  it('turns what it throws into CODEC_FAILED with the cause, and lets argument errors through', () => {
    const cause = new Error('no')
    const failing = codec.custom<unknown>({
      ...options,
      encode: () => {
        throw cause
      },
      decode: () => {
        throw cause
      },
    })
    expect(() => encode(failing, 1)).toThrow(expect.objectContaining({ code: 'CODEC_FAILED', cause }))
    expect(() => decode(failing, Uint8Array.of(200, 0, 0))).toThrow(
      expect.objectContaining({ code: 'CODEC_FAILED', cause }),
    )
    const own = new SledStoreError('NOT_FOUND', 'x')
    expect(() =>
      encode(
        codec.custom({
          ...options,
          encode: () => {
            throw own
          },
        }),
        1,
      ),
    ).toThrow(own)
    expect(() => encode(codec.custom(untyped<typeof options>({ ...options, encode: () => 'text' })), 1)).toThrow(
      TypeError,
    )
  })
})

describe('ValueWriter', () => {
  it('grows, tells its owner, and keeps what was written', () => {
    const seen: Buffer[] = []
    const writer = new ValueWriter({ bytes: 32, onReplace: (buffer) => seen.push(buffer) })
    encodeValue(codec.utf8(), 'first', writer)
    const first = writer.position
    encodeValue(codec.bytes(), new Uint8Array(3_000_000).fill(7), writer)
    expect(seen.at(-1)).toBe(writer.buffer)
    expect(decodeValue(codec.utf8(), writer.buffer, 0, first)).toBe('first')
    expect(decodeValue(codec.bytes(), writer.buffer, first, writer.position).length).toBe(3_000_000)
    writer.reset()
    expect([writer.position, writer.buffer.length, seen.at(-1) === writer.buffer]).toEqual([0, 32, true])
  })

  it('refuses values above the limit', () => {
    const writer = new ValueWriter()
    const huge = codec.custom<null>({
      id: 129,
      name: 'huge',
      encode: () => new Uint8Array(256 * 1024 * 1024 + 100),
      decode: () => null,
    })
    expect(() => encodeValue(huge, null, writer)).toThrow(refusal('VALUE_TOO_LARGE'))
    expect([writer.position, writer.buffer.length]).toEqual([0, 64 * 1024])
  })
})
