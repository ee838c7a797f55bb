import { readFileSync, readdirSync } from 'node:fs'
import { defineConfig, type UserConfig } from 'tsdown'

function minified(keepNames: { function: boolean; class: boolean }) {
  return { compress: true, mangle: { keepNames }, codegen: { removeWhitespace: true } }
}

const shared = {
  format: 'cjs', // the ECMAScript modules are written over it by scripts/build-package.mjs
  platform: 'node',
  target: 'node18',
  tsconfig: 'tsconfig.build.json',
  dts: true,
  clean: true, // once, before all of them
  // Less memory in every process that loads it (docs/decisions/0008). Methods and classes are named in stack traces all the
  // same, and what stands between them is not of the caller. Terser goes over it once more (scripts/build-package.mjs).
  minify: {
    compress: true,
    mangle: { keepNames: { function: false, class: true } },
    codegen: { removeWhitespace: true },
  },
  logLevel: 'warn',
} satisfies UserConfig

/** An adapter loads the package it is part of, so that a process has one copy of that (docs/decisions/0002). */
function adapter(file: string): UserConfig {
  return {
    ...shared,
    entry: [`lib/adapters/${file}`],
    outDir: 'dist/adapters',
    deps: { neverBundle: ['sledstore'], onlyBundle: [] },
    outputOptions: { paths: { sledstore: '../index.cjs' } },
  }
}

interface Manifest {
  readonly dependencies?: object
  readonly peerDependencies?: object
}

/** A package of packages/ has nothing of others in it: npm installs what it names. */
function companion(folder: string): UserConfig {
  const manifest = JSON.parse(readFileSync(`packages/${folder}/package.json`, 'utf8')) as Manifest
  return {
    ...shared,
    entry: { index: `packages/${folder}/lib/index.ts` },
    outDir: `packages/${folder}/dist`,
    minify: minified({ function: true, class: true }),
    deps: { neverBundle: Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }), onlyBundle: [] },
  }
}

export default defineConfig([
  {
    ...shared,
    entry: { index: 'lib/index.ts' },
    outDir: 'dist',
    deps: {
      neverBundle: ['#binding'],
      alwaysBundle: [/^msgpackr/], // as a dependency it would bring an optional package with an install script
      onlyBundle: ['msgpackr'],
    },
  },
  ...readdirSync('lib/adapters', { withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [adapter(entry.name)] : [],
  ),
  ...readdirSync('packages').map(companion),
])
