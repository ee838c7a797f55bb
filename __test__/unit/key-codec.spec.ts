import { describe, expect, expectTypeOf, it } from 'vitest'
import { key, KEY_BYTES_MAX, keyTooLarge, type KeyCodecCore } from '../../lib/key-codec.js'
import type { KeyOf, PrefixOf } from '../../lib/codec-types.js'

function encode<K>(codec: KeyCodecCore<K, never>, value: K, room = KEY_BYTES_MAX): Uint8Array {
  const target = new Uint8Array(room + 7)
  return target.slice(7, codec.encode(value, target, 7))
}
function roundTrip<K>(codec: KeyCodecCore<K, never>, value: K): K {
  const bytes = encode(codec, value)
  const source = new Uint8Array(bytes.length + 10).fill(0xff)
  source.set(bytes, 5)
  const decoded = codec.decode(source, 5, 5 + bytes.length)
  source.fill(0x41) // what was decoded must not change with its source
  return decoded
}
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
// Arguments the types forbid.
const untyped = <K>(value: unknown) => value as K

describe('key.string', () => {
  const texts = ['', 'a', 'a\0b', '\0', 'é', '\ufeffx', '\ufffd', '😀', 'x'.repeat(39), 'x'.repeat(64), 'é'.repeat(700)]
  it.each(texts)('gives back text (%#)', (text) => {
    expect(roundTrip(key.string, text)).toBe(text)
    expect(hex(encode(key.string, text))).toBe(Buffer.from(text).toString('hex'))
  })

  it.each(['\ud800', 'a\udc00', '\udc00\ud800', '\ud83dx', `${'x'.repeat(80)}\ud800`])(
    'refuses lone surrogates (%#)',
    (text) => {
      expect(() => encode(key.string, text)).toThrow(TypeError)
    },
  )

  it('refuses bytes that are not UTF-8', () => {
    for (const bytes of ['ff', 'c080', 'eda080', `${'61'.repeat(50)}e282`]) {
      const source = Buffer.from(bytes, 'hex')
      expect(() => key.string.decode(source, 0, source.length)).toThrow(
        expect.objectContaining({ code: 'CODEC_FAILED' }),
      )
    }
  })
})

describe('scalar keys', () => {
  it.each([0, 1, -1, 0.1, 5e-324, 2 ** 53, Infinity, -Infinity, 1e300])('number %d', (value) => {
    expect(roundTrip(key.number, value)).toBe(value)
  })
  it.each([0n, 1n, -1n, 255n, -256n, 2n ** 63n, 2n ** 64n, -(2n ** 64n), 10n ** 300n])('bigint %d', (value) => {
    expect(roundTrip(key.bigint, value)).toBe(value)
  })
  it.each([-8.64e15, -1, 0, 1, 8.64e15])('date %d', (value) => {
    expect(roundTrip(key.date, new Date(value))).toStrictEqual(new Date(value))
  })
  it.each([true, false])('boolean %s', (value) => {
    expect(roundTrip(key.boolean, value)).toBe(value)
  })
  it('bytes come back as a Uint8Array of their own', () => {
    const decoded = roundTrip(key.bytes, Buffer.from([0, 255, 1]))
    expect(decoded).toStrictEqual(new Uint8Array([0, 255, 1]))
    expect(decoded.buffer.byteLength).toBe(3)
    expect(roundTrip(key.bytes, new Uint8Array())).toStrictEqual(new Uint8Array())
  })

  it('−0 is 0, and NaN and invalid Dates have no place', () => {
    expect(Object.is(roundTrip(key.number, -0), 0)).toBe(true)
    expect(() => encode(key.number, Number.NaN)).toThrow(RangeError)
    expect(() => encode(key.date, new Date(Number.NaN))).toThrow(RangeError)
    expect(() => encode(key.any, [Number.NaN])).toThrow(RangeError)
  })

  it('refuse stored bytes of another length or kind', () => {
    const source = new Uint8Array(20).fill(0x81)
    for (const [codec, length] of [
      [key.number, 7],
      [key.number, 9],
      [key.date, 7],
      [key.bigint, 1],
      [key.boolean, 0],
      [key.boolean, 1],
      [key.boolean, 2],
    ] as const) {
      expect(() => codec.decode(source, 0, length)).toThrow(expect.objectContaining({ code: 'CODEC_FAILED' }))
    }
  })
})

