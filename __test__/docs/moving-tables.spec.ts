/** The runner of the tables in the pages on moving finds calls that are not equal. */

import { expect, it } from 'vitest'

interface Side {
  readonly names: object
  content(): Promise<unknown>
  close(): Promise<void>
}

const script = new URL('../package/moving/tables.mjs', import.meta.url).href
const { compareTables } = (await import(script)) as {
  compareTables(page: string, theirs: () => Promise<Side>, ours: () => Promise<Side>, text: string): Promise<number>
}

/** Two maps stand for the two sides. */
async function open(): Promise<Side> {
  const map = new Map([['ann', 41]])
  return { names: { map }, content: async () => [...map], close: async () => {} }
}

const page = (reading: string, writing: string): string =>
  `# Page\n\n## Reading\n\n| What | One | Other |\n|---|---|---|\n${reading}\n\n## Writing\n\n| What | One | Other |\n|---|---|---|\n${writing}\n`
const read = "| a value | `map.get('ann')` | `await map.get('ann')` |"
const write = "| a value | `map.set('bob', 7)` | `(map.set('bob', 8), map.set('bob', 7), undefined)` |"

it('counts rows that are equal: by what reading gives, and by what writing leaves', async () => {
  expect(await compareTables('planted', open, open, page(`${read}\n${read}`, write))).toBe(3)
})

it.each([
  ['another answer', page(read.replace("await map.get('ann')", "map.get('bob')"), write)],
  ['other content', page(read, write.replace("map.set('bob', 7), undefined", 'undefined'))],
  ['a read that writes', page("| a value | `map.delete('bob')` | `!map.delete('ann')` |", write)],
  ['a call that fails', page(read.replace('await map.get', 'map.fetch'), write)],
  ['a cell that is more than a call', page(`${read.replace('| `await', '| or `await')}`, write)],
  ['no table', page('', write)],
])('finds %s', async (_, text) => {
  await expect(compareTables('planted', open, open, text)).rejects.toThrow()
})
