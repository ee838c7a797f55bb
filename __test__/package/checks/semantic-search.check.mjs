/** The example of semantic search with real vectors of words: it answers what its page says. */

import { strictEqual } from 'node:assert/strict'
import { join } from 'node:path'

export const title = 'semantic search: the example, with real word vectors'
export const minutes = 3
export const quick = true
export const needs = ['examples/semantic-search']

export async function check({ root, folder, run }) {
  const { outputsOf } = await import(new URL('../../../scripts/shared/snippets.mjs', import.meta.url).href)
  const env = { DATA: join(folder, 'data') }
  const outputs = outputsOf('docs/guide/semantic-search.md')
  for (const { name, words, expected } of outputs) {
    const { stdout } = await run(process.execPath, words, { cwd: root, env })
    strictEqual(stdout, expected, `${name}: it prints otherwise`)
  }
  const topic = ['examples/semantic-search/search.mjs', 'the jacket I bought has a hole', 'billing']
  const { stdout } = await run(process.execPath, topic, { cwd: root, env })
  strictEqual(stdout.includes('Shoes'), false, 'an article of another topic is found')
  const nothing = await run(process.execPath, [topic[0], 'qwrtzp'], { cwd: root, env })
  strictEqual(nothing.stdout, 'no word of the question is known\n')
  return { count: outputs.length + 2, unit: 'answers' }
}
