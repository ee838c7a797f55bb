/** A store is opened, not made: `new SledStore()` is a TypeError. */
import { expect, it } from 'vitest'
import { SledStore } from '../../lib/index.js'

it('with and without arguments', () => {
  const Loose = SledStore as unknown as new (...given: unknown[]) => unknown
  for (const given of [[], ['./data'], [{}], [null]]) expect(() => new Loose(...given)).toThrow(TypeError)
})
