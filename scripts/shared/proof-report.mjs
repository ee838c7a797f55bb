/** What was run at full size, as the table that docs/internals/testing.md shows. */

import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { insertBetween } from './marked.mjs'
import { findHarnesses, kinds } from './proof.mjs'
import { root } from './project.mjs'

/** Where files of results are kept, one a harness, or one a target that is fuzzed. */
export const keptFolder = join(root, 'docs', 'internals', 'proof')
export const page = join(root, 'docs', 'internals', 'testing.md')
const marks = {
  begin: '<!-- proof:begin; npm run proof -- --publish writes what follows -->',
  end: '<!-- proof:end -->',
}

const withCommas = (number) => number.toLocaleString('en-US')

function rowOf(name, { unit }, result) {
  const last = result.seed + result.cycles - 1
  const time =
    result.seconds < 5_400 ? `${Math.round(result.seconds / 60)} min` : `${(result.seconds / 3_600).toFixed(1)} h`
  return [
    `\`${name}\``,
    `${withCommas(result.cycles)} ${unit}`,
    `${result.seed} to ${last}`,
    ...kinds.map((kind) => withCommas(result[kind])),
    time,
    result.date.slice(0, 10),
    `\`${result.commit.slice(0, 7)}\``,
  ]
}

/** The table of the files of results in a folder. */
export async function publishedTable(folder = keptFolder) {
  const harnesses = await findHarnesses()
  const head = ['harness', 'cycles', 'seeds', ...kinds, 'took', 'on', 'commit']
  const rows = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => {
      const result = JSON.parse(readFileSync(join(folder, name), 'utf8'))
      const harness = harnesses.find((one) => one.name === result.name)
      return rowOf(name.slice(0, -'.json'.length).replace('-', ' '), harness, result)
    })
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** The page with the table of the kept results in it. */
export async function publishedPage() {
  const written = insertBetween(readFileSync(page, 'utf8'), marks, await publishedTable())
  if (written === undefined)
    throw new Error(`${page} has no place for the results: a line "${marks.begin}" and below it a line "${marks.end}"`)
  return written
}

export async function publish() {
  writeFileSync(page, await publishedPage())
}
