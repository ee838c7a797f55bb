import * as fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { key, type KeyCodecCore, type KeyPart } from '../../lib/key-codec.js'
import { compareKeys, compareParts, compareText } from '../fixtures/key-order.js'

const seed = Number(process.env['SLEDSTORE_SEED'] ?? Math.floor(Math.random() * 0x7fffffff))
afterAll(() => console.log(`SLEDSTORE_SEED=${seed}`))
const check = <T extends [unknown, ...unknown[]]>(property: fc.IProperty<T>) =>
  fc.assert(property, { seed, numRuns: 1_000 })

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.string({ unit: fc.constantFrom('\0', '\x01', 'a', 'ÿ', '\uffff', '😀'), maxLength: 5 }),
  fc.string({ unit: fc.constantFrom('\0', 'a', 'é'), minLength: 35, maxLength: 70 }),
)
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 8 }),
  fc.array(fc.constantFrom(0, 1, 255), { maxLength: 4 }).map((list) => Uint8Array.from(list)),
)
const number = fc.oneof(fc.double({ noNaN: true }), fc.integer()).map((value) => value + 0)
const bigint = fc.oneof(fc.bigInt(-(2n ** 80n), 2n ** 80n), fc.bigInt(-300n, 300n), fc.bigInt(-(2n ** 65n), 2n ** 65n))
const date = fc
  .oneof(fc.integer({ min: -5, max: 5 }), fc.maxSafeInteger())
  .filter((ms) => Math.abs(ms) <= 8.64e15)
  .map((ms) => new Date(ms))
const { part } = fc.letrec<{ part: KeyPart }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, false),
    number,
    bigint,
    date,
    bytes,
    text,
    fc.array(tie('part'), { maxLength: 3 }),
  ),
}))
const parts = fc.array(part, { maxLength: 4 })

const target = new Uint8Array(16_000)
const encode = <K>(codec: KeyCodecCore<K, never>, value: K) => target.slice(0, codec.encode(value, target, 0))
const encodeKey = (value: readonly KeyPart[]) => encode(key.any, value).subarray(1, -1)

function itKeepsOrderAndComesBack<K>(
  name: string,
  codec: KeyCodecCore<K, never>,
  keys: fc.Arbitrary<K>,
  compare: (a: K, b: K) => number,
) {
  it(`${name}: order of bytes is order of keys`, () => {
    check(
      fc.property(keys, keys, (a, b) => {
        expect(Math.sign(Buffer.compare(encode(codec, a), encode(codec, b)))).toBe(Math.sign(compare(a, b)))
      }),
    )
  })
  it(`${name}: what was written is read`, () => {
    check(
      fc.property(keys, (value) => {
        const end = codec.encode(value, target, 100)
        expect(codec.decode(target, 100, end)).toStrictEqual(value)
      }),
    )
  })
}

describe('key codecs', () => {
  const pair = key.tuple(key.string, key.any)
  itKeepsOrderAndComesBack('string', key.string, text, compareText)
  itKeepsOrderAndComesBack('bytes', key.bytes, bytes, compareParts)
  itKeepsOrderAndComesBack('number', key.number, number, compareParts)
  itKeepsOrderAndComesBack('bigint', key.bigint, bigint, compareParts)
  itKeepsOrderAndComesBack('date', key.date, date, compareParts)
  itKeepsOrderAndComesBack('boolean', key.boolean, fc.boolean(), compareParts)
  itKeepsOrderAndComesBack('any', key.any, part, compareParts)
  itKeepsOrderAndComesBack('tuple', pair, fc.tuple(text, part) as fc.Arbitrary<readonly [string, KeyPart]>, compareKeys)

  it('concatenated parts keep their order', () => {
    check(
      fc.property(parts, parts, parts, (head, a, b) => {
        const order = Buffer.compare(encodeKey([...head, ...a]), encodeKey([...head, ...b]))
        expect(Math.sign(order)).toBe(compareKeys(a, b))
      }),
    )
  })
})

function isInRange<K, P>(codec: KeyCodecCore<K, P>, prefix: P, encoded: Uint8Array): boolean {
  const start = target.slice(0, codec.encodePrefix(prefix, target, 0))
  const stop = codec.encodePrefixEnd(prefix, target, 0)
  return Buffer.compare(start, encoded) <= 0 && (stop < 0 || Buffer.compare(encoded, target.subarray(0, stop)) < 0)
}
const startsWith = (whole: Uint8Array, head: Uint8Array) => Buffer.compare(whole.subarray(0, head.length), head) === 0

describe('a prefix is a range', () => {
  it('of text', () => {
    check(
      fc.property(text, text, (prefix, other) => {
        for (const value of [other, prefix + other]) {
          expect(isInRange(key.string, prefix, encode(key.string, value))).toBe(value.startsWith(prefix))
          expect(isInRange(key.any, prefix, encode(key.any, value))).toBe(value.startsWith(prefix))
        }
      }),
    )
  })
  it('of bytes', () => {
    check(
      fc.property(bytes, bytes, (prefix, other) => {
        for (const value of [other, Uint8Array.from([...prefix, ...other])]) {
          expect(isInRange(key.bytes, prefix, encode(key.bytes, value))).toBe(startsWith(value, prefix))
          expect(isInRange(key.any, prefix, encode(key.any, value))).toBe(startsWith(value, prefix))
        }
      }),
    )
  })
  it('of leading parts', () => {
    check(
      fc.property(parts, parts, (prefix, other) => {
        for (const value of [other, [...prefix, ...other]]) {
          const expected = compareKeys(value.slice(0, prefix.length), prefix) === 0
          expect(isInRange(key.any, prefix, encode(key.any, value))).toBe(expected)
        }
      }),
    )
  })
  it('of leading parts of a typed tuple', () => {
    const codec = key.tuple(key.string, key.bytes)
    check(
      fc.property(text, text, bytes, (first, other, second) => {
        for (const value of [
          [first, second],
          [other, second],
          [first + other, second],
        ] as const) {
          expect(isInRange(codec, [first], encode(codec, value))).toBe(value[0] === first)
        }
      }),
    )
  })
})

it('damaged keys are refused or are the writing of what they decode to', () => {
  check(
    fc.property(part, fc.array(fc.tuple(fc.nat(), fc.nat(255))), (value, damage) => {
      const damaged = encode(key.any, value)
      for (const [place, byte] of damage) damaged[place % damaged.length] = byte
      let decoded: KeyPart
      try {
        decoded = key.any.decode(damaged, 0, damaged.length)
      } catch (error) {
        expect(error).toMatchObject({ code: 'CODEC_FAILED' })
        return
      }
      expect(encode(key.any, decoded)).toStrictEqual(damaged)
    }),
  )
})
