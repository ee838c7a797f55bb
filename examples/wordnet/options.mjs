/** The demo's command line. */

import { parseArgs } from 'node:util'

export const help = `Loads WordNet into a store as a graph with vectors, reopens it in another process, asks it
questions and checks its answers.

  npm run demo -- [options]

  --data DIR   make the store in DIR, which must not exist or be empty, and keep it
  --keep       keep the store, which is else made in examples/wordnet/data and removed at the end
  --json       end with the summary as one line of JSON
  --help       show this
`

/** @returns {{ data?: string, keep: boolean, json: boolean, help: boolean }} */
export function readOptions(words) {
  const { values } = parseArgs({
    args: words,
    options: {
      data: { type: 'string' },
      keep: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.data === '') throw new TypeError('--data names a folder')
  return values
}
