/** The committed typings are what lib/ says; how long they may be is a rule of scripts/rules. */

import { readFileSync, readdirSync } from 'node:fs'
import ts from 'typescript'
import { expect, it } from 'vitest'
import * as sledstore from '../../lib/index.js'

const root = new URL('../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')
const named = (folder: string, ending: string) =>
  readdirSync(new URL(folder, root)).flatMap((name) => (name.endsWith(ending) ? [name.slice(0, -ending.length)] : []))

it.each(['index', ...named('dist/types/', '.d.cts').map((room) => `types/${room}`)])(
  '%s.d.ts is what the build makes of lib/; run "npm run build" and review the change',
  (path) => expect(read(`${path}.d.ts`)).toBe(read(`dist/${path}.d.cts`).replaceAll(".cjs'", ".js'")),
)

it('has no file that the build does not make', () => {
  expect(named('types/', '.d.ts')).toEqual(named('dist/types/', '.d.cts'))
})

/** The names that the typings export, and whether each is a value. */
function exportedNames(): Map<string, boolean> {
  const path = new URL('index.d.ts', root).pathname
  const program = ts.createProgram([path], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts', 'lib.esnext.disposable.d.ts'],
    types: ['node'],
    strict: true,
    noEmit: true,
  })
  const complaints = ts.getPreEmitDiagnostics(program)
  expect(complaints.map((complaint) => ts.flattenDiagnosticMessageText(complaint.messageText, ' '))).toEqual([])
  const checker = program.getTypeChecker()
  const module = checker.getSymbolAtLocation(program.getSourceFile(path)!)!
  return new Map(
    checker.getExportsOfModule(module).map((symbol) => {
      const meant = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
      return [symbol.name, (meant.flags & ts.SymbolFlags.Value) !== 0]
    }),
  )
}

it('compiles strictly, and names just the values that the package exports', () => {
  const values = [...exportedNames()].flatMap(([name, isValue]) => (isValue ? [name] : []))
  expect(values.sort()).toEqual(Object.keys(sledstore).sort())
})
