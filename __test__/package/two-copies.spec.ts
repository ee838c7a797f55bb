/** Copies of the package in one process: those that share an addon share a store, others are told who holds it. */

import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const require = createRequire(import.meta.url)

const { addonFileName, packageName, platformName } = require('../../lib/native/platform.cjs') as Record<
  'addonFileName' | 'packageName' | 'platformName',
  () => string
>
const { addonPath } = (await import('../../scripts/shared/project.mjs' as string)) as { addonPath: string }
const { rootManifest, stagePackages } = (await import('../../scripts/shared/packages.mjs' as string)) as {
  rootManifest: { version: string }
  stagePackages(folder: string, addons: Map<string, string>): Promise<string[]>
}

const { version } = rootManifest
/** Another version, as long as this one, so that it can stand in its place in the addon. */
const otherVersion = version.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10))

function replaceVersion(folder: string): void {
  const path = join(folder, 'package.json')
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { version: string }
  writeFileSync(path, JSON.stringify({ ...manifest, version: otherVersion }))
}

/** Makes the addon say the other version. */
function replaceIdentity(folder: string): void {
  const path = join(folder, addonFileName())
  const bytes = readFileSync(path)
  const at = bytes.indexOf(`sledstore ${version}`)
  expect(at).toBeGreaterThan(0)
  expect(bytes.indexOf(`sledstore ${version}`, at + 1)).toBe(-1)
  bytes.write(`sledstore ${otherVersion}`, at)
  writeFileSync(path, bytes)
}

describe('two copies of the package', () => {
  let home = ''

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'sledstore-copies-'))
    for (const copy of ['one', 'same', 'other', 'mixed'])
      await stagePackages(join(home, copy, 'node_modules'), new Map([[platformName(), addonPath]]))
    replaceVersion(join(home, 'other/node_modules/sledstore'))
    replaceVersion(join(home, 'other/node_modules', packageName()))
    replaceIdentity(join(home, 'other/node_modules', packageName()))
    replaceVersion(join(home, 'mixed/node_modules/sledstore'))
  })

  afterAll(() => rmSync(home, { recursive: true, force: true }))

  /** Runs a script in which `copy(name)` gives what a copy exports; gives what it returned. */
  async function inProcess(script: string): Promise<unknown> {
    const body = `
      const copy = (name) => require(${JSON.stringify(home)} + '/' + name + '/node_modules/sledstore')
      const imported = (name) => import(${JSON.stringify(home)} + '/' + name + '/node_modules/sledstore/dist/index.js')
      const path = ${JSON.stringify(home)} + '/' + process.pid
      ;(async () => { ${script} })().then((answer) => console.log(JSON.stringify(answer)))`
    const { stdout } = await run(process.execPath, ['-e', body])
    return JSON.parse(stdout) as unknown
  }

  it('share the engine when one is imported and the other required', async () => {
    const script = `
      const [one, two] = [await copy('one').SledStore.open(path), await (await imported('one')).SledStore.open(path)]
      await one.namespace('rows').put('key', 1)
      const found = two.namespace('rows').get('key')
      await one.close(); await two.close()
      return found`
    expect(await inProcess(script)).toBe(1)
  })

  it.each(['same', 'other'])(
    'that load two addons keep their stores apart, and one path is LOCKED by the own process (%s version)',
    async (name) => {
      const script = `
        const [one, two] = [copy('one').SledStore, copy('${name}').SledStore]
        const [first, second] = [await one.open(path + '-1'), await two.open(path + '-2')]
        await first.namespace('rows').put('key', 1)
        await second.namespace('rows').put('key', 2)
        const refused = await two.open(path + '-1').catch(({ code, message }) => ({ code, message }))
        const values = [first, second].map((store) => store.namespace('rows').get('key'))
        await first.close()
        const again = await two.open(path + '-1')
        values.push(again.namespace('rows').get('key'))
        await again.close(); await second.close()
        return { code: refused.code, names: refused.message.includes('(' + process.pid + ')'), values }`
      expect(await inProcess(script)).toEqual({
        code: 'LOCKED',
        names: process.platform !== 'win32',
        values: [1, 2, 1],
      })
    },
  )

  it('of which one has the JavaScript of another version than the addon: that one is refused, by both versions', async () => {
    const script = `try { copy('mixed') } catch ({ code, reason, wanted, message }) { return { code, reason, wanted, message } }`
    const refused = (await inProcess(script)) as Record<string, string>
    expect(refused).toMatchObject({ code: 'UNSUPPORTED', reason: 'other-version', wanted: packageName() })
    expect(refused.message).toContain(`sledstore ${version}`)
    expect(refused.message).toContain(`SledStore ${otherVersion}`)
  })
})
