/** The functions that small programs run stand side by side in the addon, so that the rest need not be in memory. */

import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const { addonFileName } = createRequire(import.meta.url)('../../lib/native/platform.cjs') as { addonFileName(): string }
const addon = fileURLToPath(new URL(`../../lib/native/${addonFileName()}`, import.meta.url))

it.runIf(process.platform === 'linux')('hot functions have a section of their own', async () => {
  const { stdout } = await promisify(execFile)('readelf', ['-SW', addon])
  const bytesOf = (name: string): number => {
    const [, size = '0'] = new RegExp(`\\s\\${name} +PROGBITS +\\w+ \\w+ (\\w+)`).exec(stdout) ?? []
    return Number.parseInt(size, 16)
  }
  // Far less: functions were renamed, and scripts/hot-functions.mjs has to write the list again. Far more: it is no longer
  // a choice.
  expect(bytesOf('.text.used')).toBeGreaterThan(900_000)
  expect(bytesOf('.text.used')).toBeLessThan(1_400_000)
  expect(bytesOf('.text')).toBeGreaterThan(1_000_000)
})
