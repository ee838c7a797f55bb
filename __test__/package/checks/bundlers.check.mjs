/** The configurations in docs/guide/bundlers.md make bundles that find the addon. */

import { deepEqual, equal, match } from 'node:assert/strict'
import { copyFileSync, cpSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { addonFile, installInto, platformPackage } from '../helpers/installed.mjs'
import { pageSays } from '../helpers/page.mjs'
import { versionOf } from '../helpers/runtimes.mjs'

export const title = 'bundles of esbuild, vite and webpack find the addon'
export const minutes = 5
export const quick = true

const bundlers = ['esbuild', 'vite', 'webpack']

/** How each bundler takes a configuration; esbuild's are programs themselves. */
const starts = {
  esbuild: (file) => [file],
  vite: (file) => [
    '--input-type=module',
    '-e',
    `import { build } from 'vite'; await build({ configFile: './${file}', logLevel: 'warn' })`,
  ],
  webpack: (file) => [
    '--input-type=module',
    '-e',
    `import webpack from 'webpack'; import config from './${file}'
    webpack(config, (error, stats) => {
      if (error || stats.hasErrors() || stats.hasWarnings()) throw error ?? new Error(stats.toString())
    })`,
  ],
}

/** The configurations on the page, by the file name in their first line. */
function configurations(root) {
  const page = readFileSync(join(root, 'docs', 'guide', 'bundlers.md'), 'utf8')
  const blocks = [...page.matchAll(/^```js\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)]
  return blocks.map(([, file, text]) => ({ file, text }))
}

const answer = '{"found":{"age":34},"coded":true}\n'

export async function check({ root, folder, run }) {
  await installInto(folder, { root, run })
  copyFileSync(join(root, '__test__', 'package', 'scripts', 'app.mjs'), join(folder, 'app.mjs'))
  for (const name of bundlers)
    symlinkSync(join(root, '__test__', 'package', 'node_modules', name), join(folder, 'node_modules', name), 'junction')

  const found = configurations(root)
  const kinds = new Set(found.map(({ file }) => file.split('.')[0]))
  deepEqual([...kinds].sort(), bundlers)
  let stores = 0
  const starting = (program, options) => run(process.execPath, [program, join(folder, `store-${stores++}`)], options)
  const details = []
  for (const { file, text } of found) {
    const [bundler, way] = file.split('.')
    const out = join(folder, 'out')
    rmSync(out, { recursive: true, force: true })
    writeFileSync(join(folder, file), text)
    await run(process.execPath, starts[bundler](file), { cwd: folder })
    const [program, ...others] = readdirSync(out)
    deepEqual(others, [], file)
    equal((await starting(join(out, program))).stdout, answer, `${file}, in the project`)
    const holdsPackage = readFileSync(join(out, program), 'utf8').includes('NAPI_RS_NATIVE_LIBRARY_PATH')
    equal(holdsPackage, way !== 'external', file)
    if (holdsPackage) await movesAway(join(out, program), program, file)
    details.push({ bundler, way })
  }
  const versions = (way) => bundlers.filter(did(way)).map((name) => `${name} ${versionOf(name)}`)
  pageSays(root, 'left out of the bundle', versions('external'))
  pageSays(root, 'bundled, the addon beside it', versions('bundled'))
  return {
    count: details.length,
    unit: 'bundles',
    note: details.map((row) => `${row.bundler} ${row.way}`).join(', '),
    details,
  }

  function did(wanted) {
    return (name) => details.some(({ bundler, way }) => bundler === name && way === wanted)
  }

  /** Far from the project the bundle says what is missing, and with the addon beside it it runs. */
  async function movesAway(bundle, name, file) {
    const away = join(folder, '..', 'away')
    mkdirSync(away)
    cpSync(bundle, join(away, name))
    const { output } = await starting(join(away, name), { codes: [1] })
    match(output, /code: 'UNSUPPORTED'/, file)
    copyFileSync(join(folder, 'node_modules', platformPackage, addonFile), join(away, addonFile))
    equal((await starting(join(away, name))).stdout, answer, `${file}, moved with the addon`)
    rmSync(away, { recursive: true })
  }
}
