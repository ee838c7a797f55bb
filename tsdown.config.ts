import { defineConfig } from 'tsdown'

export default defineConfig({
  entry: { index: 'lib/index.ts' },
  format: 'cjs', // dist/index.js is written over it by scripts/build-package.mjs
  platform: 'node',
  target: 'node18',
  outDir: 'dist',
  tsconfig: 'tsconfig.build.json',
  dts: true,
  clean: true,
  deps: {
    neverBundle: ['#binding'],
    alwaysBundle: [/^msgpackr/], // as a dependency it would bring an optional package with an install script
    onlyBundle: ['msgpackr'],
  },
  // Less memory in every process that loads it (docs/decisions/0008); functions and classes keep their names, for stack traces.
  minify: { compress: true, mangle: { keepNames: true }, codegen: { removeWhitespace: true } },
  logLevel: 'warn',
})
