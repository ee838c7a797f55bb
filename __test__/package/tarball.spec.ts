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
      'index.d.ts',
      'lib/native/binding.cjs',
    ]) {
      expect(paths).toContain(path)
    }
    expect(paths.filter((path) => /\.(?:node|rs)$|(?<!\.d)\.ts$|__test__|node_modules/.test(path))).toEqual([])
  })

  it('stays within its budget', () => {
    expect(packed.size).toBeLessThanOrEqual(150 * 1024)
    expect(statSync(join(root, 'lib/native', addonFileName())).size).toBeLessThanOrEqual(4 * 1024 * 1024)
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

  it.each(['user.mts', 'user.cts'])('has types for %s', (name) => {
    const file = join(home, name)
    writeFileSync(
      file,
      `import { SledStore } from 'sledstore'\nexport const opened: Promise<SledStore> = SledStore.open('./x')\n`,
    )
    const program = ts.createProgram([file], {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2022.d.ts', 'lib.esnext.disposable.d.ts'],
      types: ['node'],
      typeRoots: [join(root, 'node_modules', '@types')],
      strict: true,
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
