import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { key, type KeyPart } from '../../lib/key-codec.js'
import { SledStoreError } from '../../lib/errors.js'
import { compareKeys, partOf, type WrittenPart } from '../fixtures/key-order.js'

interface Vectors {
  vectors: { parts: WrittenPart[]; hex: string }[]
  refused: { why: string; hex: string }[]
}
const file = new URL('../fixtures/key-vectors.json', import.meta.url)
const { vectors, refused } = JSON.parse(readFileSync(file, 'utf8')) as Vectors

// `key.any` writes an array as 80 … 00; between them stand the parts as `key.tuple` writes them.
function encode(parts: readonly KeyPart[]): string {
  const target = new Uint8Array(16_000)
  return Buffer.from(target.subarray(1, key.any.encode(parts, target, 0) - 1)).toString('hex')
}
function decode(hex: string): KeyPart {
  const source = Buffer.from(`80${hex}00`, 'hex')
  return key.any.decode(source, 0, source.length)
}

const nestsDeepest = (hex: string) => hex.startsWith('80'.repeat(32))

describe('shared key vectors', () => {
  it('are many, and in ascending order of bytes and of meaning', () => {
    expect(vectors.length).toBeGreaterThanOrEqual(150)
    for (const [index, high] of vectors.entries()) {
      const low = vectors[index - 1]
      if (low === undefined) continue
      expect(low.hex < high.hex).toBe(true)
      expect(compareKeys(low.parts.map(partOf), high.parts.map(partOf)), `${low.hex} before ${high.hex}`).toBe(-1)
    }
  })

  it.each(vectors.filter((vector) => !nestsDeepest(vector.hex)))('$hex is written and read', ({ parts, hex }) => {
    const values = parts.map(partOf)
    expect(encode(values)).toBe(hex)
    expect(decode(hex)).toStrictEqual(values)
  })

  it('reach the deepest nesting there is', () => {
    const { parts, hex } = vectors.find((vector) => nestsDeepest(vector.hex)) ?? { parts: [], hex: '' }
    const [value = null] = parts.map(partOf)
    const codec = key.tuple(key.any)
    const target = new Uint8Array(1536)
    const end = codec.encode([value], target, 0)
    expect(Buffer.from(target.subarray(0, end)).toString('hex')).toBe(hex)
    expect(codec.decode(target, 0, end)).toStrictEqual([value])
    expect(() => codec.encode([[value]], target, 0)).toThrow(RangeError)
  })

  it.each(refused)('$why ($hex) is refused', ({ hex }) => {
    const source = Buffer.from(hex, 'hex')
    const read = () => key.any.decode(source, 0, source.length)
    expect(read).toThrow(SledStoreError)
    expect(read).toThrow(expect.objectContaining({ code: 'CODEC_FAILED' }))
  })
})
