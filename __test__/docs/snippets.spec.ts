/**
 * Every block of TypeScript in the pages runs against the built package, in a folder of its own, and has the right types; every
 * block of JavaScript is an excerpt of an example. Blocks that use a peer run by the check `docs-with-peers`.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

interface Block {
  readonly page: string
  readonly name: string
  readonly code: string
}

const script = (path: string): string => new URL(`../../${path}`, import.meta.url).href
const { blocksOf, execute, installedIn, makeProject, packagesOf, strangeExcerpts, userPages } = (await import(
  script('scripts/shared/snippets.mjs')
)) as {
  blocksOf(page: string, language: 'ts' | 'js', text?: string): Block[]
  execute(home: string, code: string): Promise<string>
  installedIn(name: string, places: readonly string[]): string | undefined
  makeProject(home: string, names: readonly string[], places: readonly string[]): void
  packagesOf(code: string): string[]
  strangeExcerpts(page: string, text?: string): string[]
  userPages(): string[]
}
const { peers } = (await import(script('__test__/package/checks/docs-with-peers.check.mjs'))) as { peers: string[] }

const root = fileURLToPath(new URL('../../', import.meta.url))
const all = userPages().flatMap((page) => blocksOf(page, 'ts'))
const packages = [...new Set(all.flatMap(({ code }) => packagesOf(code)))].filter((name) => name !== 'sledstore')
const own = packages.filter((name) => installedIn(name, ['.']) !== undefined)
const needsPeer = ({ code }: Block): boolean => packagesOf(code).some((name) => peers.includes(name))
const snippets = all.filter((block) => !needsPeer(block))

describe('snippets', () => {
  let home = ''

  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'sledstore-snippets-'))
    makeProject(home, own, ['.'])
  })

  afterAll(() => rmSync(home, { recursive: true, force: true }))

  it('are found, in pages of each kind', () => {
    const pages = new Set(all.map(({ page }) => page))
    for (const page of [
      'README.md',
      'docs/guide/quickstart.md',
      'docs/concepts/durability.md',
      'docs/reference/errors.md',
    ])
      expect([...pages]).toContain(page)
  })

  it('use packages that are installed here, or peers that a check installs', () => {
    expect(packages.filter((name) => !own.includes(name) && !peers.includes(name))).toEqual([])
  })

  it.each(snippets)('$name runs', async ({ code }) => {
    await execute(home, code)
  })

  it('fail when their code does', async () => {
    await expect(execute(home, `import 'sledstore'\nPromise.reject(new Error('planted'))`)).rejects.toThrow('planted')
  })

  it('have the right types', () => {
    const folder = mkdtempSync(join(home, 'types-'))
    const files = snippets.map(({ code }, at) => {
      const file = join(folder, `snippet-${at}.mts`)
      writeFileSync(file, code)
      return file
    })
    const program = ts.createProgram(files, {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2022.d.ts', 'lib.esnext.disposable.d.ts'],
      types: ['node'],
      typeRoots: [join(root, 'node_modules', '@types')],
      strict: true,
      noEmit: true,
      skipLibCheck: true,
    })
    const complaints = ts.getPreEmitDiagnostics(program).map((diagnostic) => {
      const at = files.indexOf(diagnostic.file?.fileName ?? '')
      return `${snippets[at]?.name ?? 'elsewhere'}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')}`
    })
    expect(complaints).toEqual([])
  })
})

describe('excerpts', () => {
  it.each(userPages().map((page) => ({ page })))('$page shows the examples as they are', ({ page }) => {
    expect(strangeExcerpts(page)).toEqual([])
  })

  it('are found out when the example says something else', () => {
    const page = (line: string): string => `[todo](../../examples/todo-list/todo.mjs)\n\n\`\`\`js\n${line}\n\`\`\`\n`
    const right =
      'const [last = 0] = tx.keys(todos, { reverse: true, limit: 1 })\ntx.put(todos, last + 1, { text, done: false })'
    expect(strangeExcerpts('docs/guide/planted.md', page(right))).toEqual([])
    expect(strangeExcerpts('docs/guide/planted.md', page(right.replace('last + 1', 'last')))).toHaveLength(1)
  })
})
