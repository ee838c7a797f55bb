/**
 * The code in the pages. A block of `ts` is a program of its own and is run; a block of `js` is an excerpt of an example
 * that the page links to, or begins with the name of a file that a check writes and runs.
 */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import ts from 'typescript'
import { run } from './process.mjs'
import { root } from './project.mjs'

/** Folders of pages; those of `docs/decisions` and `docs/internals` are for reading alone. */
const folders = ['docs/guide', 'docs/concepts', 'docs/reference']

/** Pages for users, by their path from the root. */
export function userPages() {
  const inFolders = folders.flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
  return [
    'README.md',
    'docs/README.md',
    'examples/README.md',
    'examples/wordnet/README.md',
    ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`),
    ...inFolders.filter((path) => path.endsWith('.md')).sort(),
  ]
}

/**
 * @typedef {{ page: string, name: string, code: string }} Block `name`: its page and line
 * @param {string} page
 * @param {'ts' | 'js'} language
 * @returns {Block[]}
 */
export function blocksOf(page, language, text = readFileSync(join(root, page), 'utf8')) {
  const blocks = text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))
  return [...blocks].map((match) => ({
    page,
    name: `${page}:${text.slice(0, match.index).split('\n').length}`,
    code: match[1] ?? '',
  }))
}

/** The packages that a program imports, without those of Node. */
export function packagesOf(code) {
  const { importedFiles } = ts.preProcessFile(code)
  const names = importedFiles.map(({ fileName }) => /^(?:@[^/]+\/)?[^/]+/.exec(fileName)?.[0] ?? fileName)
  return [...new Set(names.filter((name) => !name.startsWith('node:') && !name.startsWith('.')))].sort()
}

/** Where a package is installed: for the repository itself, or for one of the examples. */
export function installedIn(name, places) {
  return places.map((place) => join(root, place, 'node_modules', name)).find((folder) => existsSync(folder))
}

/**
 * A project of a user's: packages are found in the `node_modules` above the file that runs.
 *
 * @param {string} home an empty folder
 * @param {readonly string[]} names of packages beside sledstore
 * @param {readonly string[]} places folders with a package.json, the repository's own being `.`
 */
export function makeProject(home, names, places) {
  mkdirSync(join(home, 'node_modules'))
  symlinkSync(root, join(home, 'node_modules', 'sledstore'), 'junction')
  for (const name of names.filter((other) => other !== 'sledstore')) {
    const folder = installedIn(name, places)
    if (folder === undefined) throw new Error(`${name} is installed for none of ${places.join(', ')}`)
    const link = join(home, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(folder, link, 'junction')
  }
}

/**
 * Runs a program in a folder of its own below `home`; throws with what it printed when it ends with an error, as a rejected
 * promise of its own makes it do.
 */
export async function execute(home, code, node = process.execPath) {
  const folder = mkdtempSync(join(home, 'run-'))
  const compiled = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true },
  })
  writeFileSync(join(folder, 'snippet.mjs'), compiled.outputText)
  const { code: exit, output } = await run(node, ['snippet.mjs'], { cwd: folder })
  if (exit !== 0) throw new Error(`ended with ${exit}\n${output}`)
  return output
}

/** The scripts of the examples that a page links to. */
function examplesOf(page, text) {
  const links = [...text.matchAll(/\]\(([^)\s#]+\.m?js)\)/g)].map(([, target]) =>
    normalize(join(dirname(page), target)),
  )
  return links.filter((path) => path.startsWith('examples') && existsSync(join(root, path)))
}

function dedented(code) {
  const lines = code.trimEnd().split('\n')
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length)
  return lines.map((line) => line.slice(Math.min(...indents)))
}

/** Whether a file has these lines one after the other, all of them moved in by as much. */
function holds(fileText, lines) {
  const all = fileText.split('\n')
  return all.some((_, at) => {
    const piece = all.slice(at, at + lines.length)
    return piece.length === lines.length && dedented(piece.join('\n')).join('\n') === lines.join('\n')
  })
}

/** A block that begins with its name is a file that a check writes and runs. */
const isFile = ({ code }) => /^\/\/ [\w.-]+\.[cm]?js\n/.test(code)

/** Excerpts of a page that are in none of the examples it links to, each by its place. */
export function strangeExcerpts(page, text = readFileSync(join(root, page), 'utf8')) {
  const sources = examplesOf(page, text).map((path) => readFileSync(join(root, path), 'utf8'))
  return blocksOf(page, 'js', text)
    .filter((block) => !isFile(block))
    .filter(({ code }) => !sources.some((source) => holds(source, dedented(code))))
    .map(({ name }) => `${name} is in no example that the page links to`)
}

/**
 * What a page says that examples print: its blocks of `text`, each with the last `node examples/…` in the prose before it.
 *
 * @returns {{ name: string, words: string[], expected: string }[]} `words`: the script and its arguments
 */
export function outputsOf(page, text = readFileSync(join(root, page), 'utf8')) {
  return [...text.matchAll(/^```text\n([\s\S]*?)^```$/gm)].map((match) => {
    const before = text.slice(0, match.index)
    const command = [...before.matchAll(/`node (examples\/[^`]+)`/g)].at(-1)?.[1] ?? ''
    const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare)
    return { name: `${page}:${before.split('\n').length}`, words, expected: match[1] ?? '' }
  })
}

/** Whether an example has packages of its own, so that only a check can run it. */
export function hasOwnPackages([script = '']) {
  return existsSync(join(root, dirname(script), 'package.json'))
}
