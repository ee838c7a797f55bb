/** What the pages say that the examples print is what they print. Examples with packages of their own are run by checks. */

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

interface Output {
  readonly name: string
  /** The script and its arguments. */
  readonly words: string[]
  readonly expected: string
}

const { hasOwnPackages, outputsOf, userPages } = (await import(
  new URL('../../scripts/shared/snippets.mjs', import.meta.url).href
)) as {
  hasOwnPackages(words: string[]): boolean
  outputsOf(page: string, text?: string): Output[]
  userPages(): string[]
}

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../', import.meta.url))
const outputs = userPages().flatMap((page) => outputsOf(page))

describe('outputs in the pages', () => {
  it('follow the command that prints them', () => {
    expect(outputs.filter(({ words }) => words.length === 0)).toEqual([])
  })

  it('are found with the words of their command', () => {
    const text = 'Run `node examples/a/b.mjs "two words" three`:\n\n```text\nline\n```\n'
    expect(outputsOf('planted.md', text)).toEqual([
      { name: 'planted.md:3', words: ['examples/a/b.mjs', 'two words', 'three'], expected: 'line\n' },
    ])
  })

  // One after the other: examples keep their store in a folder of their own.
  it.each(outputs.filter(({ words }) => !hasOwnPackages(words)))(
    '$name is what it prints',
    async ({ words, expected }) => {
      const { stdout } = await run(process.execPath, words, { cwd: root })
      expect(stdout).toBe(expected)
    },
  )
})
