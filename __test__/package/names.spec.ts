/** The built code is minified, but what programs print of it has its names: classes, errors, methods in stack traces. */

import { inspect } from 'node:util'
import * as sledstore from 'sledstore'
import { key, SledStore, SledStoreError } from 'sledstore'
import * as graphIo from 'sledstore-graph-io'
import { afterAll, expect, it } from 'vitest'

const store = SledStore.memory()
afterAll(() => store.close())

const namesOf = (exported: object) =>
  Object.entries(exported).flatMap(([name, value]) =>
    typeof value === 'function' ? [[name, value.name as string]] : [],
  )
const isClass = (value: unknown) => typeof value === 'function' && String(value).startsWith('class')

it('classes have the names that they are exported by', () => {
  const classes = Object.fromEntries(Object.entries(sledstore).filter(([, value]) => isClass(value)))
  expect(Object.keys(classes)).toEqual(expect.arrayContaining(['SledStore', 'SledStoreError', 'LocalDate', 'Point']))
  for (const [exported, name] of namesOf(classes)) expect(name).toBe(exported)
})

it('functions of the packages beside it have theirs', () => {
  const names = namesOf(graphIo)
  expect(names.length).toBe(Object.keys(graphIo).length)
  for (const [exported, name] of names) expect(name).toBe(exported)
})

it('objects are shown by their class', () => {
  const given = [store, store.namespace('n', { key: key.string }), store.graph('g'), store.snapshot()]
  const names = given.map((one) => /^\w+/.exec(inspect(one))?.[0])
  expect(names).toEqual(given.map((one) => one.constructor.name))
  expect(names).toEqual(['SledStore', 'UntypedNamespace', 'GraphHandle', 'SnapshotCore'])
})

it('errors and the methods they come from are named', () => {
  const namespace = store.namespace('n', { key: key.string })
  let error: unknown
  try {
    namespace.get(7 as never)
  } catch (thrown) {
    error = thrown
  }
  expect((error as Error).stack).toMatch(/^TypeError: .*\n(?: +at .*\n)* +at UntypedNamespace\.get /)
  const own = new SledStoreError('CONFLICT', 'met')
  expect([own.name, own.constructor.name, inspect(own).split('\n')[0]]).toEqual([
    'SledStoreError',
    'SledStoreError',
    'SledStoreError: met',
  ])
})
