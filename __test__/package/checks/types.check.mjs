/** The README's example compiles from TypeScript 5 and 7, under each way of resolving packages, and what comes out runs. */

import { equal, match, notEqual } from 'node:assert/strict'
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { example, printedRight } from '../helpers/example.mjs'
import { packPublished, project } from '../helpers/published.mjs'

export const title = 'the example of the README compiles from TypeScript 5 and 7, under node16 and bundler, and runs'
export const minutes = 3
export const quick = true

const packages = fileURLToPath(new URL('../node_modules', import.meta.url))

/** What compiles, how, and to what. */
const ways = [
  { source: 'example.mts', output: 'example.mjs', module: 'node16', moduleResolution: 'node16' },
  { source: 'example.cts', output: 'example.cjs', module: 'node16', moduleResolution: 'node16' },
  { source: 'example.ts', output: 'example.js', module: 'esnext', moduleResolution: 'bundler' },
]

const compilers = [
  { folder: 'typescript-5', major: /^Version 5\./ },
  { folder: 'typescript-7', major: /^Version 7\./ },
]

/** A project with the staged packages in its node_modules, and the types of Node. */
function layOut(home, staged) {
  project(home, { type: 'module' })
  for (const { folder, manifest } of staged)
    cpSync(folder, join(home, 'node_modules', manifest.name), { recursive: true })
  symlinkSync(join(packages, '@types'), join(home, 'node_modules', '@types'))
}

function configuration({ source, module, moduleResolution }) {
  return JSON.stringify({
    compilerOptions: {
      module,
      moduleResolution,
      target: 'es2022',
      lib: ['es2022'],
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      outDir: 'out',
    },
    files: [source],
  })
}

/** Compiles a text; gives the compiler's result, whatever it is. */
function compile(home, compiler, way, text, run) {
  rmSync(join(home, 'out'), { recursive: true, force: true })
  writeFileSync(join(home, way.source), text)
  writeFileSync(join(home, 'tsconfig.json'), configuration(way))
  return run(process.execPath, [compiler, '-p', '.'], { cwd: home, codes: [0, 1, 2] })
}

export async function check({ folder, run }) {
  const staged = await packPublished(join(folder, 'published'))
  const home = join(folder, 'user')
  mkdirSync(home)
  layOut(home, staged)
  let count = 0
  for (const { folder: name, major } of compilers) {
    const compiler = join(packages, name, 'bin', 'tsc')
    match((await run(process.execPath, [compiler, '--version'])).stdout, major)
    for (const way of ways) {
      const good = await compile(home, compiler, way, example, run)
      equal(good.code, 0, `${name} ${way.source}\n${good.output}`)
      const { stdout } = await run(process.execPath, [join('out', way.output)], { cwd: home })
      printedRight(stdout, `${name} ${way.source}`)
      rmSync(join(home, 'data'), { recursive: true })
      // Types that are `any` would let everything through.
      const wrong = await compile(home, compiler, way, `${example}const code: number = codec\n`, run)
      notEqual(wrong.code, 0, `${name} ${way.source} takes a codec for a number`)
      count++
    }
  }
  return { count, unit: 'ways to compile', note: 'TypeScript 5.9 and 7.0' }
}
