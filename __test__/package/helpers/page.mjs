/** The tables of docs/concepts/runtimes.md, which must say what the checks ran, no more and no less. */

import { deepEqual } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The rows of a page that have `yes` in a column, by the column's title. */
export function rowsOf(page, column) {
  const rows = []
  let columns = []
  for (const line of page.split('\n')) {
    const cells = line.startsWith('|')
      ? line
          .slice(1, -1)
          .split('|')
          .map((cell) => cell.trim())
      : undefined
    if (cells === undefined) columns = []
    else if (columns.length === 0) columns = cells
    else if (cells[columns.indexOf(column)] === 'yes') rows.push(cells[0])
  }
  return rows
}

/**
 * Throws when the page does not name just these in a column.
 *
 * @param {string} root the checkout
 * @param {string} column its title
 * @param {string[]} ran such as `Node 18.20.8`
 * @param {RegExp} [which] the rows that are meant; all when not given
 */
export function pageSays(root, column, ran, which = /^/) {
  const page = readFileSync(join(root, 'docs', 'concepts', 'runtimes.md'), 'utf8')
  const rows = rowsOf(page, column).filter((row) => which.test(row))
  deepEqual(rows, ran, `docs/concepts/runtimes.md, column "${column}"`)
}

/** The rows that runtimes have: `Node 18.20.8` for `Node 18` of version 18.20.8. */
export function namesOf(details) {
  return details.map(({ runtime, version }) => `${runtime.replace(/ \d+$/, '')} ${version}`)
}
