import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  describe as describeValue,
  errorClass,
  errorCodes,
  isErrorCode,
  outOfRange,
  SledStoreError,
  unknownOption,
  wrongType,
} from '../../lib/errors.js'

describe('error codes', () => {
  it('are those of the engine, with the same classes, in the same order', () => {
    const rust = readFileSync(new URL('../../crate/engine/src/error.rs', import.meta.url), 'utf8')
    const table = rust.slice(rust.indexOf('codes! {\n'))
    const engine = [...table.matchAll(/^ {4}\w+ = "(\w+)", (\w+);$/gm)].map(([, code, kind]) => [
      code,
      kind?.toLowerCase(),
    ])
    expect(engine.length).toBeGreaterThan(20)
    expect(errorCodes.map((code) => [code, errorClass(code)])).toEqual(engine)
  })

  it('are told from other strings', () => {
    expect(isErrorCode('CONFLICT')).toBe(true)
    expect(isErrorCode('toString')).toBe(false)
  })
})

describe('SledStoreError', () => {
  it('carries code, class and cause, and is an Error', () => {
    const cause = new Error('disk')
    const error = new SledStoreError('IO_FAILED', 'cannot read', { cause })
    expect(error).toBeInstanceOf(Error)
    expect([error.name, error.code, error.class, error.message, error.cause]).toEqual([
      'SledStoreError',
      'IO_FAILED',
      'environment',
      'cannot read',
      cause,
    ])
    expect(Object.keys(error)).toEqual(['code'])
    expect('cause' in new SledStoreError('CLOSED', 'closed')).toBe(false)
  })
})

describe('messages', () => {
  it('name the argument, what was expected and what came', () => {
    expect(wrongType('key', 'a string', 7)).toBeInstanceOf(TypeError)
    expect(wrongType('key', 'a string', 7).message).toBe('key must be a string, but is the number 7')
    expect(outOfRange('limit', 'at least 0', -0)).toBeInstanceOf(RangeError)
    expect(outOfRange('limit', 'at least 0', -0).message).toBe('limit must be at least 0, but is the number -0')
  })

  it('offer the nearest option', () => {
    expect(unknownOption('open', 'memorybudget', ['memoryBudget', 'durability']).message).toContain('"memoryBudget"')
    expect(unknownOption('open', 'colour', ['memoryBudget', 'durability']).message).toContain(
      'memoryBudget, durability',
    )
  })

  it.each([
    ['x'.repeat(100), `the string "${'x'.repeat(40)}..."`],
    [10n ** 60n, `the bigint 1${'0'.repeat(39)}...n`],
    [null, 'null'],
    [undefined, 'undefined'],
    [[1, 2], 'an array of length 2'],
    [new Date(Number.NaN), 'an invalid Date'],
    [new Map(), 'a Map'],
    [new Error('x'), 'an Error'],
    [{}, 'an object'],
    [Object.create(null), 'an object'],
    [describeValue, 'the function describe'],
  ])('describe a value (%#)', (value, text) => {
    expect(describeValue(value)).toBe(text)
  })
})