describe('keys of the wrong type', () => {
  const wrong: [string, { encode(key: never, target: Uint8Array, offset: number): number }, unknown[]][] = [
    ['string', key.string, [1, null, undefined, ['a'], Buffer.from('a'), new String('a')]],
    ['bytes', key.bytes, ['a', [1], new Uint16Array(1), new ArrayBuffer(1)]],
    ['number', key.number, ['1', 1n, null, new Date(), new Number(1)]],
    ['bigint', key.bigint, [1, '1']],
    ['date', key.date, [1, '2020', {}]],
    ['boolean', key.boolean, [0, 'true', null]],
    ['tuple', key.tuple(key.string, key.number), ['a', null, {}, [1, 'a'], ['a', undefined]]],
    [
      'any',
      key.any,
      [undefined, {}, () => 1, Symbol('s'), new Map(), [undefined], [[Symbol('s')]], Array(1), new Float32Array(1)],
    ],
  ]
  it.each(wrong)('%s', (_, codec, values) => {
    for (const value of values) {
      expect(() => codec.encode(untyped<never>(value), new Uint8Array(100), 0), String(value && typeof value)).toThrow(
        /must/,
      )
    }
  })

  it('name the part', () => {
    const codec = key.tuple(key.string, key.number)
    expect(() => encode(codec, untyped(['a', 'b']))).toThrow('key[1] must be a number, but is the string "b"')
    expect(() => encode(codec, untyped(['a']))).toThrow(RangeError)
    expect(() => encode(codec, untyped(['a', 1, 2]))).toThrow(RangeError)
    expect(() => key.tuple(untyped<typeof key.any>({}))).toThrow(TypeError)
  })
})

describe('key.tuple', () => {
  it('gives back typed parts, and writes what key.any writes between its brackets', () => {
    const codec = key.tuple(
      key.string,
      key.number,
      key.bigint,
      key.date,
      key.boolean,
      key.bytes,
      key.any,
      key.tuple(key.string),
    )
    const parts = ['a\0', -1.5, -(2n ** 70n), new Date(5), true, new Uint8Array([0]), [null, ['x']], ['y']] as const
    expect(roundTrip(codec, parts)).toStrictEqual(parts)
    expect(`80${hex(encode(codec, parts))}00`).toBe(hex(encode(key.any, parts)))
    expect(codec.name).toBe('tuple(string,number,bigint,date,boolean,bytes,any,tuple(string))')
  })

  it('may have no parts, and its key is empty', () => {
    expect(encode(key.tuple(), []).length).toBe(0)
    expect(roundTrip(key.tuple(), [])).toStrictEqual([])
  })

  it('refuses stored keys of another shape', () => {
    const bytes = encode(key.tuple(key.string, key.number), ['a', 1])
    for (const codec of [
      key.tuple(key.string),
      key.tuple(key.number, key.string),
      key.tuple(key.string, key.number, key.number),
      key.any,
    ]) {
      expect(() => codec.decode(bytes, 0, bytes.length)).toThrow(expect.objectContaining({ code: 'CODEC_FAILED' }))
    }
  })
})

