/** An addon that is missing or does not fit is refused in one error that tells why, for people and for programs. */

import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const require = createRequire(import.meta.url)

const { packageName, platformName } = require('../../lib/native/platform.cjs') as Record<
  'packageName' | 'platformName',
  () => string
>
const { addonPath } = (await import('../../scripts/shared/project.mjs' as string)) as { addonPath: string }
const { stagePackages } = (await import('../../scripts/shared/packages.mjs' as string)) as {
  stagePackages(folder: string, addons: Map<string, string>): Promise<string[]>
}

interface Surroundings {
  readonly project?: string
  readonly before?: string
  readonly flags?: readonly string[]
  readonly env?: Record<string, string>
}

describe('the loader', () => {
  let home = ''

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'sledstore-loader-'))
    writeFileSync(join(home, 'damaged'), 'this is no addon')
    await stagePackages(join(home, 'good/node_modules'), new Map([[platformName(), addonPath]]))
    await stagePackages(join(home, 'bad/node_modules'), new Map([[platformName(), join(home, 'damaged')]]))
    await stagePackages(join(home, 'none/node_modules'), new Map())
    mkdirSync(
      join(
        home,
        'none/node_modules',
        packageName() === 'sledstore-darwin-x64' ? 'sledstore-linux-x64-gnu' : 'sledstore-darwin-x64',
      ),
    )
  })

  afterAll(() => rmSync(home, { recursive: true, force: true }))

  /** What requiring the package gives in a project: an error's fields, or whether the store's class is there. */
  async function answer({ project = 'good', before = '', flags = [], env = {} }: Surroundings): Promise<object> {
    const script = `${before}
      try { console.log(JSON.stringify({ loaded: typeof require('sledstore').SledStore })) }
      catch ({ code, reason, wanted, message }) { console.log(JSON.stringify({ code, reason, wanted, message })) }`
    const options = { cwd: join(home, project), env: { ...process.env, ...env } }
    const { stdout } = await run(process.execPath, [...flags, '-e', script], options)
    return JSON.parse(stdout) as object
  }

  it('takes the package of the platform', async () => {
    expect(await answer({})).toEqual({ loaded: 'function' })
  })

  it('names a package that holds a foreign or damaged binary', async () => {
    expect(await answer({ project: 'bad' })).toMatchObject({
      code: 'UNSUPPORTED',
      reason: 'did-not-load',
      wanted: packageName(),
      message: expect.stringContaining(packageName()) as string,
    })
  })

  it('tells that the packages were installed on another system', async () => {
    expect(await answer({ project: 'none' })).toMatchObject({ reason: 'installed-elsewhere', wanted: packageName() })
  })

  it('names a system that nothing is built for', async () => {
    const before = `Object.defineProperty(process, 'arch', { value: 'mips' })`
    expect(await answer({ before })).toMatchObject({
      reason: 'no-such-build',
      message: expect.stringContaining('mips') as string,
    })
  })

  it('tells that Node was told to load no addons', async () => {
    expect(await answer({ flags: ['--no-addons'] })).toMatchObject({ reason: 'addons-forbidden' })
  })

  it('loads exactly the file that NAPI_RS_NATIVE_LIBRARY_PATH names, from the working folder', async () => {
    const named = (path: string) => ({ NAPI_RS_NATIVE_LIBRARY_PATH: path })
    expect(await answer({ project: 'none', env: named(addonPath) })).toEqual({ loaded: 'function' })
    const damaged = { code: 'UNSUPPORTED', reason: 'did-not-load', wanted: join(home, 'damaged') }
    expect(await answer({ env: named('../damaged') })).toMatchObject(damaged)
  })
})

it.skipIf(process.platform !== 'linux')('the C library is the one that the running program names', async () => {
  const home = mkdtempSync(join(tmpdir(), 'sledstore-libc-'))
  const platform = require.resolve('../../lib/native/platform.cjs')
  const libcOf = async (program: string) => {
    const script = `process.execPath = ${JSON.stringify(program)}; console.log(require(${JSON.stringify(platform)}).libc())`
    return (await run(process.execPath, ['-e', script])).stdout.trim()
  }
  try {
    for (const [text, libc] of [
      ['…/lib/ld-musl-x86_64.so.1…', 'musl'],
      ['…/lib64/ld-linux-x86-64.so.2…', 'glibc'],
    ] as const) {
      writeFileSync(join(home, libc), text)
      expect(await libcOf(join(home, libc))).toBe(libc)
    }
    // Neither is named: Node's own report is asked, which knows the truth about this process.
    writeFileSync(join(home, 'neither'), '')
    expect(await libcOf(join(home, 'neither'))).toBe(await libcOf(process.execPath))
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
})
