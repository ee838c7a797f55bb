/** The page about runtimes can be read by the checks that hold it to what they ran. */

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const root = new URL('../../', import.meta.url)
const helper = new URL('__test__/package/helpers/page.mjs', root).href
const { pageSays, rowsOf } = (await import(helper)) as {
  pageSays(root: string, column: string, ran: string[], which?: RegExp): void
  rowsOf(page: string, column: string): string[]
}

const page = `
| | loads | threads |
|---|---|---|
| Node 1 | yes | |
| Bun 2 | yes | yes |

| | loads |
|---|---|
| jest 3 | yes |
| vitest 4 | |
`

it('finds the rows of a column in every table that has it', () => {
  expect(rowsOf(page, 'loads')).toEqual(['Node 1', 'Bun 2', 'jest 3'])
  expect(rowsOf(page, 'threads')).toEqual(['Bun 2'])
  expect(rowsOf(page, 'nothing')).toEqual([])
})

it('refuses a page that says more or less than what ran', () => {
  const path = root.pathname
  const rows = rowsOf(readFileSync(new URL('docs/concepts/runtimes.md', root), 'utf8'), 'loads')
  expect(rows.length).toBeGreaterThan(5)
  expect(() => pageSays(path, 'loads', rows)).not.toThrow()
  expect(() => pageSays(path, 'loads', rows.slice(1))).toThrow()
  expect(() => pageSays(path, 'loads', [...rows, 'Rhino 9'])).toThrow()
})
