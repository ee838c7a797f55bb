/** The tables of equivalent calls in the pages on moving: each row is run on both sides. */

import { deepStrictEqual } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../../scripts/shared/project.mjs'

/**
 * The rows of a page's table below a heading.
 *
 * @returns {{ what: string, theirs: string, ours: string }[]}
 */
export function tableOf(page, heading, text) {
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''
  const rows = section.split('\n').filter((line) => /^\|.*`.*`.*\|$/.test(line))
  return rows.map((line) => {
    const [what, theirs, ours] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
    const bare = (cell) => /^`(.+)`$/.exec(cell ?? '')?.[1]
    if (bare(theirs) === undefined || bare(ours) === undefined) throw new Error(`${page}: “${what}” has no two calls`)
    return { what, theirs: bare(theirs), ours: bare(ours) }
  })
}

/** Calls a function, whatever it throws. */
function attempt(action) {
  try {
    action()
  } catch {}
}

const AsyncFunction = (async () => {}).constructor

/** What a cell of a table gives; `names` are what it may use, beside what the pages explain. */
function call(code, sideNames) {
  const names = { ...sideNames, attempt }
  return new AsyncFunction(...Object.keys(names), `return (${code})`)(...Object.values(names))
}

/**
 * Runs both calls of each row on fresh sides with the same content: under “Reading” they give the same, under “Writing” they
 * leave the same behind.
 *
 * @param {string} page
 * @param {() => Promise<{ names: object, content: () => Promise<unknown>, close: () => Promise<void> }>} openTheirs
 * @param {typeof openTheirs} openOurs
 * @param {string} [text] of the page
 * @returns {Promise<number>} how many rows the tables have
 */
export async function compareTables(page, openTheirs, openOurs, text = readFileSync(join(root, page), 'utf8')) {
  let count = 0
  for (const heading of ['Reading', 'Writing']) {
    const table = tableOf(page, heading, text)
    if (table.length === 0) throw new Error(`${page} has no table under “${heading}”`)
    for (const { what, theirs, ours } of table) {
      await compareRow({
        page,
        what,
        code: [theirs, ours],
        sides: [openTheirs, openOurs],
        writes: heading === 'Writing',
      })
      count++
    }
  }
  return count
}

async function compareRow({ page, what, code, sides, writes }) {
  const results = []
  for (const [at, open] of sides.entries()) {
    const side = await open()
    const before = await side.content()
    try {
      const given = await call(code[at], side.names)
      const after = await side.content()
      if (!writes) deepStrictEqual(after, before, `${page}: “${what}” changes what it reads: ${code[at]}`)
      results.push(writes ? after : given)
    } finally {
      await side.close()
    }
  }
  deepStrictEqual(results[1], results[0], `${page}: “${what}” differs: ${code.join(' and ')}`)
}
