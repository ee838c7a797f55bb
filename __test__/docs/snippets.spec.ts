/** Every block of TypeScript in README.md and docs/guide runs against the built package, in a folder of its own. */

import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const run = promisify(execFile)

interface Snippet {
  readonly name: string
  readonly code: string
}

function snippetsOf(page: string): Snippet[] {
  const text = readFileSync(join(root, page), 'utf8')
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => ({
    name: `${page}:${text.slice(0, match.index).split('\n').length}`,
    code: match[1] ?? '',
  }))
}

const guide = readdirSync(join(root, 'docs/guide')).map((name) => `docs/guide/${name}`)
const snippets = ['README.md', ...guide].flatMap(snippetsOf)

describe('snippets', () => {
  let home = ''

  beforeAll(() => {
    // As in a user's project: packages are found in node_modules above the running file.
    home = mkdtempSync(join(tmpdir(), 'sledstore-snippets-'))
    mkdirSync(join(home, 'node_modules'))
    symlinkSync(root, join(home, 'node_modules', 'sledstore'), 'junction')
    for (const name of ['zod', 'valibot', 'arktype', 'keyv', 'unstorage']) {
      symlinkSync(join(root, 'node_modules', name), join(home, 'node_modules', name), 'junction')
    }
  })

  afterAll(() => rmSync(home, { recursive: true, force: true }))

  it('are found', () => {
    expect(snippets.length).toBeGreaterThan(5)
  })

  async function execute(code: string): Promise<void> {
    const folder = mkdtempSync(join(home, 'run-'))
    const compiled = ts.transpileModule(code, {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true },
    })
    writeFileSync(join(folder, 'snippet.mjs'), compiled.outputText)
    // A rejected promise of the snippet's own ends the process with an error.
    await run(process.execPath, ['snippet.mjs'], { cwd: folder })
  }

  it.each(snippets)('$name runs', async ({ code }) => {
    await execute(code)
  })

  it('fail when their code does', async () => {
    await expect(execute(`import 'sledstore'\nPromise.reject(new Error('planted'))`)).rejects.toThrow('planted')
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
