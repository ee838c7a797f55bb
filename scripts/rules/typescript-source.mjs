/** What the rules ask of TypeScript and JavaScript: imports and functions, by the compiler's own parser. */

import ts from 'typescript'

function parse(path, text) {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
}

/**
 * Everything a file imports or re-exports, types included.
 *
 * @returns {{ specifier: string, line: number, isType: boolean, isStatic: boolean }[]} static ones load with the file
 */
export function importsOf(path, text) {
  const source = parse(path, text)
  const found = []
  const visit = (node) => {
    const specifier = specifierOf(node)
    if (specifier !== undefined && ts.isStringLiteralLike(specifier)) {
      const isStatic = ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
      const line = lineOf(source, node.getStart())
      found.push({ specifier: specifier.text, line, isType: bringsTypesAlone(node), isStatic })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function specifierOf(node) {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return node.argument.literal
  if (!ts.isCallExpression(node)) return undefined
  const callee = node.expression
  const loads = callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require')
  return loads ? node.arguments[0] : undefined
}

/** Whether an import is erased: `import type`, `export type`, or a type that is imported where it stands. */
function bringsTypesAlone(node) {
  if (ts.isImportDeclaration(node)) return node.importClause?.isTypeOnly === true
  return ts.isExportDeclaration(node) ? node.isTypeOnly : ts.isImportTypeNode(node)
}

/**
 * Functions with a body, without the callbacks that only group tests.
 *
 * @returns {{ name: string, line: number, lines: number }[]}
 */
export function functionsOf(path, text) {
  const source = parse(path, text)
  const found = []
  const visit = (node) => {
    if (ts.isFunctionLike(node) && node.body !== undefined && !groupsTests(node)) {
      const line = lineOf(source, node.getStart())
      found.push({ name: node.name?.getText() ?? 'a function', line, lines: lineOf(source, node.end) - line + 1 })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function groupsTests(node) {
  const { parent } = node
  return ts.isCallExpression(parent) && /^(?:describe|suite)\b/.test(parent.expression.getText())
}

function lineOf(source, position) {
  return source.getLineAndCharacterOfPosition(position).line + 1
}
