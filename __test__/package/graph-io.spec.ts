/** What is packed of packages/graph-io is complete, and works with what it names and nothing else. */

import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const run = promisify(execFile)
const { installCompanions } = (await import('./helpers/companion.mjs' as string)) as {
  installCompanions(folder: string): Promise<void>
}

const program = `
  const store = SledStore.memory()
  const graph = store.graph('people')
  const load = async () => {
    await importCsv(graph, { nodes: { name: 'people.csv', content: ':ID,age:int\\n1,5\\n2,x\\n' } })
  }
  load().catch(async (error) => {
    const xml = '<graphml><graph><node id="a"/></graph></graphml>'
    const { nodes } = await importGraphml(graph, { content: xml })
    console.log(error instanceof SledStoreError, error.place.line, nodes)
    await store.close()
  })`
const names = '{ importCsv, importGraphml }'
const programs = {
  'user.mjs': `import ${names} from 'sledstore-graph-io'\nimport { SledStore, SledStoreError } from 'sledstore'\n${program}`,
  'user.cjs': `const ${names} = require('sledstore-graph-io')\nconst { SledStore, SledStoreError } = require('sledstore')\n${program}`,
}

describe('the packed package', () => {
  let home = ''
  let folder = ''

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'sledstore-graph-io-'))
    await installCompanions(home)
    folder = join(home, 'node_modules/sledstore-graph-io')
  })

  afterAll(() => rmSync(home, { recursive: true, force: true }))

  it('holds what its exports name, its licenses and nothing else', () => {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    expect(files.map(({ name }) => name).sort()).toEqual([
      'LICENSE-APACHE',
      'LICENSE-MIT',
      'README.md',
      'index.cjs',
      'index.d.cts',
      'index.d.ts',
      'index.js',
      'package.json',
    ])
    expect(readFileSync(join(folder, 'package.json'), 'utf8')).not.toContain('devDependencies')
  })

  it('satisfies publint', async () => {
    const { publint } = await import('publint')
    const { formatMessage } = await import('publint/utils')
    const { messages, pkg } = await publint({ pkgDir: folder, strict: true, pack: false })
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([])
  })

  it.each(Object.entries(programs))('runs as %s, with the errors of the one sledstore', async (name, text) => {
    writeFileSync(join(home, name), text)
    const { stdout } = await run(process.execPath, [name], { cwd: home })
    expect(stdout).toBe('true 3 1\n')
  })

  it('exports the same by import as by require', async () => {
    const text = `
      import { createRequire } from 'node:module'
      import * as imported from 'sledstore-graph-io'
      const required = createRequire(import.meta.url)('sledstore-graph-io')
      const all = [...new Set([...Object.keys(required), ...Object.keys(imported)])]
      console.log(JSON.stringify(all.filter((name) => required[name] !== imported[name])), all.length)`
    writeFileSync(join(home, 'both.mjs'), text)
    const { stdout } = await run(process.execPath, ['both.mjs'], { cwd: home })
    expect(stdout).toBe('[] 8\n')
  })

  it.each(['user.mts', 'user.cts'])('has types for %s', (name) => {
    const file = join(home, name)
    writeFileSync(
      file,
      `import { SledStore } from 'sledstore'
      import { exportCsv, importCsv, type ImportError } from 'sledstore-graph-io'
      const graph = SledStore.memory().graph('people')
      export const loaded: Promise<{ readonly nodes: number }> = importCsv(graph, { nodes: 'people.csv' })
      export const lineOf = (error: ImportError): number => error.place.line
      // @ts-expect-error edges need a place, too
      export const written = exportCsv(graph, { nodes: 'people.csv' })
      `,
    )
    const compiled = ts.createProgram([file], {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2022.d.ts', 'lib.esnext.disposable.d.ts'],
      types: ['node'],
      typeRoots: [join(root, 'node_modules', '@types')],
      strict: true,
      noEmit: true,
    })
    const complaints = ts.getPreEmitDiagnostics(compiled)
    expect(complaints.map((complaint) => ts.flattenDiagnosticMessageText(complaint.messageText, ' '))).toEqual([])
  })
})