describe('prefixes', () => {
  function range<K, P>(codec: KeyCodecCore<K, P>, prefix: P): [string, string | undefined] {
    const target = new Uint8Array(KEY_BYTES_MAX)
    const start = hex(target.slice(0, codec.encodePrefix(prefix, target, 0)))
    const end = codec.encodePrefixEnd(prefix, target, 3)
    return [start, end < 0 ? undefined : hex(target.slice(3, end))]
  }
  it('of bytes end at the next greater byte string, or nowhere', () => {
    expect(range(key.bytes, new Uint8Array([1, 2]))).toEqual(['0102', '0103'])
    expect(range(key.bytes, new Uint8Array([1, 255, 255]))).toEqual(['01ffff', '02'])
    expect(range(key.bytes, new Uint8Array([255, 255]))).toEqual(['ffff', undefined])
    expect(range(key.bytes, new Uint8Array())).toEqual(['', undefined])
  })
  it('of text are text, of tuples leading parts', () => {
    expect(range(key.string, 'ab')).toEqual(['6162', '6162ff'])
    expect(range(key.tuple(key.string, key.number), ['ab'])).toEqual(['70616200', '70616200ff'])
    expect(range(key.tuple(key.string, key.number), [])).toEqual(['', 'ff'])
    expect(range(key.any, ['ab'])).toEqual(['8070616200', '8070616200ff'])
    expect(range(key.any, 'ab')).toEqual(['706162', '706163'])
  })
  it('of the wrong type, too long, or of keys that have none are refused', () => {
    expect(() => range(key.string, untyped<string>(1))).toThrow(TypeError)
    expect(() => range(key.any, untyped<string>(1))).toThrow(TypeError)
    expect(() => range(key.tuple(key.string), untyped(['a', 'b']))).toThrow(RangeError)
    for (const codec of [key.number, key.bigint, key.date, key.boolean]) {
      expect(() => range<unknown, never>(codec as KeyCodecCore<unknown>, untyped<never>(1))).toThrow('use gte and lt')
    }
  })
})

describe('long keys', () => {
  const long: [string, () => unknown][] = [
    ['string', () => encode(key.string, 'x'.repeat(1000), 999)],
    ['text of two bytes a character', () => encode(key.string, 'é'.repeat(600), 1000)],
    ['short text at the end', () => encode(key.string, 'éé', 3)],
    ['bytes', () => encode(key.bytes, new Uint8Array(100), 99)],
    ['number', () => encode(key.number, 1, 7)],
    ['bigint', () => encode(key.bigint, 1n << 8000n, 900)],
    ['small bigint', () => encode(key.bigint, 1n, 5)],
    ['date', () => encode(key.date, new Date(), 7)],
    ['boolean', () => encode(key.boolean, true, 0)],
    ['escaped bytes', () => encode(key.any, new Uint8Array(60), 100)],
    ['escaped text', () => encode(key.any, '\0'.repeat(70), 100)],
    ['terminator', () => encode(key.any, 'x'.repeat(99), 100)],
    [
      'array',
      () =>
        encode(
          key.any,
          Array.from({ length: 300 }, () => 1),
        ),
    ],
    ['end of a prefix', () => key.string.encodePrefixEnd('abc', new Uint8Array(3), 0)],
  ]
  it.each(long)('%s that does not fit is KEY_TOO_LARGE', (_, write) => {
    expect(write).toThrow(expect.objectContaining({ code: 'KEY_TOO_LARGE' }))
  })
  it('has a message with the size', () => {
    expect(keyTooLarge(2000).message).toContain('2,000 bytes')
  })
})

it('types follow the codecs', () => {
  const codec = key.tuple(key.string, key.number, key.tuple(key.date))
  expectTypeOf<KeyOf<typeof codec>>().toEqualTypeOf<readonly [string, number, readonly [Date]]>()
  expectTypeOf<PrefixOf<typeof codec>>().toEqualTypeOf<
    readonly [] | readonly [string] | readonly [string, number] | readonly [string, number, readonly [Date]]
  >()
  expectTypeOf<KeyOf<typeof key.string>>().toEqualTypeOf<string>()
  expectTypeOf<PrefixOf<typeof key.number>>().toEqualTypeOf<never>()
})
