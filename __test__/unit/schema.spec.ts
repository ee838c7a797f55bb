import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { isSchema, validate, type InferInput, type InferOutput, type Schema } from '../../lib/schema.js'

const zodUser = z.object({ name: z.string(), tags: z.array(z.object({ id: z.number() })), age: z.number().default(7) })
const valibotUser = v.object({
  name: v.string(),
  tags: v.array(v.object({ id: v.number() })),
  age: v.optional(v.number(), 7),
})
const arktypeUser = type({ name: 'string', tags: type({ id: 'number' }).array(), age: 'number = 7' })
const schemas: [string, Schema<unknown, unknown>][] = [
  ['zod', zodUser],
  ['valibot', valibotUser],
  ['arktype', arktypeUser],
]

describe.each(schemas)('a schema of %s', (_, schema) => {
  it('gives its output', () => {
    expect(isSchema(schema)).toBe(true)
    const user = { name: 'Ann', tags: [{ id: 1 }] }
    expect(validate(schema, user, 'sync')).toEqual({ ...user, age: 7 })
    expect(validate(schema, user, 'async')).toEqual({ ...user, age: 7 })
  })

  it('refuses with SCHEMA_INVALID, the issues and their places', () => {
    const check = () => validate(schema, { name: 5, tags: [{ id: 1 }, { id: 'x' }] }, 'sync', 'value of "ann" in users')
    expect(check).toThrow(expect.objectContaining({ code: 'SCHEMA_INVALID' }))
    try {
      check()
    } catch (error) {
      const { message, issues } = error as { message: string; issues: { path: unknown[]; message: string }[] }
      expect(issues.map((issue) => issue.path)).toEqual(expect.arrayContaining([['name'], ['tags', 1, 'id']]))
      expect(issues.every((issue) => issue.message.length > 0)).toBe(true)
      expect(message).toMatch(/^value of "ann" in users does not fit its schema: /)
      expect(message).toContain('tags[1].id: ')
    }
  })
})

describe('an asynchronous schema', () => {
  const free = z.string().refine(async (name) => Promise.resolve(name !== 'taken'), 'is taken')
  const slow = v.pipeAsync(
    v.string(),
    v.checkAsync(async (name) => Promise.resolve(name !== 'taken'), 'is taken'),
  )

  it('is awaited in mode async', async () => {
    await expect(validate(free, 'ann', 'async')).resolves.toBe('ann')
    await expect(validate(free, 'taken', 'async')).rejects.toMatchObject({
      code: 'SCHEMA_INVALID',
      issues: [{ message: 'is taken', path: [] }],
    })
    await expect(validate(slow, 'ann', 'async')).resolves.toBe('ann')
    await expect(validate(slow, 'taken', 'async')).rejects.toMatchObject({ code: 'SCHEMA_INVALID' })
  })

  it('is refused in mode sync, and its answer is dropped', async () => {
    expect(() => validate(free, 'ann', 'sync')).toThrow(TypeError)
    expect(() => validate(slow, 'taken', 'sync')).toThrow(/asynchronous.*validate the value before/)
    const failing = {
      '~standard': { version: 1, vendor: 'test', validate: () => Promise.reject(new Error('late')) },
    } as Schema
    const unhandled: unknown[] = []
    const note = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', note)
    expect(() => validate(failing, 1, 'sync')).toThrow(TypeError)
    await new Promise((resolve) => setTimeout(resolve, 5))
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })
})

describe('issues', () => {
  const complaining = (issues: { message: string; path?: unknown[] }[]) =>
    ({ '~standard': { version: 1, vendor: 'test', validate: () => ({ issues }) } }) as Schema
  it('are shown with readable places, the first five of them', () => {
    const issues = [
      { message: 'a', path: [] },
      { message: 'b', path: ['x', { key: 'y z' }, 0, Symbol('s')] },
      ...Array.from({ length: 5 }, () => ({ message: 'c' })),
    ]
    expect(() => validate(complaining(issues), 1, 'sync')).toThrow(
      'value does not fit its schema: a; x["y z"][0][the symbol (s)]: b; c; c; c; and 2 more',
    )
  })
})

it('what is no schema is told from one', () => {
  for (const value of [
    null,
    undefined,
    1,
    {},
    () => 1,
    { '~standard': { version: 2, validate() {} } },
    { '~standard': null },
  ]) {
    expect(isSchema(value)).toBe(false)
  }
})

it('types are those of the library', () => {
  expectTypeOf<InferInput<typeof zodUser>>().toEqualTypeOf<z.input<typeof zodUser>>()
  expectTypeOf<InferOutput<typeof zodUser>>().toEqualTypeOf<z.output<typeof zodUser>>()
  expectTypeOf<InferInput<typeof valibotUser>>().toEqualTypeOf<v.InferInput<typeof valibotUser>>()
  expectTypeOf<InferOutput<typeof valibotUser>>().toEqualTypeOf<v.InferOutput<typeof valibotUser>>()
  expectTypeOf<InferInput<typeof arktypeUser>>().toEqualTypeOf<typeof arktypeUser.inferIn>()
  expectTypeOf<InferOutput<typeof arktypeUser>>().toEqualTypeOf<typeof arktypeUser.infer>()
  expectTypeOf<StandardSchemaV1<string, number>>().toExtend<Schema<string, number>>()
})
