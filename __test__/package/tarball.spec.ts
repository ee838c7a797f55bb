/** What `npm pack` makes is small, complete, and loads both ways where scripts are blocked. */

import { execFile } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const run = promisify(execFile)
const { addonFileName } = createRequire(import.meta.url)('../../lib/native/platform.cjs') as { addonFileName(): string }

interface Packed {
  readonly filename: string
  readonly size: number
  readonly files: readonly { readonly path: string; readonly size: number }[]
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>

/** Uses each of the files the typings are divided into, and must not compile when one of them is missing. */
const typedUser = `
import { SledStore, codec, key, type ErrorCode, type Graph, type GraphNode, type Namespace, type Vectors } from 'sledstore'
export const opened: Promise<SledStore> = SledStore.open('./x')
export const code: ErrorCode = 'LOCKED'
export async function use(store: SledStore): Promise<void> {
  const users: Namespace<string, { name: string }, string> =
    store.namespace('users', { key: key.string, value: codec.json<{ name: string }>() })
  const name: string | undefined = users.get('ann')?.name
  const graph: Graph<{ nodes: { Person: { name: string } }; edges: object }> = store.graph('people')
  const node: GraphNode<{ nodes: { Person: { name: string } }; edges: object }> | undefined = graph.node(1)
  const vectors: Vectors<{ pos: string }> = store.vectors('words', { dimensions: 3, metric: 'cosine' })
  const distance: number | undefined = vectors.search({ vector: [1, 2, 3] })[0]?.distance
  // @ts-expect-error a name is a string
  const wrong: number | undefined = users.get('ann')?.name
  // @ts-expect-error a node of the graph has a name
  node?.properties.age
  void [name, node, distance, wrong]
}
`

async function npm(folder: string, ...words: string[]): Promise<string> {
  const { stdout } = await run('npm', words, { cwd: folder, shell: process.platform === 'win32' })
  return stdout
}

describe('the tarball', () => {
  let home = ''
  let packed: Packed

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'sledstore-package-'))
    const [first] = JSON.parse(await npm(root, 'pack', '--json', '--pack-destination', home)) as Packed[]
    if (first === undefined) throw new Error('npm pack made nothing')
    packed = first
    writeFileSync(join(home, 'package.json'), '{ "name": "user", "private": true }')
    await npm(home, 'install', '--ignore-scripts', '--offline', '--no-audit', '--no-fund', `./${packed.filename}`)
    // The platform's package brings the addon; here the checkout does.
    const native = join(home, 'node_modules/sledstore/lib/native')
    copyFileSync(join(root, 'lib/native', addonFileName()), join(native, addonFileName()))
  })

  afterAll(() => rmSync(home, { recursive: true, force: true }))

  it('holds what the exports name, and no sources or addons', () => {
    const paths = packed.files.map((file) => file.path)
    for (const path of [
      'dist/index.js',
      'dist/index.cjs',
      'dist/index.d.cts',
      'dist/types/graph.d.cts',
      'dist/adapters/abstract-level.js',
      'dist/adapters/abstract-level.cjs',
      'dist/adapters/abstract-level.d.cts',
      'types/adapters/abstract-level.d.ts',
      'index.d.ts',
      'types/graph.d.ts',
      'lib/native/binding.cjs',
    ]) {
      expect(paths).toContain(path)
    }
    expect(paths.filter((path) => /\.(?:node|rs)$|(?<!\.d)\.ts$|__test__|node_modules/.test(path))).toEqual([])
  })

  it('stays within its budget', () => {
    // Typings are most of it: they are there for import and for require.
    expect(packed.size).toBeLessThanOrEqual(170 * 1024)
    expect(statSync(join(root, 'lib/native', addonFileName())).size).toBeLessThanOrEqual(8 * 1024 * 1024)
  })

  it('has no dependencies, so nothing of others is installed and no script can run', () => {
    expect(manifest.dependencies ?? {}).toEqual({})
    expect(readdirSync(join(home, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['sledstore'])
  })

  it('is the same package by import and by require', async () => {
    const code = `
      import { createRequire } from 'node:module'
      import * as imported from 'sledstore'
      const required = createRequire(import.meta.url)('sledstore')
      const names = Object.keys(required).sort()
      const same = names.every((name) => required[name] === imported[name])
      console.log(JSON.stringify({ same, surplus: Object.keys(imported).filter((name) => !(name in required)), names }))
    `
    writeFileSync(join(home, 'both.mjs'), code)
    const { stdout } = await run(process.execPath, ['both.mjs'], { cwd: home })
    const answer = JSON.parse(stdout) as { same: boolean; surplus: string[]; names: string[] }
    expect(answer).toMatchObject({ same: true, surplus: [] })
    expect(answer.names).toEqual(expect.arrayContaining(['SledStore', 'SledStoreError', 'codec', 'key']))
  })

  it.each([
    ['user.mts', 'Node16'],
    ['user.cts', 'Node16'],
    ['user.mts', 'NodeNext'],
    ['user.cts', 'NodeNext'],
    ['user.ts', 'Bundler'],
  ] as const)('has types for %s under resolution %s', (name, resolution) => {
    const file = join(home, name)
    writeFileSync(file, typedUser)
    const program = ts.createProgram([file], {
      module: resolution === 'Bundler' ? ts.ModuleKind.ESNext : ts.ModuleKind[resolution],
      moduleResolution: ts.ModuleResolutionKind[resolution],
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2022.d.ts', 'lib.esnext.disposable.d.ts'],
      types: ['node'],
      typeRoots: [join(root, 'node_modules', '@types')],
      strict: true,
      isolatedModules: true,
      noEmit: true,
    })
    const complaints = ts.getPreEmitDiagnostics(program)
    expect(complaints.map((complaint) => ts.flattenDiagnosticMessageText(complaint.messageText, ' '))).toEqual([])
  })

  it('refuses deep imports', async () => {
    writeFileSync(join(home, 'deep.mjs'), `await import('sledstore/dist/index.cjs')`)
    await expect(run(process.execPath, ['deep.mjs'], { cwd: home })).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED')
  })

  it('names the missing addon and the next step in one error', async () => {
    const native = join(home, 'node_modules/sledstore/lib/native')
    const place = join(native, addonFileName())
    rmSync(place)
    try {
      const code = `try { require('sledstore') } catch (error) { console.log(error.code, error.message) }`
      const { stdout } = await run(process.execPath, ['-e', code], { cwd: home })
      expect(stdout).toMatch(/^UNSUPPORTED .*sledstore-\w+-\w+.*install/)
    } finally {
      copyFileSync(join(root, 'lib/native', addonFileName()), place)
    }
  })

  it('loads exactly the addon that NAPI_RS_NATIVE_LIBRARY_PATH names', async () => {
    const script = `try { require('sledstore') } catch (error) { console.log(error.code, error.message) }`
    const env = { ...process.env, NAPI_RS_NATIVE_LIBRARY_PATH: join(home, 'nothing.node') }
    const { stdout } = await run(process.execPath, ['-e', script], { cwd: home, env })
    expect(stdout).toContain('nothing.node')
    const right = { ...env, NAPI_RS_NATIVE_LIBRARY_PATH: join(root, 'lib/native', addonFileName()) }
    const answer = await run(process.execPath, ['-e', `console.log(typeof require('sledstore').SledStore)`], {
      cwd: home,
      env: right,
    })
    expect(answer.stdout).toBe('function\n')
  })
})

describe('the manifest', () => {
  it('satisfies publint', async () => {
    const { publint } = await import('publint')
    const { formatMessage } = await import('publint/utils')
    const { messages, pkg } = await publint({ pkgDir: root, strict: true })
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([])
  })

  it('names files that exist', () => {
    const files = manifest.files as string[]
    expect(files.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })
})
