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

it.each(named('dist/adapters/', '.d.cts'))('types/adapters/%s.d.ts is what the build makes of it', (name) => {
  const made = read(`dist/adapters/${name}.d.cts`).replaceAll('../index.cjs', '../../index.js')
  expect(read(`types/adapters/${name}.d.ts`)).toBe(made)
})

it.each(readdirSync(new URL('packages', root)))('packages/%s/index.d.ts is what the build makes of it', (name) => {
  expect(read(`packages/${name}/index.d.ts`)).toBe(read(`packages/${name}/dist/index.d.cts`))
})

it('has no file that the build does not make', () => {
  expect(named('types/', '.d.ts')).toEqual(named('dist/types/', '.d.cts'))
  expect(named('types/adapters/', '.d.ts')).toEqual(named('dist/adapters/', '.d.cts'))
})

it('exports each adapter, with the files the build makes of it', () => {
  const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, unknown> }
  const subpaths = named('lib/adapters/', '.ts').map((name) => [
    `./${name}`,
    {
      import: { types: `./types/adapters/${name}.d.ts`, default: `./dist/adapters/${name}.js` },
      require: { types: `./dist/adapters/${name}.d.cts`, default: `./dist/adapters/${name}.cjs` },
    },
  ])
  const { '.': _, './package.json': __, ...others } = exports
  expect(others).toEqual(Object.fromEntries(subpaths))
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
