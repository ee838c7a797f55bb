/**
 * Builds dist/ from lib/: one CommonJS file, and one for each adapter, which loads the first; an ECMAScript module for
 * each that re-exports it (so a process that uses both has one class of each name and one addon); and the rolled-up typings.
 * The packages of packages/ are built as an adapter is, each to a dist/ of its own.
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { minified } from './shared/minified.mjs'
import { tool } from './shared/process.mjs'
import { adapterNames, companions, distPath, root } from './shared/project.mjs'
import { dividedTypings, finishedTypings } from './shared/typings.mjs'

/** Packages whose code is part of dist/index.cjs. */
const bundled = ['msgpackr']

/** First line of the files that lead to dist/index.cjs, which a Node that is too old cannot even parse. */
const guard = `require('../lib/native/node-version.cjs')\n`

/**
 * @param {{ writeTypings: boolean }} options whether the committed typings are written too
 * @returns {Promise<{ code: number, output: string }>}
 */
export async function buildPackage({ writeTypings }) {
  const result = await tool('tsdown/dist/run.mjs', [])
  if (result.code !== 0) return result
  const codePath = join(distPath, 'index.cjs')
  const code = await minified(readFileSync(codePath, 'utf8'))
  writeFileSync(codePath, code)
  const names = exportedNames(code)
  if (names.length === 0)
    return { code: 1, output: `dist/index.cjs exports nothing that can be read\n${result.output}` }
  writeFileSync(join(distPath, 'THIRD-PARTY.md'), licenses())

  const typings = await writeAllTypings(writeTypings)
  if (typings.code !== 0) return typings
  for (const name of adapterNames()) {
    const adapter = await finishAdapter(name, writeTypings)
    if (adapter.code !== 0) return adapter
  }
  for (const { folder, manifest } of companions()) {
    const path = writeTypings ? join(folder, 'index.d.ts') : undefined
    const companion = await finish(join(folder, 'dist'), 'index', { of: manifest.name, path, text: (made) => made })
    if (companion.code !== 0) return companion
  }
  writeFileSync(join(distPath, 'require.cjs'), `${guard}module.exports = require('./index.cjs')\n`)
  writeFileSync(join(distPath, 'whole.cjs'), `${guard}exports.sledstore = require('./index.cjs')\n`)
  writeFileSync(join(distPath, 'index.js'), moduleOver(names)) // last: its age tells set-up that all is there
  return result
}

/** The typings in dist/, for `require`, and when asked those at the root, for `import`. */
async function writeAllTypings(atRoot) {
  const rolledUpPath = join(distPath, 'index.d.cts')
  let last
  mkdirSync(join(distPath, 'types'), { recursive: true })
  for (const { path, text } of dividedTypings(readFileSync(rolledUpPath, 'utf8'))) {
    for (const [target, extension] of [
      [join(distPath, `${path}.d.cts`), 'cjs'],
      ...(atRoot ? [[join(root, `${path}.d.ts`), 'js']] : []),
    ]) {
      last = await tool('oxfmt/bin/oxfmt', ['--stdin-filepath', 'typings.d.ts'], { input: text(extension) })
      if (last.code !== 0) return last
      writeFileSync(target, last.output)
    }
  }
  return last
}

/** An adapter loads dist/index.cjs, whose typings lie elsewhere for `import`. */
function finishAdapter(name, writeTypings) {
  const path = writeTypings ? join(root, 'types', 'adapters', `${name}.d.ts`) : undefined
  const text = (made) => made.replaceAll('../index.cjs', '../../index.js')
  return finish(join(distPath, 'adapters'), name, { of: 'sledstore', path, text })
}

/**
 * The module beside a CommonJS file, and its typings: in dist/ for `require`, and for `import` where they are committed.
 *
 * @param {{ of: string, path: string | undefined, text: (made: string) => string }} typings
 */
async function finish(folder, name, { of, path, text }) {
  const place = join(folder, name)
  const code = await minified(readFileSync(`${place}.cjs`, 'utf8'), { keepsFunctions: of !== 'sledstore' })
  writeFileSync(`${place}.cjs`, code)
  const lines = exportedNames(code).map((exported) =>
    exported === 'default' ? 'export default whole.default\n' : `export const ${exported} = whole.${exported}\n`,
  )
  writeFileSync(`${place}.js`, `import whole from './${name}.cjs'\n\n${lines.join('')}`)

  const input = finishedTypings(of, readFileSync(`${place}.d.cts`, 'utf8'))
  const typings = await tool('oxfmt/bin/oxfmt', ['--stdin-filepath', 'typings.d.ts'], { input })
  if (typings.code !== 0) return typings
  writeFileSync(`${place}.d.cts`, typings.output)
  if (path === undefined) return typings
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text(typings.output))
  return typings
}

function exportedNames(code) {
  return [...code.matchAll(/\bexports\.([A-Za-z_$][\w$]*)=/g)].map((match) => match[1]).sort()
}

/**
 * The names are written out, and the one CommonJS file an `import` sees is two lines long: Node looks for the names of an
 * imported CommonJS file by reading it whole, which for dist/index.cjs takes 10 MB of memory.
 */
function moduleOver(names) {
  return `import whole from './whole.cjs'\n\nexport const { ${names.join(', ')} } = whole.sledstore\n`
}

function licenses() {
  const parts = bundled.map((name) => {
    const folder = join(root, 'node_modules', name)
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    return `## ${name} ${version}\n\n${readFileSync(join(folder, 'LICENSE'), 'utf8').trim()}\n`
  })
  return `# Code of others inside dist/index.cjs\n\n${parts.join('\n')}`
}
