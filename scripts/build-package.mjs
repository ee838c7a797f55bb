/**
 * Builds dist/ from lib/: one CommonJS file, an ECMAScript module that re-exports it (so a process that uses both
 * has one class of each name and one addon), and the rolled-up typings.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tool } from './shared/process.mjs'
import { distPath, root } from './shared/project.mjs'

const typingsHeader = '// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.\n'

/** Packages whose code is part of dist/index.cjs. */
const bundled = ['msgpackr']

/**
 * @param {{ writeTypings: boolean }} options whether the committed index.d.ts is written too
 * @returns {Promise<{ code: number, output: string }>}
 */
export async function buildPackage({ writeTypings }) {
  const result = await tool('tsdown/dist/run.mjs', [])
  if (result.code !== 0) return result
  const codePath = join(distPath, 'index.cjs')
  const code = escaped(readFileSync(codePath, 'utf8'))
  writeFileSync(codePath, code)
  const names = exportedNames(code)
  if (names.length === 0)
    return { code: 1, output: `dist/index.cjs exports nothing that can be read\n${result.output}` }
  writeFileSync(join(distPath, 'THIRD-PARTY.md'), licenses())

  const typingsPath = join(distPath, 'index.d.cts')
  const rolledUp = readFileSync(typingsPath, 'utf8').replaceAll(/^\/\/#(?:end)?region.*\n/gm, '')
  const formatted = await tool('oxfmt/bin/oxfmt', ['--stdin-filepath', 'typings.d.ts'], {
    input: typingsHeader + rolledUp,
  })
  if (formatted.code !== 0) return formatted
  writeFileSync(typingsPath, formatted.output)
  if (writeTypings) writeFileSync(join(root, 'index.d.ts'), formatted.output)
  writeFileSync(join(distPath, 'whole.cjs'), `exports.sledstore = require('./index.cjs')\n`)
  writeFileSync(join(distPath, 'index.js'), moduleOver(names)) // last: its age tells set-up that all is there
  return result
}

/** Without a character outside ASCII: a single one makes V8 keep the whole script in two bytes a character. */
function escaped(code) {
  const escape = (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  return code.replaceAll(/[^\0-\x7f]/g, escape) // without comments, all of them stand in strings
}

function exportedNames(code) {
  return [...code.matchAll(/\bexports\.([A-Za-z_$][\w$]*)=/g)].map((match) => match[1]).sort()
}

/**
 * The names are written out, and the one CommonJS file an `import` sees is a line long: Node looks for the names of an
 * imported CommonJS file by reading it whole, which for dist/index.cjs takes 10 MB of memory.
 */
function moduleOver(names) {
  const lines = names.map((name) => `export const ${name} = sledstore.${name}\n`)
  return `import whole from './whole.cjs'\n\nconst { sledstore } = whole\n${lines.join('')}`
}

function licenses() {
  const parts = bundled.map((name) => {
    const folder = join(root, 'node_modules', name)
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    return `## ${name} ${version}\n\n${readFileSync(join(folder, 'LICENSE'), 'utf8').trim()}\n`
  })
  return `# Code of others inside dist/index.cjs\n\n${parts.join('\n')}`
}
