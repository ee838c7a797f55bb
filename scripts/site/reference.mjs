/** The reference: a page for each file of typings, made by TypeDoc, and one that lists everything that is exported. */

import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'
import ts from 'typescript'
import { run } from '../shared/process.mjs'
import { rootManifest } from '../shared/packages.mjs'
import { companions, root } from '../shared/project.mjs'

/** Typings of the packages' entries, by the specifier that is imported. */
export function entryTypings() {
  const packages = [{ folder: root, manifest: rootManifest }, ...companions()]
  const entries = packages.flatMap(({ folder, manifest: { name, exports } }) =>
    Object.entries(exports).flatMap(([path, { import: conditions }]) =>
      conditions?.types === undefined ? [] : [[path.replace(/^\./, name), join(folder, conditions.types)]],
    ),
  )
  return new Map(entries)
}

/** Every name that an entry exports. */
export function exportedNames(file) {
  const program = ts.createProgram([file], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    skipLibCheck: true,
    noEmit: true,
  })
  const checker = program.getTypeChecker()
  const module = checker.getSymbolAtLocation(program.getSourceFile(file))
  const declared = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol).name
  // A default export that has a name as well stands under that.
  const names = checker
    .getExportsOfModule(module)
    .map((symbol) => (symbol.name === 'default' ? declared(symbol) : symbol.name))
  return [...new Set(names)]
}

/** The files that the main entry is divided into come first: what it re-exports stands on their pages. */
function typingsFiles() {
  const rooms = readdirSync(join(root, 'types')).filter((name) => name.endsWith('.d.ts'))
  return [...rooms.sort().map((name) => join(root, 'types', name)), ...entryTypings().values()]
}

/** Titles and file names of the pages, by the names of TypeDoc's modules. */
function pageOf(module, entries) {
  const [specifier] =
    [...entries].find(([, file]) => relative(root, file).replace(/(?:\/index)?\.d\.[cm]?ts$/, '') === module) ?? []
  if (specifier === 'sledstore') return { file: 'store', title: 'Store' }
  if (specifier !== undefined) return { file: specifier.replaceAll('/', '-'), title: specifier }
  const name = basename(module)
  return { file: name, title: name[0].toUpperCase() + name.slice(1).replaceAll('-', ' ') }
}

/** A project of the typings alone: TypeDoc compiles whatever its project holds. */
function writeProject(folder, files) {
  const compilerOptions = { typeRoots: [join(root, 'node_modules', '@types')] }
  const path = join(folder, 'tsconfig.json')
  writeFileSync(path, JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, include: [], files }))
  return path
}

async function runTypedoc(site, folder, out) {
  const files = typingsFiles()
  const options = {
    plugin: 'typedoc-plugin-markdown',
    tsconfig: writeProject(folder, files),
    basePath: root,
    out,
    name: 'reference',
    outputFileStrategy: 'modules',
    entryFileName: 'modules',
    readme: 'none',
    logLevel: 'Error',
    parametersFormat: 'table',
    // Anchors of its own: those of headings would depend on which other headings have the same text.
    useHTMLAnchors: 'true',
    anchorPrefix: 'api-',
  }
  const flags = ['disableSources', 'hidePageHeader', 'hideBreadcrumbs', 'excludeReferences', 'excludePrivate']
  const words = [
    ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
    ...flags.flatMap((name) => [`--${name}`, 'true']),
    ...files.flatMap((file) => ['--entryPoints', file]),
  ]
  const { code, output } = await run(process.execPath, ['node_modules/typedoc/bin/typedoc', ...words], { cwd: site })
  if (code !== 0) throw new Error(`typedoc failed\n${output}`)
}

/** Pages by TypeDoc's name of the module, such as `types/graph`. */
function readModules(out) {
  const files = readdirSync(out, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.md'))
  const texts = files.map((name) => readFileSync(join(out, name), 'utf8'))
  const titled = texts.map((text, at) => [/^# (.+)$/m.exec(text)?.[1] ?? '', { file: files[at], text }])
  return new Map(titled.filter(([, { file }]) => file !== 'modules.md'))
}

/**
 * The pages of the reference.
 *
 * @param {string} site folder whose packages hold TypeDoc
 * @returns {Promise<Map<string, string>>} texts by file name
 */
export async function referencePages(site) {
  const folder = mkdtempSync(join(tmpdir(), 'sledstore-reference-'))
  const out = join(folder, 'pages')
  try {
    await runTypedoc(site, folder, out)
    return pagesOf(readModules(out), entryTypings())
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function pagesOf(modules, entries) {
  const places = new Map([...modules].map(([module, { file }]) => [file, pageOf(module, entries)]))
  const pages = new Map()
  const homes = new Map()
  for (const [module, { file, text }] of modules) {
    const { file: name, title } = pageOf(module, entries)
    const linked = text.replaceAll(/\]\(([^)#\s]+\.md)(#[^)]*)?\)/g, (_, target, anchor = '') => {
      const place = places.get(join(file, '..', target))
      if (place === undefined) throw new Error(`the reference links to ${target}, which TypeDoc did not make`)
      return `](${place.file}.md${anchor})`
    })
    pages.set(`${name}.md`, linked.replace(/^# .+$/m, `# ${title}`))
    for (const [, anchor, symbol] of linked.matchAll(/<a id="([^"]+)"><\/a>\s+### (?:`abstract` )?([\w$]+)/g)) {
      homes.set(symbol, `${name}.md#${anchor}`)
    }
  }
  pages.set('index.md', indexOf(entries, homes, pages))
  return pages
}

/** The list of everything; a name that no page has is an error. */
function indexOf(entries, homes, pages) {
  const parts = [...entries].map(([specifier, file]) => {
    const lines = exportedNames(file)
      .sort()
      .map((name) => {
        const home = homes.get(name)
        if (home === undefined) throw new Error(`${specifier} exports ${name}, which no page of the reference has`)
        return `- [${name}](${home})`
      })
    return `## ${specifier}\n\n${lines.join('\n')}\n`
  })
  const subjects = [...pages].map(([name, text]) => `[${/^# (.+)$/m.exec(text)?.[1]}](${name})`).join(', ')
  return `# Reference\n\nEverything that can be imported, made from the typings. By subject: ${subjects}.\n\n${parts.join('\n')}`
}
