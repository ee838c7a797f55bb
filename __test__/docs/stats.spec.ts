/** The table of statistics names every measurement there is, and none that there is not. */

import { readFileSync } from 'node:fs'
import { SledStore } from 'sledstore'
import { expect, it } from 'vitest'

const page = readFileSync(new URL('../../docs/guide/operating.md', import.meta.url), 'utf8')

/** `memory.sled` and the like, from the first column; a name without a group has that of the name before it. */
function documented(): string[] {
  let group = ''
  return [...page.matchAll(/^\| (`(?:memory|readers|counts|values|vectors|disk|recovery)\..+?) \|/gm)].flatMap(
    ([, cell = '']) =>
      [...cell.matchAll(/`(?:(\w+)\.)?(\w+)`/g)].map(([, named, field]) => {
        group = named ?? group
        return `${group}.${field}`
      }),
  )
}

it('is complete', () => {
  const store = SledStore.memory()
  const measured = Object.entries(store.stats()).flatMap(([group, fields]) =>
    Object.keys(fields as object).map((field) => `${group}.${field}`),
  )
  // Only there after something was cut off.
  expect(documented().sort()).toEqual([...new Set([...measured, 'recovery.cutFile', 'disk.live'])].sort())
})
