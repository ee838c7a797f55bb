/** The page on a knowledge base, with the whole of WordNet: what it says is asked and answered is. */

import { strictEqual } from 'node:assert/strict'
import { join } from 'node:path'

export const title = 'knowledge base: the questions of the page, to WordNet'
export const minutes = 5
export const quick = false
export const needs = ['examples/wordnet']

export async function check({ root, folder, run }) {
  const { outputsOf } = await import(new URL('../../../scripts/shared/snippets.mjs', import.meta.url).href)
  const data = join(folder, 'wordnet')
  await run(process.execPath, ['examples/wordnet/demo.mjs', '--data', data], { cwd: root })
  const outputs = outputsOf('docs/guide/knowledge-base.md')
  for (const { name, words, expected } of outputs) {
    const { stdout } = await run(process.execPath, words, { cwd: root, env: { DATA: data } })
    strictEqual(stdout, expected, `${name}: it prints otherwise`)
  }
  return { count: outputs.length, unit: 'answers' }
}
