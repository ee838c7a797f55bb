/** The committed index.d.ts is what lib/ says, and small enough to read. */

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const committed = readFileSync(new URL('../../index.d.ts', import.meta.url), 'utf8')

it('is what the build makes of lib/; run "npm run build" and review the change', () => {
  expect(committed).toBe(readFileSync(new URL('../../dist/index.d.cts', import.meta.url), 'utf8'))
})

it('can be read in five minutes', () => {
  const lines = committed.split('\n').filter((line) => line.trim() !== '' && !/^\s*(?:\/\*|\*|\/\/)/.test(line))
  expect(lines.length).toBeLessThanOrEqual(750)
})
