/**
 * Divides the rolled-up typings into rooms, each a file that is read in a few minutes. A declaration goes to the room of
 * the file of lib/ it comes from; index.d.ts re-exports the other rooms.
 */

import ts from 'typescript'

/** Rooms besides index, in types/, with the files of lib/ whose declarations they hold. */
const rooms = new Map([
  ['errors', /^lib\/errors/],
  ['namespaces', /^lib\/(?:namespace|put-options|range|scan|schema|value-stream|batch|bulk-load|snapshot|transaction)/],
  ['codecs', /^lib\/(?:codec|tuple)/],
  ['graph-types', /^lib\/graph-(?:types|value)/],
  ['graph-schema', /^lib\/graph-schema/],
  ['graph-match-types', /^lib\/graph-match-types/],
  ['graph-match', /^lib\/graph-match/],
  ['graph-reader', /^lib\/graph-reader/],
  ['graph-load', /^lib\/graph-(?:load|merge)/],
  ['algorithm-results', /^lib\/algorithms-results/],
  ['algorithms', /^lib\/algorithms/],
  ['queries', /^lib\/(?:graph-prepared|graph-query|procedures|query-stream|query-value)/],
  ['temporal', /^lib\/(?:duration|encoded|point|temporal|typed-value)/],
  ['graph', /^lib\/graph/],
  ['vector-options', /^lib\/vector-options/],
  ['vector-types', /^lib\/vector-types/],
  ['vectors', /^lib\/vector/],
  ['reports', /^lib\/report-types/],
  ['published', /^lib\/published/],
  ['options', /^lib\/options/],
])

export const roomNames = ['index', ...rooms.keys()]

const headerOf = (name) => `// The public API of ${name}: generated from lib/ by "npm run build", reviewed by people.\n`

function roomOf(file) {
  return [...rooms].find(([, files]) => files.test(file))?.[0] ?? 'index'
}

function declaredNames(statement) {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map((declaration) => declaration.name.text)
  return statement.name === undefined ? [] : [statement.name.text]
}

function isValue({ statement }) {
  return [ts.isVariableStatement, ts.isClassDeclaration, ts.isFunctionDeclaration].some((is) => is(statement))
}

function usedNames(statement) {
  const names = new Set()
  const visit = (node) => {
    const named = ts.isTypeReferenceNode(node)
      ? node.typeName
      : ts.isExpressionWithTypeArguments(node)
        ? node.expression
        : ts.isTypeQueryNode(node)
          ? node.exprName
          : undefined
    if (named !== undefined && ts.isIdentifier(named)) names.add(named.text)
    ts.forEachChild(node, visit)
  }
  visit(statement)
  return names
}

/** A declaration with its doc comment, without the comments of the file before it. */
function textOf(text, statement) {
  const comment = ts.getLeadingCommentRanges(text, statement.pos)?.at(-1)
  const documented = comment !== undefined && text.startsWith('/**', comment.pos)
  return text.slice(documented ? comment.pos : statement.getStart(), statement.end)
}

/** The declarations of the rolled-up file, what it imports from packages, and the names it exports. */
function parse(rolledUp) {
  const source = ts.createSourceFile('index.d.ts', rolledUp, ts.ScriptTarget.Latest, true)
  const parsed = { declarations: [], packages: new Map(), exported: new Set() }
  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement)) {
      for (const { name } of statement.importClause.namedBindings.elements)
        parsed.packages.set(name.text, statement.moduleSpecifier.text)
    } else if (ts.isExportDeclaration(statement)) {
      for (const { name } of statement.exportClause.elements) parsed.exported.add(name.text)
    } else {
      const before = rolledUp.slice(0, statement.getStart())
      const file = /.*\/\/#region (\S+)/s.exec(before)?.[1] ?? 'lib/index.d.ts'
      parsed.declarations.push({ statement, names: declaredNames(statement), room: roomOf(file) })
    }
  }
  return parsed
}

/** The names that a room uses of packages and of other rooms. */
function namesFromElsewhere(room, declarations, home) {
  const names = new Set()
  for (const { statement, room: of } of declarations) {
    if (of !== room) continue
    for (const name of usedNames(statement)) if (home.has(name) && home.get(name) !== room) names.add(name)
  }
  return names
}

function groupedBy(names, keyOf) {
  const groups = new Map()
  for (const name of names.toSorted()) groups.set(keyOf(name), [...(groups.get(keyOf(name)) ?? []), name])
  return groups
}

/**
 * @param {string} rolledUp what tsdown makes of lib/index.ts, with its region comments
 * @returns {{ path: string, text: (extension: 'js' | 'cjs') => string }[]}
 */
export function dividedTypings(rolledUp) {
  const { declarations, packages, exported } = parse(rolledUp)
  const home = new Map([...packages, ...declarations.flatMap(({ names, room }) => names.map((name) => [name, room]))])
  const values = new Set(declarations.filter(isValue).flatMap(({ names }) => names))
  const used = new Map(roomNames.map((room) => [room, namesFromElsewhere(room, declarations, home)]))
  const shared = new Set([...used.values()].flatMap((names) => [...names]))
  return roomNames.map((room) => {
    const imports = groupedBy([...used.get(room)], (name) => home.get(name))
    const own = declarations.filter((declaration) => declaration.room === room)
    const bodies = own.map(({ statement, names }) => {
      const text = textOf(rolledUp, statement)
      if (!names.some((name) => exported.has(name) || shared.has(name))) return text
      const start = text.lastIndexOf(rolledUp.slice(statement.getStart(), statement.end))
      return `${text.slice(0, start)}export ${text.slice(start)}`
    })
    const elsewhere = room === 'index' ? [...exported].filter((name) => home.get(name) !== 'index') : []
    const reexports = groupedBy(elsewhere, (name) => home.get(name))
    const text = (extension) => {
      const place = (from) => {
        if (!roomNames.includes(from)) return from
        const folder = room === 'index' ? './types' : from === 'index' ? '..' : '.'
        return `${folder}/${from}.${extension}`
      }
      const lines = [...imports].map(([from, names]) => `import type { ${names.join(', ')} } from '${place(from)}'\n`)
      for (const [from, names] of reexports) {
        const [types, others] = [names.filter((name) => !values.has(name)), names.filter((name) => values.has(name))]
        if (types.length > 0) lines.push(`export type { ${types.join(', ')} } from '${place(from)}'\n`)
        if (others.length > 0) lines.push(`export { ${others.join(', ')} } from '${place(from)}'\n`)
      }
      // The last line keeps what is not exported to itself: a declaration file without one exports everything.
      return `${headerOf('sledstore')}${lines.join('')}\n${bodies.join('\n')}\nexport {}\n`
    }
    return { path: room === 'index' ? room : `types/${room}`, text }
  })
}

/**
 * Typings that stay one file, without the marks of the bundler.
 *
 * @param {string} name the package they are of
 * @param {string} rolledUp what tsdown makes of an adapter, or of a package of packages/
 */
export function finishedTypings(name, rolledUp) {
  return `${headerOf(name)}${rolledUp.replaceAll(/^\/\/#(?:end)?region.*\n/gm, '')}\n`
}
