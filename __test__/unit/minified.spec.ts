/** Members that get short names in what is published are not among those that copies of the package share. */

import binding from '#binding'
import { expect, it } from 'vitest'
import { SledStore } from '../../lib/index.js'

it('what copies of the package share keeps its names', async () => {
  expect(SledStore).toBeDefined()
  const { inner } = (await import('../../scripts/shared/minified.mjs' as string)) as { inner: RegExp }
  const shared = (binding as unknown as Record<symbol, { writer: object }>)[Symbol.for('sledstore.environment')]!
  const names = [shared, shared.writer, Object.getPrototypeOf(shared.writer) as object].flatMap(
    Object.getOwnPropertyNames,
  )
  expect(names).toEqual(expect.arrayContaining(['finalizers', 'position', 'writeBytes']))
  expect(names.filter((name) => inner.test(name))).toEqual([])
  expect(inner.test('readStored')).toBe(true)
})
