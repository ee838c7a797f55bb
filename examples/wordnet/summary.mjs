/** What the demo shows at its end. */

import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { count } from './progress.mjs'
import { questions } from './questions.mjs'

/** Bytes of all files below a folder. */
export async function bytesIn(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const sizes = files.map(async (file) => (await stat(join(file.parentPath ?? file.path, file.name))).size)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

/** The figures, named as `--json` prints them. */
export function summarize({ nodes, edges, vectors, bytesOnDisk, open_ms, steps }) {
  const untilDurable = steps.filter(({ name }) => name !== 'close')
  return {
    nodes,
    edges,
    vectors,
    seconds: rounded(untilDurable.reduce((sum, step) => sum + step.seconds, 0)),
    bytes_on_disk: bytesOnDisk,
    bytes_per_row: rounded(bytesOnDisk / (nodes + edges + vectors)),
    open_ms: rounded(open_ms),
    steps: steps.map((step) => ({ ...step, seconds: rounded(step.seconds) })),
  }
}

function rounded(number) {
  return Math.round(number * 1000) / 1000
}

/** @param {import('./questions.mjs').Answers} answers */
export function printAnswers({ ancestry, parts, nearest, nearestOfPart, metadata }) {
  const first = ({ words }) => words[0]
  const near = (concepts) =>
    concepts.map(({ key, words, distance }) => `  ${distance.toFixed(4)}  ${words.join(', ')} (${key})`).join('\n')
  console.log(`
What is a whale?
  ${ancestry.map(first).join(' › ')}
What parts has a tree?
  ${parts.map(({ words }) => words.join(' or ')).join(', ')}
What is nearest to “${questions.nearest.text}”?
${near(nearest)}
And among ${questions.nearest.part}s?
${near(nearestOfPart)}
What is known of the session?
  ${metadata.session.requests} requests since ${metadata.session.startedAt.toISOString()}, in ${metadata.settings.language}
`)
}

/** @param {ReturnType<typeof summarize>} summary */
export function printSummary(summary, withoutVector) {
  const { nodes, edges, vectors, seconds, bytes_on_disk, bytes_per_row, open_ms } = summary
  const lines = [
    ['nodes', count(nodes)],
    ['edges', count(edges)],
    ['vectors', `${count(vectors)} (${count(withoutVector)} glosses have no word with a vector)`],
    ['load', `${seconds.toFixed(1)} s, from the first row read to the last durable commit`],
    ['on disk', `${(bytes_on_disk / 1e6).toFixed(1)} MB, ${bytes_per_row.toFixed(0)} bytes a row`],
    ['open', `${open_ms.toFixed(1)} ms`],
  ]
  for (const [name, value] of lines) console.log(`${name.padEnd(9)}${value}`)
}
